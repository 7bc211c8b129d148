/** Reads DynamoDB's responses: `{"n":{"N":"1"}}` becomes `{ n: 1 }`. Numbers are text there, so every digit is kept. */
import { decimal } from '../../value/number.js'
import { type Item, setAttribute, type Value } from '../../value/value.js'
import { bytesOfBase64 } from './base64.js'
import { readPage } from './page-reader.js'
import { type BodyShape, shapeWithin } from './shapes.js'

/** A value in DynamoDB's form: an object whose only member has the name of its type. */
type Typed = Readonly<Record<string, unknown>>

/** Reads a binary value: base64 in JSON, bytes in the SDK's objects. */
type ReadBinary = (binary: unknown) => Uint8Array

const ofBase64: ReadBinary = text => bytesOfBase64(text as string)
const decoder = new TextDecoder()

/** Reads the body of a response. @throws SyntaxError, TypeError for what is not a response of DynamoDB. */
export function readBody(body: Uint8Array, shape: BodyShape): object {
  return readPage(body, shape) ?? readOutput(JSON.parse(decoder.decode(body)), shape)
}

/** Returns an output with plain items. The output itself is not changed: a test double may return it again. */
export function readOutput<Output extends object>(output: Output, shape: BodyShape, binary?: ReadBinary): Output {
  const members = (Array.isArray(output) ? [...output] : { ...output }) as Record<string, unknown>
  for (const name in members) {
    const within = shapeWithin(shape, name)
    if (within) members[name] = readMember(members[name], within, binary)
  }
  return members as Output
}

function readMember(value: unknown, shape: BodyShape, binary: ReadBinary | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value
  return shape.kind === 'item' ? readItem(value as Record<string, Typed>, binary) : readOutput(value, shape, binary)
}

/** Converts an item of DynamoDB to plain values. It trusts DynamoDB's limit of 32 levels. @throws TypeError */
export function readItem(attributes: Readonly<Record<string, Typed>>, binary: ReadBinary = ofBase64): Item {
  const item: Item = {}
  for (const name in attributes) setAttribute(item, name, readValue(attributes[name] as Typed, binary))
  return item
}

/** Converts a value to a plain one. @throws TypeError for a value of an unknown type. */
export function readValue(value: Typed, binary: ReadBinary = ofBase64): Value {
  // Reading the only member is faster than testing for each of the ten types.
  for (const type in value) {
    switch (type) {
      case 'S':
        return value.S as string
      case 'N':
        return decimal(value.N as string)
      case 'M':
        return readItem(value.M as Record<string, Typed>, binary)
      case 'L':
        return (value.L as Typed[]).map(element => readValue(element, binary))
      case 'BOOL':
        return value.BOOL as boolean
      case 'NULL':
        return null
      case 'B':
        return binary(value.B)
      case 'SS':
        return new Set(value.SS as string[])
      case 'NS':
        return new Set((value.NS as string[]).map(decimal))
      case 'BS':
        return new Set((value.BS as unknown[]).map(binary))
    }
  }
  throw new TypeError(`The response has a value of an unknown type, or lost it: ${JSON.stringify(value)}`)
}
