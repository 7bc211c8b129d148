import { expect, test } from 'vitest'
import type { TokenPosition } from './lexer.js'
import { termValue } from './value.js'

const position: TokenPosition = { line: 1, column: 1, length: 1 }
const bag = (values: readonly (string | number | bigint)[]) =>
  termValue({ kind: 'bag', elements: values.map(value => ({ kind: 'literal', value, position })), position }, [])

test('a bag is a set, and a repeated member or a member of another type is refused', () => {
  expect(bag([1, 2])).toEqual(new Set([1, 2]))
  expect(() => bag([1, 1n])).toThrow('Input collection contains duplicates')
  expect(() => bag([1, '1'])).toThrow('Unsupported data type in Bag')
})

test('a bag of many members is scanned once', () => {
  expect(bag(Array.from({ length: 200_000 }, (_, index) => index))).toHaveProperty('size', 200_000)
})
