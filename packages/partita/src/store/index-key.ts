/** The keys of an item in the indexes of its table. */
import { ValidationError } from '../errors/errors.js'
import { getAttribute, type Item, type Value } from '../value/value.js'
import {
  type IndexKeySchema,
  type KeyAttribute,
  partitionAttributes,
  sortAttributes,
  type TableDefinition,
} from './definition.js'
import { checkKeyAttribute, checkKeyLength, isFitForKey, isFitTogether, type KeyRole } from './limits.js'

/** A value that is not valid as a key of an index. */
export class UnfitIndexKey extends ValidationError {
  readonly index: string
  readonly attribute: KeyAttribute
  readonly value: Value

  constructor(index: string, attribute: KeyAttribute, value: Value, error: ValidationError) {
    super(error.details.issues)
    this.index = index
    this.attribute = attribute
    this.value = value
  }
}

/**
 * Checks the index keys of an item, first those of global indexes. Key attributes of an index are optional, but present
 * ones must be valid keys.
 * @throws UnfitIndexKey; LimitExceededError if a key is too long.
 */
export function checkIndexKeys({ globalIndexes, localIndexes }: TableDefinition, item: Item): void {
  for (const indexes of [globalIndexes, localIndexes]) {
    for (const name in indexes) checkIndexKey(name, indexes[name] as IndexKeySchema, item)
  }
}

function checkIndexKey(index: string, schema: IndexKeySchema, item: Item): void {
  checkAttribute(index, schema.partition, item, 'partition')
  for (const attribute of schema.morePartition ?? []) checkAttribute(index, attribute, item, 'partition')
  if (schema.sort) checkAttribute(index, schema.sort, item, 'sort')
  for (const attribute of schema.moreSort ?? []) checkAttribute(index, attribute, item, 'sort')
  if (!schema.morePartition && !schema.moreSort) return
  checkKeyLength(partitionAttributes(schema), item, 'partition')
  checkKeyLength(sortAttributes(schema), item, 'sort')
}

function checkAttribute(index: string, attribute: KeyAttribute, item: Item, role: KeyRole): void {
  const value = getAttribute(item, attribute.name)
  if (value === undefined || isFitForKey(attribute, value, role)) return
  try {
    checkKeyAttribute(attribute, value, role)
  } catch (error) {
    throw error instanceof ValidationError ? new UnfitIndexKey(index, attribute, value, error) : error
  }
}

/**
 * Whether the item is in the index: all key attributes of the index are present and valid. Items that are older than the
 * index may have invalid ones and are left out, as in DynamoDB.
 */
export function isIndexed({ schema }: { readonly schema: IndexKeySchema }, item: Item): boolean {
  const { partition, sort } = schema
  if (!isFitForKey(partition, getAttribute(item, partition.name), 'partition')) return false
  if (sort && !isFitForKey(sort, getAttribute(item, sort.name), 'sort')) return false
  return (!schema.morePartition && !schema.moreSort) || hasAll(schema, item)
}

/** Whether the item has all attributes of a multi-attribute key. */
function hasAll(schema: IndexKeySchema, item: Item): boolean {
  return (
    isFitTogether(partitionAttributes(schema), item, 'partition') && isFitTogether(sortAttributes(schema), item, 'sort')
  )
}
