/** Global and local indexes. */
import { type KeyCondition, update, value } from '../../expression/ast.js'
import type { TableDefinition } from '../../store/definition.js'
import type { QueryRequest } from '../../store/store.js'
import type { Item, Key, KeyValue } from '../../value/value.js'
import { equal, matches, ok } from './assert.js'
import type { ContractTests } from './contract-test.js'
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

/** Declares the tests of indexes. */
export function indexContract(tested: ContractTests): void {
  const { it, itIf, beforeAll } = tested
  let table: string
  beforeAll(async () => {
    table = await tested.table(definition)
  })

  const put = (item: Item) => tested.store.write({ kind: 'put', table, item })
  const inPartition = (name: string, value: KeyValue): KeyCondition => ({ partition: { name, value } })
  const query = (index: string, key: KeyCondition, more: Partial<QueryRequest> = {}) =>
    tested.store.query({ table, index, key, ...more })

  it('A global index returns items ordered by its sort key, in both directions', async () => {
    const items = [30, -1, 2.5].map((score, i) => ({ pk: 'order', sk: `${i}`, team: 'order', score }))
    for (const item of items) await put(item)
    await eventually(async () => {
      const key = inPartition('team', 'order')
      equal(
        (await query('byTeam', key)).items.map(item => item.score),
        [-1, 2.5, 30],
      )
      equal(
        (await query('byTeam', key, { order: 'desc' })).items.map(item => item.score),
        [30, 2.5, -1],
      )
      const range: KeyCondition = { ...key, sort: { kind: 'compare', name: 'score', comparator: '>', value: 2 } }
      equal((await query('byTeam', range)).items, [items[2], items[0]])
    })
  })

  it('An item is in an index only while it has all key attributes of the index', async () => {
    const key = { pk: 'sparse', sk: 'a' }
    await put({ ...key, team: 'sparse' })
    await eventually(async () => {
      equal((await query('byTeamKeys', inPartition('team', 'sparse'))).items.length, 1)
    })
    equal((await query('byTeam', inPartition('team', 'sparse'))).items, [])
    await tested.store.write({
      kind: 'update',
      table,
      key,
      update: update({ set: [{ path: ['score'], value: value(1) }] }),
    })
    await eventually(async () => {
      equal((await query('byTeam', inPartition('team', 'sparse'))).items, [{ ...key, team: 'sparse', score: 1 }])
    })
    await tested.store.write({ kind: 'update', table, key, update: update({ remove: [['team']] }) })
    await eventually(async () => {
      for (const index of ['byTeam', 'byTeamKeys', 'byTeamPart']) {
        equal((await query(index, inPartition('team', 'sparse'))).items, [])
      }
    })
  })

  it('An item moves between the partitions of an index, and leaves the index when it is deleted', async () => {
    const key = { pk: 'move', sk: 'a' }
    await put({ ...key, team: 'red', score: 1 })
    const change = update({ set: [{ path: ['team'], value: value('blue') }] })
    await tested.store.write({ kind: 'update', table, key, update: change })
    await eventually(async () => {
      equal((await query('byTeam', inPartition('team', 'red'))).items, [])
      equal((await query('byTeam', inPartition('team', 'blue'))).items, [{ ...key, team: 'blue', score: 1 }])
    })
    await tested.store.write({ kind: 'delete', table, key })
    await eventually(async () => {
      equal((await query('byTeam', inPartition('team', 'blue'))).items, [])
    })
  })

  it('An index returns the attributes of its projection', async () => {
    const item = { pk: 'part', sk: 'a', team: 'part', score: 1, name: 'Ada', more: 'x', rank: 7 }
    await put(item)
    const { pk, sk, team, name, rank } = item
    await eventually(async () => {
      const read = async (index: string) => (await query(index, inPartition('team', 'part'))).items
      equal(await read('byTeam'), [item])
      equal(await read('byTeamKeys'), [{ pk, sk, team }])
      equal(await read('byTeamPart'), [{ pk, sk, team, name }])
    })
    equal((await query('byRankKeys', inPartition('pk', 'part'), { consistent: true })).items, [{ pk, sk, rank }])
  })

  it('A local index supports consistent reads', async () => {
    await put({ pk: 'local', sk: 'a', rank: 2, name: 'second' })
    await put({ pk: 'local', sk: 'b', rank: 1, name: 'first' })
    await put({ pk: 'local', sk: 'c', name: 'unranked' })
    const key = inPartition('pk', 'local')
    const whole = await query('byRank', key, { consistent: true })
    equal(
      whole.items.map(item => item.name),
      ['first', 'second'],
    )
  })

  const fetches = 'A query of a local index reads attributes that the index does not project from the table'
  itIf('unprojectedAttributes', fetches, async () => {
    await put({ pk: 'fetch', sk: 'a', rank: 2, name: 'second' })
    await put({ pk: 'fetch', sk: 'b', rank: 1, name: 'first' })
    const key = inPartition('pk', 'fetch')
    const projected = await query('byRankKeys', key, { consistent: true, projection: [['name'], ['rank']] })
    equal(projected.items, [
      { name: 'first', rank: 1 },
      { name: 'second', rank: 2 },
    ])
  })

  it('An index can have a binary key', async () => {
    const item = { pk: 'binary', sk: 'a', code: Uint8Array.of(0, 255) }
    await put(item)
    await eventually(async () => {
      equal((await query('byCode', inPartition('code', Uint8Array.of(0, 255)))).items, [item])
    })
  })

  it('Pages of an index return items with equal index keys once each, in both directions', async () => {
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
        ok(page.items.length <= 4)
        seen.push(...page.items)
        after = page.next
      } while (after)
      return seen
    }
    await eventually(async () => {
      const forth = await walk('asc')
      equal(new Set(forth.map(item => item.sk)), new Set(items.map(item => item.sk)))
      equal(forth.length, items.length)
      equal(
        forth.map(item => item.score),
        items.map(item => item.score).sort(),
      )
      const back = await walk('desc')
      equal(back.length, items.length)
      equal(new Set(back.map(item => item.sk)), new Set(items.map(item => item.sk)))
      equal(
        back.map(item => item.score),
        items
          .map(item => item.score)
          .sort()
          .reverse(),
      )
    })
  })

  it('A scan of an index returns only the items in the index', async () => {
    const other = await tested.table(definition)
    await tested.store.write({ kind: 'put', table: other, item: { pk: 'a', sk: 'a', team: 'x', score: 1 } })
    await tested.store.write({ kind: 'put', table: other, item: { pk: 'a', sk: 'b', team: 'x' } })
    await tested.store.write({ kind: 'put', table: other, item: { pk: 'a', sk: 'c' } })
    await eventually(async () => {
      const scan = async (index: string) => (await tested.store.scan({ table: other, index })).count
      equal(await scan('byTeam'), 1)
      equal(await scan('byTeamKeys'), 2)
      equal(await scan('byRank'), 0)
    })
  })

  it('A write with an index key that is empty or of the wrong type is rejected and writes nothing', async () => {
    const key = { pk: 'bad', sk: 'a' }
    const invalid: Item[] = [{ team: 1 }, { team: '' }, { team: 't', score: '1' }, { rank: 'x' }, { code: 'text' }]
    for (const bad of invalid) {
      matches(await failure(put({ ...key, ...bad })), { code: 'ValidationFailed' }, JSON.stringify(bad))
    }
    await put(key)
    const bad = tested.supports.indexKeyTypeInUpdates ? 5 : ''
    const change = update({ set: [{ path: ['team'], value: value(bad) }] })
    matches(await failure(tested.store.write({ kind: 'update', table, key, update: change })), {
      code: 'ValidationFailed',
    })
    equal((await tested.store.get({ table, key, consistent: true })).item, key)
  })

  itIf('indexKeyLength', 'An index key that is too long is rejected', async () => {
    const item = { pk: 'long', sk: 'a', team: 't'.repeat(2049) }
    matches(await failure(put(item)), { code: 'LimitExceeded' })
  })

  it('A consistent read of a global index is rejected', async () => {
    const call = query('byTeam', inPartition('team', 'x'), { consistent: true })
    matches(await failure(call), { code: 'ValidationFailed' })
  })

  const rejects = 'A query of a global index for attributes that the index does not project is rejected'
  itIf('unprojectedAttributes', rejects, async () => {
    const call = query('byTeamKeys', inPartition('team', 'x'), { projection: [['name']] })
    matches(await failure(call), { code: 'ValidationFailed' })
  })

  it('A read of a missing index fails with the name of the index', async () => {
    const missing = { code: 'IndexNotFound', details: { table, index: 'byNothing' } }
    matches(await failure(query('byNothing', inPartition('team', 'x'))), missing)
    matches(await failure(tested.store.scan({ table, index: 'byNothing' })), missing)
  })

  it('An index whose keys are those of the table follows changes of the other attributes', async () => {
    const inverted = await tested.table({
      ...textKeys,
      globalIndexes: { inverted: { partition: { name: 'sk', type: 'S' }, sort: { name: 'pk', type: 'S' } } },
    })
    const key = { pk: 'p', sk: 's' }
    for (const item of [{ ...key, x: 1 }, key, { ...key, y: 2 }]) {
      await tested.store.write({ kind: 'put', table: inverted, item })
      const request = { table: inverted, index: 'inverted', key: { partition: { name: 'sk', value: 's' } } } as const
      await eventually(async () => equal((await tested.store.query(request)).items, [item]))
    }
    await tested.store.write({ kind: 'delete', table: inverted, key })
    await eventually(async () => equal((await tested.store.scan({ table: inverted, index: 'inverted' })).count, 0))
  })
}
