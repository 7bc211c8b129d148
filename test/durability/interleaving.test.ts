/** Concurrent jobs and table changes in every order of their commits: an index that is reported as ready is complete. */
import { describe, expect, it } from 'vitest'
import type { EngineStore } from '../../packages/partita/src/embedded/engine-store.js'
import type { Kv } from '../../packages/partita/src/embedded/storage/kv.js'
import type { TableChange, TableDefinition } from '../../packages/partita/src/store/definition.js'
import type { Item } from '../../packages/partita/src/value/value.js'
import { NOON } from './crash-points.js'
import { type Meeting, meetInEveryOrder, openSmall, type Program } from './interleaving.js'
import { Stopped, stoppingKv } from './stopping-kv.js'
import { storeProblems } from './store-state.js'

const SECOND = NOON / 1000
const name = 'notes'
const key = { partition: { name: 'id', type: 'S' } } as const
const byKind = { partition: { name: 'kind', type: 'S' } } as const
const byRank = { partition: { name: 'rank', type: 'N' }, projection: 'keysOnly' } as const

const item = (i: number): Item => ({ id: `n${i}`, kind: `k${i % 2}`, rank: i, until: SECOND - 10, later: SECOND + i })
const put = (store: EngineStore, item: Item) => store.write({ kind: 'put', table: name, item })
const remove = (store: EngineStore, i: number) => store.write({ kind: 'delete', table: name, key: { id: `n${i}` } })

/** Makes a table of `count` items. `abandoned` is a change whose process died before its first step and left only the job. */
const table =
  (
    count: number,
    { definition = {}, abandoned }: { definition?: Partial<TableDefinition>; abandoned?: TableChange } = {},
  ) =>
  async (kv: Kv) => {
    const store = openSmall(kv)
    await store.createTable({ name, key, ...definition })
    for (let i = 0; i < count; i++) await put(store, item(i))
    await store.close()
    if (!abandoned) return
    const dying = openSmall(stoppingKv(kv, 1).kv)
    await expect(dying.updateTable(name, abandoned)).rejects.toThrow(Stopped)
    await dying.close()
  }

const add: Program = store => store.updateTable(name, { createIndexes: { byKind } })
const drop: Program = store => store.updateTable(name, { deleteIndexes: ['byKind'] })
const switchOn: Program = store => store.updateTable(name, { timeToLive: 'until' })
const switchOff: Program = store => store.updateTable(name, { timeToLive: false })
const isRefusal = (codes: readonly string[]) => (outcome: PromiseSettledResult<unknown>) =>
  outcome.status === 'fulfilled' || codes.includes((outcome.reason as { code: string }).code)

/** Every program ends, or is refused for one of these reasons; nothing is left to be done, and the indexes are right. */
function meeting(
  prepare: Meeting['prepare'],
  programs: readonly Program[],
  { refusals = [], end = () => undefined }: { refusals?: string[]; end?: (store: EngineStore) => unknown } = {},
): Meeting {
  return {
    prepare,
    programs,
    always: kv => expect(storeProblems(kv)).toEqual([]),
    async finally(kv: Kv, outcomes) {
      expect(outcomes.filter(outcome => !isRefusal(refusals)(outcome))).toEqual([])
      expect(storeProblems(kv)).toEqual([])
      const store = openSmall(kv)
      expect(store.jobs()).toEqual([])
      await end(store)
      await store.close()
    },
  }
}

const inTurn =
  (...programs: Program[]): Program =>
  async store => {
    for (const program of programs) await program(store)
  }

const indexed = async (store: EngineStore) => (await store.scan({ table: name, index: 'byKind' })).count

const meetings: Record<string, Meeting> = {
  'two processes that add one index': meeting(table(5), [add, add], {
    end: async store => expect(await indexed(store)).toBe(5),
  }),
  'two processes that wait for an index whose filling process died': meeting(
    table(7, { abandoned: { createIndexes: { byKind } } }),
    [store => store.updateTable(name, {}), add],
    { end: async store => expect(await indexed(store)).toBe(7) },
  ),
  'one that fills an index, and one that drops it and adds it again': meeting(table(3), [add, inTurn(drop, add)], {
    refusals: ['NotFound', 'IndexNotFound'],
    end: async store => expect(await indexed(store)).toBe(3),
  }),
  'one that fills an index, and one that replaces it with another key in one call': meeting(
    table(3, { abandoned: { createIndexes: { byKind } } }),
    [
      store => store.updateTable(name, {}),
      store => store.updateTable(name, { deleteIndexes: ['byKind'], createIndexes: { byKind: byRank } }),
    ],
    { end: async store => expect(await indexed(store)).toBe(3) },
  ),
  'one that drops an index, and one that adds it again': meeting(
    table(4, { definition: { globalIndexes: { byKind } } }),
    [drop, add],
    {
      end: async store =>
        expect([undefined, byKind]).toContainEqual((await store.describeTable(name))?.globalIndexes?.byKind),
    },
  ),
  'one that fills an index, and one that writes': meeting(table(5), [
    add,
    inTurn(
      store => put(store, { ...item(0), kind: 'moved' }),
      store => remove(store, 3),
      store => put(store, { id: 'n9', kind: 'new' }),
    ),
  ]),
  'one that fills an index, and one that drops the table and creates it again with that index': meeting(
    table(3, { abandoned: { createIndexes: { byKind } } }),
    [
      store => store.updateTable(name, {}),
      inTurn(
        store => store.deleteTable(name),
        store => store.createTable({ name, key }),
        store => put(store, item(8)),
        add,
      ),
    ],
    { refusals: ['NotFound', 'TableNotFound'], end: async store => expect(await indexed(store)).toBe(1) },
  ),
  'two processes that switch time to live on': meeting(table(5), [switchOn, switchOn]),
  'one that fills time to live, and one that switches it off and on for another attribute': meeting(
    table(3, { abandoned: { timeToLive: 'until' } }),
    [
      store => store.updateTable(name, {}),
      inTurn(switchOff, store => store.updateTable(name, { timeToLive: 'later' })),
    ],
  ),
  'one that completes an interrupted switching off of time to live, and one that switches it on for another attribute':
    meeting(table(4, { definition: { timeToLive: 'until' }, abandoned: { timeToLive: false } }), [
      store => store.updateTable(name, {}),
      store => store.updateTable(name, { timeToLive: 'later' }),
    ]),
  'one that switches time to live off and on again, and one that writes': meeting(
    table(3, { definition: { timeToLive: 'until' } }),
    [
      inTurn(switchOff, switchOn),
      inTurn(
        store => put(store, { ...item(1), until: SECOND + 10 }),
        store => remove(store, 2),
      ),
    ],
  ),
  'one that sweeps, and one that postpones an expiry': meeting(
    table(4, { definition: { timeToLive: 'until', globalIndexes: { byKind } } }),
    [
      store => store.sweep(),
      inTurn(
        store => put(store, { ...item(1), until: SECOND + 10 }),
        store => put(store, { ...item(3), until: SECOND + 10 }),
      ),
    ],
    { end: async store => expect(await ids(store)).toEqual(['n1', 'n3']) },
  ),
  'one that fills time to live, and one that sweeps': meeting(
    table(5, { abandoned: { timeToLive: 'until' } }),
    [store => store.updateTable(name, {}), store => store.sweep()],
    {
      async end(store) {
        await store.sweep()
        expect(await ids(store)).toEqual([])
      },
    },
  ),
}

async function ids(store: EngineStore): Promise<unknown[]> {
  return (await store.scan({ table: name })).items.map(({ id }) => id).sort()
}

describe('concurrent processes', () => {
  it.each(Object.entries(meetings))('the store stays consistent in every order of commits: %s', async (_, it) => {
    expect(await meetInEveryOrder(it), 'orders').toBeGreaterThan(5)
  })
})
