import { expect, it } from 'vitest'
import { holdsOneTwice } from './member.js'
import { decimal } from './number.js'
import { equalValues, type KeyValue, type Value } from './value.js'

const bytes = (text: string) => new TextEncoder().encode(text)
/** Comparing each member with each other one would take almost a minute. */
const MANY = 40_000
const many = (member: (index: number) => KeyValue) => Array.from({ length: MANY }, (_, index) => member(index))
const setOf = (members: readonly KeyValue[]) => new Set(members) as Value

it.each<[string, KeyValue[], boolean]>([
  ['numbers of two JavaScript types', [1, 1n], true],
  ['numbers that are written in two ways', [decimal('0.12345678901234567890'), decimal('0.1234567890123456789')], true],
  ['equal bytes in two arrays', [bytes('a'), bytes('a')], true],
  ['different bytes', [bytes('a'), bytes('b')], false],
  ['different texts', ['1', '01'], false],
])('members are compared by value: %s', (_, members, twice) => {
  expect(holdsOneTwice(members)).toBe(twice)
})

it('a set of many members is scanned once', () => {
  expect(holdsOneTwice(many(index => bytes(`${index}`)))).toBe(false)
  expect(holdsOneTwice(many(index => bytes(`${index % (MANY - 1)}`)))).toBe(true)
})

it('sets are equal by their members, however many they have', () => {
  expect(equalValues(setOf(many(index => bytes(`${index}`))), setOf(many(index => bytes(`${index}`))))).toBe(true)
  expect(equalValues(setOf(many(index => bytes(`${index}`))), setOf(many(index => bytes(`${index + 1}`))))).toBe(false)
  expect(equalValues(setOf([1, 2n]), setOf([2, 1n]))).toBe(true)
  expect(equalValues(setOf([1, 2n]), setOf([1, 3n]))).toBe(false)
})
