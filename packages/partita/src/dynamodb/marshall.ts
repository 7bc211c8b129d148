/**
 * Converts items to DynamoDB's typed form and back: `{ n: 1 }` is `{ n: { N: '1' } }` there. Numbers keep all digits.
 *
 * This runs for every attribute and trusts its input: `measureItem` has checked written items, and read items come from
 * DynamoDB, so nesting is at most 32 levels in both directions.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { UnavailableError } from '../errors/errors.js'
import { Decimal, decimal, type NumberValue, numberText } from '../value/number.js'
import { type Item, type KeyValue, setAttribute, type Value } from '../value/value.js'

/** An item in DynamoDB's form. */
export type AttributeMap = Record<string, AttributeValue>

/** Converts an item or key to DynamoDB's form. */
export function marshallItem(item: { readonly [name: string]: Value }): AttributeMap {
  const attributes: AttributeMap = {}
  for (const name of Object.keys(item)) setTyped(attributes, name, marshallValue(item[name] as Value))
  return attributes
}

/** Converts a value to DynamoDB's form. */
export function marshallValue(value: Value): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value }
    case 'number':
    case 'bigint':
      return { N: numberText(value) }
    case 'boolean':
      return { BOOL: value }
  }
  if (value === null) return { NULL: true }
  if (Array.isArray(value)) return { L: value.map(marshallValue) }
  // A copy, since the SDK reads the bytes asynchronously. Not with `slice`, since a Buffer's slice shares memory.
  if (value instanceof Uint8Array) return { B: new Uint8Array(value) }
  if (value instanceof Decimal) return { N: value.text }
  if (value instanceof Set) return marshallSet(value)
  return { M: marshallItem(value as Item) }
}

function marshallSet(set: ReadonlySet<KeyValue>): AttributeValue {
  const members = [...set]
  const [first] = members
  if (first instanceof Uint8Array) return { BS: (members as Uint8Array[]).map(bytes => new Uint8Array(bytes)) }
  if (typeof first === 'string') return { SS: members as string[] }
  return { NS: (members as NumberValue[]).map(numberText) }
}

/** Converts an item of DynamoDB to plain values. */
export function unmarshallItem(attributes: AttributeMap): Item {
  const item: Item = {}
  for (const name in attributes) setAttribute(item, name, unmarshallValue(attributes[name] as AttributeValue))
  return item
}

/** Converts a value to a plain one. @throws UnavailableError for a value that the SDK lost, or of an unknown type. */
export function unmarshallValue(value: AttributeValue): Value {
  // Reading the only member is faster than testing for each of the ten types.
  for (const type in value) {
    switch (type) {
      case 'S':
        return value.S as string
      case 'N':
        return decimal(value.N as string)
      case 'M':
        return unmarshallItem(value.M as AttributeMap)
      case 'L':
        return (value.L as AttributeValue[]).map(unmarshallValue)
      case 'BOOL':
        return value.BOOL as boolean
      case 'NULL':
        return null
      case 'B':
        return plainBytes(value.B as Uint8Array)
      case 'SS':
        return new Set(value.SS)
      case 'NS':
        return new Set((value.NS as string[]).map(decimal))
      case 'BS':
        return new Set((value.BS as Uint8Array[]).map(plainBytes))
    }
  }
  throw new UnavailableError(`The SDK returned a value of an unknown type, or lost it: ${JSON.stringify(value)}`, {})
}

/** A `Buffer` is a Uint8Array, but its `slice`, `toString` and `toJSON` are its own. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes)
}

function setTyped(attributes: AttributeMap, name: string, value: AttributeValue): void {
  setAttribute(attributes as unknown as Item, name, value as unknown as Value)
}
