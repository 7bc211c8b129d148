/** Finds exported symbols of the packages that have no doc comment. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** An exported symbol without a doc comment. */
export interface Undocumented {
  /** Path below the source folder. */
  readonly file: string
  readonly line: number
  readonly name: string
}

/** Exported symbols below the folder `source` without a doc comment. A re-export needs one only at its declaration. */
export function undocumentedExports(source: string): Undocumented[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file))
    .sort()
    .flatMap(file => undocumentedIn(file, readFileSync(join(source, file), 'utf8')))
}

/** Exported symbols of one file without a doc comment. One comment is enough for all overloads. */
export function undocumentedIn(file: string, text: string): Undocumented[] {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const documented = new Set<string>()
  const exported = new Map<string, number>()
  for (const statement of tree.statements) {
    if (!isExported(statement)) continue
    const { line } = tree.getLineAndCharacterOfPosition(statement.getStart(tree))
    for (const name of namesOf(statement)) {
      if (!exported.has(name)) exported.set(name, line + 1)
      if (hasDocComment(statement, tree)) documented.add(name)
    }
  }
  return [...exported].filter(([name]) => !documented.has(name)).map(([name, line]) => ({ file, line, name }))
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false
  return ts.getModifiers(statement)?.some(modifier => modifier.kind === ts.SyntaxKind.ExportKeyword) ?? false
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(declaration => declaration.name.getText())
  }
  const named = statement as ts.Statement & { readonly name?: ts.Node }
  return [named.name?.getText() ?? 'default']
}

/** The first comment of a file describes the file unless the symbol follows on the next line. */
function hasDocComment(statement: ts.Statement, tree: ts.SourceFile): boolean {
  const comments = ts.getLeadingCommentRanges(tree.text, statement.pos) ?? []
  const last = comments.at(-1)
  if (last === undefined || !tree.text.startsWith('/**', last.pos)) return false
  return !/\n\s*\n/.test(tree.text.slice(last.end, statement.getStart(tree)))
}
