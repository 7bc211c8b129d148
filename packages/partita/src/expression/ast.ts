/**
 * Conditions, updates and projections as data. The nodes are frozen and made by the small factories below; `print`
 * turns them into DynamoDB's strings, `parse` reads those, and `evaluate` runs them on an item.
 */
import type { Value } from '../value/value.js'
import { MAX_IN_OPERANDS } from './limits.js'

/** A document path: attribute name, then map keys and list indexes. `['address', 'lines', 0]` */
export type Path = readonly [string, ...(string | number)[]]

/** The comparison operators of condition expressions. */
export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>='

/** An operand of a condition: a document path, a value, or the size of the attribute at a path. */
export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'size'; readonly path: Path }

/** A condition or filter expression as a tree. */
export type Condition =
  | { readonly kind: 'compare'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly list: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: Path }
  | { readonly kind: 'notExists'; readonly path: Path }
  | { readonly kind: 'type'; readonly path: Path; readonly type: Operand }
  | { readonly kind: 'beginsWith'; readonly operand: Operand; readonly prefix: Operand }
  | { readonly kind: 'contains'; readonly operand: Operand; readonly member: Operand }
  | { readonly kind: 'and'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }

/** An operand of a SET action: a path, a value, `if_not_exists` or `list_append`. */
export type SetOperand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'ifNotExists'; readonly path: Path; readonly fallback: SetOperand }
  | { readonly kind: 'listAppend'; readonly left: SetOperand; readonly right: SetOperand }

/** The right side of a SET action: an operand, or the sum or difference of two operands. */
export type SetValue =
  | SetOperand
  | { readonly kind: 'plus'; readonly left: SetOperand; readonly right: SetOperand }
  | { readonly kind: 'minus'; readonly left: SetOperand; readonly right: SetOperand }

/** One SET action: assigns a value to a path. */
export interface SetAction {
  readonly path: Path
  readonly value: SetValue
}

/** One ADD or DELETE action: a path and its operand. */
export interface ValueAction {
  readonly path: Path
  readonly value: Value
}

/** The four clauses of an update; every operand sees the item as it was before the update. */
export interface Update {
  readonly set: readonly SetAction[]
  readonly remove: readonly Path[]
  readonly add: readonly ValueAction[]
  readonly delete: readonly ValueAction[]
}

/** The document paths that a read returns. */
export type Projection = readonly Path[]

/** A condition on a sort key attribute. */
export type SortCondition =
  | {
      readonly kind: 'compare'
      readonly name: string
      readonly comparator: Exclude<Comparator, '<>'>
      readonly value: Value
    }
  | { readonly kind: 'between'; readonly name: string; readonly low: Value; readonly high: Value }
  | { readonly kind: 'beginsWith'; readonly name: string; readonly prefix: Value }

/** Which items of a table or index a query reads: one partition, and a range of it. */
export interface KeyCondition {
  readonly partition: { readonly name: string; readonly value: Value }
  /** The second to fourth partition key attributes, if the index has them: all of them, in the index's order. */
  readonly morePartition?: readonly { readonly name: string; readonly value: Value }[]
  readonly sort?: SortCondition
  /** Conditions on the second to fourth sort key attributes, without gaps; all before the last one are equalities. */
  readonly moreSort?: readonly SortCondition[]
}

/** An operand that reads a document path: `path('address', 'lines', 0)`. */
export const path = (...steps: Path): Operand & SetOperand => freeze({ kind: 'path', path: Object.freeze(steps) })
/** A literal operand. */
export const value = (it: Value): Operand & SetOperand => freeze({ kind: 'value', value: it })
/** The `size` function of the attribute at a path. */
export const size = (...steps: Path): Operand => freeze({ kind: 'size', path: Object.freeze(steps) })

/** Compares two operands. */
export const compare = (left: Operand, comparator: Comparator, right: Operand): Condition =>
  freeze({ kind: 'compare', comparator, left, right })
/** True if the operand is in the range; both ends are included. */
export const between = (operand: Operand, low: Operand, high: Operand): Condition =>
  freeze({ kind: 'between', operand, low, high })
/** True if the item has an attribute at the path. */
export const exists = (steps: Path): Condition => freeze({ kind: 'exists', path: steps })
/** True if the item has no attribute at the path. */
export const notExists = (steps: Path): Condition => freeze({ kind: 'notExists', path: steps })
/** True if the attribute at the path has the given DynamoDB type, such as `S`. */
export const hasType = (steps: Path, type: Operand): Condition => freeze({ kind: 'type', path: steps, type })
/** True if a string or binary operand begins with the prefix. */
export const beginsWith = (operand: Operand, prefix: Operand): Condition =>
  freeze({ kind: 'beginsWith', operand, prefix })
/** True for a substring, a run of bytes, a member of a set or an element of a list. */
export const contains = (operand: Operand, member: Operand): Condition => freeze({ kind: 'contains', operand, member })
/** Negates a condition. */
export const not = (condition: Condition): Condition => freeze({ kind: 'not', condition })

/** True if the operand equals an element of the list; false for an empty list. Over 100 elements become several INs. */
export function isIn(operand: Operand, list: readonly Operand[]): Condition {
  if (list.length === 0) return never(operand)
  const parts: Condition[] = []
  for (let i = 0; i < list.length; i += MAX_IN_OPERANDS) {
    parts.push(freeze({ kind: 'in', operand, list: Object.freeze(list.slice(i, i + MAX_IN_OPERANDS)) }))
  }
  return anyOf(parts) as Condition
}

/** Joins conditions with AND. A single condition is returned unchanged. */
export function and(...conditions: [Condition, ...Condition[]]): Condition {
  return conditions.length === 1 ? conditions[0] : freeze({ kind: 'and', conditions: Object.freeze(conditions) })
}

/** Joins conditions with OR. A single condition is returned unchanged. */
export function or(...conditions: [Condition, ...Condition[]]): Condition {
  return conditions.length === 1 ? conditions[0] : freeze({ kind: 'or', conditions: Object.freeze(conditions) })
}

/** Joins the conditions that are not undefined with AND; undefined if there are none. */
export function allOf(conditions: readonly (Condition | undefined)[]): Condition | undefined {
  const given = conditions.filter(condition => condition !== undefined)
  return given.length < 2 ? given[0] : freeze<Condition>({ kind: 'and', conditions: Object.freeze(given) })
}

/** Joins conditions with OR; undefined for an empty list. */
export function anyOf(conditions: readonly Condition[]): Condition | undefined {
  return conditions.length < 2
    ? conditions[0]
    : freeze<Condition>({ kind: 'or', conditions: Object.freeze([...conditions]) })
}

/** The sum of two number operands, for SET. */
export const plus = (left: SetOperand, right: SetOperand): SetValue => freeze({ kind: 'plus', left, right })
/** The difference of two number operands, for SET. */
export const minus = (left: SetOperand, right: SetOperand): SetValue => freeze({ kind: 'minus', left, right })
/** The attribute at the path, or the fallback if the item does not have it. */
export const ifNotExists = (steps: Path, fallback: SetOperand): SetOperand =>
  freeze({ kind: 'ifNotExists', path: steps, fallback })
/** The elements of the left list followed by those of the right one. */
export const listAppend = (left: SetOperand, right: SetOperand): SetOperand =>
  freeze({ kind: 'listAppend', left, right })

/** An update with the given clauses. */
export function update(clauses: Partial<Update>): Update {
  return freeze({
    set: Object.freeze(clauses.set ?? []),
    remove: Object.freeze(clauses.remove ?? []),
    add: Object.freeze(clauses.add ?? []),
    delete: Object.freeze(clauses.delete ?? []),
  })
}

/** DynamoDB's language has no literal false; this is the shortest condition that no item satisfies. */
function never(operand: Operand): Condition {
  const steps: Path = operand.kind === 'value' ? ['_'] : operand.path
  return and(exists(steps), notExists(steps))
}

function freeze<T extends object>(node: T): T {
  return Object.freeze(node)
}
