/** Collects the paths in expressions. */
import type { Path, Update } from '../ast.js'

/** All paths in an expression. Values are not searched. */
export function pathsOf(node: unknown): Path[] {
  const paths: Path[] = []
  collectPaths(node, paths)
  return paths
}

/** The paths that an update changes. */
export function updatedPaths({ set, remove, add, delete: removed }: Update): Path[] {
  return [...set.map(({ path }) => path), ...remove, ...[...add, ...removed].map(({ path }) => path)]
}

/** Runs for every write, so it allocates only the list. */
function collectPaths(node: unknown, paths: Path[]): void {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    if (typeof node[0] === 'string') paths.push(node as unknown as Path)
    else for (const element of node) collectPaths(element, paths)
    return
  }
  const members = node as { readonly [name: string]: unknown }
  if (members.kind === 'value') return
  for (const name in members) collectPaths(members[name], paths)
}
