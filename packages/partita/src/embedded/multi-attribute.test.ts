import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KeyCondition, SortCondition } from '../expression/ast.js'
import type { IndexDefinition } from '../store/definition.js'
import type { Item, Key, Value } from '../value/value.js'
import { type EmbeddedStore, memory } from './index.js'

const key = { partition: { name: 'id', type: 'S' } } as const
const byRegion: IndexDefinition = {
  partition: { name: 'tournament', type: 'S' },
  morePartition: [{ name: 'region', type: 'S' }],
  sort: { name: 'round', type: 'N' },
  moreSort: [
    { name: 'bracket', type: 'S' },
    { name: 'seed', type: 'B' },
  ],
}
let store: EmbeddedStore

beforeEach(async () => {
  store = memory({ sweepInterval: 0 })
  await store.createTable({ name: 'matches', key, globalIndexes: { byRegion } })
})
afterEach(() => store.close())

const put = (item: Item) => store.write({ kind: 'put', table: 'matches', item })
const match = (id: string, round: Value, bracket: string, seed = 1, region = 'west'): Item => ({
  id,
  tournament: 'winter',
  region,
  round,
  bracket,
  seed: Uint8Array.of(seed),
})
const equals = (name: string, value: Value) => ({ kind: 'compare', name, comparator: '=', value }) as const
const west = {
  partition: { name: 'tournament', value: 'winter' },
  morePartition: [{ name: 'region', value: 'west' }],
} as const
const query = (condition: KeyCondition, more: object = {}) =>
  store.query({ table: 'matches', index: 'byRegion', key: condition, ...more })
const ids = async (...sorts: SortCondition[]) => {
  const [sort, ...moreSort] = sorts
  return (await query({ ...west, ...(sort && { sort, moreSort }) })).items.map(item => item.id)
}

describe('an index whose keys have several attributes', () => {
  it('a query returns the items with all partition attributes, sorted by the sort attributes in their order', async () => {
    await put(match('d', 10, 'lower'))
    await put(match('b', 2, 'upper', 1))
    await put(match('c', 2, 'upper', 2))
    await put(match('a', 2, 'lower', 9))
    await put(match('x', 1, 'lower', 1, 'east'))
    expect(await ids()).toEqual(['a', 'b', 'c', 'd'])
    expect((await query(west, { order: 'desc' })).items.map(item => item.id)).toEqual(['d', 'c', 'b', 'a'])
  })

  it('conditions narrow the sort attributes from left to right, and only the last may be a range', async () => {
    await put(match('a', 2, 'lower'))
    await put(match('b', 2, 'lower rounds'))
    await put(match('c', 2, 'upper', 1))
    await put(match('d', 2, 'upper', 2))
    await put(match('e', 3, 'lower'))
    expect(await ids(equals('round', 2))).toEqual(['a', 'b', 'c', 'd'])
    expect(await ids({ kind: 'compare', name: 'round', comparator: '>', value: 2 })).toEqual(['e'])
    expect(await ids({ kind: 'compare', name: 'round', comparator: '<=', value: 2 })).toEqual(['a', 'b', 'c', 'd'])
    expect(await ids(equals('round', 2), equals('bracket', 'lower'))).toEqual(['a'])
    const begins = { kind: 'beginsWith', name: 'bracket', prefix: 'lower' } as const
    expect(await ids(equals('round', 2), begins)).toEqual(['a', 'b'])
    const between = { kind: 'between', name: 'bracket', low: 'lower', high: 'm' } as const
    expect(await ids(equals('round', 2), between)).toEqual(['a', 'b'])
    const seed = { kind: 'compare', name: 'seed', comparator: '>=', value: Uint8Array.of(2) } as const
    expect(await ids(equals('round', 2), equals('bracket', 'upper'), seed)).toEqual(['d'])
  })

  it('the index holds an item only while the item has all key attributes', async () => {
    const { seed: _, ...incomplete } = match('a', 2, 'lower')
    await put(incomplete)
    expect(await ids()).toEqual([])
    await put(match('a', 2, 'lower'))
    expect(await ids()).toEqual(['a'])
    await store.write({
      kind: 'update',
      table: 'matches',
      key: { id: 'a' },
      update: { set: [], remove: [['region']], add: [], delete: [] },
    })
    expect(await ids()).toEqual([])
    expect((await store.scan({ table: 'matches', index: 'byRegion' })).items).toEqual([])
  })

  it('each page continues from the keys that the page before it returned', async () => {
    for (let i = 0; i < 7; i++) await put(match(`${i}`, 1, 'lower', i % 2))
    const seen: unknown[] = []
    let after: Key | undefined
    do {
      const page = await query(west, { limit: 2, ...(after && { after }) })
      seen.push(...page.items.map(item => item.id))
      after = page.next
      if (after) expect(Object.keys(after).sort()).toEqual(['bracket', 'id', 'region', 'round', 'seed', 'tournament'])
    } while (after)
    expect(seen).toEqual(['0', '2', '4', '6', '1', '3', '5'])
  })

  it('a new index is filled with the existing items that have valid keys', async () => {
    await store.createTable({ name: 'older', key })
    const long = 'x'.repeat(1500)
    const items: Item[] = [
      { id: 'good', a: 'x', b: 'y' },
      { id: 'incomplete', a: 'x' },
      { id: 'other type', a: 'x', b: 1 },
      { id: 'too long', a: long, b: long },
    ]
    for (const item of items) await store.write({ kind: 'put', table: 'older', item })
    const both: IndexDefinition = {
      partition: { name: 'a', type: 'S' },
      morePartition: [{ name: 'b', type: 'S' }],
      projection: 'keysOnly',
    }
    await store.updateTable('older', { createIndexes: { both } })
    expect((await store.scan({ table: 'older', index: 'both' })).items).toEqual([{ id: 'good', a: 'x', b: 'y' }])
  })

  it('keys whose attributes would join to the same bytes stay different', async () => {
    const text = fc.string({ unit: fc.constantFrom('\0', '\u0001', '\u0002', 'a'), minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.tuple(text, text), fc.tuple(text, text), async (one, other) => {
        await put({ ...match('one', 1, 'x'), tournament: one[0], region: one[1] })
        const found = await query({
          partition: { name: 'tournament', value: other[0] },
          morePartition: [{ name: 'region', value: other[1] }],
        })
        expect(found.count).toBe(one[0] === other[0] && one[1] === other[1] ? 1 : 0)
      }),
    )
  })

  it('items are sorted by their sort attributes, whatever bytes these have', async () => {
    const text = fc.string({
      unit: fc.constantFrom('\0', '\u0008', '\u0009', 'a', '\u007f'),
      minLength: 1,
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: -2, max: 2 }), text), { maxLength: 12 }), async pairs => {
        await store.createTable({ name: 'ordered', key, globalIndexes: { byRegion } })
        const items = pairs.map(([round, bracket], i) => match(`${i}`, round, bracket))
        await store.batchWrite({ writes: items.map(item => ({ kind: 'put', table: 'ordered', item }) as const) })
        const found = await store.query({ table: 'ordered', index: 'byRegion', key: west })
        const inOrder = [...pairs].sort(([a, x], [b, y]) => a - b || (x < y ? -1 : x > y ? 1 : 0))
        expect(found.items.map(item => [item.round, item.bracket])).toEqual(inOrder)
        await store.deleteTable('ordered')
      }),
      { numRuns: 40 },
    )
  })

  it('the attributes of each kind may have the size of one key together, and no more', async () => {
    const id = 'i'.repeat(2048)
    const longest = {
      ...match(id, 1, 'b'.repeat(1020)),
      tournament: 't'.repeat(1048),
      region: 'r'.repeat(1000),
    }
    await put(longest)
    const condition: KeyCondition = {
      partition: { name: 'tournament', value: longest.tournament },
      morePartition: [{ name: 'region', value: longest.region }],
    }
    const page = await query(condition, { limit: 1 })
    expect(page.items.map(item => item.id)).toEqual([id])
    expect((await query(condition, { after: page.next })).items).toEqual([])
    const limit = { code: 'LimitExceeded' }
    await expect(put({ ...longest, region: 'r'.repeat(1001) })).rejects.toMatchObject(limit)
    await expect(put({ ...longest, bracket: 'b'.repeat(1024) })).rejects.toMatchObject(limit)
    const tooLong: KeyCondition = {
      partition: { name: 'tournament', value: 'x'.repeat(2048) },
      morePartition: [{ name: 'region', value: 'x'.repeat(2048) }],
    }
    await expect(query(tooLong)).rejects.toMatchObject(limit)
    const sorts = [
      equals('round', 1),
      equals('bracket', 'x'.repeat(1024)),
      equals('seed', new Uint8Array(1024)),
    ] as const
    await expect(ids(...sorts)).rejects.toMatchObject(limit)
  })

  it('values that cannot be keys are refused with the name of the attribute', async () => {
    await expect(put({ ...match('a', 1, 'x'), region: 1 })).rejects.toMatchObject({
      code: 'ValidationFailed',
      index: 'byRegion',
      attribute: { name: 'region' },
    })
    await expect(put({ id: 'a', bracket: '' })).rejects.toMatchObject({ code: 'ValidationFailed' })
  })
})

describe('an invalid query of such an index', () => {
  it.each<[string, KeyCondition, RegExp]>([
    ['without all partition attributes', { partition: west.partition }, /partition key here is tournament and region/],
    [
      'with other partition attributes',
      { ...west, morePartition: [{ name: 'round', value: 1 }] },
      /partition key here is tournament and region/,
    ],
    [
      'with more partition attributes',
      { ...west, morePartition: [...west.morePartition, { name: 'round', value: 1 }] },
      /partition key here is tournament and region/,
    ],
    [
      'without the sort attributes before the one given',
      { ...west, sort: equals('bracket', 'x') },
      /sort key here is round, then bracket, then seed/,
    ],
    [
      'with sort attributes left out in between',
      { ...west, sort: equals('round', 1), moreSort: [equals('seed', Uint8Array.of(1))] },
      /sort key here is round, then bracket, then seed/,
    ],
    [
      'with a range before the last',
      {
        ...west,
        sort: { kind: 'compare', name: 'round', comparator: '>', value: 1 },
        moreSort: [equals('bracket', 'x')],
      },
      /must be an equality/,
    ],
  ])('a query %s is refused', async (_, condition, message) => {
    await expect(query(condition)).rejects.toThrow(message)
  })
})

describe('an invalid definition of such an index', () => {
  const five = ['a', 'b', 'c', 'd'].map(name => ({ name, type: 'S' }) as const)
  it.each<[string, IndexDefinition, RegExp]>([
    ['with five attributes of a kind', { partition: { name: 'p', type: 'S' }, morePartition: five }, /at most four/],
    [
      'with an attribute twice',
      { partition: { name: 'p', type: 'S' }, morePartition: [{ name: 'p', type: 'S' }] },
      /the same name/,
    ],
    ['with moreSort alone', { partition: { name: 'p', type: 'S' }, moreSort: five.slice(0, 1) }, /moreSort needs sort/],
    [
      'with an attribute of two types',
      { partition: { name: 'p', type: 'S' }, morePartition: [{ name: 'id', type: 'N' }] },
      /id is S in one key and N in another/,
    ],
  ])('an index %s is refused', async (_, index, message) => {
    const refused = store.createTable({ name: 'refused', key, globalIndexes: { index } })
    await expect(refused).rejects.toThrow(message)
  })

  it('a local index with several attributes of a kind is refused', async () => {
    const refused = store.createTable({
      name: 'refused',
      key: { ...key, sort: { name: 'sk', type: 'S' } },
      localIndexes: { local: { ...key, sort: { name: 'a', type: 'S' }, moreSort: [{ name: 'b', type: 'S' }] } },
    })
    await expect(refused).rejects.toThrow(/only a global index/)
  })

  it('an index with the name of another one but different attributes is refused', async () => {
    const { moreSort: _, ...other } = byRegion
    const again = store.createTable({ name: 'matches', key, globalIndexes: { byRegion: other } })
    await expect(again).rejects.toMatchObject({ code: 'AlreadyExists' })
    await store.createTable({ name: 'matches', key, globalIndexes: { byRegion } })
  })
})
