/** Conditions of writes. */
import { ConditionFailedError } from '../../errors/errors.js'
import {
  and,
  beginsWith,
  between,
  type Condition,
  compare,
  contains,
  exists,
  hasType,
  isIn,
  not,
  notExists,
  or,
  path,
  size,
  update,
  value,
} from '../../expression/ast.js'
import type { Item } from '../../value/value.js'
import { equal, matches, ok } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure, textKeys } from './fixtures.js'

/** Declares the tests of conditions. */
export function conditionContract(tested: ContractTests): void {
  const { it, beforeAll } = tested
  let table: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
  })

  let keys = 0
  const freshKey = () => ({ pk: 'conditions', sk: `item-${++keys}` })
  const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
  const read = async (key: { pk: string; sk: string }) =>
    (await tested.store.get({ table, key, consistent: true })).item

  it('A condition or update of over 4 KB as a DynamoDB expression is rejected', async () => {
    const key = freshKey()
    const list = Array.from({ length: 1000 }, (_, i) => value(i))
    const condition = isIn(path('n'), list)
    const write = { kind: 'put', table, item: { ...key, n: 1 } } as const
    matches(await failure(tested.store.write({ ...write, condition })), { code: 'LimitExceeded' })
    await tested.store.write({ ...write, condition: or(notExists(['pk']), isIn(path('n'), list.slice(0, 300))) })
    const set = Array.from({ length: 700 }, (_, i) => ({ path: [`a${i}`] as const, value: value(i) }))
    matches(await failure(tested.store.write({ kind: 'update', table, key, update: update({ set }) })), {
      code: 'LimitExceeded',
    })
    await tested.store.write({ kind: 'update', table, key, update: update({ set: set.slice(0, 200) }) })
  })

  const item = { name: 'Ada', n: 5, tags: new Set(['a', 'b']), list: [1, 'x'], map: { city: 'Lyon' }, none: null }
  const held: [string, Condition][] = [
    ['=', compare(path('name'), '=', value('Ada'))],
    ['<> on a missing attribute', compare(path('absent'), '<>', value(1))],
    ['<', compare(path('n'), '<', value(5.5))],
    ['a comparison of two attributes', compare(path('n'), '<>', path('name'))],
    ['between', between(path('n'), value(5), value(9))],
    ['in', isIn(path('name'), [value('Bob'), value('Ada')])],
    [
      'in, with more operands than one IN of DynamoDB can have',
      isIn(
        path('n'),
        Array.from({ length: 150 }, (_, i) => value(i - 140)),
      ),
    ],
    ['exists', exists(['map', 'city'])],
    ['exists on null', exists(['none'])],
    ['notExists', notExists(['map', 'street'])],
    ['type', hasType(['tags'], value('SS'))],
    ['beginsWith', beginsWith(path('name'), value('A'))],
    ['contains on a string', contains(path('name'), value('d'))],
    ['contains on a set', contains(path('tags'), value('b'))],
    ['contains on a list', contains(path('list'), value('x'))],
    ['size of a string', compare(size('name'), '=', value(3))],
    ['size of a list', compare(size('list'), '>=', value(2))],
    ['and, or, not', and(or(compare(path('n'), '=', value(1)), exists(['n'])), not(exists(['absent'])))],
    ['an element of a list', compare(path('list', 1), '=', value('x'))],
  ]
  for (const [what, condition] of held)
    it(`A write with a true condition is done: ${what}`, async () => {
      const key = freshKey()
      await put({ ...key, ...item })
      await tested.store.write({ kind: 'put', table, item: { ...key, done: true }, condition })
      equal(await read(key), { ...key, done: true })
    })

  const failed: [string, Condition][] = [
    ['=', compare(path('name'), '=', value('Bob'))],
    ['< on a missing attribute', compare(path('absent'), '<', value(1))],
    ['a comparison of two types', compare(path('n'), '<', value('9'))],
    ['in an empty list', isIn(path('name'), [])],
    ['type', hasType(['n'], value('S'))],
    ['size of a number', compare(size('n'), '>=', value(0))],
    ['contains, of another type', contains(path('tags'), value(1))],
    ['not', not(exists(['name']))],
  ]
  for (const [what, condition] of failed)
    it(`A write with a false condition writes nothing: ${what}`, async () => {
      const key = freshKey()
      await put({ ...key, ...item })
      const error = await failure(tested.store.write({ kind: 'delete', table, key, condition }))
      ok(error instanceof ConditionFailedError)
      matches(error.details, { table, key })
      equal(await read(key), { ...key, ...item })
    })

  it('The error of a failed condition has the item on request only', async () => {
    const key = freshKey()
    await put({ ...key, n: 1n, big: 12345678901234567890n })
    const condition = notExists(['pk'])
    const change = update({ set: [{ path: ['n'], value: value(2) }] })
    const writes = [
      { kind: 'put', table, item: key, condition },
      { kind: 'update', table, key, update: change, condition },
      { kind: 'delete', table, key, condition },
      { kind: 'check', table, key, condition },
    ] as const
    for (const write of writes) {
      const requested = await failure(tested.store.write({ ...write, returnOldOnFailure: true }))
      matches(requested, {
        code: 'ConditionFailed',
        details: { item: { ...key, n: 1, big: 12345678901234567890n } },
      })
      const silent = await failure(tested.store.write(write))
      equal(silent.code, 'ConditionFailed')
      ok(!('item' in silent.details))
    }
  })

  it('The error of a failed condition on a missing item has no item', async () => {
    const condition = exists(['pk'])
    const error = await failure(
      tested.store.write({ kind: 'delete', table, key: freshKey(), condition, returnOldOnFailure: true }),
    )
    equal(error.code, 'ConditionFailed')
    equal((error as ConditionFailedError).details.item, undefined)
  })

  it('A check changes nothing', async () => {
    const key = freshKey()
    await put({ ...key, n: 1 })
    const result = await tested.store.write({ kind: 'check', table, key, condition: exists(['n']) })
    equal(result.item, undefined)
    equal(await read(key), { ...key, n: 1 })
    const absent = freshKey()
    await tested.store.write({ kind: 'check', table, key: absent, condition: notExists(['pk']) })
    equal(await read(absent), undefined)
  })

  it('Exactly one of many concurrent writers creates an item', async () => {
    const key = freshKey()
    const writers = Array.from({ length: 20 }, (_, n) =>
      tested.store.write({ kind: 'put', table, item: { ...key, n }, condition: notExists(['pk']) }).then(
        () => n,
        (error: unknown) => {
          if (!(error instanceof ConditionFailedError)) throw error
          return undefined
        },
      ),
    )
    const winners = (await Promise.all(writers)).filter(n => n !== undefined)
    equal(winners.length, 1)
    equal(await read(key), { ...key, n: winners[0] })
  })
}
