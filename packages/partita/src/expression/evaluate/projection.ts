/** The part of an item that document paths name. */
import { type Item, isMap, setAttribute, type Value } from '../../value/value.js'
import type { Projection } from '../ast.js'
import { insertPath, type PathBranch, type PathNode, pathTree } from '../path-tree.js'
import { type Attributes, child, lookup } from './lookup.js'

/**
 * A new item with what the paths name: nested parts stay in their maps, elements of a list move together, and what is
 * not there is left out, its parents included.
 *
 * @example project([['m', 'a'], ['l', 0], ['l', 2]], { m: { a: 1, b: 2 }, l: [1, 2, 3] }) // { m: { a: 1 }, l: [1, 3] }
 * @throws ValidationFailed when two paths overlap or conflict.
 */
export function project(projection: Projection, item: Attributes): Item {
  if (projection.every(path => path.length === 1)) return projectNames(projection, item)
  const tree = pathTree<true>()
  for (const path of projection) insertPath(tree, path, true)
  return (projectNode(tree, item) as Item | undefined) ?? {}
}

function projectNames(projection: Projection, item: Attributes): Item {
  const projected: Item = {}
  for (const path of projection) {
    const value = lookup(path, item)
    if (value !== undefined) setAttribute(projected, path[0], value)
  }
  return projected
}

function projectNode(node: PathNode<true>, value: Value): Value | undefined {
  if (node.kind === 'leaf') return value
  return node.kind === 'list' ? projectList(node, value) : projectMap(node, value)
}

function projectMap(node: PathBranch<true>, value: Value): Value | undefined {
  if (!isMap(value)) return undefined
  const projected: Item = {}
  let found = false
  for (const [name, part] of node.children) {
    const attribute = child(value, name)
    const kept = attribute === undefined ? undefined : projectNode(part, attribute)
    if (kept === undefined) continue
    setAttribute(projected, name as string, kept)
    found = true
  }
  return found ? projected : undefined
}

function projectList(node: PathBranch<true>, value: Value): Value | undefined {
  if (!Array.isArray(value)) return undefined
  const kept: Value[] = []
  for (const index of [...(node.children as Map<number, PathNode<true>>).keys()].sort((a, b) => a - b)) {
    const element = value[index] as Value | undefined
    const part = element === undefined ? undefined : projectNode(node.children.get(index)!, element)
    if (part !== undefined) kept.push(part)
  }
  return kept.length > 0 ? kept : undefined
}
