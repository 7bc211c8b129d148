/**
 * The document paths of one request as a tree. DynamoDB rejects paths that overlap (`m` and `m.a`, or `m.a` twice) and
 * paths that conflict (`m.a` and `m[0]`: an attribute cannot be both a map and a list).
 */
import { invalid } from '../../errors/errors.js'
import type { Path } from '../ast.js'

/** An inner node of a path tree: a map or a list with children. */
export interface PathBranch<Leaf> {
  readonly kind: 'map' | 'list'
  readonly children: Map<string | number, PathNode<Leaf>>
}

interface PathLeaf<Leaf> {
  readonly kind: 'leaf'
  readonly leaf: Leaf
}

/** A node of a path tree. */
export type PathNode<Leaf> = PathBranch<Leaf> | PathLeaf<Leaf>

/** An empty tree; its root represents the item. */
export function pathTree<Leaf>(): PathBranch<Leaf> {
  return { kind: 'map', children: new Map() }
}

/** Adds a path. @throws ValidationError if it overlaps or conflicts with a path in the tree. */
export function insertPath<Leaf>(root: PathBranch<Leaf>, path: Path, leaf: Leaf): void {
  let branch = root
  for (let i = 0; ; i++) {
    const step = path[i] as string | number
    if ((branch.kind === 'list') !== (typeof step === 'number')) {
      throw invalid(path, 'conflicts with another path: one of them treats the parent as a list, the other as a map')
    }
    const child = branch.children.get(step)
    if (child && (child.kind === 'leaf' || i === path.length - 1)) {
      throw invalid(path, 'overlaps another path; use each part of an item once in a request')
    }
    if (i === path.length - 1) {
      branch.children.set(step, { kind: 'leaf', leaf })
      return
    }
    branch = (child as PathBranch<Leaf> | undefined) ?? grow(branch, step, path[i + 1] as string | number)
  }
}

function grow<Leaf>(branch: PathBranch<Leaf>, step: string | number, next: string | number): PathBranch<Leaf> {
  const child: PathBranch<Leaf> = { kind: typeof next === 'number' ? 'list' : 'map', children: new Map() }
  branch.children.set(step, child)
  return child
}
