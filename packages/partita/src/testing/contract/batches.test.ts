import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../../../test/stores.js'
import type { BatchWrite, GetRequest } from '../../store/store.js'
import { decimal } from '../../value/number.js'
import type { Item } from '../../value/value.js'
import { failure, oneKey, textKeys } from './fixtures.js'

describeEachStore('batches', tested => {
  let table: string
  let other: string
  beforeAll(async () => {
    table = await tested.table(textKeys)
    other = await tested.table({ key: { partition: { name: 'id', type: 'N' } } })
  })

  const put = (item: Item): BatchWrite => ({ kind: 'put', table, item })
  const get = (pk: string, sk: string): GetRequest => ({ table, key: { pk, sk }, consistent: true })

  it('writes and reads 300 items, aligned with what was asked for', async () => {
    const items = Array.from({ length: 300 }, (_, n) => ({ pk: `many-${n % 7}`, sk: `${n}`, n }))
    await tested.store.batchWrite({ writes: items.map(put) })
    const gets = [...items].reverse().flatMap(({ pk, sk }) => [get(pk, sk), get(pk, `${sk}-absent`)])
    const result = await tested.store.batchGet({ gets })
    expect(result.items).toEqual([...items].reverse().flatMap(item => [item, undefined]))
  })

  it('writes and reads what was passed, whatever its caller does to it after the call', async () => {
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
    expect(lists).toEqual(keys.map(() => [1]))
  })

  it('does nothing for an empty batch', async () => {
    expect((await tested.store.batchGet({ gets: [] })).items).toEqual([])
    expect((await tested.store.batchWrite({ writes: [] })).capacity).toMatchObject({ read: 0, write: 0 })
  })

  it('reads a key asked for several times in every place', async () => {
    await tested.store.batchWrite({ writes: [put({ pk: 'twice', sk: 'a', n: 1 })] })
    const gets = [get('twice', 'a'), get('twice', 'b'), get('twice', 'a')]
    const { items } = await tested.store.batchGet({ gets })
    expect(items).toEqual([{ pk: 'twice', sk: 'a', n: 1 }, undefined, { pk: 'twice', sk: 'a', n: 1 }])
  })

  it('reads one key with several projections and consistencies', async () => {
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
    expect(items).toEqual([{ x: 1 }, { sk: 'a', map: { y: 2 } }, { ...key, x: 1, map: { y: 2, z: 3 } }, {}])
  })

  it('works on several tables at once, and knows equal numeric keys however they are written', async () => {
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
    expect(items).toEqual([{ pk: 'tables', sk: 'a' }, one, one, one, undefined])
  })

  it('lets the last of several writes to one item hold, also far apart', async () => {
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
    expect(items).toEqual([{ pk: 'last', sk: 'a', n: 2 }, { pk: 'last', sk: 'b', n: 2 }, undefined])
  })

  it('deletes items, there or not', async () => {
    await tested.store.batchWrite({ writes: [put({ pk: 'gone', sk: 'a' })] })
    const writes = ['a', 'b'].map(sk => ({ kind: 'delete', table, key: { pk: 'gone', sk } }) as const)
    await tested.store.batchWrite({ writes })
    expect((await tested.store.batchGet({ gets: [get('gone', 'a')] })).items).toEqual([undefined])
  })

  it('moves 60 items of 300 KB, more than one request takes or gives', async () => {
    const text = 'x'.repeat(300 * 1024)
    const items = Array.from({ length: 60 }, (_, n) => ({ pk: 'heavy', sk: `${n}`, text }))
    await tested.store.batchWrite({ writes: items.map(put) })
    const { items: read } = await tested.store.batchGet({ gets: items.map(({ pk, sk }) => get(pk, sk)) })
    expect(read.map(item => (item?.text as string | undefined)?.length)).toEqual(items.map(() => text.length))
  })

  it('checks the whole batch first: one bad item and nothing is written', async () => {
    const writes = [put({ pk: 'bad', sk: 'a' }), put({ pk: 'bad', sk: 'b', n: Number.NaN })]
    expect(await failure(tested.store.batchWrite({ writes }))).toMatchObject({ code: 'ValidationFailed' })
    const large = put({ pk: 'bad', sk: 'c', text: 'x'.repeat(400 * 1024) })
    expect(await failure(tested.store.batchWrite({ writes: [writes[0] as BatchWrite, large] }))).toMatchObject({
      code: 'LimitExceeded',
    })
    expect((await tested.store.batchGet({ gets: [get('bad', 'a')] })).items).toEqual([undefined])
  })

  it('says which table is not there', async () => {
    const absent = tested.tableName()
    const missing = { code: 'TableNotFound', details: { table: absent } }
    const item = { pk: 'a' }
    expect(await failure(tested.store.batchGet({ gets: [{ table: absent, key: item }] }))).toMatchObject(missing)
    const writes = [{ kind: 'put', table: absent, item } as const]
    expect(await failure(tested.store.batchWrite({ writes }))).toMatchObject(missing)
    await tested.store.createTable({ ...oneKey, name: absent })
    await tested.store.batchWrite({ writes })
  })
})
