/** Runs TypeScript's language service on one program, as an editor does. */
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = `${root}test/models/program.ts`

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  paths: { partita: [`${root}packages/partita/src/index.ts`] },
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
}

/** A mistake as an editor underlines it. */
export interface Report {
  readonly code: number
  /** The underlined text. */
  readonly at: string
  readonly message: string
}

export interface Editor {
  /** The hover over the name after the comment `/*label*\/` in the program. */
  hover(label: string): string
  /** The mistakes, in the order of the program. */
  mistakes(): Report[]
}

/** Opens a program that imports `partita`, resolved to its source. */
export function openProgram(text: string): Editor {
  const service = ts.createLanguageService({
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
    realpath: path => ts.sys.realpath?.(path) ?? path,
    getCompilationSettings: () => OPTIONS,
    getCurrentDirectory: () => root,
    getDefaultLibFileName: options => ts.getDefaultLibFilePath(options),
    getScriptFileNames: () => [PROGRAM],
    getScriptVersion: () => '1',
    getScriptSnapshot: name => {
      const content = name === PROGRAM ? text : ts.sys.readFile(name)
      return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content)
    },
    fileExists: name => name === PROGRAM || ts.sys.fileExists(name),
    readFile: (name, encoding) => (name === PROGRAM ? text : ts.sys.readFile(name, encoding)),
  })
  return {
    hover(label) {
      const comment = `/*${label}*/`
      const offset = text.indexOf(comment)
      if (offset < 0) throw new Error(`The program has no ${comment}`)
      const info = service.getQuickInfoAtPosition(PROGRAM, offset + comment.length)
      return ts.displayPartsToString(info?.displayParts)
    },
    mistakes: () =>
      service.getSemanticDiagnostics(PROGRAM).map(({ code, messageText, start = 0, length = 0 }) => ({
        code,
        at: text.slice(start, start + length),
        message: ts.flattenDiagnosticMessageText(messageText, '\n'),
      })),
  }
}
