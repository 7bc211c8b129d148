import { describe, expect, test } from 'vitest'
import { PartitaError } from '../../errors/errors.js'
import type { Item } from '../../value/value.js'
import { and, between, compare, exists, isIn, not, notExists, or, path, size, value } from '../ast.js'
import { matches } from '../evaluate/index.js'
import { compileFilter, type Filter } from './compile.js'

function issues(input: unknown): string[] {
  try {
    compileFilter(input as Filter)
  } catch (error) {
    if (error instanceof PartitaError && error.code === 'ValidationFailed') {
      return (error as PartitaError<'ValidationFailed'>).details.issues.map(it => `${it.path.join('/')}: ${it.message}`)
    }
    throw error
  }
  return []
}

const passes = (input: Filter, item: Item) => {
  const condition = compileFilter(input)
  return !condition || matches(condition, item)
}

test('several fields and several operators must all match', () => {
  expect(compileFilter({ status: 'draft', views: { $gt: 5, $lte: 9 }, 'address.city': 'Lyon' })).toEqual(
    and(
      compare(path('status'), '=', value('draft')),
      compare(path('views'), '>', value(5)),
      compare(path('views'), '<=', value(9)),
      compare(path('address', 'city'), '=', value('Lyon')),
    ),
  )
})

test('$and, $or and $not combine filters', () => {
  const [a, b, c] = ['a', 'b', 'c'].map(name => compare(path(name), '=', value(1))) as [never, never, never]
  expect(compileFilter({ $or: [{ a: 1, b: 1 }, { c: 1 }] })).toEqual(or(and(a, b), c))
  expect(compileFilter({ $and: [{ a: 1 }, { $or: [{ b: 1 }] }], c: 1 })).toEqual(and(a, b, c))
  expect(compileFilter({ $not: { a: 1, b: 1 } })).toEqual(not(and(a, b)))
})

test('every operator compiles to its condition', () => {
  const of = (operators: Filter[string]) => compileFilter({ x: operators })
  expect(of({ $eq: [1] })).toEqual(compare(path('x'), '=', value([1])))
  expect(of({ $ne: null })).toEqual(compare(path('x'), '<>', value(null)))
  expect(of({ $between: [0, 5] })).toEqual(between(path('x'), value(0), value(5)))
  expect(of({ $in: [1, null] })).toEqual(isIn(path('x'), [value(1), value(null)]))
  expect(of({ $exists: true })).toEqual(exists(['x']))
  expect(of({ $exists: false })).toEqual(notExists(['x']))
  expect(of({ $beginsWith: '' })).toEqual({ kind: 'beginsWith', operand: path('x'), prefix: value('') })
  expect(of({ $contains: 0 })).toEqual({ kind: 'contains', operand: path('x'), member: value(0) })
  expect(of({ $size: 0 })).toEqual(compare(size('x'), '=', value(0)))
  expect(of({ $size: { $gt: 0, $in: [1, 2] } })).toEqual(
    and(compare(size('x'), '>', value(0)), isIn(size('x'), [value(1), value(2)])),
  )
  expect(of({ $type: 'NS' })).toEqual({ kind: 'type', path: ['x'], type: value('NS') })
})

test('an empty filter compiles to no condition, and anything that is not a plain object is refused', () => {
  expect(compileFilter({})).toBeUndefined()
  expect(compileFilter({ $and: [{}] })).toBeUndefined()
  for (const input of [undefined, null, '', 'a = b', 0, [], [{ a: 1 }], new Map(), () => ({})]) {
    expect(issues(input)).toEqual([expect.stringContaining('a filter is a plain object')])
  }
})

test('null is a value, and a missing attribute is matched by $exists: false', () => {
  const items: Item[] = [{ a: null }, {}, { a: 1 }]
  expect(items.map(item => passes({ a: null }, item))).toEqual([true, false, false])
  expect(items.map(item => passes({ a: { $exists: false } }, item))).toEqual([false, true, false])
})

test('falsy bounds are bounds', () => {
  expect([-1, 0, 1].map(n => passes({ n: { $gte: 0 } }, { n }))).toEqual([false, true, true])
  expect([-1, 0, 1].map(n => passes({ n: { $between: [0, 0] } }, { n }))).toEqual([false, true, false])
  expect(['', 'a'].map(s => passes({ s: { $gt: '' } }, { s }))).toEqual([false, true])
})

test('an empty $in matches nothing, and a long one is split into lists that DynamoDB accepts', () => {
  const items: Item[] = [{ a: 1 }, {}, { _: 1 }]
  expect(items.map(item => passes({ a: { $in: [] } }, item))).toEqual([false, false, false])
  const many = { n: { $in: Array.from({ length: 250 }, (_, i) => i) } }
  expect([0, 100, 249, 250].map(n => passes(many, { n }))).toEqual([true, true, true, false])
})

describe('undefined in a filter', () => {
  test.each([
    [{ a: undefined }, 'a: is undefined'],
    [{ $or: undefined }, '$or: is undefined'],
    [{ $not: { a: undefined } }, '$not/a: is undefined'],
    [{ $or: [{ a: 1 }, { b: undefined }] }, '$or/1/b: is undefined'],
    [{ a: { $gt: undefined } }, 'a/$gt: is undefined'],
    [{ a: { $gt: 1, $lt: undefined } }, 'a/$lt: is undefined'],
    [{ a: { $in: [1, undefined] } }, 'a/$in/1: is undefined'],
    [{ a: { $between: [undefined, 1] } }, 'a/$between/0: is undefined'],
    [{ a: { $size: { $gt: undefined } } }, 'a/$size/$gt: is undefined'],
    [{ a: { $eq: { b: undefined } } }, 'a/b: is undefined'],
  ])('undefined is refused with its path: %j', (input, issue) => {
    expect(issues(input)).toEqual([expect.stringContaining(issue)])
  })
})

describe('input that is not a filter', () => {
  test.each([
    [{ $foo: 1 }, '$foo: is not an operator here'],
    [{ a: { $foo: 1 } }, 'a/$foo: is not an operator here'],
    [{ a: { $gt: 1, b: 2 } }, 'a/b: is not an operator here'],
    [{ a: { $size: { $foo: 1 } } }, 'a/$size/$foo: is not an operator here'],
    [{ a: [1, 2] }, 'a: is a list, which is ambiguous: use $in'],
    [{ a: { b: 1 } }, 'a: is a map, which is ambiguous'],
    [{ a: {} }, 'a: is a map, which is ambiguous'],
    [{ a: new Date(0) }, 'a: is a Date; only plain objects can be kept'],
    [{ $or: [] }, '$or: takes a list of at least one filter'],
    [{ $and: { a: 1 } }, '$and: takes a list'],
    [{ $or: [{ a: 1 }, {}] }, '$or: contains an empty filter'],
    [{ $not: {} }, '$not: contains an empty filter'],
    [{ $or: ['a'] }, '$or/0: a filter is a plain object'],
    [{ a: { $gt: null } }, 'a/$gt: takes text, a number or binary'],
    [{ a: { $gt: true } }, 'a/$gt: takes text, a number or binary'],
    [{ a: { $lt: { $gt: 1 } } }, 'a/$lt: takes text, a number or binary'],
    [{ a: { $in: 'abc' } }, 'a/$in: takes a list'],
    [{ a: { $between: [1] } }, 'a/$between: takes a list of two'],
    [{ a: { $between: [1, '2'] } }, 'a: the ends of a range must have the same type'],
    [{ a: { $between: [2, 1] } }, 'a: the low end of a range is above its high end'],
    [{ a: { $exists: 1 } }, 'a/$exists: takes true or false'],
    [{ a: { $exists: 'false' } }, 'a/$exists: takes true or false'],
    [{ a: { $beginsWith: 1 } }, 'a/$beginsWith: takes text or binary'],
    [{ a: { $size: '1' } }, 'a/$size: takes a number'],
    [{ a: { $size: {} } }, 'a/$size: takes a number'],
    [{ a: { $size: { $gt: '1' } } }, 'a/$size/$gt: takes numbers'],
    [{ a: { $type: 'string' } }, 'a: "string" is not a type'],
    [{ a: { $type: 5 } }, 'a/$type: takes the name of a type'],
    [{ a: Number.NaN }, 'a: NaN is not a number that can be stored'],
    [{ a: { $in: [new Set()] } }, 'a: is an empty set'],
    [{ a: () => 1 }, 'a: is a function'],
    [{ '': 1 }, 'an attribute name'],
    [{ 'a..b': 1 }, 'is not a path'],
    [JSON.parse('{"__proto__": {"admin": true}}'), '__proto__: a filter cannot use __proto__'],
    [JSON.parse('{"a.__proto__.b": 1}'), 'a.__proto__.b: a filter cannot use __proto__'],
    [JSON.parse('{"a": {"__proto__": {"$gt": 1}}}'), 'a: is a map'],
    [Object.create({ status: 'x' }), 'a filter is a plain object'],
  ])('the input is refused with the path of the problem: %j', (input, issue) => {
    expect(issues(input)).toEqual([expect.stringContaining(issue)])
  })
})

test('nesting is limited, however deep the input is', () => {
  let deep: Filter = { a: 1 }
  for (let i = 0; i < 32; i++) deep = { $or: [deep] }
  expect(compileFilter(deep)).toEqual(compare(path('a'), '=', value(1)))
  for (let i = 0; i < 50_000; i++) deep = { $or: [deep] }
  expect(issues(deep)).toEqual([expect.stringContaining('nested over 32 levels')])
})

test('the number of operators is limited', () => {
  const wide: Filter = { $or: Array.from({ length: 151 }, (_, i) => ({ a: i })) }
  expect(() => compileFilter(wide)).toThrow(/over 300 operators/)
})

test('dots, brackets and dollars in names are escaped with a backslash', () => {
  expect(compileFilter({ 'a\\.b': 1 })).toEqual(compare(path('a.b'), '=', value(1)))
  expect(compileFilter({ '\\$ref': 1 })).toEqual(compare(path('$ref'), '=', value(1)))
})
