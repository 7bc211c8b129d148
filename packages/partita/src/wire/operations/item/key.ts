/** Checks keys as AWS does: the key of a request, and the keys in an item to put. */
import type { KnownTable } from '../../../embedded/catalog.js'
import { checkIndexKey } from '../../../embedded/write/write.js'
import {
  type IndexKeySchema,
  type KeyAttribute,
  keyNames,
  partitionAttributes,
  sortAttributes,
  type TableDefinition,
} from '../../../store/definition.js'
import { checkKeyAttribute, isFitForKey } from '../../../store/limits.js'
import { getAttribute, type Item, type Key, typeOf, type Value } from '../../../value/value.js'
import { writeValue } from '../../protocol/attribute-value.js'
import { type AwsError, EmptyKeyError, invalidValues, validation } from '../../protocol/aws-error.js'
import { awsErrorOf } from '../../protocol/translate-error.js'

type Role = 'partition' | 'sort'

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

function checkKeyValue(attribute: KeyAttribute, value: Value | undefined, role: Role): void {
  if (isFitForKey(attribute, value, role)) return
  if (value === undefined || typeOf(value) !== attribute.type) throw validation(KEY_MISMATCH)
  throw unfitKey(attribute, value, role)
}

/** @throws AwsError unless the item has the table's key, and its index key attributes, if any, are valid. */
export function checkItem({ definition }: KnownTable, item: Item): void {
  const { partition, sort } = definition.key
  checkItemKey(partition, item, 'partition')
  if (sort) checkItemKey(sort, item, 'sort')
  try {
    checkIndexKeys(definition, item)
  } catch (error) {
    throw awsErrorOf(error)
  }
}

function checkIndexKeys({ globalIndexes, localIndexes }: TableDefinition, item: Item): void {
  for (const indexes of [globalIndexes, localIndexes]) {
    for (const name in indexes) {
      const index = indexes[name] as IndexKeySchema
      for (const key of partitionAttributes(index)) checkIndexKey(name, key, item, 'partition')
      for (const key of sortAttributes(index)) checkIndexKey(name, key, item, 'sort')
    }
  }
}

function checkItemKey(attribute: KeyAttribute, item: Item, role: Role): void {
  const { name, type } = attribute
  const value = getAttribute(item, name)
  if (isFitForKey(attribute, value, role)) return
  if (value === undefined) throw invalidValues(`Missing the key ${name} in the item`)
  if (typeOf(value) !== type) {
    throw invalidValues(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`)
  }
  throw unfitKey(attribute, value, role)
}

/** A text that identifies a key within a table. Equal numbers give the same text. */
export function identityOf({ id, definition: { key } }: KnownTable, item: Item): string {
  return JSON.stringify([id, ...keyNames(key).map(name => writeValue(item[name] as Value))])
}

/** The error for a key value of the right type that is empty or too long. */
export function unfitKey(attribute: KeyAttribute, value: Value, role: Role): AwsError {
  if ((value as string | Uint8Array).length > 0) return awsErrorOf(keyFault(attribute, value, role))
  const kind = attribute.type === 'B' ? 'binary' : 'string'
  return EmptyKeyError.ofKey(attribute.name, kind)
}

function keyFault(attribute: KeyAttribute, value: Value, role: Role): Error {
  try {
    checkKeyAttribute(attribute, value, role)
  } catch (error) {
    return error as Error
  }
  return new Error(`The key attribute ${attribute.name} is fit after all`)
}
