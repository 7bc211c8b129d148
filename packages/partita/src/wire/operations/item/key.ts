/** Checks keys as AWS does: the key of a request, and the keys in an item to put. */
import type { KnownTable } from '../../../embedded/catalog.js'
import { type KeyAttribute, keyNames } from '../../../store/definition.js'
import { checkIndexKeys } from '../../../store/index-key.js'
import { type KeyProblem, type KeyRole, keyProblem } from '../../../store/limits.js'
import { getAttribute, type Item, type Key, typeOf, type Value } from '../../../value/value.js'
import { writeValue } from '../../protocol/attribute-value.js'
import { type AwsError, EmptyKeyError, invalidValues, validation } from '../../protocol/aws-error.js'
import { awsErrorOf, keyTooLong } from '../../protocol/translate-error.js'

/** AWS's message for a key with missing or additional attributes, or attributes of another type. */
export const KEY_MISMATCH = 'The provided key element does not match the schema'

/**
 * @param key the key in a request.
 * @throws AwsError unless it has exactly the key attributes of the table.
 */
export function checkKey({ definition }: KnownTable, key: Item): Key {
  const { partition, sort } = definition.key
  if (Object.keys(key).length !== (sort ? 2 : 1)) throw validation(KEY_MISMATCH)
  checkKeyValue(partition, getAttribute(key, partition.name), 'partition')
  if (sort) checkKeyValue(sort, getAttribute(key, sort.name), 'sort')
  return key as Key
}

function checkKeyValue(attribute: KeyAttribute, value: Value | undefined, role: KeyRole): void {
  const problem = keyProblem(attribute, value, role)
  if (problem === undefined) return
  throw problem === 'missing' || problem === 'type' ? validation(KEY_MISMATCH) : unfitKey(attribute, problem, role)
}

/** @throws AwsError unless the item has the table's key, and its index key attributes, if any, are valid. */
export function checkItem(table: KnownTable, item: Item): void {
  const { partition, sort } = table.definition.key
  checkItemKey(partition, item, 'partition')
  if (sort) checkItemKey(sort, item, 'sort')
  checkItemIndexKeys(table, item)
}

/** @throws AwsError unless the index key attributes of the item are valid. */
export function checkItemIndexKeys({ definition }: KnownTable, item: Item): void {
  try {
    checkIndexKeys(definition, item)
  } catch (error) {
    throw awsErrorOf(error)
  }
}

function checkItemKey(attribute: KeyAttribute, item: Item, role: KeyRole): void {
  const { name, type } = attribute
  const value = getAttribute(item, name)
  const problem = keyProblem(attribute, value, role)
  if (problem === undefined) return
  if (problem === 'missing') throw invalidValues(`Missing the key ${name} in the item`)
  if (problem === 'type') {
    throw invalidValues(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value as Value)}`)
  }
  throw unfitKey(attribute, problem, role)
}

/** A text that identifies a key within a table. Equal numbers give the same text. */
export function identityOf({ id, definition: { key } }: KnownTable, item: Item): string {
  return JSON.stringify([id, ...keyNames(key).map(name => writeValue(item[name] as Value))])
}

/** The error for a key value of the right type that is empty or too long. The protocol has no other invalid values. */
export function unfitKey({ name, type }: KeyAttribute, problem: KeyProblem, role: KeyRole): AwsError {
  return problem === 'empty' ? EmptyKeyError.ofKey(name, type === 'B' ? 'binary' : 'string') : keyTooLong(role)
}
