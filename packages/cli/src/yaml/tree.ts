/** YAML as a tree of plain nodes with their ranges: aliases are replaced by what they refer to, merge keys are merged. */
import type { PlainValue, SourceRange } from './model-set.js'

/** Text, a number, true, false or null. */
export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** As written, without quotes: numbers keep all their digits. */
  readonly text: string
  readonly at: SourceRange
}

/** A list. */
interface ListNode {
  readonly kind: 'list'
  readonly items: readonly TreeNode[]
  readonly at: SourceRange
}

/** An entry of a map. */
export interface MapEntry {
  readonly name: string
  /** The range of the name. */
  readonly at: SourceRange
  readonly value: TreeNode
}

/** A map. No two entries have the same name, and none is named `__proto__`. */
export interface MapNode {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
  readonly at: SourceRange
}

/** A node of a tree. */
export type TreeNode = ScalarNode | ListNode | MapNode

/** The value of an entry of a map; undefined if the node is no map or has no such entry. */
export function member(node: TreeNode | undefined, name: string): TreeNode | undefined {
  return node?.kind === 'map' ? node.entries.find(entry => entry.name === name)?.value : undefined
}

/** The entries of a map; none of other nodes. */
export function entriesOf(node: TreeNode | undefined): readonly MapEntry[] {
  return node?.kind === 'map' ? node.entries : []
}

/** The items of a list; none of other nodes. */
export function itemsOf(node: TreeNode | undefined): readonly TreeNode[] {
  return node?.kind === 'list' ? node.items : []
}

/** The value of a scalar; undefined for other nodes. */
export function scalarOf(node: TreeNode | undefined): ScalarNode['value'] | undefined {
  return node?.kind === 'scalar' ? node.value : undefined
}

/** The text of a scalar that is text; undefined for all else. */
export function textOf(node: TreeNode | undefined): string | undefined {
  const value = scalarOf(node)
  return typeof value === 'string' ? value : undefined
}

/** The node as JSON. */
export function plainOf(node: TreeNode): PlainValue {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(plainOf)
    case 'map':
      return Object.fromEntries(node.entries.map(({ name, value }) => [name, plainOf(value)]))
  }
}

/** The node in a few words, for messages. */
export function describeNode(node: TreeNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map'
  if (node.value === null) return 'empty'
  const text = typeof node.value === 'string' ? JSON.stringify(node.value) : node.text
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
