import { openStore } from 'partita'
import { compileFilter, type TableDescription } from 'partita/store'
import { expect, it } from 'vitest'
import { Usage } from '../failure.js'
import { filterOf } from './model-filter.js'
import { itemUpdateOf } from './table-changes.js'
import { tableItem, tableKey, tableRange } from './table-terms.js'

const TABLE: TableDescription = {
  name: 'things',
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'n', type: 'N' } },
  globalIndexes: {
    byCity: {
      partition: { name: 'country', type: 'S' },
      morePartition: [{ name: 'region', type: 'S' }],
      sort: { name: 'city', type: 'S' },
      moreSort: [{ name: 'street', type: 'S' }],
    },
    byHash: { partition: { name: 'hash', type: 'B' } },
  },
  status: 'active',
  itemCount: 0,
}

it('key attributes are read with the types of the table, and keep every digit', () => {
  expect(tableKey(TABLE, ['n=12345678901234567890', 'pk=007'])).toEqual({ pk: '007', n: 12345678901234567890n })
  expect(() => tableKey(TABLE, ['pk=a', 'n=one'])).toThrow('n: is "one"; write a number')
})

it.each([[['pk=a']], [['pk=a', 'n=1', 'x=2']], [['pk=a', 'x=1']], [[]]])('the arguments %j are no key', args => {
  expect(() => tableKey(TABLE, args)).toThrow(new Usage('an item of things is named by its key: pk=... n=...'))
})

it('attributes that are not in the key are text, or JSON behind a colon', () => {
  const item = tableItem(TABLE, ['pk=a', 'n=1', 'zip=01234', 'views:=5', 'tags:={"$set":["x"]}', '"a.b"=c'])
  expect(item).toEqual({ pk: 'a', n: 1, zip: '01234', views: 5, tags: new Set(['x']), 'a.b': 'c' })
  expect(() => tableItem(TABLE, ['pk=a', 'x=1'])).toThrow('an item of things needs its key: n=...')
  expect(() => tableItem(TABLE, ['pk=a', 'n=1', 'address.city=Lyon'])).toThrow('is a part of "address"')
  expect(() => tableItem(TABLE, ['pk=a', 'n=1', 'x:=oops'])).toThrow('x: is not JSON')
})

it.each([
  [['pk=a'], undefined],
  [['pk=a', 'n=5'], { kind: 'compare', name: 'n', comparator: '=', value: 5 }],
  [['pk=a', 'n>5'], { kind: 'compare', name: 'n', comparator: '>', value: 5 }],
  [['pk=a', 'n<=9', 'n>=5'], { kind: 'between', name: 'n', low: 5, high: 9 }],
])('the arguments %j are a key condition of the table', (args, sort) => {
  expect(tableRange(TABLE, undefined, args)).toEqual({ partition: { name: 'pk', value: 'a' }, ...(sort && { sort }) })
})

it('a query of an index gives all partition attributes and leading sort attributes', () => {
  expect(tableRange(TABLE, 'byCity', ['country=fr', 'region=ara', 'city=Lyon', 'street^=Rue'])).toEqual({
    partition: { name: 'country', value: 'fr' },
    morePartition: [{ name: 'region', value: 'ara' }],
    sort: { kind: 'compare', name: 'city', comparator: '=', value: 'Lyon' },
    moreSort: [{ kind: 'beginsWith', name: 'street', prefix: 'Rue' }],
  })
  expect(tableRange(TABLE, 'byHash', ['hash=AQI='])).toEqual({
    partition: { name: 'hash', value: new Uint8Array([1, 2]) },
  })
})

it.each([
  [undefined, ['n=5'], 'a query needs one value of pk: pk=...'],
  [undefined, ['pk>a'], 'a query needs one value of pk'],
  [undefined, ['pk=a', 'x=1'], '"x" is not in the key of things: pk=... n=...; use --where'],
  [undefined, ['pk=a', 'n>1', 'n<5'], 'n takes one condition, or >= together with <='],
  ['byCity', ['country=fr', 'region=ara', 'street=x'], 'city is before another sort attribute'],
  ['byTown', ['country=fr'], 'table things has no index "byTown"; it has byCity, byHash'],
])('a query of the index %s by %j is refused', (index, args, message) => {
  expect(() => tableRange(TABLE, index, args)).toThrow(Usage)
  expect(() => tableRange(TABLE, index, args)).toThrow(message)
})

it('an update sets, adds, removes and appends, as the store applies it', async () => {
  const store = await openStore('memory:')
  await store.createTable({ name: 'things', key: TABLE.key })
  const item = { pk: 'a', n: 1, views: 5, price: 1.5, tags: new Set(['x', 'y']), list: [1], old: true }
  await store.write({ kind: 'put', table: 'things', item })
  const args = ['pk=a', 'n=1', 'name=Ada', 'views+=2', 'price-=0.25', 'tags-=x', 'tags2+=z', 'list:+=[2]', 'new:+=[3]']
  const { key, update } = itemUpdateOf(TABLE, args, ['old'])
  await store.write({ kind: 'update', table: 'things', key: tableKey(TABLE, key), update })
  const { item: after } = await store.get({ table: 'things', key: { pk: 'a', n: 1 } })
  expect(after).toEqual({
    ...{ pk: 'a', n: 1, name: 'Ada', views: 7, price: 1.25, tags: new Set(['y']), tags2: new Set(['z']) },
    ...{ list: [1, 2], new: [3] },
  })
  await store.close()
})

it('an update without changes is refused, and so is a list that is taken away', () => {
  expect(() => itemUpdateOf(TABLE, ['pk=a', 'n=1'])).toThrow('give at least one change')
  expect(() => itemUpdateOf(TABLE, ['pk=a', 'n=1', 'list:-=[1]'])).toThrow('list is not a set')
})

it('a condition on an attribute without a type matches text and number', () => {
  expect(filterOf(undefined, ['views>=5'])).toEqual({ $or: [{ views: { $gte: '5' } }, { views: { $gte: 5 } }] })
  expect(filterOf(undefined, ['isDraft=true'])).toEqual({
    $or: [{ isDraft: { $eq: 'true' } }, { isDraft: { $eq: true } }],
  })
  expect(filterOf(undefined, ['name=Ada'])).toEqual({ name: { $eq: 'Ada' } })
  for (const condition of ['views>=5', 'a!=5', 'a~1', 'a^=x', '!a', 'a:="5"']) {
    expect(compileFilter(filterOf(undefined, [condition]) as never)).toBeDefined()
  }
})
