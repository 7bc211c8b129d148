/**
 * Converts items to the typed objects of the SDK and back: `{ n: 1 }` is `{ n: { N: '1' } }` there. Numbers keep all digits.
 *
 * Nesting is at most 32 levels in both directions: `measureItem` has checked written items, and read items come from
 * DynamoDB.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { Decimal, type NumberValue, numberText } from '../../value/number.js'
import { type Item, type KeyValue, setAttribute, type Value } from '../../value/value.js'
import { readItem, readValue } from '../protocol/read.js'

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

/** Converts an item of the SDK to plain values. @throws TypeError for a value that the SDK lost. */
export function unmarshallItem(attributes: AttributeMap): Item {
  return readItem(attributes as unknown as Parameters<typeof readItem>[0], plainBytes)
}

/** Converts a value of the SDK to a plain one. @throws TypeError for a value that the SDK lost. */
export function unmarshallValue(value: AttributeValue): Value {
  return readValue(value as unknown as Parameters<typeof readValue>[0], plainBytes)
}

/** A `Buffer` is a Uint8Array, but its `slice`, `toString` and `toJSON` are its own. */
export function plainBytes(bytes: unknown): Uint8Array {
  const binary = bytes as Uint8Array
  return binary.constructor === Uint8Array ? binary : new Uint8Array(binary)
}

function setTyped(attributes: AttributeMap, name: string, value: AttributeValue): void {
  setAttribute(attributes as unknown as Item, name, value as unknown as Value)
}
