/** Which process takes over a job whose process died, what is visible until then, and stores of older versions. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { EXPIRY_INDEX, indexRange } from '../../packages/partita/src/embedded/storage/key.js'
import { type Kv, readText } from '../../packages/partita/src/embedded/storage/kv.js'
import { openMemoryKv } from '../../packages/partita/src/embedded/storage/memory-kv.js'
import type { TableRecord } from '../../packages/partita/src/embedded/table-record.js'
import { listJobs } from '../../packages/partita/src/embedded/upkeep/jobs.js'
import { connect, f, model } from '../../packages/partita/src/index.js'
import type { TableChange } from '../../packages/partita/src/store/definition.js'
import { provision } from '../../packages/partita/src/store/provision.js'
import { NOON } from './crash-points.js'
import { heldKv } from './held-kv.js'
import { openSmall } from './interleaving.js'
import { Stopped, stoppingKv } from './stopping-kv.js'
import { storeProblems } from './store-state.js'

const name = 'notes'
const key = { partition: { name: 'id', type: 'S' } } as const
const byKind = { partition: { name: 'kind', type: 'S' } } as const
const COUNT = 9

let kv: Kv
/** A store that is open during the whole test. */
let store: EngineStore

beforeEach(async () => {
  kv = openMemoryKv()
  store = openSmall(kv)
  await store.createTable({ name, key })
  for (let i = 0; i < COUNT; i++) {
    await store.write({ kind: 'put', table: name, item: { id: `n${i}`, kind: 'k', until: NOON / 1000 - 10 } })
  }
})
afterEach(() => store.close())

/** Starts a change in another process that dies before its first step. */
async function abandon(change: TableChange): Promise<void> {
  const dying = openSmall(stoppingKv(kv, 1).kv)
  await expect(dying.updateTable(name, change)).rejects.toThrow(Stopped)
  await dying.close()
  expect(store.jobs()).toMatchObject([{ kind: 'filling' }])
}

const count = async (it: EngineStore) => (await it.scan({ table: name, index: 'byKind', countOnly: true })).count
const ended = () => expect.poll(() => store.jobs()).toEqual([])

describe('an abandoned filling', () => {
  it('an abandoned filling is visible and reads of its index are refused until it is done', async () => {
    await abandon({ createIndexes: { byKind }, timeToLive: 'until' })
    expect(await store.describeTable(name)).toMatchObject({
      status: 'updating',
      filling: { indexes: ['byKind'], timeToLive: true },
    })
    await expect(count(store)).rejects.toMatchObject({ code: 'Unavailable' })
    await store.updateTable(name, {})
    expect(await store.describeTable(name)).toMatchObject({ status: 'active' })
    expect(await store.describeTable(name)).not.toHaveProperty('filling')
    expect(await count(store)).toBe(COUNT)
  })

  it('the next process that opens the store completes the filling', async () => {
    await abandon({ createIndexes: { byKind } })
    const next = openSmall(kv)
    await ended()
    expect(await count(next)).toBe(COUNT)
    await next.close()
  })

  it('a process that reads the index completes the filling', async () => {
    await abandon({ createIndexes: { byKind } })
    await expect(count(store)).rejects.toMatchObject({ code: 'Unavailable' })
    await ended()
    expect(await count(store)).toBe(COUNT)
  })

  it('upkeep completes the filling and deletes expired items in the same round', async () => {
    await abandon({ timeToLive: 'until' })
    expect(await store.sweep()).toBe(COUNT)
  })

  it('adding the same index, creating the table and provisioning it complete the filling', async () => {
    const calls: (() => Promise<unknown>)[] = [
      () => store.updateTable(name, { createIndexes: { byKind } }),
      () => store.createTable({ name, key, globalIndexes: { byKind } }),
      () => provision(store, { name, key, globalIndexes: { byKind } }),
    ]
    for (const call of calls) {
      await abandon({ createIndexes: { byKind } })
      await call()
      expect(await count(store)).toBe(COUNT)
      await store.updateTable(name, { deleteIndexes: ['byKind'] })
    }
  })

  it('connecting models that need the index completes the filling', async () => {
    const fields = { noteId: f.string(), author: f.string() }
    const older = model('Note', { fields, key: 'noteId', iterable: false })
    const indexes = { byAuthor: { on: 'gsi1', pk: 'A#{author}', sk: '{noteId}' } } as const
    const newer = model('Note', { fields, key: 'noteId', iterable: false, indexes })
    await connect({ models: { Note: older }, store })
    const dying = openSmall(stoppingKv(kv, 1).kv)
    await expect(connect({ models: { Note: newer }, store: dying })).rejects.toThrow(Stopped)
    await dying.close()
    expect(store.jobs()).toHaveLength(1)
    const db = await connect({ models: { Note: newer }, store })
    expect(store.jobs()).toEqual([])
    expect((await db.Note.query.byAuthor({ author: 'ada' }).page()).items).toEqual([])
  })

  it('dropping the index ends the filling and leaves no entries', async () => {
    await abandon({ createIndexes: { byKind } })
    await store.updateTable(name, { deleteIndexes: ['byKind'] })
    expect(store.jobs()).toEqual([])
    expect(storeProblems(kv)).toEqual([])
  })
})

describe('a filling in the background', () => {
  it('a filling in the background continues after its call returned, and is left to others when the store closes', async () => {
    const { kv: held, allow } = heldKv(kv)
    const closing = openSmall(held)
    allow(2)
    await closing.updateTable(name, { createIndexes: { byKind } }, { inBackground: true })
    await expect.poll(() => (listJobs(kv)[0] as { from?: unknown }).from).toBeDefined()
    const closed = closing.close()
    allow(1)
    await closed
    expect(store.jobs()).toMatchObject([{ kind: 'filling' }])
    await store.sweep()
    expect(await count(store)).toBe(COUNT)
  })
})

/** Rewrites the table's record to the format of versions without jobs. */
async function rewrite(change: (record: TableRecord) => object, also: () => void = () => undefined): Promise<void> {
  const at = Buffer.concat([Uint8Array.of(1), Buffer.from(name)])
  await kv.transact(() => {
    const record = kv.get(at, bytes => JSON.parse(readText(bytes)) as TableRecord)
    kv.put(at, Buffer.from(JSON.stringify(change(record as TableRecord))))
    also()
  })
}

describe('a store of a version without jobs', () => {
  const clear = (index: number) => {
    for (const key of kv.keys(indexRange(1, index), 100)) kv.remove(key)
  }

  it('an index that is marked as being built is filled', async () => {
    await store.updateTable(name, { createIndexes: { byKind } })
    const id = 1
    await rewrite(
      record => ({ ...record, building: ['byKind'] }),
      () => clear(id),
    )
    const next = openSmall(kv)
    await next.updateTable(name, {})
    expect(await count(next)).toBe(COUNT)
    expect(storeProblems(kv)).toEqual([])
    await next.close()
  })

  it('time to live is filled once, because the store does not record whether it was', async () => {
    await rewrite(({ expiry: _, ...record }) => ({
      ...record,
      definition: { ...record.definition, timeToLive: 'until' },
    }))
    const next = openSmall(kv)
    expect(await next.describeTable(name)).toMatchObject({ filling: { timeToLive: true } })
    expect(await next.sweep()).toBe(COUNT)
    expect(next.jobs()).toEqual([])
    expect(await next.describeTable(name)).toMatchObject({ status: 'active', itemCount: 0 })
    await next.close()
  })

  it('time to live is filled while earlier entries of it are still being cleared', async () => {
    const clearing = Buffer.from([3, 0, 0, 0, 1, 0xff, 0xff])
    await rewrite(
      ({ expiry: _, ...record }) => ({ ...record, definition: { ...record.definition, timeToLive: 'until' } }),
      () => kv.put(clearing, Uint8Array.of(1)),
    )
    const next = openSmall(kv)
    expect(await next.sweep()).toBe(COUNT)
    expect(next.jobs()).toEqual([])
    expect(storeProblems(kv)).toEqual([])
    await next.close()
  })

  it('entries that such a version wrote are moved to the new expiry order', async () => {
    await store.updateTable(name, { timeToLive: 'until' })
    const [own, old] = [1, EXPIRY_INDEX].map(index => indexRange(1, index).low) as [Uint8Array, Uint8Array]
    await kv.transact(() => {
      for (const key of kv.keys(indexRange(1, 1), COUNT)) {
        const record = kv.get(key, bytes => Buffer.from(bytes.subarray(0, bytes.length))) as Buffer
        kv.put(Buffer.concat([old, key.subarray(own.length)]), record)
        kv.remove(key)
      }
    })
    const next = openSmall(kv)
    expect(await next.sweep()).toBe(COUNT)
    expect(next.jobs()).toEqual([])
    expect(storeProblems(kv)).toEqual([])
    await next.close()
  })
})
