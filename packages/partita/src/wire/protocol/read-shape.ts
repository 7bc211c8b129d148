/**
 * Validates an input against its shape. Two kinds of error precede the operation: for JSON of the wrong type
 * (`SerializationException`), and for members that violate their constraints.
 */

import { AwsError } from './aws-error.js'
import { checkConstraints } from './constraints.js'
import { ATTRIBUTE, type Json, type Shape, type Structure } from './shape.js'

/**
 * Checks an input and modifies it: null and unknown members are removed, as at AWS.
 *
 * @throws AwsError `SerializationException` for JSON of another type than the shape's, `ValidationException` listing
 *   the violated constraints, or naming a member that is not offered.
 */
export function readShape(shape: Structure, input: unknown): Json {
  const read = readType(shape, input) as Json
  try {
    checkConstraints(shape, read)
  } catch (error) {
    if (shape.older?.answers(read)) checkConstraints(shape.older.shape, read)
    throw error
  }
  return read
}

function serialization(message: string): AwsError {
  return new AwsError('SerializationException', message)
}

/** Converts the value to the shape's type. The JSON parser has limited its nesting. */
function readType(shape: Shape, value: unknown): unknown {
  switch (shape.type) {
    case 'string':
      return typeof value === 'string' ? value : refuseScalar(value, 'String')
    case 'boolean':
      return typeof value === 'boolean' ? value : readBoolean(value)
    case 'integer':
      return readWhole(value, 'Integer', 2 ** 31 - 1)
    case 'long':
      return readWhole(value, 'Long', 2 ** 63)
    case 'double':
      return typeof value === 'number' ? value : refuseScalar(value, 'Double')
    case 'blob':
      return readBlob(value)
    case 'list':
      return readList(shape.of, value)
    case 'map':
      return readMap(shape.of, value, shape.className)
    case 'refused':
      return value
    case 'structure':
      return shape === ATTRIBUTE && isScalar(value) ? value : readStructure(shape, value)
  }
}

/** Whether the value is a valid attribute value with one scalar member, as nearly all are. */
function isScalar(value: unknown): boolean {
  let type: string | undefined
  for (const name in value as Json) {
    if (type !== undefined) return false
    type = name
  }
  if (type === 'S' || type === 'N') return typeof (value as Json)[type] === 'string'
  return (type === 'BOOL' || type === 'NULL') && typeof (value as Json)[type] === 'boolean'
}

/** @param most the maximum of the type; numbers in JSON are unbounded. */
function readWhole(value: unknown, type: 'Integer' | 'Long', most: number): number {
  if (typeof value !== 'number') return refuseScalar(value, type)
  const whole = Math.trunc(value)
  if (Math.abs(whole) > most) throw serialization('')
  return whole
}

function refuseScalar(value: unknown, type: string): never {
  if (typeof value === 'string') throw serialization(`STRING_VALUE cannot be converted to ${type}`)
  if (typeof value === 'boolean') {
    throw serialization(`${value ? 'TRUE_VALUE' : 'FALSE_VALUE'} cannot be converted to ${type}`)
  }
  if (typeof value === 'number') {
    throw serialization(`${Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE'} cannot be converted to ${type}`)
  }
  return refuseNesting(value, `class java.lang.${type}`)
}

function refuseNesting(value: unknown, className: string): never {
  if (Array.isArray(value)) throw serialization(`Unrecognized collection type ${className}`)
  throw serialization('Start of structure or map found where not expected')
}

function readBoolean(value: unknown): boolean {
  if (typeof value !== 'string') return refuseScalar(value, 'Boolean')
  const text = value.toUpperCase()
  if (text === 'TRUE' || text === '1' || text === 'YES') return true
  if (text === 'FALSE' || text === '0' || text === 'NO') return false
  throw serialization('Unexpected token received from parser')
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Checks and decodes base 64 in one pass. */
function readBlob(value: unknown): Uint8Array {
  // Read before: the tree of an attribute value is walked once for types, and by whoever wants its values.
  if (value instanceof Uint8Array) return value
  if (typeof value === 'number' || typeof value === 'boolean') {
    throw serialization('only base-64-encoded strings are convertible to bytes')
  }
  if (typeof value !== 'string') return refuseNesting(value, 'class java.nio.ByteBuffer')
  if (value.length % 4 !== 0) {
    throw serialization(`Base64 encoded length is expected a multiple of 4 bytes but found: ${value.length}`)
  }
  if (!BASE64.test(value)) throw serialization('Invalid Base64 character detected')
  const bytes = Buffer.from(value, 'base64')
  if (value.endsWith('=') && bytes.toString('base64') !== value) {
    throw serialization('Invalid last non-pad Base64 character dectected')
  }
  return new Uint8Array(bytes)
}

function readList(of: Shape, value: unknown): unknown[] {
  if (!Array.isArray(value)) {
    if (typeof value === 'object') throw serialization('Start of structure or map found where not expected')
    throw serialization('Unexpected field type')
  }
  for (let i = 0; i < value.length; i++) value[i] = value[i] === null ? null : readType(of, value[i])
  return value
}

function readMap(of: Shape, value: unknown, className: string | undefined): Json {
  if (typeof value !== 'object' || value === null) throw serialization('Unexpected field type')
  if (Array.isArray(value)) {
    throw serialization(`Unrecognized collection type java.util.Map<java.lang.String, ${fullName(className)}>`)
  }
  const map = value as Json
  for (const name of Object.keys(map)) {
    const read = map[name] === null ? null : readType(of, map[name])
    if (read !== map[name]) define(map, name, read)
  }
  return map
}

function fullName(className: string | undefined): string {
  if (className === undefined) return 'java.lang.String'
  return className.startsWith('java.') ? className : `com.amazonaws.dynamodb.v20120810.${className}`
}

function readStructure({ members, className = 'java.lang.Object' }: Structure, value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw serialization('Unexpected value type in payload')
  if (Array.isArray(value)) throw serialization(`Unrecognized collection type class ${fullName(className)}`)
  const structure = value as Json
  for (const name of Object.keys(structure)) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined
    if (member === undefined || structure[name] === null) {
      delete structure[name]
      continue
    }
    const read = readType(member, structure[name])
    if (read !== structure[name]) structure[name] = read
  }
  return structure
}

/** Treats `__proto__` as an ordinary name. */
function define(map: Json, name: string, value: unknown): void {
  Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true })
}
