/** Finds types and classes that the library declares under the same name in more than one file. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** The files that declare each exported type or class with a name that is not unique. */
export function sharedTypeNames(source: string): string[] {
  const filesOf = new Map<string, string[]>()
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.ts') || /\.test(?:-d)?\.ts$/.test(file)) continue
    for (const name of exportedTypesIn(file, readFileSync(join(source, file), 'utf8'))) {
      filesOf.set(name, [...(filesOf.get(name) ?? []), file])
    }
  }
  return [...filesOf].filter(([, files]) => files.length > 1).map(([name, files]) => `${name}: ${files.join(', ')}`)
}

/** The names of the types and classes that a file declares and exports. A re-export does not declare. */
export function exportedTypesIn(file: string, text: string): ReadonlySet<string> {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
  const declared = new Set<string>()
  const exported = new Set<string>()
  for (const statement of tree.statements) {
    if (isTypeDeclaration(statement) && statement.name) {
      declared.add(statement.name.text)
      const isExported = ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      if (isExported) exported.add(statement.name.text)
    }
    if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier && statement.exportClause) {
      if (!ts.isNamedExports(statement.exportClause)) continue
      for (const { name } of statement.exportClause.elements) exported.add(name.text)
    }
  }
  return new Set([...exported].filter(name => declared.has(name)))
}

function isTypeDeclaration(
  node: ts.Statement,
): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.ClassDeclaration | ts.EnumDeclaration {
  return (
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isEnumDeclaration(node)
  )
}
