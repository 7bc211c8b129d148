/** Key attributes are scalars: expressions cannot go into them. */
import type { Path } from '../../../expression/ast.js'
import { keyNames, type TableDefinition } from '../../../store/definition.js'
import { validation } from '../../fault.js'

/**
 * @param nodes of expressions: conditions, updates, projections; undefined ones are passed over.
 * @throws Fault for a path into a key attribute of the table or of one of its indexes.
 */
export function checkScalarKeys(definition: TableDefinition, ...nodes: readonly unknown[]): void {
  const nested = pathsOf(nodes).filter(({ length }) => length > 1)
  if (nested.length === 0) return
  const keys = new Set(keyNames(definition.key))
  const indexes = [definition.globalIndexes, definition.localIndexes].flatMap(it => Object.values(it ?? {}))
  const indexKeys = new Set(indexes.flatMap(keyNames))
  for (const [name] of nested) {
    if (!keys.has(name) && !indexKeys.has(name)) continue
    throw validation(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${keys.has(name) ? 'Key' : 'IndexKey'}: ${name}`,
    )
  }
}

/** All paths in an expression, or that it is. */
export function pathsOf(node: unknown): Path[] {
  const paths: Path[] = []
  collectPaths(node, paths)
  return paths
}

/** On the way of every write, so nothing is made but the list. */
function collectPaths(node: unknown, paths: Path[]): void {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    if (typeof node[0] === 'string') paths.push(node as unknown as Path)
    else for (const element of node) collectPaths(element, paths)
    return
  }
  const members = node as { readonly [name: string]: unknown }
  // What it stands for may be anything.
  if (members.kind === 'value') return
  for (const name in members) collectPaths(members[name], paths)
}
