import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../../../test/stores.js'
import { type KeyCondition, update, value } from '../../expression/ast.js'
import type { TableDefinition } from '../../store/definition.js'
import type { QueryRequest } from '../../store/store.js'
import type { Item, Key, KeyValue } from '../../value/value.js'
import { eventually, failure, textKeys } from './fixtures.js'

const definition: Omit<TableDefinition, 'name'> = {
  ...textKeys,
  globalIndexes: {
    byTeam: { partition: { name: 'team', type: 'S' }, sort: { name: 'score', type: 'N' } },
    byTeamKeys: { partition: { name: 'team', type: 'S' }, projection: 'keysOnly' },
    byTeamPart: { partition: { name: 'team', type: 'S' }, projection: { include: ['name'] } },
    byCode: { partition: { name: 'code', type: 'B' } },
  },
  localIndexes: {
    byRank: { partition: { name: 'pk', type: 'S' }, sort: { name: 'rank', type: 'N' } },
    byRankKeys: { partition: { name: 'pk', type: 'S' }, sort: { name: 'rank', type: 'N' }, projection: 'keysOnly' },
  },
}

describeEachStore('indexes', tested => {
  let table: string
  beforeAll(async () => {
    table = await tested.table(definition)
  })

  const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
  const inPartition = (name: string, value: KeyValue): KeyCondition => ({ partition: { name, value } })
  const query = (index: string, key: KeyCondition, more: Partial<QueryRequest> = {}) =>
    tested.store.query({ table, index, key, ...more })

  it('finds items by the keys of a global index, in its order, both ways', async () => {
    const items = [30, -1, 2.5].map((score, i) => ({ pk: 'order', sk: `${i}`, team: 'order', score }))
    for (const item of items) await put(item)
    await eventually(async () => {
      const key = inPartition('team', 'order')
      expect((await query('byTeam', key)).items.map(item => item.score)).toEqual([-1, 2.5, 30])
      expect((await query('byTeam', key, { order: 'desc' })).items.map(item => item.score)).toEqual([30, 2.5, -1])
      const range: KeyCondition = { ...key, sort: { kind: 'compare', name: 'score', comparator: '>', value: 2 } }
      expect((await query('byTeam', range)).items).toEqual([items[2], items[0]])
    })
  })

  it('has an item in an index only while it has all of the index keys', async () => {
    const key = { pk: 'sparse', sk: 'a' }
    await put({ ...key, team: 'sparse' })
    await eventually(async () => {
      expect((await query('byTeamKeys', inPartition('team', 'sparse'))).items).toHaveLength(1)
    })
    expect((await query('byTeam', inPartition('team', 'sparse'))).items).toEqual([])
    await tested.store.write({
      kind: 'update',
      table,
      key,
      update: update({ set: [{ path: ['score'], value: value(1) }] }),
    })
    await eventually(async () => {
      expect((await query('byTeam', inPartition('team', 'sparse'))).items).toEqual([
        { ...key, team: 'sparse', score: 1 },
      ])
    })
    await tested.store.write({ kind: 'update', table, key, update: update({ remove: [['team']] }) })
    await eventually(async () => {
      for (const index of ['byTeam', 'byTeamKeys', 'byTeamPart']) {
        expect((await query(index, inPartition('team', 'sparse'))).items).toEqual([])
      }
    })
  })

  it('moves an item between the partitions of an index, and out of it when it is deleted', async () => {
    const key = { pk: 'move', sk: 'a' }
    await put({ ...key, team: 'red', score: 1 })
    const change = update({ set: [{ path: ['team'], value: value('blue') }] })
    await tested.store.write({ kind: 'update', table, key, update: change })
    await eventually(async () => {
      expect((await query('byTeam', inPartition('team', 'red'))).items).toEqual([])
      expect((await query('byTeam', inPartition('team', 'blue'))).items).toEqual([{ ...key, team: 'blue', score: 1 }])
    })
    await tested.store.write({ kind: 'delete', table, key })
    await eventually(async () => {
      expect((await query('byTeam', inPartition('team', 'blue'))).items).toEqual([])
    })
  })

  it('holds of each item what its projection says', async () => {
    const item = { pk: 'part', sk: 'a', team: 'part', score: 1, name: 'Ada', more: 'x', rank: 7 }
    await put(item)
    const { pk, sk, team, name, rank } = item
    await eventually(async () => {
      const read = async (index: string) => (await query(index, inPartition('team', 'part'))).items
      expect(await read('byTeam')).toEqual([item])
      expect(await read('byTeamKeys')).toEqual([{ pk, sk, team }])
      expect(await read('byTeamPart')).toEqual([{ pk, sk, team, name }])
    })
    expect((await query('byRankKeys', inPartition('pk', 'part'), { consistent: true })).items).toEqual([
      { pk, sk, rank },
    ])
  })

  it('reads a local index consistently', async () => {
    await put({ pk: 'local', sk: 'a', rank: 2, name: 'second' })
    await put({ pk: 'local', sk: 'b', rank: 1, name: 'first' })
    await put({ pk: 'local', sk: 'c', name: 'unranked' })
    const key = inPartition('pk', 'local')
    const whole = await query('byRank', key, { consistent: true })
    expect(whole.items.map(item => item.name)).toEqual(['first', 'second'])
  })

  it('fetches from the table what a local index does not hold', async ({ skip }) => {
    skip(tested.limits.missesUnprojected !== undefined, tested.limits.missesUnprojected)
    await put({ pk: 'fetch', sk: 'a', rank: 2, name: 'second' })
    await put({ pk: 'fetch', sk: 'b', rank: 1, name: 'first' })
    const key = inPartition('pk', 'fetch')
    const projected = await query('byRankKeys', key, { consistent: true, projection: [['name'], ['rank']] })
    expect(projected.items).toEqual([
      { name: 'first', rank: 1 },
      { name: 'second', rank: 2 },
    ])
  })

  it('indexes binary keys', async () => {
    const item = { pk: 'binary', sk: 'a', code: Uint8Array.of(0, 255) }
    await put(item)
    await eventually(async () => {
      expect((await query('byCode', inPartition('code', Uint8Array.of(0, 255)))).items).toEqual([item])
    })
  })

  it('walks an index page by page through items with equal keys, both ways, each once', async () => {
    const items = Array.from({ length: 23 }, (_, i) => ({
      pk: `tie-${i % 3}`,
      sk: `${String(i).padStart(2, '0')}`,
      team: 'ties',
      score: i % 4,
    }))
    await tested.store.batchWrite({ writes: items.map(item => ({ kind: 'put', table, item }) as const) })
    const walk = async (order: 'asc' | 'desc') => {
      const seen: Item[] = []
      let after: Key | undefined
      do {
        const page = await query('byTeam', inPartition('team', 'ties'), { order, limit: 4, ...(after && { after }) })
        expect(page.items.length).toBeLessThanOrEqual(4)
        seen.push(...page.items)
        after = page.next
      } while (after)
      return seen
    }
    await eventually(async () => {
      const forth = await walk('asc')
      expect(new Set(forth.map(item => item.sk))).toEqual(new Set(items.map(item => item.sk)))
      expect(forth).toHaveLength(items.length)
      expect(forth.map(item => item.score)).toEqual(items.map(item => item.score).sort())
      const back = await walk('desc')
      expect(back).toHaveLength(items.length)
      expect(new Set(back.map(item => item.sk))).toEqual(new Set(items.map(item => item.sk)))
      expect(back.map(item => item.score)).toEqual(
        items
          .map(item => item.score)
          .sort()
          .reverse(),
      )
    })
  })

  it('scans an index, and finds there only the items that are in it', async () => {
    const other = await tested.table(definition)
    await tested.store.write({ kind: 'put', table: other, item: { pk: 'a', sk: 'a', team: 'x', score: 1 } })
    await tested.store.write({ kind: 'put', table: other, item: { pk: 'a', sk: 'b', team: 'x' } })
    await tested.store.write({ kind: 'put', table: other, item: { pk: 'a', sk: 'c' } })
    await eventually(async () => {
      const scan = async (index: string) => (await tested.store.scan({ table: other, index })).count
      expect(await scan('byTeam')).toBe(1)
      expect(await scan('byTeamKeys')).toBe(2)
      expect(await scan('byRank')).toBe(0)
    })
  })

  it('refuses an index key of the wrong type or empty, and writes nothing', async () => {
    const key = { pk: 'bad', sk: 'a' }
    const faults: Item[] = [{ team: 1 }, { team: '' }, { team: 't', score: '1' }, { rank: 'x' }, { code: 'text' }]
    for (const bad of faults) {
      expect(await failure(put({ ...key, ...bad })), JSON.stringify(bad)).toMatchObject({ code: 'ValidationFailed' })
    }
    await put(key)
    const bad = tested.limits.updatesIndexKeysToAnyType ? '' : 5
    const change = update({ set: [{ path: ['team'], value: value(bad) }] })
    expect(await failure(tested.store.write({ kind: 'update', table, key, update: change }))).toMatchObject({
      code: 'ValidationFailed',
    })
    expect((await tested.store.get({ table, key, consistent: true })).item).toEqual(key)
  })

  it('refuses an index key that is too long', async ({ skip }) => {
    skip(tested.limits.takesLongIndexKeys !== undefined, tested.limits.takesLongIndexKeys)
    const item = { pk: 'long', sk: 'a', team: 't'.repeat(2049) }
    expect(await failure(put(item))).toMatchObject({ code: 'LimitExceeded' })
  })

  it('refuses a consistent read of a global index', async () => {
    const call = query('byTeam', inPartition('team', 'x'), { consistent: true })
    expect(await failure(call)).toMatchObject({ code: 'ValidationFailed' })
  })

  it('refuses to read from a global index what it does not hold', async ({ skip }) => {
    skip(tested.limits.missesUnprojected !== undefined, tested.limits.missesUnprojected)
    const call = query('byTeamKeys', inPartition('team', 'x'), { projection: [['name']] })
    expect(await failure(call)).toMatchObject({ code: 'ValidationFailed' })
  })

  it('says which index is not there', async () => {
    const missing = { code: 'IndexNotFound', details: { table, index: 'byNothing' } }
    expect(await failure(query('byNothing', inPartition('team', 'x')))).toMatchObject(missing)
    expect(await failure(tested.store.scan({ table, index: 'byNothing' }))).toMatchObject(missing)
  })
})

describeEachStore('an index over the key attributes of its table', tested => {
  it('follows an item whose other attributes change, come and go', async () => {
    const table = await tested.table({
      ...textKeys,
      globalIndexes: { inverted: { partition: { name: 'sk', type: 'S' }, sort: { name: 'pk', type: 'S' } } },
    })
    const key = { pk: 'p', sk: 's' }
    for (const item of [{ ...key, x: 1 }, key, { ...key, y: 2 }]) {
      await tested.store.write({ kind: 'put', table, item })
      const request = { table, index: 'inverted', key: { partition: { name: 'sk', value: 's' } } } as const
      await eventually(async () => expect((await tested.store.query(request)).items).toEqual([item]))
    }
    await tested.store.write({ kind: 'delete', table, key })
    await eventually(async () => expect((await tested.store.scan({ table, index: 'inverted' })).count).toBe(0))
  })
})
