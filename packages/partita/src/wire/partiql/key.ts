/** Extracts the key of one item from a WHERE clause, for writes, batches and transactions. */
import type { KnownTable } from '../../embedded/catalog.js'
import { allOf, type Condition } from '../../expression/ast.js'
import type { KeyAttribute, KeySchema } from '../../store/definition.js'
import { type KeyRole, keyProblem } from '../../store/limits.js'
import { canonicalNumber, numberText } from '../../value/number.js'
import {
  equalValues,
  getAttribute,
  type Item,
  isNumber,
  type Key,
  setAttribute,
  type Value,
} from '../../value/value.js'
import { unfitKey } from '../operations/item/key.js'
import { validation } from '../protocol/aws-error.js'

/** The key of one item, and the other conditions on it. The values of the key are not checked yet. */
export interface Selection {
  readonly key: Item
  readonly rest: Condition | undefined
}

/**
 * The item whose key attributes all have equalities in the condition; undefined if one lacks an equality.
 * @throws AwsError for two equalities of one key attribute with different values.
 */
export function selectionOf({ definition }: KnownTable, condition: Condition | undefined): Selection | undefined {
  const { partition, sort } = definition.key
  const key: Item = {}
  const rest: Condition[] = []
  for (const part of conjuncts(condition)) {
    const equality = equalityOf(part)
    if (!equality || (equality.name !== partition.name && equality.name !== sort?.name)) {
      rest.push(part)
      continue
    }
    const known = getAttribute(key, equality.name)
    if (known !== undefined && !equalValues(known, equality.value)) {
      throw validation(
        `Multiple conditions on same key ${equality.name}. Only single item Update/Insert/Delete are supported`,
      )
    }
    setAttribute(key, equality.name, equality.value)
  }
  if (Object.keys(key).length < (sort ? 2 : 1)) return undefined
  return { key, rest: allOf(rest) }
}

/** The operands of nested ANDs, flattened. */
export function conjuncts(condition: Condition | undefined): readonly Condition[] {
  if (!condition) return []
  return condition.kind === 'and' ? condition.conditions.flatMap(conjuncts) : [condition]
}

/** An equality of an attribute and a value. */
export function equalityOf(condition: Condition): { readonly name: string; readonly value: Value } | undefined {
  if (condition.kind !== 'compare' || condition.comparator !== '=') return undefined
  const { left, right } = condition
  const [path, bound] = left.kind === 'value' ? [right, left] : [left, right]
  if (path.kind !== 'path' || path.path.length > 1 || bound.kind !== 'value') return undefined
  return { name: path.path[0], value: bound.value }
}

/** @throws AwsError unless the values are valid for the key of the schema. */
export function checkKey({ partition, sort }: KeySchema, key: Item): Key {
  checkKeyValue(partition, getAttribute(key, partition.name), 'partition')
  if (sort) checkKeyValue(sort, getAttribute(key, sort.name), 'sort')
  return key as Key
}

/** @throws AwsError */
export function checkKeyValue(attribute: KeyAttribute, value: Value | undefined, role: KeyRole): void {
  const problem = keyProblem(attribute, value, role)
  if (problem === undefined) return
  const { name } = attribute
  if (problem === 'missing') throw validation(`Key attribute should be present in the item: Key ${name}`)
  if (problem === 'type') {
    throw validation(`Key attribute's data type should match its data type in table's schema: Key ${name}`)
  }
  throw unfitKey(attribute, problem, role)
}

/** A text that identifies an item of a table. */
export function itemName({ id, definition }: KnownTable, key: Item): string {
  const { partition, sort } = definition.key
  const values = [partition, ...(sort ? [sort] : [])].map(({ name }) => {
    const value = key[name] as Value
    return value instanceof Uint8Array
      ? Buffer.from(value).toString('base64')
      : isNumber(value)
        ? numberText(canonicalNumber(value))
        : value
  })
  return JSON.stringify([id, ...values])
}
