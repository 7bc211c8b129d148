import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../../../test/stores.js'
import { exists, update, value } from '../../expression/ast.js'
import { measureItem } from '../../value/size.js'
import type { Item } from '../../value/value.js'
import { textKeys } from './fixtures.js'

const KB = 1024

/** An item of exactly so many bytes, as DynamoDB counts them. */
function itemOf(bytes: number, rest: Item): Item {
  return { ...rest, text: 'x'.repeat(bytes - measureItem({ ...rest, text: '' })) }
}

describeEachStore('capacity', tested => {
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

  it('counts a write unit for each KB begun', async () => {
    for (const [bytes, units] of [
      [100, 1],
      [KB, 1],
      [KB + 1, 2],
      [10 * KB, 10],
    ] as const) {
      const { capacity } = await put(itemOf(bytes, freshKey()))
      expect(capacity).toEqual({ read: 0, write: units, tables: { [table]: { read: 0, write: units, indexes: {} } } })
    }
  })

  it('counts a read unit for each 4 KB begun, and half of it for an eventually consistent read', async () => {
    for (const [bytes, units] of [
      [100, 1],
      [4 * KB, 1],
      [4 * KB + 1, 2],
      [20 * KB, 5],
    ] as const) {
      const key = freshKey()
      await put(itemOf(bytes, key))
      const consistent = await tested.store.get({ table, key, consistent: true })
      expect(consistent.capacity).toEqual({
        read: units,
        write: 0,
        tables: { [table]: { read: units, write: 0, indexes: {} } },
      })
      expect((await tested.store.get({ table, key })).capacity).toMatchObject({ read: units / 2, write: 0 })
    }
  })

  it('counts the least unit for what is not there', async () => {
    const key = freshKey()
    expect((await tested.store.get({ table, key, consistent: true })).capacity).toMatchObject({ read: 1 })
    expect((await tested.store.write({ kind: 'delete', table, key })).capacity).toMatchObject({ write: 1 })
  })

  it('counts the larger of the old and the new item', async () => {
    const key = freshKey()
    await put(itemOf(5 * KB, key))
    expect((await put({ ...key, a: 1 })).capacity).toMatchObject({ write: 5 })
    await put(itemOf(3 * KB, key))
    const change = update({ set: [{ path: ['a'], value: value(1) }] })
    expect((await tested.store.write({ kind: 'update', table, key, update: change })).capacity).toMatchObject({
      write: 4,
    })
    expect((await tested.store.write({ kind: 'delete', table, key })).capacity).toMatchObject({ write: 4 })
  })

  it('sums the bytes of a query before it counts units, and counts the filtered too', async () => {
    const { pk } = freshKey()
    const items = Array.from({ length: 10 }, (_, n) => itemOf(1000, { pk, sk: `${n}` }))
    await tested.store.batchWrite({ writes: items.map(item => ({ kind: 'put', table, item })) })
    const request = { table, key: { partition: { name: 'pk', value: pk } } }
    const units = Math.ceil(10_000 / (4 * KB))
    expect((await tested.store.query({ ...request, consistent: true })).capacity).toMatchObject({ read: units })
    expect((await tested.store.query(request)).capacity).toMatchObject({ read: units / 2 })
    const filtered = await tested.store.query({ ...request, consistent: true, filter: exists(['absent']) })
    expect(filtered.capacity).toMatchObject({ read: units })
    const counted = await tested.store.query({ ...request, consistent: true, countOnly: true })
    expect(counted.capacity).toMatchObject({ read: units })
  })

  it('counts batches item by item, every chunk of them', async () => {
    const items = Array.from({ length: 130 }, () => itemOf(1500, freshKey()))
    const written = await tested.store.batchWrite({ writes: items.map(item => ({ kind: 'put', table, item })) })
    expect(written.capacity).toMatchObject({ read: 0, write: 260, tables: { [table]: { write: 260 } } })
    const gets = items.map(({ pk, sk }) => ({ table, key: { pk: pk as string, sk: sk as string } }))
    expect((await tested.store.batchGet({ gets })).capacity).toMatchObject({ read: 65, write: 0 })
  })

  it('counts transactions twice', async () => {
    const count = tested.limits.countsOneOfTransaction ? 1 : 3
    const items = Array.from({ length: count }, () => itemOf(1500, freshKey()))
    const written = await tested.store.transactWrite({ writes: items.map(item => ({ kind: 'put', table, item })) })
    const write = 4 * count
    expect(written.capacity).toEqual({ read: 0, write, tables: { [table]: { read: 0, write, indexes: {} } } })
    const gets = items.map(({ pk, sk }) => ({ table, key: { pk: pk as string, sk: sk as string } }))
    expect((await tested.store.transactGet({ gets })).capacity).toMatchObject({ read: 2 * count, write: 0 })
  })

  it('counts the writes of each index', async () => {
    const key = freshKey()
    const write = async (item: Item) => (await put(item, indexed)).capacity
    const fresh = await write(itemOf(1500, { ...key, team: 'red', rank: 1 }))
    expect(fresh).toEqual({
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
    expect((await write(key)).write).toBeGreaterThan(2)
    expect(await write({ ...key, a: 1 })).toMatchObject({ write: 1, tables: { [indexed]: { write: 1 } } })
  })

  it('counts reads of an index as the index, not the table', async () => {
    const key = freshKey()
    await put({ ...key, team: key.pk }, indexed)
    const page = await tested.store.query({
      table: indexed,
      index: 'byTeam',
      key: { partition: { name: 'team', value: key.pk } },
    })
    expect(page.capacity).toEqual({
      read: 0.5,
      write: 0,
      tables: { [indexed]: { read: 0, write: 0, indexes: { byTeam: { read: 0.5, write: 0 } } } },
    })
  })
})
