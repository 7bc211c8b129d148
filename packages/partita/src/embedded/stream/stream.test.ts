import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compare, path, value } from '../../expression/ast.js'
import type { UpdateRequest, WriteRequest } from '../../store/store.js'
import type { Item, Value } from '../../value/value.js'
import type { ItemChange } from '../change.js'
import { type EngineStore, engineStore } from '../engine-store.js'
import { embedded, memory } from '../index.js'
import type { Stream, StreamView } from './stream.js'

const NOON = Date.UTC(2026, 0, 1, 12)
const HOUR = 60 * 60 * 1000
let now: number
let store: EngineStore

beforeEach(async () => {
  now = NOON
  store = engineStore(memory({ clock: () => now, sweepInterval: 0 }))
})
afterEach(() => store.close())

const key = { partition: { name: 'id', type: 'S' } } as const
const create = (view: StreamView | undefined, name = 'notes') =>
  store.createTable({ name, key, timeToLive: 'ttl' }, view ? { stream: view } : {})
const put = (item: Item, table = 'notes') => store.write({ kind: 'put', table, item })
const set = (id: string, name: string, it: Value): UpdateRequest => ({
  kind: 'update',
  table: 'notes',
  key: { id },
  update: { set: [{ path: [name], value: value(it) }], remove: [], add: [], delete: [] },
})
const streamOf = (name = 'notes') => store.table(name)?.stream as Stream
const changesOf = (stream: Stream, from = 0) => store.readStream(stream.id, from, 1000)?.changes as ItemChange[]
const changes = () => changesOf(streamOf())

describe('a change stream', () => {
  it('the stream records puts, updates and deletes with the item before and after', async () => {
    await create('NEW_AND_OLD_IMAGES')
    await put({ id: 'a', n: 101 })
    await store.write(set('a', 'n', 102))
    await store.write({ kind: 'delete', table: 'notes', key: { id: 'a' } })
    expect(changes()).toMatchObject([
      { event: 'INSERT', at: NOON, keys: { id: 'a' }, oldImage: undefined, newImage: { id: 'a', n: 101 }, size: 10 },
      { event: 'MODIFY', oldImage: { id: 'a', n: 101 }, newImage: { id: 'a', n: 102 }, size: 17 },
      { event: 'REMOVE', oldImage: { id: 'a', n: 102 }, newImage: undefined, isExpiry: false, size: 10 },
    ])
  })

  it('the stream records no writes that change nothing, fail, or are to a table without a stream', async () => {
    await create('NEW_AND_OLD_IMAGES')
    await create(undefined, 'others')
    await put({ id: 'a', tags: new Set(['x', 'y']) })
    await put({ id: 'a', tags: new Set(['y', 'x']) })
    await store.write(set('a', 'tags', new Set(['x', 'y'])))
    await store.write({ kind: 'delete', table: 'notes', key: { id: 'absent' } })
    await store.batchWrite({ writes: [{ kind: 'put', table: 'notes', item: { id: 'a', tags: new Set(['x', 'y']) } }] })
    const refused = { ...set('a', 'n', 1), condition: compare(path('n'), '=', value(7)) }
    await expect(store.write(refused)).rejects.toMatchObject({ code: 'ConditionFailed' })
    await expect(
      store.transactWrite({ writes: [{ kind: 'put', table: 'notes', item: { id: 'b' } }, refused] }),
    ).rejects.toMatchObject({ code: 'TransactionFailed' })
    await put({ id: 'a' }, 'others')
    expect(changes().map(change => change.event)).toEqual(['INSERT'])
  })

  it.each([
    ['KEYS_ONLY', undefined, undefined, 3],
    ['NEW_IMAGE', undefined, { id: 'a', n: 2 }, 9],
    ['OLD_IMAGE', { id: 'a', n: 1 }, undefined, 9],
    ['NEW_AND_OLD_IMAGES', { id: 'a', n: 1 }, { id: 'a', n: 2 }, 15],
  ] as const)('view %s shows exactly its own images', async (view, oldImage, newImage, size) => {
    await create(view)
    await put({ id: 'a', n: 1 })
    await put({ id: 'a', n: 2 })
    expect(changes().at(-1)).toMatchObject({ event: 'MODIFY', keys: { id: 'a' }, oldImage, newImage, size })
  })

  it('the stream records batches and transactions, and identifies the deletions of expired items', async () => {
    await create('OLD_IMAGE')
    await store.batchWrite({
      writes: ['a', 'b'].map(id => ({ kind: 'put', table: 'notes', item: { id, ttl: NOON / 1000 - 5 } }) as const),
    })
    const writes: WriteRequest[] = [
      { kind: 'put', table: 'notes', item: { id: 'c' } },
      { kind: 'delete', table: 'notes', key: { id: 'a' } },
    ]
    await store.transactWrite({ writes, token: 'once' })
    await store.transactWrite({ writes, token: 'once' })
    expect(await store.sweep()).toBe(1)
    expect(changes().map(({ event, keys, isExpiry }) => [event, keys.id, isExpiry])).toEqual([
      ['INSERT', 'a', false],
      ['INSERT', 'b', false],
      ['INSERT', 'c', false],
      ['REMOVE', 'a', false],
      ['REMOVE', 'b', true],
    ])
  })

  it('sequence numbers grow across all streams, and a reader can continue after any of them', async () => {
    await create('KEYS_ONLY')
    await create('KEYS_ONLY', 'others')
    const before = store.sequence()
    for (let i = 0; i < 5; i++) {
      await put({ id: `${i}` })
      await put({ id: `${i}` }, 'others')
    }
    const all = [...changes(), ...changesOf(streamOf('others'))].map(({ sequence }) => sequence)
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 10 }, (_, i) => before + 1 + i))
    const first = store.readStream(streamOf().id, before, 2)
    expect(first?.changes.map(({ keys }) => keys.id)).toEqual(['0', '1'])
    const rest = store.readStream(streamOf().id, first?.next as number, 1000)
    expect(rest?.changes.map(({ keys }) => keys.id)).toEqual(['2', '3', '4'])
    expect(store.readStream(streamOf().id, rest?.next as number, 1000)).toEqual({ changes: [], next: rest?.next })
  })

  it('a read returns at most a megabyte, but always at least one record', async () => {
    await create('NEW_AND_OLD_IMAGES')
    const text = (letter: string) => letter.repeat(390_000)
    for (const letter of ['a', 'b', 'c']) await put({ id: 'x', text: text(letter) })
    const { id } = streamOf()
    const first = store.readStream(id, 0, 1000)
    expect(first?.changes.map(({ event }) => event)).toEqual(['INSERT'])
    const second = store.readStream(id, first?.next as number, 1000)
    expect(second?.changes.map(({ newImage }) => newImage?.text)).toEqual([text('b')])
  })

  it('a disabled stream stays readable for a day, and a new one gets another label', async () => {
    await create('KEYS_ONLY')
    await put({ id: 'a' })
    const old = streamOf()
    await store.updateTable('notes', {}, { stream: false })
    await put({ id: 'b' })
    expect(streamOf()).toMatchObject({ id: old.id, ended: NOON })
    await store.updateTable('notes', {}, { stream: 'NEW_IMAGE' })
    await put({ id: 'c' })
    expect(changes().map(({ keys }) => keys.id)).toEqual(['c'])
    expect(store.readStream(old.id, 0, 1000)).toMatchObject({ changes: [{ keys: { id: 'a' } }], next: undefined })
    expect(store.streams().map(({ label }) => label)).toEqual(['2026-01-01T12:00:00.000', '2026-01-01T12:00:00.001'])
    now += 24 * HOUR
    await put({ id: 'd' })
    await store.sweep()
    expect(store.readStream(old.id, 0, 1000)).toBeUndefined()
    expect(changes().map(({ keys }) => keys.id)).toEqual(['d'])
    expect(store.streams()).toHaveLength(1)
  })

  it('a stream stays readable for a day after its table is deleted', async () => {
    await create('KEYS_ONLY')
    await put({ id: 'a' })
    const stream = streamOf()
    await store.deleteTable('notes')
    await create(undefined)
    expect(streamOf()).toBeUndefined()
    await put({ id: 'b' })
    expect(changesOf(stream).map(({ keys }) => keys.id)).toEqual(['a'])
    now += 24 * HOUR
    await store.sweep()
    expect(store.streams()).toEqual([])
  })

  it('records are trimmed after a day, also more than one step removes, and the stream reports up to which', async () => {
    await create('KEYS_ONLY')
    await store.batchWrite({
      writes: Array.from({ length: 2500 }, (_, i) => ({ kind: 'put', table: 'notes', item: { id: `${i}` } }) as const),
    })
    const newest = store.sequence()
    now += 23 * HOUR
    await put({ id: 'late' })
    await store.sweep()
    expect(changes()).toHaveLength(1000)
    now += HOUR
    await store.sweep()
    expect(changes().map(({ keys }) => keys.id)).toEqual(['late'])
    expect(store.streams()).toMatchObject([{ trimmed: newest }])
    // Changes to the table keep this.
    await store.updateTable('notes', {}, { stream: false })
    expect(store.streams()).toMatchObject([{ trimmed: newest, ended: now }])
  })

  it('enabling an enabled stream and disabling a missing one are refused and leave the table unchanged', async () => {
    await create('KEYS_ONLY')
    const createIndexes = { byN: { partition: { name: 'n', type: 'N' } } } as const
    const again = store.updateTable('notes', { createIndexes }, { stream: 'NEW_IMAGE' })
    await expect(again).rejects.toMatchObject({ code: 'AlreadyExists' })
    expect(store.table('notes')?.definition.globalIndexes).toBeUndefined()
    await store.updateTable('notes', {}, { stream: false, changeMetadata: metadata => ({ ...metadata, seen: true }) })
    expect(store.table('notes')?.metadata).toEqual({ seen: true })
    await expect(store.updateTable('notes', {}, { stream: false })).rejects.toMatchObject({ code: 'NotFound' })
  })
})

describe('the records of a stream after the clock was ahead', () => {
  const HOURS = [5 / 60, 12, 365 * 24]

  it.each(HOURS)(
    'records of a moment at which the clock was %d hours ahead are trimmed a day after they were written',
    async hours => {
      await create('KEYS_ONLY')
      await put({ id: 'before' })
      now += hours * HOUR
      await put({ id: 'ahead' })
      now -= hours * HOUR
      for (let i = 0; i < 5; i++) await put({ id: `after ${i}` })
      const newest = store.sequence()
      now += 23 * HOUR
      await store.sweep()
      expect(changes()).toHaveLength(7)
      await put({ id: 'late' })
      now += HOUR
      await store.sweep()
      expect(changes().map(({ keys }) => keys.id)).toEqual(['late'])
      expect(store.streams()).toMatchObject([{ trimmed: newest }])
    },
  )

  it('records of several such moments within a minute are trimmed a day after the last of them', async () => {
    await create('KEYS_ONLY')
    for (let i = 0; i < 20; i++) {
      now += 300 * HOUR
      await put({ id: `ahead ${i}` })
      now -= 300 * HOUR
      await put({ id: `right ${i}` })
      now += 1000
    }
    now += 24 * HOUR
    await store.sweep()
    expect(changes()).toEqual([])
  })

  it('records and ended streams that nothing follows are trimmed a day after upkeep saw them', async () => {
    await create('KEYS_ONLY')
    await create('KEYS_ONLY', 'others')
    now += 300 * HOUR
    await put({ id: 'ahead' })
    await store.deleteTable('others')
    now -= 300 * HOUR
    await store.sweep()
    now += 23 * HOUR
    await store.sweep()
    expect(changes()).toHaveLength(1)
    expect(store.streams()).toHaveLength(2)
    now += HOUR
    await store.sweep()
    expect(changes()).toEqual([])
    expect(store.streams()).toHaveLength(1)
  })

  it('records of two processes whose clocks always differ keep their order and are trimmed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'partita-clocks-'))
    const open = (ahead: number) => engineStore(embedded({ path: folder, sweepInterval: 0, clock: () => now + ahead }))
    const [one, other] = [open(0), open(HOUR)]
    try {
      await one.createTable({ name: 'notes', key }, { stream: 'KEYS_ONLY' })
      const id = one.streams()[0]?.id as number
      const read = () => one.readStream(id, 0, 1000)?.changes.map(change => change.sequence) as number[]
      for (let i = 0; i < 10; i++) {
        await (i % 2 ? one : other).write({ kind: 'put', table: 'notes', item: { id: `${i}` } })
        now += 1000
      }
      const found = read()
      expect(found).toEqual([...found].sort((a, b) => a - b))
      expect(found).toHaveLength(10)
      now += 25 * HOUR
      await one.sweep()
      expect(read()).toEqual([])
    } finally {
      await one.close()
      await other.close()
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the change stream of a store that is open twice', () => {
  it('both openers write to the same stream', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'partita-stream-'))
    const open = () => engineStore(embedded({ path: folder, sweepInterval: 0 }))
    const [one, other] = [open(), open()]
    try {
      await one.createTable({ name: 'notes', key })
      await other.write({ kind: 'put', table: 'notes', item: { id: 'before' } })
      await one.updateTable('notes', {}, { stream: 'KEYS_ONLY' })
      await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 ? one : other).write({ kind: 'put', table: 'notes', item: { id: `${i}` } }),
        ),
      )
      const [stream] = other.streams()
      expect(other.readStream(stream?.id as number, 0, 1000)?.changes).toHaveLength(20)
    } finally {
      await one.close()
      await other.close()
      rmSync(folder, { recursive: true })
    }
  })
})
