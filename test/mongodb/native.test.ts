/** Conditions and updates that MongoDB evaluates itself: they mean exactly what they mean in the library. */
import fc from 'fast-check'
import { Query } from 'mingo'
import { describe, expect, it } from 'vitest'
import {
  and,
  between,
  type Condition,
  compare,
  exists,
  isIn,
  not,
  notExists,
  or,
  path,
  size,
  type Update,
  update,
  value,
} from '../../packages/partita/src/expression/ast.js'
import { applyUpdate, matches } from '../../packages/partita/src/expression/evaluate/index.js'
import { decodeItem, documentOf, type ItemTable } from '../../packages/partita/src/mongodb/document/codec.js'
import { filterOf } from '../../packages/partita/src/mongodb/native/filter.js'
import { operatorsOf } from '../../packages/partita/src/mongodb/native/update.js'
import { afterPrefix } from '../../packages/partita/src/mongodb/read/key-filter.js'
import { decimal } from '../../packages/partita/src/value/number.js'
import { measureItem, utf8Length } from '../../packages/partita/src/value/size.js'
import { compareStrings, type Item, type Value } from '../../packages/partita/src/value/value.js'

const table: ItemTable = {
  definition: {
    name: 'table',
    key: { partition: { name: 'pk', type: 'S' } },
    globalIndexes: {
      byKind: { partition: { name: 'kind', type: 'S' } },
      byBoth: {
        partition: { name: 'x', type: 'S' },
        sort: { name: 'y', type: 'N' },
        moreSort: [{ name: 'z', type: 'S' }],
      },
    },
    timeToLive: 'ttl',
  },
  timeToLive: 'ttl',
}

const names = fc.constantFrom('a', 'b', 'c', '$x', 'a.b', '__proto__')
const scalars = fc.constantFrom<Value>('', 'a', 'b', 'ab', '$a', 0, 1, 2, -1, 2 ** 40, true, false)
const anyValue: fc.Arbitrary<Value> = fc.oneof(
  { weight: 3, arbitrary: scalars },
  fc.constant(null),
  fc.array(scalars, { maxLength: 3 }),
  fc.constantFrom<Value>(new Set(['a']), new Set([1]), Uint8Array.of(1), { a: 1 }, { '%set': 'a' }, [['a']], []),
)
const items = fc
  .uniqueArray(fc.tuple(names, anyValue), { maxLength: 4, selector: ([name]) => name })
  .map(entries => Object.fromEntries([['pk', 'key'], ...entries]) as Item)

const operand = names.map(name => path(name))
const literal = scalars.map(value)
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .tuple(operand, fc.constantFrom('=', '<>', '<', '<=', '>', '>='), literal)
    .map(args => compare(...(args as [never, never, never]))),
  fc.tuple(operand, literal, literal).map(args => between(...args)),
  fc.tuple(operand, fc.array(literal, { minLength: 1, maxLength: 3 })).map(args => isIn(...args)),
  names.map(name => exists([name])),
  names.map(name => notExists([name])),
)
const conditions = fc.letrec<{ node: Condition }>(tie => ({
  node: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: leaf },
    fc.tuple(tie('node'), tie('node')).map(parts => and(...parts)),
    fc.tuple(tie('node'), tie('node')).map(parts => or(...parts)),
    tie('node').map(not),
  ),
})).node

/** Integers of 64 bits as numbers, which the reference compares. */
function plain(it: unknown): unknown {
  if (typeof it === 'bigint') return Number(it)
  if (Array.isArray(it)) return it.map(plain)
  if (typeof it !== 'object' || it === null || it instanceof Uint8Array || it instanceof Date) return it
  return Object.fromEntries(Object.entries(it).map(([name, inner]) => [name, plain(inner)]))
}

const finds = (filter: object, item: Item): boolean =>
  new Query(plain(filter) as never).test(plain(documentOf(table, { item, size: measureItem(item) })) as never)

describe('conditions as filters', () => {
  it('an order of booleans, which only MongoDB has, is not translated', () => {
    expect(filterOf(compare(path('a'), '>=', value(false)))).toBeUndefined()
    expect(filterOf(between(path('a'), value(false), value(true)))).toBeUndefined()
    expect(filterOf(compare(path('a'), '=', value(false)))).toBeDefined()
  })

  it('a filter finds the document of an item exactly if the condition is true for the item', () => {
    let translated = 0
    fc.assert(
      fc.property(conditions, items, (condition, item) => {
        const filter = filterOf(condition)
        if (!filter) return
        translated++
        expect(finds(filter, item)).toBe(matches(condition, item))
      }),
      { numRuns: 1000 },
    )
    expect(translated).toBeGreaterThan(600)
  })

  it('a condition that MongoDB understands otherwise is not translated', () => {
    const others: Condition[] = [
      compare(path('a'), '=', value(null)),
      compare(path('a'), '=', value(['a'])),
      compare(path('a'), '=', value({ a: 1 })),
      compare(path('a', 'b'), '=', value(1)),
      compare(path('a', 0), '=', value(1)),
      compare(path('a'), '=', path('b')),
      compare(path('a'), '>=', value(false)),
      between(path('a'), value(false), value(true)),
      compare(size('a'), '=', value(1)),
      compare(path('a'), '=', value(decimal('1234567890123456789012345678901234567.5'))),
      exists(['a', 'b']),
      and(exists(['a']), compare(path('a'), '=', value(Uint8Array.of(1)))),
    ]
    for (const condition of others) expect(filterOf(condition)).toBeUndefined()
  })

  it('a condition that is nested deeper than servers allow is not translated', () => {
    const nested = (depth: number): Condition =>
      depth === 0 ? exists(['a']) : not(and(nested(depth - 1), exists(['b'])))
    expect(filterOf(nested(5))).toBeDefined()
    expect(filterOf(nested(50))).toBeUndefined()
  })

  it('a value of a condition is never an operator', () => {
    expect(filterOf(compare(path('a'), '=', value('$where')))).toEqual({
      'item.a': { $eq: '$where', $not: { $type: 'array' } },
    })
    expect(filterOf(compare(path('$where'), '=', value('x')))).toEqual({
      'item.%24where': { $eq: 'x', $not: { $type: 'array' } },
    })
  })
})

const numbers = fc.constantFrom<Value>(1, -1, 0, 2 ** 40, 0.5, 2n ** 61n, 2n ** 63n)
const actions = fc.record({
  set: fc.array(
    fc.record({
      path: names.map(name => [name] as const),
      value: fc.oneof(
        anyValue.map(value),
        names.chain(name => numbers.map(n => ({ kind: 'plus' as const, left: path(name), right: value(n) }))),
      ),
    }),
    { maxLength: 2 },
  ),
  remove: fc.array(
    names.map(name => [name] as const),
    { maxLength: 1 },
  ),
  add: fc.array(fc.record({ path: names.map(name => [name] as const), value: numbers }), { maxLength: 1 }),
})

describe('updates as operators', () => {
  it('operators make of a document that meets their guards exactly what the update makes of the item', () => {
    let applied = 0
    fc.assert(
      fc.property(actions, items, (clauses, item) => {
        const change: Update = update(clauses)
        const native = operatorsOf(table, change)
        const before = documentOf(table, { item, size: measureItem(item) })
        if (!native?.guards.every(guard => new Query(plain(guard) as never).test(plain(before) as never))) return
        let expected: Item
        try {
          expected = applyUpdate(change, item)
        } catch {
          // Two actions on one attribute, which is refused before.
          return
        }
        applied++
        const after = applyOperators(before.item, native)
        expect(decodeItem({ item: after })).toEqual(decodeItem(documentOf(table, { item: expected, size: 0 })))
        expect(measureItem(expected)).toBeLessThanOrEqual(before.size + Number(native.inc.size ?? 0))
      }),
      { numRuns: 1000 },
    )
    expect(applied).toBeGreaterThan(100)
  })

  it('an update that operators cannot do exactly is not translated', () => {
    const others: Update[] = [
      update({}),
      update({ set: [{ path: ['a', 'b'], value: value(1) }] }),
      update({ set: [{ path: ['a', 0], value: value(1) }] }),
      update({ set: [{ path: ['a'], value: path('b') }] }),
      update({ set: [{ path: ['a'], value: { kind: 'plus', left: path('b'), right: value(1) } }] }),
      update({ set: [{ path: ['pk'], value: value('other') }] }),
      update({ remove: [['pk']] }),
      update({ remove: [['a', 'b']] }),
      update({ add: [{ path: ['a'], value: 0.5 }] }),
      update({ add: [{ path: ['a'], value: 2n ** 63n }] }),
      update({ add: [{ path: ['a'], value: new Set(['x']) }] }),
      update({ add: [{ path: ['kind'], value: 1 }] }),
      update({ add: [{ path: ['ttl'], value: 1 }] }),
      update({ delete: [{ path: ['a'], value: new Set(['x']) }] }),
      update({ set: [{ path: ['kind'], value: value(1) }] }),
      update({ set: [{ path: ['kind'], value: value('') }] }),
      update({ set: [{ path: ['z'], value: value('part of a long key') }] }),
      update({ set: [{ path: ['a'], value: value('x'.repeat(410_000)) }] }),
    ]
    for (const change of others) expect(operatorsOf(table, change)).toBeUndefined()
  })

  it('the time of expiry follows its attribute', () => {
    expect(operatorsOf(table, update({ set: [{ path: ['ttl'], value: value(60) }] }))?.set.expires).toEqual(
      new Date(60_000),
    )
    expect(operatorsOf(table, update({ set: [{ path: ['ttl'], value: value('never') }] }))?.unset).toEqual({
      expires: '',
    })
    expect(operatorsOf(table, update({ remove: [['ttl']] }))?.unset).toEqual({ 'item.ttl': '', expires: '' })
  })
})

describe('prefixes as ranges', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 3 }).filter(it => utf8Length(it) !== undefined)

  it('a text begins with a prefix exactly if it is from the prefix up to the text after it', () => {
    const few = fc
      .array(fc.constantFrom('a', '\ud7ff', '\ue000', '\uffff', '\u{10ffff}'), { maxLength: 3 })
      .map(it => it.join(''))
    fc.assert(
      fc.property(fc.oneof(texts, few), fc.oneof(texts, few), (prefix, text) => {
        const end = afterPrefix(prefix)
        const isInRange = compareStrings(text, prefix) >= 0 && (end === undefined || compareStrings(text, end) < 0)
        expect(isInRange).toBe(text.startsWith(prefix))
        expect(end === undefined || utf8Length(end) !== undefined).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

/** The operators by MongoDB's own rules, for attributes at the top of the item. */
function applyOperators(fields: object, { set, unset, inc }: { set: object; unset: object; inc: object }): object {
  const after = new Map(Object.entries(fields))
  const fieldOf = (at: string) => (at.startsWith('item.') ? at.slice('item.'.length) : undefined)
  for (const [at, it] of Object.entries(set)) if (fieldOf(at) !== undefined) after.set(fieldOf(at) as string, it)
  for (const at of Object.keys(unset)) after.delete(fieldOf(at) as string)
  for (const [at, by] of Object.entries(inc)) {
    const field = fieldOf(at)
    if (field !== undefined) after.set(field, BigInt(after.get(field) ?? 0) + BigInt(by))
  }
  return Object.fromEntries(after)
}
