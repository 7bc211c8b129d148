/** DynamoDB's limits on requests, checked before anything is sent or written. Source: "Quotas" in AWS's guide. */
import { invalid, LimitExceededError, ValidationError, valueText } from '../errors/errors.js'
import { type NumberValue, numberProblem } from '../value/number.js'
import { measureItem, measureKey, measureValue, utf8Length } from '../value/size.js'
import { getAttribute, isLarge, typeOf, type Value } from '../value/value.js'
import { type KeyAttribute, type KeySchema, keyNames, type TableDefinition } from './definition.js'
import type { TransactWriteRequest, WriteRequest } from './store.js'

/** Longest partition key, in bytes. */
export const MAX_PARTITION_KEY_BYTES = 2048
/** Longest sort key, in bytes. */
export const MAX_SORT_KEY_BYTES = 1024
/** Maximum number of writes, or of reads, in one transaction. */
export const MAX_TRANSACTION_OPERATIONS = 100
/** Largest transaction, in bytes: 4 MB. */
export const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
const MAX_TOKEN_CHARACTERS = 36
const MAX_GLOBAL_INDEXES = 20
const MAX_LOCAL_INDEXES = 5
/** Maximum number of attributes after the first, in the partition key and in the sort key of a global index. */
const MAX_MORE_ATTRIBUTES = 3
/** Maximum bytes that one query or scan request reads. */
export const PAGE_BYTES = 1024 * 1024

const NAME = /^[a-zA-Z0-9_.-]{3,255}$/

/** @throws ValidationError unless a table or index name has 3 to 255 of DynamoDB's characters. */
export function checkName(what: 'table' | 'index', name: string): void {
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw invalid([what], `${valueText(name)} is not a valid ${what} name; use 3 to 255 of a-z, A-Z, 0-9, _ . -`)
  }
}

/** Checks a table's definition. @throws ValidationError that lists every issue. */
export function checkDefinition(definition: TableDefinition): void {
  checkName('table', definition.name)
  const issues: { path: (string | number)[]; message: string }[] = []
  const types = new Map<string, string>()
  const attribute = (at: string[], it: KeyAttribute | undefined): void => {
    if (!it) return
    if (typeof it.name !== 'string' || it.name === '' || it.name.length > 255) {
      issues.push({
        path: at,
        message: `the name of a key attribute has 1 to 255 characters, not ${valueText(it.name)}`,
      })
    }
    if (!['S', 'N', 'B'].includes(it.type))
      issues.push({ path: at, message: `a key is S, N or B, not ${valueText(it.type)}` })
    const before = types.get(it.name)
    if (before !== undefined && before !== it.type) {
      issues.push({ path: at, message: `${it.name} is ${before} in one key and ${it.type} in another` })
    }
    types.set(it.name, it.type)
  }
  const schema = (at: string[], it: KeySchema): void => {
    attribute([...at, 'partition'], it.partition)
    attribute([...at, 'sort'], it.sort)
    if (it.sort?.name === it.partition.name)
      issues.push({ path: at, message: 'both key attributes have the same name' })
  }
  schema(['key'], definition.key)
  const globals = Object.entries(definition.globalIndexes ?? {})
  const locals = Object.entries(definition.localIndexes ?? {})
  for (const [name, index] of [...globals, ...locals]) {
    if (!NAME.test(name))
      issues.push({
        path: ['indexes', name],
        message: `${valueText(name)} is not a valid index name; use 3 to 255 of a-z, A-Z, 0-9, _ . -`,
      })
    schema(['indexes', name], index)
  }
  for (const [name, index] of globals) {
    const at = ['globalIndexes', name]
    for (const role of ['morePartition', 'moreSort'] as const) {
      const more = index[role] ?? []
      for (const it of more) attribute([...at, role], it)
      if (more.length > MAX_MORE_ATTRIBUTES) {
        issues.push({
          path: [...at, role],
          message: `a key has at most four attributes of a kind, not ${more.length + 1}`,
        })
      }
    }
    if (index.moreSort && !index.sort) issues.push({ path: at, message: 'moreSort needs sort, which is missing' })
    const names = keyNames(index)
    if (index.sort?.name !== index.partition.name && new Set(names).size < names.length) {
      issues.push({ path: at, message: 'two key attributes have the same name' })
    }
  }
  for (const [name, index] of locals) {
    const at = ['localIndexes', name]
    if (index.morePartition || index.moreSort) {
      issues.push({ path: at, message: 'only a global index can have several attributes of a kind' })
    }
    if (!definition.key.sort) issues.push({ path: at, message: 'only a table with a sort key can have local indexes' })
    if (index.partition.name !== definition.key.partition.name) {
      issues.push({
        path: at,
        message: `a local index has the table's partition key, ${definition.key.partition.name}`,
      })
    }
    if (!index.sort) issues.push({ path: at, message: 'a local index needs a sort key' })
    if (globals.some(([other]) => other === name))
      issues.push({ path: at, message: 'a global index has this name too' })
  }
  if (globals.length > MAX_GLOBAL_INDEXES) {
    issues.push({
      path: ['globalIndexes'],
      message: `${globals.length} global indexes; ${MAX_GLOBAL_INDEXES} are allowed`,
    })
  }
  if (locals.length > MAX_LOCAL_INDEXES) {
    issues.push({ path: ['localIndexes'], message: `${locals.length} local indexes; ${MAX_LOCAL_INDEXES} are allowed` })
  }
  if (issues.length > 0) throw new ValidationError(issues)
}

/** The part of a key that an attribute belongs to. */
export type KeyRole = 'partition' | 'sort'

/**
 * Why a value cannot be a key attribute: it is missing, of another type, empty, longer than 2,048 bytes (partition key) or
 * 1,024 bytes (sort key), or not a value that stores support.
 */
export type KeyProblem = 'missing' | 'type' | 'empty' | 'length' | 'value'

/** Returns why a value cannot be the key attribute; undefined if it can. Each layer writes its own message for it. */
export function keyProblem({ type }: KeyAttribute, value: Value | undefined, role: KeyRole): KeyProblem | undefined {
  if (value === undefined) return 'missing'
  if (typeOf(value) !== type) return 'type'
  if (type === 'N') return numberProblem(value as NumberValue) === undefined ? undefined : 'value'
  const { length } = value as string | Uint8Array
  if (length === 0) return 'empty'
  const bytes = typeof value === 'string' ? utf8Length(value) : length
  if (bytes === undefined) return 'value'
  return bytes > maximumOf(role) ? 'length' : undefined
}

/** Whether a value can be the key attribute. */
export function isFitForKey(attribute: KeyAttribute, value: Value | undefined, role: KeyRole): boolean {
  return keyProblem(attribute, value, role) === undefined
}

/**
 * @throws ValidationError when a key attribute is missing, empty or of another type.
 * @throws LimitExceededError when it is longer than 2,048 bytes (partition key) or 1,024 bytes (sort key).
 */
export function checkKeyAttribute(attribute: KeyAttribute, value: Value | undefined, role: KeyRole): void {
  const problem = keyProblem(attribute, value, role)
  if (problem !== undefined) throw keyError(problem, attribute, value, role)
}

function keyError(problem: KeyProblem, { name, type }: KeyAttribute, value: Value | undefined, role: KeyRole): Error {
  if (value === undefined) return invalid([name], `the ${role} key attribute is missing`)
  switch (problem) {
    case 'type':
      return invalid([name], `the ${role} key attribute is of type ${type}, but the value is of type ${typeOf(value)}`)
    case 'empty':
      return invalid([name], `the ${role} key attribute is empty; a key needs at least one byte`)
  }
  // `measureValue` throws for a value that stores do not support.
  return tooLong(role, name, measureValue(value, [name]))
}

/**
 * Checks the total length of a key's attributes, which share one limit. Does nothing if one of them is missing.
 * @throws LimitExceededError
 */
export function checkKeyLength(
  attributes: readonly KeyAttribute[],
  item: { readonly [name: string]: Value },
  role: KeyRole,
): void {
  const bytes = keyLength(attributes, item)
  if (bytes > maximumOf(role)) throw tooLong(role, attributes.map(({ name }) => name).join(' and '), bytes)
}

/** Whether the item has all of these attributes, each is valid in a key, and their total length is within the limit. */
export function isFitTogether(
  attributes: readonly KeyAttribute[],
  item: { readonly [name: string]: Value },
  role: KeyRole,
): boolean {
  return (
    attributes.every(attribute => isFitForKey(attribute, getAttribute(item, attribute.name), role)) &&
    keyLength(attributes, item) <= maximumOf(role)
  )
}

function keyLength(attributes: readonly KeyAttribute[], item: { readonly [name: string]: Value }): number {
  let bytes = 0
  for (const { name } of attributes) {
    const value = getAttribute(item, name)
    if (value === undefined) return 0
    bytes += measureValue(value, [name])
  }
  return bytes
}

function maximumOf(role: KeyRole): number {
  return role === 'partition' ? MAX_PARTITION_KEY_BYTES : MAX_SORT_KEY_BYTES
}

function tooLong(role: KeyRole, names: string, actual: number): LimitExceededError {
  const maximum = maximumOf(role)
  return new LimitExceededError(`The ${role} key ${names} has ${actual} bytes; it may have ${maximum}`, {
    limit: `${role} key in bytes`,
    maximum,
    actual,
  })
}

/** @throws ValidationError unless the key has exactly the schema's attributes, with valid values. */
export function checkKey(schema: KeySchema, key: { readonly [name: string]: Value }): void {
  checkItemKey(schema, key)
  for (const name of Object.keys(key)) {
    if (name !== schema.partition.name && name !== schema.sort?.name) {
      throw invalid([name], 'is not a key attribute of the table; a key has its key attributes and nothing else')
    }
  }
}

/** @throws ValidationError unless the item has the schema's attributes, with valid values. It may have others. */
export function checkItemKey({ partition, sort }: KeySchema, item: { readonly [name: string]: Value }): void {
  checkKeyAttribute(partition, getAttribute(item, partition.name), 'partition')
  if (sort) checkKeyAttribute(sort, getAttribute(item, sort.name), 'sort')
}

/**
 * @param bytesOf returns the size of a write, for callers that know it already.
 * @throws LimitExceededError for over 100 operations or 4 MB; ValidationError for none, or a token that is too long.
 */
export function checkTransactWrite(
  { writes, token }: TransactWriteRequest,
  bytesOf: (write: WriteRequest, index: number) => number = writeBytes,
): void {
  checkTransactionLength(writes.length)
  if (token !== undefined && (typeof token !== 'string' || token.length === 0 || token.length > MAX_TOKEN_CHARACTERS)) {
    throw invalid(['token'], `a token has 1 to ${MAX_TOKEN_CHARACTERS} characters`)
  }
  let bytes = 0
  writes.forEach((write, i) => {
    bytes += bytesOf(write, i)
  })
  checkTransactionBytes(bytes)
}

/** @throws LimitExceededError for over 4 MB. */
export function checkTransactionBytes(bytes: number): void {
  if (bytes <= MAX_TRANSACTION_BYTES) return
  throw new LimitExceededError(`The transaction has ${bytes} bytes; it may have ${MAX_TRANSACTION_BYTES} (4 MB)`, {
    limit: 'transaction size in bytes',
    maximum: MAX_TRANSACTION_BYTES,
    actual: bytes,
  })
}

/** @throws LimitExceededError for over 100 operations, ValidationError for none. */
export function checkTransactionLength(length: number): void {
  if (length === 0) throw invalid([], 'a transaction needs at least one operation')
  if (length > MAX_TRANSACTION_OPERATIONS) {
    throw new LimitExceededError(
      `The transaction has ${length} operations; it may have ${MAX_TRANSACTION_OPERATIONS}`,
      {
        limit: 'operations in a transaction',
        maximum: MAX_TRANSACTION_OPERATIONS,
        actual: length,
      },
    )
  }
}

/** The size that a write adds to its transaction. Validates the values of the write. */
export function writeBytes(write: WriteRequest): number {
  switch (write.kind) {
    case 'put':
      return measureItem(write.item)
    case 'update': {
      let bytes = measureKey(write.key)
      // A large value that several attributes share is measured once.
      const sizes = new Map<Value, number>()
      for (const { value } of write.update.set) {
        if (value.kind !== 'value') continue
        const size = sizes.get(value.value) ?? measureValue(value.value)
        if (isLarge(value.value)) sizes.set(value.value, size)
        bytes += size
      }
      for (const { value } of write.update.add) bytes += measureValue(value)
      return bytes
    }
    default:
      return measureKey(write.key)
  }
}
