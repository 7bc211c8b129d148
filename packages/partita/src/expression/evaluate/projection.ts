/** Projections: the part of an item that document paths name. */
import { getAttribute, type Item, isMap, setAttribute, type Value } from '../../value/value.js'
import type { Projection } from '../ast.js'
import type { Attributes } from '../path/get.js'
import { insertPath, type PathBranch, type PathNode, pathTree } from '../path/tree.js'

/** Makes a new item with the attributes that the paths name. */
export type Projector = (item: Attributes) => Item

/**
 * Returns a new item with the attributes that the paths name. Nested attributes stay in their maps, elements of a list
 * close up, and missing attributes are omitted, as are maps and lists that would be empty.
 *
 * @example
 * import { project } from 'partita/store'
 *
 * project([['m', 'a'], ['l', 0], ['l', 2]], { m: { a: 1, b: 2 }, l: [1, 2, 3] }) // { m: { a: 1 }, l: [1, 3] }
 * @throws ValidationError when two paths overlap or conflict.
 */
export function project(projection: Projection, item: Attributes): Item {
  return projector(projection)(item)
}

/**
 * Compiles a projection for many items. Its cost for an item is bounded by the item's size, not by the number of paths.
 *
 * @throws ValidationError when two paths overlap or conflict.
 */
export function projector(projection: Projection): Projector {
  if (projection.every(path => path.length === 1)) return namesProjector(projection.map(([name]) => name))
  const tree = pathTree<true>()
  for (const path of projection) insertPath(tree, path, true)
  const root = branchOf(tree)
  return item => (projectMap(root, item) as Item | undefined) ?? {}
}

function namesProjector(names: readonly string[]): Projector {
  if (names.length > FEW_NAMES) return manyNamesProjector(new Set(names))
  return item => {
    const projected: Item = {}
    for (const name of names) {
      const value = getAttribute(item, name)
      if (value !== undefined) setAttribute(projected, name, value)
    }
    return projected
  }
}

/** With more names than this, the item's attributes are walked instead: most items have more attributes than this. */
const FEW_NAMES = 8

function manyNamesProjector(names: ReadonlySet<string>): Projector {
  return item => {
    const projected: Item = {}
    for (const name of Object.keys(item)) if (names.has(name)) setAttribute(projected, name, item[name] as Value)
    return projected
  }
}

/** A node of the path tree, with list indexes in ascending order. */
type Branch =
  | { readonly kind: 'leaf' }
  | { readonly kind: 'map'; readonly names: readonly string[]; readonly children: ReadonlyMap<string, Branch> }
  | { readonly kind: 'list'; readonly children: readonly (readonly [index: number, part: Branch])[] }

type MapBranch = Extract<Branch, { kind: 'map' }>
type ListBranch = Extract<Branch, { kind: 'list' }>

function branchOf(root: PathBranch<true>): MapBranch {
  const children = [...(root.children as Map<string, PathNode<true>>)].map(
    ([name, node]) => [name, partOf(node)] as const,
  )
  return { kind: 'map', names: children.map(([name]) => name), children: new Map(children) }
}

function partOf(node: PathNode<true>): Branch {
  if (node.kind !== 'list') return node.kind === 'map' ? branchOf(node) : { kind: 'leaf' }
  const children = [...(node.children as Map<number, PathNode<true>>)].map(([at, part]) => [at, partOf(part)] as const)
  return { kind: 'list', children: children.sort(([a], [b]) => a - b) }
}

function projectNode(part: Branch, value: Value): Value | undefined {
  if (part.kind === 'leaf') return value
  return part.kind === 'list' ? projectList(part, value) : projectMap(part, value)
}

function projectMap({ names, children }: MapBranch, value: Value): Value | undefined {
  if (!isMap(value)) return undefined
  const projected: Item = {}
  let found = false
  for (const name of names.length > FEW_NAMES ? Object.keys(value) : names) {
    const part = children.get(name)
    const attribute = part && getAttribute(value, name)
    const kept = attribute === undefined ? undefined : projectNode(part as Branch, attribute)
    if (kept === undefined) continue
    setAttribute(projected, name, kept)
    found = true
  }
  return found ? projected : undefined
}

function projectList({ children }: ListBranch, value: Value): Value | undefined {
  if (!Array.isArray(value)) return undefined
  const kept: Value[] = []
  for (const [index, node] of children) {
    if (index >= value.length) break
    const part = projectNode(node, value[index] as Value)
    if (part !== undefined) kept.push(part)
  }
  return kept.length > 0 ? kept : undefined
}
