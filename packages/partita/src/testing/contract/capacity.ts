/** Capacity units, as DynamoDB counts them. */
import { exists, update, value } from '../../expression/ast.js'
import { measureItem } from '../../value/size.js'
import type { Item } from '../../value/value.js'
import { equal, matches, ok } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { textKeys } from './fixtures.js'

const KB = 1024

/** An item of exactly this size in bytes, as DynamoDB counts it. */
function itemOf(bytes: number, rest: Item): Item {
  return { ...rest, text: 'x'.repeat(bytes - measureItem({ ...rest, text: '' })) }
}

/** Declares the tests of capacity. */
export function capacityContract(tested: ContractTests): void {
  const { it, beforeAll } = tested
  let table: string
  let indexed: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
    indexed = await tested.table({
      ...textKeys,
      globalIndexes: {
        byTeam: { partition: { name: 'team', type: 'S' } },
        byTeamKeys: { partition: { name: 'team', type: 'S' }, projection: 'keysOnly' },
      },
      localIndexes: { byRank: { partition: { name: 'pk', type: 'S' }, sort: { name: 'rank', type: 'N' } } },
    })
  })

  let keys = 0
  const freshKey = () => ({ pk: `capacity-${++keys}`, sk: 'a' })
  const put = (item: Item, to = table) => tested.store.write({ kind: 'put', table: to, item })

  it('A write uses one unit for each started KB', async () => {
    for (const [bytes, units] of [
      [100, 1],
      [KB, 1],
      [KB + 1, 2],
      [10 * KB, 10],
    ] as const) {
      const { capacity } = await put(itemOf(bytes, freshKey()))
      equal(capacity, { read: 0, write: units, tables: { [table]: { read: 0, write: units, indexes: {} } } })
    }
  })

  it('A read uses one unit for each started 4 KB, and half of that if it is eventually consistent', async () => {
    for (const [bytes, units] of [
      [100, 1],
      [4 * KB, 1],
      [4 * KB + 1, 2],
      [20 * KB, 5],
    ] as const) {
      const key = freshKey()
      await put(itemOf(bytes, key))
      const consistent = await tested.store.get({ table, key, consistent: true })
      equal(consistent.capacity, {
        read: units,
        write: 0,
        tables: { [table]: { read: units, write: 0, indexes: {} } },
      })
      matches((await tested.store.get({ table, key })).capacity, { read: units / 2, write: 0 })
    }
  })

  it('A read or delete of a missing item uses one unit', async () => {
    const key = freshKey()
    matches((await tested.store.get({ table, key, consistent: true })).capacity, { read: 1 })
    matches((await tested.store.write({ kind: 'delete', table, key })).capacity, { write: 1 })
  })

  it('A write is charged for the larger of the old and the new item', async () => {
    const key = freshKey()
    await put(itemOf(5 * KB, key))
    matches((await put({ ...key, a: 1 })).capacity, { write: 5 })
    await put(itemOf(3 * KB, key))
    const change = update({ set: [{ path: ['a'], value: value(1) }] })
    matches((await tested.store.write({ kind: 'update', table, key, update: change })).capacity, {
      write: 4,
    })
    matches((await tested.store.write({ kind: 'delete', table, key })).capacity, { write: 4 })
  })

  it('A query is charged for the sum of its bytes, including items that the filter removes', async () => {
    const { pk } = freshKey()
    const items = Array.from({ length: 10 }, (_, n) => itemOf(1000, { pk, sk: `${n}` }))
    await tested.store.batchWrite({ writes: items.map(item => ({ kind: 'put', table, item })) })
    const request = { table, key: { partition: { name: 'pk', value: pk } } }
    const units = Math.ceil(10_000 / (4 * KB))
    matches((await tested.store.query({ ...request, consistent: true })).capacity, { read: units })
    matches((await tested.store.query(request)).capacity, { read: units / 2 })
    const filtered = await tested.store.query({ ...request, consistent: true, filter: exists(['absent']) })
    matches(filtered.capacity, { read: units })
    const counted = await tested.store.query({ ...request, consistent: true, countOnly: true })
    matches(counted.capacity, { read: units })
  })

  it('A batch is charged for each item, over all chunks', async () => {
    const items = Array.from({ length: 130 }, () => itemOf(1500, freshKey()))
    const written = await tested.store.batchWrite({ writes: items.map(item => ({ kind: 'put', table, item })) })
    matches(written.capacity, { read: 0, write: 260, tables: { [table]: { write: 260 } } })
    const gets = items.map(({ pk, sk }) => ({ table, key: { pk: pk as string, sk: sk as string } }))
    matches((await tested.store.batchGet({ gets })).capacity, { read: 65, write: 0 })
  })

  it('A transaction uses twice the units of its operations', async () => {
    const count = tested.supports.transactionCapacity ? 3 : 1
    const items = Array.from({ length: count }, () => itemOf(1500, freshKey()))
    const written = await tested.store.transactWrite({ writes: items.map(item => ({ kind: 'put', table, item })) })
    const write = 4 * count
    equal(written.capacity, { read: 0, write, tables: { [table]: { read: 0, write, indexes: {} } } })
    const gets = items.map(({ pk, sk }) => ({ table, key: { pk: pk as string, sk: sk as string } }))
    matches((await tested.store.transactGet({ gets })).capacity, { read: 2 * count, write: 0 })
  })

  it('A write is charged for each index that it changes', async () => {
    const key = freshKey()
    const write = async (item: Item) => (await put(item, indexed)).capacity
    const fresh = await write(itemOf(1500, { ...key, team: 'red', rank: 1 }))
    equal(fresh, {
      read: 0,
      write: 7,
      tables: {
        [indexed]: {
          read: 0,
          write: 2,
          indexes: {
            byTeam: { read: 0, write: 2 },
            byTeamKeys: { read: 0, write: 1 },
            byRank: { read: 0, write: 2 },
          },
        },
      },
    })
    ok((await write(key)).write > 2)
    matches(await write({ ...key, a: 1 }), { write: 1, tables: { [indexed]: { write: 1 } } })
  })

  it('A read of an index is charged to the index and not to the table', async () => {
    const key = freshKey()
    await put({ ...key, team: key.pk }, indexed)
    const page = await tested.store.query({
      table: indexed,
      index: 'byTeam',
      key: { partition: { name: 'team', value: key.pk } },
    })
    equal(page.capacity, {
      read: 0.5,
      write: 0,
      tables: { [indexed]: { read: 0, write: 0, indexes: { byTeam: { read: 0.5, write: 0 } } } },
    })
  })
}
