import { expect, it } from 'vitest'
import type { AwsError } from './aws-error.js'
import { readShape } from './read-shape.js'
import { ATTRIBUTES, type Structure } from './shape.js'

const shape: Structure = {
  type: 'structure',
  members: {
    Name: { type: 'string', min: 3, max: 5, pattern: /^[a-z]+$/, required: true },
    Kind: { type: 'string', values: ['A', 'B'] },
    Count: { type: 'integer', min: 1, max: 9 },
    Flag: { type: 'boolean' },
    Bytes: { type: 'blob' },
    Items: { type: 'list', of: { type: 'structure', members: { Id: { type: 'string', required: true } } }, min: 1 },
    Key: ATTRIBUTES,
  },
}

function refusal(input: unknown): string {
  try {
    readShape(shape, input)
  } catch (error) {
    return `${(error as AwsError).name}: ${(error as AwsError).message}`
  }
  throw new Error('It was not refused')
}

it('members that are null or unknown are removed, and values of a convertible type are converted', () => {
  const input = { Name: 'abc', Kind: null, Other: 1, Flag: 'true', Count: 2.9, Bytes: 'AQI=' }
  expect(readShape(shape, input)).toEqual({ Name: 'abc', Flag: true, Count: 2, Bytes: Uint8Array.of(1, 2) })
})

it('violated constraints are listed together, each with its value and path', () => {
  expect(refusal({ Name: 'A', Kind: 'C', Count: 0, Items: [{}, { Id: 'x' }] })).toBe(
    "ValidationException: 5 validation errors detected: Value 'A' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; Value 'A' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 3; Value 'C' at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]; Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1; Value null at 'items.1.member.id' failed to satisfy constraint: Member must not be null",
  )
  expect(refusal({})).toBe(
    "ValidationException: 1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
  )
})

it.each([
  [{ Name: 1 }, 'NUMBER_VALUE cannot be converted to String'],
  [{ Name: 1.5 }, 'DECIMAL_VALUE cannot be converted to String'],
  [{ Name: true }, 'TRUE_VALUE cannot be converted to String'],
  [{ Name: [] }, 'Unrecognized collection type class java.lang.String'],
  [{ Name: {} }, 'Start of structure or map found where not expected'],
  [{ Count: 'x' }, 'STRING_VALUE cannot be converted to Integer'],
  [{ Flag: 'maybe' }, 'Unexpected token received from parser'],
  [{ Items: 'x' }, 'Unexpected field type'],
  [{ Items: {} }, 'Start of structure or map found where not expected'],
  [
    { Key: [] },
    'Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>',
  ],
  [{ Bytes: 1 }, 'only base-64-encoded strings are convertible to bytes'],
  [{ Bytes: 'abc' }, 'Base64 encoded length is expected a multiple of 4 bytes but found: 3'],
])('JSON of the wrong type is refused before constraints are checked: %j', (input, message) => {
  expect(refusal(input)).toBe(`SerializationException: ${message}`)
})

it('properties of Object.prototype are not members', () => {
  expect(readShape(shape, JSON.parse('{"Name":"abc","constructor":1,"__proto__":{"Kind":"A"}}'))).toEqual({
    Name: 'abc',
  })
})

it('ten of many violated constraints are listed, and all are counted', () => {
  const text = refusal({ Name: 'abc', Items: Array.from({ length: 1_000_000 }, () => ({})) })
  expect(text).toContain('1000000 validation errors detected: ')
  expect(text.split('; ')).toHaveLength(10)
})

it.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 31, -1e300])(
  'the integer %d is out of range',
  Count => {
    expect(refusal({ Name: 'abc', Count })).toBe('SerializationException: ')
  },
)
