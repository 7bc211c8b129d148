/** Who takes up a job whose process died, what is seen of it until it is done, and what older programs left. */
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
import { storeFaults } from './store-state.js'

const name = 'notes'
const key = { partition: { name: 'id', type: 'S' } } as const
const byKind = { partition: { name: 'kind', type: 'S' } } as const
const COUNT = 9

let kv: Kv
/** Open all the time. */
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

/** Another process makes the change, and dies before its first step. */
async function abandon(change: TableChange): Promise<void> {
  const dying = openSmall(stoppingKv(kv, 1).kv)
  await expect(dying.updateTable(name, change)).rejects.toThrow(Stopped)
  await dying.close()
  expect(store.jobs()).toMatchObject([{ kind: 'filling' }])
}

const count = async (it: EngineStore) => (await it.scan({ table: name, index: 'byKind', countOnly: true })).count
const ended = () => expect.poll(() => store.jobs()).toEqual([])

describe('a filling whose process died', () => {
  it('is visible, and reads of the index are refused, until it is done', async () => {
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

  it('is taken up by the process that opens the store next', async () => {
    await abandon({ createIndexes: { byKind } })
    const next = openSmall(kv)
    await ended()
    expect(await count(next)).toBe(COUNT)
    await next.close()
  })

  it('is taken up by one that is open and reads the index', async () => {
    await abandon({ createIndexes: { byKind } })
    await expect(count(store)).rejects.toMatchObject({ code: 'Unavailable' })
    await ended()
    expect(await count(store)).toBe(COUNT)
  })

  it('is taken up by upkeep, which deletes what has expired in the same round', async () => {
    await abandon({ timeToLive: 'until' })
    expect(await store.sweep()).toBe(COUNT)
  })

  it('is done when the same index is asked for again, when the table is created again, and when it is provisioned', async () => {
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

  it('is done when models connect that need the index', async () => {
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

  it('ends without a trace when the index is dropped', async () => {
    await abandon({ createIndexes: { byKind } })
    await store.updateTable(name, { deleteIndexes: ['byKind'] })
    expect(store.jobs()).toEqual([])
    expect(storeFaults(kv)).toEqual([])
  })
})

describe('a filling in the background', () => {
  it('goes on while the call that began it has returned, and is left to others when the store is closed', async () => {
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

/** Makes of the table's record what a program before the jobs would have left. */
async function rewrite(change: (record: TableRecord) => object, also: () => void = () => undefined): Promise<void> {
  const at = Buffer.concat([Uint8Array.of(1), Buffer.from(name)])
  await kv.transact(() => {
    const record = kv.get(at, bytes => JSON.parse(readText(bytes)) as TableRecord)
    kv.put(at, Buffer.from(JSON.stringify(change(record as TableRecord))))
    also()
  })
}

describe('a store of a program that wrote no jobs', () => {
  const clear = (index: number) => {
    for (const key of kv.keys(indexRange(1, index), 100)) kv.remove(key)
  }

  it('has an index filled that is marked as being built', async () => {
    await store.updateTable(name, { createIndexes: { byKind } })
    const id = 1
    await rewrite(
      record => ({ ...record, building: ['byKind'] }),
      () => clear(id),
    )
    const next = openSmall(kv)
    await next.updateTable(name, {})
    expect(await count(next)).toBe(COUNT)
    expect(storeFaults(kv)).toEqual([])
    await next.close()
  })

  it('has time to live filled once, as nobody knows whether it was', async () => {
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

  it('has time to live filled apart from entries of it that were still being cleared away', async () => {
    const clearing = Buffer.from([3, 0, 0, 0, 1, 0xff, 0xff])
    await rewrite(
      ({ expiry: _, ...record }) => ({ ...record, definition: { ...record.definition, timeToLive: 'until' } }),
      () => kv.put(clearing, Uint8Array.of(1)),
    )
    const next = openSmall(kv)
    expect(await next.sweep()).toBe(COUNT)
    expect(next.jobs()).toEqual([])
    expect(storeFaults(kv)).toEqual([])
    await next.close()
  })

  it('has what such a program wrote since brought into the order of expiry', async () => {
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
    expect(storeFaults(kv)).toEqual([])
    await next.close()
  })
})
