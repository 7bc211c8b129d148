import { describe, expect, test } from 'vitest'
import { decimal } from '../../value/number.js'
import type { Item, Value } from '../../value/value.js'
import { type Comparator, compare, type Path, size, value } from '../ast.js'
import { Aliases, parseCondition } from '../parse/index.js'
import { matches } from './condition.js'

const item: Item = {
  n: 5,
  s: 'hello',
  elements: [1, 'a', [2], { k: 1 }],
  doc: { k: 1, nested: { deep: 2 } },
  strings: new Set(['a', 'b']),
  numbers: new Set([1, 2]),
  bin: new Uint8Array([1, 2, 3]),
  nothing: null,
  nope: false,
}

function meets(text: string, v: Value = null, it: Item = item): boolean {
  return matches(parseCondition(text, new Aliases({}, { ':v': v })), it)
}

describe('a missing attribute', () => {
  test('a missing attribute differs from every value and is neither less nor greater than any', () => {
    const answers = ['<>', '=', '<', '<=', '>', '>='].map(comparator => meets(`absent ${comparator} :v`, 1))
    expect(answers).toEqual([true, false, false, false, false, false])
    expect(meets('absent <> absent2')).toBe(true)
    expect(meets('absent = absent2')).toBe(false)
  })

  test('a missing attribute is in no range or list, contains nothing and begins with nothing', () => {
    expect(meets('absent BETWEEN :v AND :v', 1)).toBe(false)
    expect(meets('absent IN (:v)', 1)).toBe(false)
    expect(meets('contains(absent, :v)', '')).toBe(false)
    expect(meets('begins_with(absent, :v)', '')).toBe(false)
    expect(meets('attribute_type(absent, :v)', 'S')).toBe(false)
    expect(meets('size(absent) < :v', 9)).toBe(false)
  })

  test('every attribute of a missing item is missing', () => {
    expect(matches(compare({ kind: 'path', path: ['pk'] }, '<>', value('x')), undefined)).toBe(true)
    expect(matches({ kind: 'notExists', path: ['pk'] }, undefined)).toBe(true)
    expect(matches({ kind: 'notExists', path: ['pk'] }, { pk: 'x' })).toBe(false)
  })

  test('an attribute is not found on the prototype, in the members of a set or in the bytes of a binary', () => {
    for (const path of [['constructor'], ['__proto__'], ['doc', 'toString'], ['bin', '0'], ['strings', 'size']]) {
      expect(matches({ kind: 'exists', path: path as unknown as Path }, item)).toBe(false)
    }
    expect(matches({ kind: 'exists', path: ['elements', 'length'] }, item)).toBe(false)
    expect(matches({ kind: 'exists', path: ['s', 0] }, item)).toBe(false)
  })
})

describe('values of different types', () => {
  test('values of different types are unequal and unordered, and comparing them is not an error', () => {
    expect(meets('n = :v', '5')).toBe(false)
    expect(meets('n <> :v', '5')).toBe(true)
    expect(meets('n < :v', '9')).toBe(false)
    expect(meets('n BETWEEN :v AND :v', '5')).toBe(false)
    expect(meets('begins_with(n, :v)', '5')).toBe(false)
    expect(meets('nope = :v', 0)).toBe(false)
    expect(meets('nothing = :v', '')).toBe(false)
  })
})

describe('values of the same type', () => {
  test('numbers are compared by their decimal value, whatever their JavaScript type', () => {
    const big = decimal('12345678901234567890')
    const exact = decimal('0.12345678901234567890123')
    expect(meets('n = :v', 5n)).toBe(true)
    expect(meets('n = :v', big, { n: 12345678901234567890n })).toBe(true)
    expect(meets('n > :v', exact, { n: 0.1234567890123457 })).toBe(true)
    expect(meets('n < :v', exact, { n: 0.1234567890123456 })).toBe(true)
  })

  test('strings are ordered by their UTF-8 bytes, and binaries by their unsigned bytes', () => {
    expect(meets('s < :v', '😀', { s: '\uffff' })).toBe(true)
    expect(meets('b < :v', new Uint8Array([128]), { b: new Uint8Array([127]) })).toBe(true)
  })

  test('null equals null', () => {
    expect(meets('nothing = :v', null)).toBe(true)
    expect(meets('attribute_type(nothing, :v)', 'NULL')).toBe(true)
    expect(meets('attribute_exists(nothing)')).toBe(true)
  })

  test('maps, lists and sets are equal by content', () => {
    expect(meets('doc.nested = :v', { deep: 2 })).toBe(true)
    expect(meets('elements[2] = :v', [2])).toBe(true)
    expect(meets('strings = :v', new Set(['b', 'a']))).toBe(true)
  })
})

test('contains searches strings, binaries, sets and lists, and nothing else', () => {
  expect(meets('contains(s, :v)', 'ell')).toBe(true)
  expect(meets('contains(s, :v)', 1)).toBe(false)
  expect(meets('contains(bin, :v)', new Uint8Array([2, 3]))).toBe(true)
  expect(meets('contains(bin, :v)', new Uint8Array([1, 3]))).toBe(false)
  expect(meets('contains(strings, :v)', 'a')).toBe(true)
  expect(meets('contains(strings, :v)', new Set(['a']))).toBe(false)
  expect(meets('contains(numbers, :v)', 2n)).toBe(true)
  expect(meets('contains(elements, :v)', { k: 1 })).toBe(true)
  expect(meets('contains(elements, :v)', 2)).toBe(false)
  expect(meets('contains(doc, :v)', 'k')).toBe(false)
})

test('size counts UTF-16 units, bytes and members, and a value without a size equals no number', () => {
  const sizes = ['s', 'bin', 'elements', 'doc', 'strings', 'n', 'nothing'].map(name =>
    [0, 1, 2, 3, 4, 5].find(count => matches(compare(size(name), '=', value(count)), item)),
  )
  expect(sizes).toEqual([5, 3, 4, 2, 2, undefined, undefined])
  expect(matches(compare(size('s'), '=', value(3)), { s: 'é😀' })).toBe(true)
  expect(matches(compare(size('n'), '<>', value(1)), item)).toBe(true)
})

test('a range includes both ends, also falsy ones', () => {
  const between = (n: number) => meets('n BETWEEN :v AND :v', 0, { n })
  expect([-1, 0, 1].map(between)).toEqual([false, true, false])
  expect(meets('s >= :v', '', { s: '' })).toBe(true)
})

test('comparators agree with the order of numbers', () => {
  const answers = (['=', '<>', '<', '<=', '>', '>='] as Comparator[]).map(comparator =>
    [4, 5, 6].map(n => matches(compare(value(n), comparator, value(5)), undefined)),
  )
  expect(answers).toEqual([
    [false, true, false],
    [true, false, true],
    [true, false, false],
    [true, true, false],
    [false, false, true],
    [false, true, true],
  ])
})
