import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyName, maps, values } from '../../../../../test/arbitrary/value.js'
import { measureItem } from '../../value/size.js'
import { equalValues } from '../../value/value.js'
import {
  readNumber,
  readSizedItem,
  readValue,
  type Typed,
  type TypedItem,
  writeItem,
  writeNumber,
  writeValue,
} from './attribute-value.js'
import { readShape } from './read-shape.js'
import { ATTRIBUTE, ATTRIBUTES } from './shape.js'

/** As it arrives over the network. */
const read = (typed: object) => readValue(readShape(ATTRIBUTE, JSON.parse(JSON.stringify(typed))) as Typed)

it('a written value is read back unchanged', () => {
  fc.assert(
    fc.property(values(anyName), value => {
      expect(equalValues(read(writeValue(value)), value)).toBe(true)
    }),
  )
})

it('an item has the same size as measured when it is read', () => {
  const shape = { type: 'structure', members: { Item: ATTRIBUTES } } as const
  fc.assert(
    fc.property(maps(anyName, values(anyName)), item => {
      const { Item } = readShape(shape, JSON.parse(JSON.stringify({ Item: writeItem(item) })))
      expect(readSizedItem(Item as TypedItem).size).toBe(measureItem(item))
    }),
  )
  expect(readSizedItem({ id: { S: 'ü'.repeat(1000) } }).size).toBe(2002)
})

it('an attribute named __proto__ is an attribute like any other', () => {
  const value = read(JSON.parse('{"M":{"__proto__":{"S":"x"}}}')) as object
  expect(Object.keys(value)).toEqual(['__proto__'])
  expect(JSON.stringify(writeValue(value as never))).toBe('{"M":{"__proto__":{"S":"x"}}}')
})

describe('numbers', () => {
  it('numbers are written with all digits and without an exponent', () => {
    const texts = ['1e2', '1E+5', '-1.50', '0.1e-5', '1e125', '12345678901234567890.5', '-0', '00012', '1e-130']
    expect(texts.map(text => writeNumber(readNumber(text)))).toEqual([
      '100',
      '100000',
      '-1.5',
      '0.000001',
      `1${'0'.repeat(125)}`,
      '12345678901234567890.5',
      '0',
      '12',
      `0.${'0'.repeat(129)}1`,
    ])
  })

  it.each([
    ['', 'The parameter cannot be converted to a numeric value'],
    ['one', 'The parameter cannot be converted to a numeric value: one'],
    ['0x10', 'The parameter cannot be converted to a numeric value: 0x10'],
    ['1 ', 'The parameter cannot be converted to a numeric value: 1 '],
    ['NaN', 'The parameter cannot be converted to a numeric value: NaN'],
    ['1'.repeat(39), 'Attempting to store more than 38 significant digits in a Number'],
    ['1e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['-1e999999999', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['1e-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    ['1e-999', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
  ])('the number "%s" is refused in the words of AWS', (text, message) => {
    expect(() => readNumber(text)).toThrow(message)
  })
})

it.each([
  [{}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
  [
    { S: 'a', N: '1' },
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
  ],
  [
    { NULL: false },
    'One or more parameter values were invalid: Null attribute value types must have the value of true',
  ],
  [{ SS: [] }, 'One or more parameter values were invalid: An string set  may not be empty'],
  [{ NS: [] }, 'One or more parameter values were invalid: An number set  may not be empty'],
  [{ BS: [] }, 'One or more parameter values were invalid: Binary sets should not be empty'],
  [{ SS: ['a', 'a'] }, 'One or more parameter values were invalid: Input collection ["a", "a"] contains duplicates.'],
  [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
  [{ BS: ['AQ==', 'AQ=='] }, 'Input collection ["AQ==","AQ=="]of type BS contains duplicates.'],
])('the value %j is refused in the words of AWS', (typed, message) => {
  expect(() => read(typed)).toThrow(message)
})

it('lists and maps nest 32 levels deep, and the item is one of them', () => {
  const nested = (levels: number): object => (levels === 0 ? { N: '1' } : { L: [nested(levels - 1)] })
  expect(Array.isArray(read(nested(31)))).toBe(true)
  expect(() => read(nested(32))).toThrow('Nesting Levels have exceeded supported limits')
})

it('long input of a client is read in a single pass', () => {
  const digits = '1'.repeat(1_000_000)
  const zeros = '0'.repeat(1_000_000)
  expect(() => readNumber(`${digits}x`)).toThrow('cannot be converted to a numeric value')
  expect(() => readNumber(`1${zeros}1`)).toThrow('Number overflow')
  expect(() => readNumber(`0.${zeros}1`)).toThrow('Number underflow')
  const bytes = Array.from({ length: 100_000 }, (_, index) => Buffer.from(`${100_000 + index}`).toString('base64'))
  expect(read({ BS: bytes })).toHaveProperty('size', bytes.length)
  expect(() => read({ BS: [...bytes, bytes[0]] })).toThrow('contains duplicates')
})
