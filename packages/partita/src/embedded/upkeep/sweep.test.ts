import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { compare, path, value } from '../../expression/ast.js'
import { type EmbeddedStore, memory } from '../index.js'

const NOON = Date.UTC(2026, 0, 1, 12)
const second = NOON / 1000
let now: number
let store: EmbeddedStore

beforeEach(async () => {
  now = NOON
  store = memory({ clock: () => now, sweepInterval: 0 })
  await store.createTable({
    name: 'sessions',
    key: { partition: { name: 'id', type: 'S' } },
    globalIndexes: { byUser: { partition: { name: 'user', type: 'S' } } },
    timeToLive: 'ttl',
  })
})
afterEach(() => store.close())

const put = (item: Record<string, string | number | null>) =>
  store.write({ kind: 'put', table: 'sessions', item: item as never })
const ids = async () => (await store.scan({ table: 'sessions' })).items.map(item => item.id).sort()

describe('the sweep', () => {
  it('the sweep deletes items when their second is over, from the table and its indexes', async () => {
    await put({ id: 'past', user: 'ada', ttl: second - 1 })
    await put({ id: 'now', user: 'ada', ttl: second })
    await put({ id: 'future', user: 'ada', ttl: second + 10 })
    await put({ id: 'forever', user: 'ada' })
    expect(await store.sweep()).toBe(1)
    expect(await ids()).toEqual(['forever', 'future', 'now'])
    now += 11_000
    expect(await store.sweep()).toBe(2)
    expect(await ids()).toEqual(['forever'])
    const byUser = await store.query({
      table: 'sessions',
      index: 'byUser',
      key: { partition: { name: 'user', value: 'ada' } },
    })
    expect(byUser.items.map(item => item.id)).toEqual(['forever'])
    expect(await store.sweep()).toBe(0)
  })

  it('the sweep keeps expiry values that are not numbers or over five years past, like DynamoDB', async () => {
    await put({ id: 'text', ttl: '1' })
    await put({ id: 'null', ttl: null })
    await put({ id: 'ancient', ttl: second - 6 * 365 * 86_400 })
    await put({ id: 'milliseconds', ttl: NOON })
    await put({ id: 'fraction', ttl: second - 0.5 })
    expect(await store.sweep()).toBe(1)
    expect(await ids()).toEqual(['ancient', 'milliseconds', 'null', 'text'])
  })

  it('the sweep keeps an item whose expiry was postponed or removed', async () => {
    await put({ id: 'sliding', ttl: second + 5 })
    await put({ id: 'kept', ttl: second + 5 })
    const set = (ttl: number) => ({
      set: [{ path: ['ttl'] as const, value: value(ttl) }],
      remove: [],
      add: [],
      delete: [],
    })
    await store.write({ kind: 'update', table: 'sessions', key: { id: 'sliding' }, update: set(second + 60) })
    await store.write({
      kind: 'update',
      table: 'sessions',
      key: { id: 'kept' },
      update: { set: [], remove: [['ttl']], add: [], delete: [] },
      condition: compare(path('ttl'), '=', value(second + 5)),
    })
    now += 30_000
    expect(await store.sweep()).toBe(0)
    now += 60_000
    expect(await store.sweep()).toBe(1)
    expect(await ids()).toEqual(['kept'])
  })

  it('the sweep deletes more items than a batch holds', async () => {
    const writes = Array.from(
      { length: 1200 },
      (_, i) => ({ kind: 'put', table: 'sessions', item: { id: `${i}`, ttl: second - 9 } }) as const,
    )
    await store.batchWrite({ writes })
    expect(await store.sweep()).toBe(1200)
    expect(await ids()).toEqual([])
  })

  it('the sweep includes the items from before time to live was enabled, and ends when it is disabled', async () => {
    await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
    await store.write({ kind: 'put', table: 'notes', item: { id: 'old', until: second - 5 } })
    expect(await store.sweep()).toBe(0)
    await store.updateTable('notes', { timeToLive: 'until' })
    await expect(store.updateTable('notes', { timeToLive: 'other' })).rejects.toThrow(/is until now; disable it before/)
    await store.updateTable('notes', { timeToLive: false })
    expect(await store.sweep()).toBe(0)
    await store.updateTable('notes', { timeToLive: 'until' })
    expect(await store.sweep()).toBe(1)
  })

  it('the sweep runs at its interval without a call', async () => {
    const own = memory({ sweepInterval: 5 })
    await own.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } }, timeToLive: 'ttl' })
    await own.write({ kind: 'put', table: 'notes', item: { id: 'x', ttl: Math.floor(Date.now() / 1000) - 10 } })
    await expect.poll(async () => (await own.describeTable('notes'))?.itemCount).toBe(0)
    await own.close()
  })
})

describe('a transaction token', () => {
  it('a transaction token expires after ten minutes', async () => {
    const put = (n: number) =>
      store.transactWrite({ writes: [{ kind: 'put', table: 'sessions', item: { id: 'x', n } }], token: 'token' })
    await put(1)
    await expect(put(2)).rejects.toMatchObject({ code: 'TokenReused' })
    now += 9 * 60_000
    await store.write({ kind: 'delete', table: 'sessions', key: { id: 'x' } })
    await put(1)
    expect(await ids()).toEqual([])
    now += 2 * 60_000
    await store.sweep()
    await put(2)
    expect(await ids()).toEqual(['x'])
  })
})
