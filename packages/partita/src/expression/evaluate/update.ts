/**
 * Applies updates as DynamoDB does: operands read the item before the update, list indexes refer to the list before the
 * update, and an update can create an attribute or element but not its missing parent.
 */
import { type IssuePath, ValidationError } from '../../errors/errors.js'
import { MemberIndex } from '../../value/member.js'
import { addNumbers, type NumberValue } from '../../value/number.js'
import { checkItemBytes, measureValue } from '../../value/size.js'
import {
  getAttribute,
  type Item,
  isLarge,
  isMap,
  isNumber,
  isSet,
  setAttribute,
  typeOf,
  type Value,
} from '../../value/value.js'
import type { Path, Projection, SetValue, Update, ValueAction } from '../ast.js'
import { type Attributes, lookup } from '../path/get.js'
import { insertPath, type PathBranch, type PathNode, pathTree } from '../path/tree.js'
import { updatedPaths } from '../path/walk.js'
import { project } from './projection.js'
import { difference, union } from './set-members.js'

/** Thrown if an update cannot be applied to the stored item. */
export class UpdateError extends ValidationError {
  /** A missing operand, an operand of the wrong type, or a path whose parent cannot hold it. */
  readonly reason: 'absent' | 'type' | 'path'

  constructor(reason: UpdateError['reason'], path: IssuePath, message: string) {
    super([{ path, message }])
    this.reason = reason
  }
}

/** The new value at a path; undefined removes it. */
type Change = Value | undefined

/**
 * Applies an update and returns a new item. The old one is not modified; unchanged parts are shared.
 *
 * @param item the stored item, or its key if the item does not exist.
 * @throws UpdateError when a path's parent is missing or of another type, an operand is missing or of the wrong
 *   type; ValidationError when a number leaves DynamoDB's range, or two paths overlap or conflict.
 */
export function applyUpdate(update: Update, item: Attributes): Item {
  const changes = pathTree<Change>()
  // One action at a time: the first error is reported.
  const change = (path: Path, value: Change) => {
    checkParent(path, item)
    insertPath(changes, path, value)
  }
  let bytes = 0
  // Without this check a short update could repeat one large value and build a huge item before it is measured.
  const count = (it: Value) => {
    if (isLarge(it)) checkItemBytes((bytes += measureValue(it)))
  }
  for (const { path, value } of update.set) {
    const it = setValue(value, item, path)
    count(it)
    change(path, it)
  }
  for (const path of update.remove) change(path, undefined)
  for (const action of update.add) {
    // The resulting set contains all members of the operand.
    count(action.value)
    change(action.path, added(action, item))
  }
  const taken = new Map<Value, MemberIndex>()
  for (const action of update.delete) change(action.path, deleted(action, item, taken))
  return changeMap(changes, item, []) as Item
}

/**
 * The whole attributes that an update names, from the item before or after it; undefined if it has none of them.
 *
 * If the update names a part of an attribute, servers differ in what `UPDATED_OLD` and `UPDATED_NEW` return: that part,
 * the whole attribute, or nothing. So every engine requests the whole item and picks the attributes.
 */
export function updatedAttributes(update: Update, item: Attributes): Item | undefined {
  const names = new Set(updatedPaths(update).map(([name]) => name))
  return someOf(
    [...names].map(name => [name] as const),
    item,
  )
}

/** The parts that an update names, from the item before or after it; undefined if it has none of them. */
export function updatedParts(update: Update, item: Attributes): Item | undefined {
  return someOf(updatedPaths(update), item)
}

function someOf(projection: Projection, item: Attributes): Item | undefined {
  const projected = project(projection, item)
  return Object.keys(projected).length > 0 ? projected : undefined
}

function setValue(node: SetValue, item: Attributes, target: Path): Value {
  switch (node.kind) {
    case 'value':
      return node.value
    case 'path':
      return present(node.path, item)
    case 'ifNotExists': {
      // DynamoDB requires the fallback to exist even if it is not used.
      const fallback = setValue(node.fallback, item, target)
      const value = lookup(node.path, item)
      return value === undefined ? fallback : value
    }
    case 'listAppend': {
      const left = setValue(node.left, item, target)
      const right = setValue(node.right, item, target)
      if (!Array.isArray(left) || !Array.isArray(right))
        throw wrongOperand(target, 'list_append joins lists', left, right)
      checkItemBytes(left.length + right.length)
      return [...left, ...right]
    }
    default: {
      const left = setValue(node.left, item, target)
      const right = setValue(node.right, item, target)
      if (!isNumber(left) || !isNumber(right)) {
        throw wrongOperand(target, `${node.kind === 'plus' ? '+' : '-'} takes numbers`, left, right)
      }
      return sum(left, right, node.kind === 'plus' ? 1 : -1)
    }
  }
}

function sum(left: NumberValue, right: NumberValue, sign: 1 | -1): Value {
  return addNumbers(left, right, sign)
}

function present(path: Path, item: Attributes): Value {
  const value = lookup(path, item)
  if (value === undefined) {
    throw new UpdateError('absent', path, 'is used by the update but is not in the item; use if_not_exists')
  }
  return value
}

function added({ path, value }: ValueAction, item: Attributes): Change {
  const old = lookup(path, item)
  if (old === undefined) return value
  if (isNumber(old) && isNumber(value)) return sum(old, value, 1)
  if (isSet(old) && isSet(value) && typeOf(old) === typeOf(value)) return union(old, value)
  throw wrongOperand(path, 'ADD takes two numbers or two sets of one type', old, value)
}

/** @param taken indexes of operand sets that several actions share. */
function deleted({ path, value }: ValueAction, item: Attributes, taken: Map<Value, MemberIndex>): Change {
  const old = lookup(path, item)
  if (old === undefined) return undefined
  if (isSet(old) && isSet(value) && typeOf(old) === typeOf(value)) {
    const index = taken.get(value) ?? new MemberIndex(value)
    taken.set(value, index)
    return difference(old, index)
  }
  throw wrongOperand(path, 'DELETE takes two sets of one type', old, value)
}

function wrongOperand(path: Path, rule: string, left: Value, right: Value): Error {
  return new UpdateError('type', path, `${rule}, but the operands have the types ${typeOf(left)} and ${typeOf(right)}`)
}

/** @throws UpdateError if the parent of the path is missing or of another type. */
function checkParent(path: Path, item: Attributes): void {
  for (let length = 1; length < path.length; length++) {
    const parent = path.slice(0, length) as unknown as Path
    const value = lookup(parent, item)
    if (typeof path[length] === 'number') {
      if (!Array.isArray(value)) throw wrongParent(parent, 'list', value)
    } else if (value === undefined || !isMap(value)) throw wrongParent(parent, 'map', value)
  }
}

function changeNode(node: PathBranch<Change>, value: Value | undefined, path: (string | number)[]): Value {
  return node.kind === 'list' ? changeList(node, value, path) : changeMap(node, value, path)
}

function changeMap(node: PathBranch<Change>, value: Value | undefined, path: (string | number)[]): Value {
  if (value === undefined || !isMap(value)) throw wrongParent(path, 'map', value)
  const changed: Item = { ...value }
  for (const [name, child] of node.children as Map<string, PathNode<Change>>) {
    if (child.kind !== 'leaf')
      setAttribute(changed, name, changeNode(child, getAttribute(value, name), [...path, name]))
    else if (child.leaf === undefined) delete changed[name]
    else setAttribute(changed, name, child.leaf)
  }
  return changed
}

/** Indexes past the end append in order. Elements are removed last, so that indexes stay valid. */
function changeList(node: PathBranch<Change>, value: Value | undefined, path: (string | number)[]): Value {
  if (!Array.isArray(value)) throw wrongParent(path, 'list', value)
  const changed: Value[] = [...value]
  const removed = new Set<number>()
  const children = [...(node.children as Map<number, PathNode<Change>>)].sort(([a], [b]) => a - b)
  for (const [index, child] of children) {
    if (child.kind !== 'leaf') changed[index] = changeNode(child, value[index], [...path, index])
    else if (child.leaf === undefined) removed.add(index)
    else if (index < value.length) changed[index] = child.leaf
    else changed.push(child.leaf)
  }
  return removed.size === 0 ? changed : changed.filter((_, index) => index >= value.length || !removed.has(index))
}

function wrongParent(path: readonly (string | number)[], wanted: 'map' | 'list', value: Value | undefined): Error {
  const is = value === undefined ? 'is not in the item' : `is of type ${typeOf(value)}`
  return new UpdateError('path', path, `${is}, but the update changes a part of it; it must already be a ${wanted}`)
}
