/** A reindex run that dies after any of its commits is completed by the next run, with the same rows. */
import { expect, it } from 'vitest'
import type { EngineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { connect, f, type Item, model } from '../../packages/partita/src/index.js'
import { faultsOf } from '../models/consistency.js'
import { memoryMachine, NOON } from './crash-points.js'
import { stoppingKv } from './stopping-kv.js'
import { storeProblems } from './store-state.js'

const fields = { id: f.string(), email: f.string() }
const older = { User: model('User', { fields, key: 'id', iterable: false }) }
const newer = {
  User: model('User', {
    fields,
    key: 'id',
    unique: { email: ['email'] },
    indexes: { byEmail: { on: 'gsi1', pk: 'EMAIL#{email}' } },
  }),
}
const table = 'partita'
const clock = () => NOON

const reindex = async (store: EngineStore) => {
  const db = await connect({ models: newer, store, clock })
  return db.User.reindex({ batchSize: 3, parallel: 2 })
}

/** @returns all items without their revisions, which differ in every write. */
async function stateOf(store: EngineStore): Promise<Item[]> {
  const { items } = await store.scan({ table })
  return items.map(({ _rev, ...item }) => item)
}

/** @returns the items after the second run, and whether the first ended before it died. */
async function dieAfter(commits: number): Promise<{ state: Item[]; hasEnded: boolean }> {
  const machine = memoryMachine()
  try {
    const db = await connect({ models: older, store: machine.open(), clock })
    for (let i = 0; i < 7; i++) await db.User.create({ id: `u${i}`, email: `e${i}` })
    const { kv, wasMissed } = stoppingKv(machine.kv, commits)
    await reindex(machine.open(kv)).catch((error: unknown) => {
      if (!wasMissed()) throw error
    })
    const hasEnded = !wasMissed()
    const { incomplete, counts } = await reindex(machine.open())
    expect(incomplete, `after ${commits} commits`).toEqual([])
    expect(counts.rows, `after ${commits} commits`).toBe(7)
    const store = machine.open()
    expect(storeProblems(machine.kv), `after ${commits} commits`).toEqual([])
    expect(await faultsOf({ store, table, models: newer }), `after ${commits} commits`).toEqual([])
    await connect({ models: newer, store, clock, strict: true })
    return { state: await stateOf(store), hasEnded }
  } finally {
    await machine.end()
  }
}

it('a second reindex run leaves the same rows wherever the first run dies', async () => {
  const { state: expected } = await dieAfter(Number.POSITIVE_INFINITY)
  let points = 0
  for (let hasEnded = false; !hasEnded; points++) {
    const died = await dieAfter(points)
    expect(died.state, `after ${points} commits`).toEqual(expected)
    hasEnded = died.hasEnded
  }
  expect(points).toBeGreaterThan(7)
})
