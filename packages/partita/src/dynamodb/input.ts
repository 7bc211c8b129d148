/** Converts requests of the contract to inputs of DynamoDB's operations, whose items stay plain. */
import { invalid, LimitExceededError } from '../errors/errors.js'
import { MAX_PARTITION_KEY_BYTES } from '../store/limits.js'
import type { GetRequest, PutRequest, UpdateRequest, WriteRequest } from '../store/store.js'
import { measureItem, measureKey, measureValue } from '../value/size.js'
import { type Item, type Key, typeOf } from '../value/value.js'
import { type ExpressionFields, expressionFields, type RequestExpressions } from './expression.js'

const RETURNS: Record<NonNullable<UpdateRequest['returns']>, string> = {
  none: 'NONE',
  old: 'ALL_OLD',
  new: 'ALL_NEW',
  updatedOld: 'ALL_OLD',
  updatedNew: 'ALL_NEW',
}

/** A text of this length fits a key with any characters: a UTF-16 unit has at most three bytes. */
const SURELY_SHORT = MAX_PARTITION_KEY_BYTES / 3

// Fields are added to one object: spreading several into a new one is slower than printing the expressions.

/** Returns the fields of a get, alone or in a transaction. */
export function getFields({ table, key, projection }: Omit<GetRequest, 'consistent'>) {
  return Object.assign(expressionFields({ projection }), { TableName: table, Key: checkedKey(key) })
}

/** Returns the fields of a put, alone or in a transaction. */
export function putFields(request: PutRequest) {
  const { condition } = request
  return Object.assign(writeFields(request, { condition }), { Item: checkedItem(request.item) })
}

/** Returns the fields of an update, delete or check, alone or in a transaction. */
export function keyedFields(request: Exclude<WriteRequest, PutRequest>) {
  const { condition } = request
  const expressions = request.kind === 'update' ? { condition, update: request.update } : { condition }
  return Object.assign(writeFields(request, expressions), { Key: checkedKey(request.key) })
}

interface WriteFields extends ExpressionFields {
  TableName: string
  ReturnValuesOnConditionCheckFailure?: 'ALL_OLD'
}

function writeFields({ table, returnOldOnFailure }: WriteRequest, expressions: RequestExpressions): WriteFields {
  const fields: WriteFields = Object.assign(expressionFields(expressions), { TableName: table })
  if (returnOldOnFailure) fields.ReturnValuesOnConditionCheckFailure = 'ALL_OLD'
  return fields
}

/** Returns which item a single write returns. */
export function returnValue(request: Exclude<WriteRequest, { kind: 'check' }>): { ReturnValues?: string } {
  const { returns = 'none' } = request
  return returns === 'none' ? {} : { ReturnValues: RETURNS[returns] }
}

/** Returns the item of a put. @throws ValidationError; LimitExceededError for an item over 400 KB. */
function checkedItem(item: Item): Item {
  measureItem(item)
  return item
}

/**
 * Returns a key. It checks what holds for all tables; the server checks the names of the key attributes.
 * @throws ValidationError, LimitExceededError
 */
export function checkedKey(key: Key): Key {
  const names = Object.keys(key)
  if (names.length === 0 || names.length > 2) {
    throw invalid(['key'], `has ${names.length} attributes; a key has one or two`)
  }
  measureKey(key)
  for (const name of names) checkPart(name, key[name] as Key[string])
  return key
}

function checkPart(name: string, value: Key[string]): void {
  // `measureKey` has validated the characters, so most keys need no further check.
  if (typeof value === 'string' && value !== '' && value.length <= SURELY_SHORT) return
  const type = typeOf(value)
  if (type === 'N') return
  if (type !== 'S' && type !== 'B') {
    throw invalid([name], `is a key attribute of type ${type}; a key is a string, a number or binary`)
  }
  const actual = measureValue(value, [name])
  if (actual === 0) throw invalid([name], 'is an empty key attribute; a key needs at least one byte')
  if (actual > MAX_PARTITION_KEY_BYTES) {
    throw new LimitExceededError(
      `The key attribute ${name} has ${actual} bytes; the maximum is ${MAX_PARTITION_KEY_BYTES}`,
      {
        limit: 'key in bytes',
        maximum: MAX_PARTITION_KEY_BYTES,
        actual,
      },
    )
  }
}
