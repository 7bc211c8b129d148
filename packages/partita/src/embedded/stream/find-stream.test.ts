import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Engine } from '../engine.js'
import type { EngineStore } from '../engine-store.js'
import type { Kv } from '../storage/kv.js'
import { openMemoryKv } from '../storage/memory-kv.js'
import { allStreams, beginStream, findStreamByLabel, saveStream } from './stream.js'

const NOON = Date.UTC(2026, 0, 1, 12)
const DAY = 24 * 60 * 60 * 1000
const key = { partition: { name: 'id', type: 'S' } } as const
/** The kinds of stored keys: a stream, and its label. */
const [STREAM, LABEL] = [0x04, 0x07]

let now: number
let kv: Kv
let store: EngineStore

beforeEach(() => {
  now = NOON
  kv = openMemoryKv()
  store = new Engine(kv, () => kv.close(), { clock: () => now, sweepInterval: 0 })
})
afterEach(() => store.close())

describe('a stream of a table', () => {
  it('a stream is found by its label in one lookup, however many streams exist', async () => {
    await kv.transact(() => {
      for (let i = 0; i < 1000; i++) beginStream(kv, { name: `table-${i % 10}`, key }, 'KEYS_ONLY', NOON + i)
    })
    const streams = allStreams(kv)
    const read: number[] = []
    const { get } = kv
    kv.get = (entry, reader) => {
      read.push(entry[0] as number)
      return get(entry, reader)
    }
    kv.each = () => {
      throw new Error('all streams were read')
    }
    for (const stream of streams.slice(-20)) {
      read.length = 0
      expect(store.stream(stream.table, stream.label)).toEqual(stream)
      expect(read).toEqual([LABEL, STREAM])
    }
    expect(store.stream('table-1', 'no label')).toBeUndefined()
    expect(store.stream('table', streams[0]?.label as string)).toBeUndefined()
  })

  it('a stream is found after its end and after the deletion of its table, until its records are removed', async () => {
    await store.createTable({ name: 'notes', key }, { stream: 'KEYS_ONLY' })
    const [first] = store.streams()
    await store.updateTable('notes', {}, { stream: false })
    await store.updateTable('notes', {}, { stream: 'NEW_IMAGE' })
    const [, second] = store.streams()
    await store.deleteTable('notes')
    for (const one of [first, second]) {
      const found = store.stream('notes', one?.label as string)
      expect(found).toMatchObject({ id: one?.id, ended: NOON })
    }
    now += DAY
    await store.sweep()
    for (const one of [first, second]) expect(store.stream('notes', one?.label as string)).toBeUndefined()
    expect(kv.count({ low: Buffer.from([LABEL]), high: Buffer.from([LABEL + 1]) })).toBe(0)
  })

  it('a stream that a version without lookup by label began is found', async () => {
    await store.createTable({ name: 'notes', key }, { stream: 'KEYS_ONLY' })
    const [stream] = store.streams()
    await kv.transact(() => {
      for (const entry of kv.keys({ low: Buffer.from([LABEL]), high: Buffer.from([LABEL + 1]) }, 10)) kv.remove(entry)
      saveStream(kv, { ...stream!, trimmed: 1 })
    })
    expect(findStreamByLabel(kv, 'notes', stream!.label)).toBeUndefined()
    expect(store.stream('notes', stream!.label)).toEqual({ ...stream, trimmed: 1 })
  })
})
