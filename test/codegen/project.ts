/** A folder inside the repository, where generated code finds the library as a project finds its packages. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { onTestFinished } from 'vitest'
import { type CodegenResult, codegen } from '../../packages/cli/src/codegen/command.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Project {
  readonly folder: string
  path(name: string): string
  write(name: string, text: string): void
  read(name: string): string
  /** Generates the code of `models.yaml`. Names in the options are relative to the project. */
  generate(options?: {
    readonly models?: string
    readonly language?: 'ts' | 'js'
    readonly moduleSystem?: 'esm' | 'commonjs'
    readonly activeRecord?: true
    readonly fields?: string
    readonly check?: true
  }): Promise<CodegenResult>
}

/** A project that is removed after the test. */
export function project(): Project {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache', 'codegen-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = (name: string) => join(folder, name)
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true })
    writeFileSync(path(name), text)
  }
  return {
    folder,
    path,
    write,
    read: name => readFileSync(path(name), 'utf8'),
    generate: ({ models = 'models.yaml', fields, ...options } = {}) =>
      codegen({
        ...options,
        models: path(models),
        out: path('models'),
        ...(fields !== undefined && { fields: path(fields) }),
      }),
  }
}

/** The compiler's errors in modules and everything that they import, with the strictest options that projects have. */
export function compileErrors(files: readonly string[], more: ts.CompilerOptions = {}): string[] {
  const program = ts.createProgram([...files], {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    noImplicitReturns: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    isolatedModules: true,
    declaration: true,
    outDir: join(root, '.cache', 'never-written'),
    skipLibCheck: true,
    ...more,
  })
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
    return `${file?.fileName ?? ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}
