/** Reads and writes of many items. */
import type { BatchWrite, GetRequest } from '../../store/store.js'
import { decimal } from '../../value/number.js'
import type { Item } from '../../value/value.js'
import { equal, matches } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure, oneKey, textKeys } from './fixtures.js'

/** Declares the tests of batches. */
export function batchContract(tested: ContractTests): void {
  const { it, beforeAll } = tested
  let table: string
  let other: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
    other = await tested.table({ key: { partition: { name: 'id', type: 'N' } } })
  })

  const put = (item: Item): BatchWrite => ({ kind: 'put', table, item })
  const get = (pk: string, sk: string): GetRequest => ({ table, key: { pk, sk }, consistent: true })

  it('A batch of 300 items is written, and a batch get returns items and undefined in the order of its keys', async () => {
    const items = Array.from({ length: 300 }, (_, n) => ({ pk: `many-${n % 7}`, sk: `${n}`, n }))
    await tested.store.batchWrite({ writes: items.map(put) })
    const gets = [...items].reverse().flatMap(({ pk, sk }) => [get(pk, sk), get(pk, `${sk}-absent`)])
    const result = await tested.store.batchGet({ gets })
    equal(
      result.items,
      [...items].reverse().flatMap(item => [item, undefined]),
    )
  })

  it('A batch uses its arguments as they were at the call, even if the caller changes them afterwards', async () => {
    const keys = Array.from({ length: 300 }, (_, n) => ({ pk: 'passed', sk: `${n}` }))
    const items = keys.map(key => ({ ...key, list: [1], pad: 'x'.repeat(5000) }))
    const writes = items.map(put)
    const written = tested.store.batchWrite({ writes })
    for (const item of items) item.list.push(2)
    writes.length = 0
    await written
    const gets = keys.map(({ pk, sk }) => get(pk, sk))
    const read = tested.store.batchGet({ gets })
    for (const { key } of gets) key.sk = 'absent'
    gets.length = 0
    const lists = (await read).items.map(item => item?.list)
    equal(
      lists,
      keys.map(() => [1]),
    )
  })

  it('An empty batch does nothing and uses no capacity', async () => {
    equal((await tested.store.batchGet({ gets: [] })).items, [])
    matches((await tested.store.batchWrite({ writes: [] })).capacity, { read: 0, write: 0 })
  })

  it('A key that is requested several times is returned at each of its positions', async () => {
    await tested.store.batchWrite({ writes: [put({ pk: 'twice', sk: 'a', n: 1 })] })
    const gets = [get('twice', 'a'), get('twice', 'b'), get('twice', 'a')]
    const { items } = await tested.store.batchGet({ gets })
    equal(items, [{ pk: 'twice', sk: 'a', n: 1 }, undefined, { pk: 'twice', sk: 'a', n: 1 }])
  })

  it('One batch can read a key with different projections and consistencies', async () => {
    await tested.store.batchWrite({ writes: [put({ pk: 'views', sk: 'a', x: 1, map: { y: 2, z: 3 } })] })
    const key = { pk: 'views', sk: 'a' }
    const { items } = await tested.store.batchGet({
      gets: [
        { table, key, projection: [['x']] },
        { table, key, projection: [['map', 'y'], ['sk']] },
        { table, key, consistent: true },
        { table, key, projection: [['absent']] },
      ],
    })
    equal(items, [{ x: 1 }, { sk: 'a', map: { y: 2 } }, { ...key, x: 1, map: { y: 2, z: 3 } }, {}])
  })

  it('A batch works on several tables, and treats numeric keys of equal value as equal', async () => {
    await tested.store.batchWrite({
      writes: [
        put({ pk: 'tables', sk: 'a' }),
        { kind: 'put', table: other, item: { id: 1, last: false } },
        { kind: 'put', table: other, item: { id: 1n, last: true } },
      ],
    })
    const ids = [1, 1n, decimal('1.00'), 2]
    const { items } = await tested.store.batchGet({
      gets: [get('tables', 'a'), ...ids.map(id => ({ table: other, key: { id }, consistent: true }))],
    })
    const one = { id: 1, last: true }
    equal(items, [{ pk: 'tables', sk: 'a' }, one, one, one, undefined])
  })

  it('The last of several writes to one item wins, also across chunks', async () => {
    const filler = Array.from({ length: 120 }, (_, n) => put({ pk: 'filler', sk: `${n}` }))
    await tested.store.batchWrite({ writes: [put({ pk: 'last', sk: 'c', n: 0 })] })
    await tested.store.batchWrite({
      writes: [
        put({ pk: 'last', sk: 'a', n: 1 }),
        { kind: 'delete', table, key: { pk: 'last', sk: 'b' } },
        put({ pk: 'last', sk: 'c', n: 1 }),
        ...filler,
        put({ pk: 'last', sk: 'a', n: 2 }),
        put({ pk: 'last', sk: 'b', n: 2 }),
        { kind: 'delete', table, key: { pk: 'last', sk: 'c' } },
      ],
    })
    const { items } = await tested.store.batchGet({ gets: ['a', 'b', 'c'].map(sk => get('last', sk)) })
    equal(items, [{ pk: 'last', sk: 'a', n: 2 }, { pk: 'last', sk: 'b', n: 2 }, undefined])
  })

  it('A batch deletes existing items and ignores missing ones', async () => {
    await tested.store.batchWrite({ writes: [put({ pk: 'gone', sk: 'a' })] })
    const writes = ['a', 'b'].map(sk => ({ kind: 'delete', table, key: { pk: 'gone', sk } }) as const)
    await tested.store.batchWrite({ writes })
    equal((await tested.store.batchGet({ gets: [get('gone', 'a')] })).items, [undefined])
  })

  it('A batch writes and reads 60 items of 300 KB, more than fits in one request', async () => {
    const text = 'x'.repeat(300 * 1024)
    const items = Array.from({ length: 60 }, (_, n) => ({ pk: 'heavy', sk: `${n}`, text }))
    await tested.store.batchWrite({ writes: items.map(put) })
    const { items: read } = await tested.store.batchGet({ gets: items.map(({ pk, sk }) => get(pk, sk)) })
    equal(
      read.map(item => (item?.text as string | undefined)?.length),
      items.map(() => text.length),
    )
  })

  it('A batch with one invalid item writes nothing', async () => {
    const writes = [put({ pk: 'bad', sk: 'a' }), put({ pk: 'bad', sk: 'b', n: Number.NaN })]
    matches(await failure(tested.store.batchWrite({ writes })), { code: 'ValidationFailed' })
    const large = put({ pk: 'bad', sk: 'c', text: 'x'.repeat(400 * 1024) })
    matches(await failure(tested.store.batchWrite({ writes: [writes[0] as BatchWrite, large] })), {
      code: 'LimitExceeded',
    })
    equal((await tested.store.batchGet({ gets: [get('bad', 'a')] })).items, [undefined])
  })

  it('A batch on a missing table fails with the name of the table', async () => {
    const absent = tested.tableName()
    const missing = { code: 'TableNotFound', details: { table: absent } }
    const item = { pk: 'a' }
    matches(await failure(tested.store.batchGet({ gets: [{ table: absent, key: item }] })), missing)
    const writes = [{ kind: 'put', table: absent, item } as const]
    matches(await failure(tested.store.batchWrite({ writes })), missing)
    await tested.store.createTable({ ...oneKey, name: absent })
    await tested.store.batchWrite({ writes })
  })
}
