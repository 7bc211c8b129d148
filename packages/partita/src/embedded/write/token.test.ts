import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Decimal } from '../../value/number.js'
import type { Item, Value } from '../../value/value.js'
import type { EmbeddedStore } from '../embedded-store.js'
import { Engine } from '../engine.js'
import type { Kv } from '../storage/kv.js'
import { openMemoryKv } from '../storage/memory-kv.js'

const NOON = Date.UTC(2026, 0, 1, 12)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const TOKENS = { low: Buffer.from([0x02]), high: Buffer.from([0x03]) }
const AGES = { low: Buffer.from([0x0a]), high: Buffer.from([0x0b]) }

let now: number
let kv: Kv
let store: EmbeddedStore

beforeEach(async () => {
  now = NOON
  kv = openMemoryKv()
  store = open()
  await store.createTable({ name: 'items', key: { partition: { name: 'id', type: 'S' } } })
})
afterEach(() => store.close())

/** An engine on the store of this test, whose clock is ahead of `now` by `ahead`. */
function open(ahead = 0): EmbeddedStore {
  return new Engine(kv, async () => undefined, { clock: () => now + ahead, sweepInterval: 0 })
}

const send = (token: string, item: Item, to = store) =>
  to.transactWrite({ writes: [{ kind: 'put', table: 'items', item }], token })

/** Whether a transaction that was sent before is executed again. */
async function isDoneAgain(token: string, to = store): Promise<boolean> {
  await to.write({ kind: 'delete', table: 'items', key: { id: token } })
  await send(token, { id: token }, to)
  return (await to.get({ table: 'items', key: { id: token } })).item !== undefined
}

describe('a token that is reused for other writes', () => {
  const cases: [string, Value | undefined, Value | undefined][] = [
    ['a number and is its text', 1, '1'],
    ['a Decimal and is its text', new Decimal('0.1234567890123456789'), '0.1234567890123456789'],
    ['a Decimal and is a map of its text', new Decimal('0.1234567890123456789'), { decimal: '0.1234567890123456789' }],
    ['a large integer and is its text', 12345678901234567890n, '12345678901234567890'],
    ['a large integer and is a map of its text', 12345678901234567890n, { bigint: '12345678901234567890' }],
    ['bytes and is their text', Buffer.from('abc'), 'abc'],
    ['bytes and is their text in base 64', Buffer.from('abc'), 'YWJj'],
    ['bytes and is a map of their text', Buffer.from('abc'), { bytes: 'YWJj' }],
    ['bytes and is a list of them', Uint8Array.of(1, 2), [1, 2]],
    ['a set and is a list', new Set(['a', 'b']), ['a', 'b']],
    ['a set and is a map of a list', new Set(['a', 'b']), { set: ['a', 'b'] }],
    ['a set of numbers and is one of texts', new Set([1]), new Set(['1'])],
    ['null and is missing', null, undefined],
    ['null and is a text', null, 'null'],
    ['a boolean and is a text', true, 'true'],
    ['an empty map and is an empty list', {}, []],
  ]
  it.each(cases)('the token is refused if a value was %s', async (_, first, second) => {
    const item = (value: Value | undefined): Item => ({ id: 'x', ...(value !== undefined && { value }) })
    for (const [token, one, other] of [['t1', first, second] as const, ['t2', second, first] as const]) {
      await send(token, item(one))
      await expect(send(token, item(other))).rejects.toMatchObject({ code: 'TokenReused', details: { token } })
      await send(token, item(one))
    }
  })

  it('the token is refused if a key, the kind of a write, its table or its condition differs', async () => {
    await store.createTable({ name: 'others', key: { partition: { name: 'id', type: 'S' } } })
    const condition = { kind: 'exists', path: ['id'] } as const
    await send('t', { id: 'x' })
    for (const write of [
      { kind: 'put', table: 'items', item: { id: 'y' } },
      { kind: 'put', table: 'others', item: { id: 'x' } },
      { kind: 'put', table: 'items', item: { id: 'x' }, condition },
      { kind: 'delete', table: 'items', key: { id: 'x' } },
    ] as const) {
      await expect(store.transactWrite({ writes: [write], token: 't' })).rejects.toMatchObject({ code: 'TokenReused' })
    }
  })
})

describe('the upkeep of tokens', () => {
  it('upkeep removes exactly the tokens older than ten minutes, in several steps, and reads no others', async () => {
    for (let i = 0; i < 1200; i++) await send(`old ${i}`, { id: 'x' })
    now += 9 * MINUTE
    for (let i = 0; i < 3; i++) await send(`young ${i}`, { id: 'x' })
    await store.sweep()
    now += MINUTE
    let read = 0
    const get = kv.get
    kv.get = (key, reader) => {
      if (key[0] === 0x02) read++
      return get(key, reader)
    }
    await store.sweep()
    expect(read).toBe(1200)
    expect([kv.count(TOKENS), kv.count(AGES)]).toEqual([3, 3])
    now += 10 * MINUTE
    await store.sweep()
    expect([kv.count(TOKENS), kv.count(AGES)]).toEqual([0, 0])
  })

  it('upkeep yields to the event loop between its steps', async () => {
    for (let i = 0; i < 2000; i++) await send(`old ${i}`, { id: 'x' })
    now += 10 * MINUTE
    const left: number[] = []
    let isOver = false
    const look = () => {
      left.push(kv.count(TOKENS))
      if (!isOver) setImmediate(look)
    }
    setImmediate(look)
    await store.sweep()
    isOver = true
    expect(left.filter(count => count > 0 && count < 2000).length).toBeGreaterThan(1)
  })

  it('upkeep removes tokens that a version without ages wrote', async () => {
    await send('old', { id: 'x' })
    await kv.transact(() => {
      for (const age of kv.keys(AGES, 10)) kv.remove(age)
    })
    await store.sweep()
    expect([kv.count(TOKENS), kv.count(AGES)]).toEqual([1, 1])
    expect(await isDoneAgain('old').catch(error => error.code)).toBe('TokenReused')
    now += 10 * MINUTE
    await store.sweep()
    expect([kv.count(TOKENS), kv.count(AGES)]).toEqual([0, 0])
  })
})

describe('a token from a clock that was ahead', () => {
  const ahead = 5 * DAY

  it.each(['seen by upkeep', 'used'])('the token lasts ten minutes after it is %s', async way => {
    now += ahead
    await send('t', { id: 't' })
    now -= ahead
    if (way === 'used') expect(await isDoneAgain('t')).toBe(false)
    else await store.sweep()
    now += 9 * MINUTE
    expect(await isDoneAgain('t')).toBe(false)
    now += MINUTE
    expect(await isDoneAgain('t')).toBe(true)
    // Now its time is that of this clock.
    now += 9 * MINUTE
    expect(await isDoneAgain('t')).toBe(false)
    now += MINUTE
    await store.sweep()
    expect([kv.count(TOKENS), kv.count(AGES)]).toEqual([0, 0])
  })

  it('the token refuses other writes for as long, and then upkeep removes it', async () => {
    now += ahead
    await send('t', { id: 't', n: 1 })
    now -= ahead
    await expect(send('t', { id: 't', n: 2 })).rejects.toMatchObject({ code: 'TokenReused' })
    now += 10 * MINUTE
    await store.sweep()
    expect([kv.count(TOKENS), kv.count(AGES)]).toEqual([0, 0])
  })

  it('the token keeps its time for a process with the fast clock, whatever processes with slower clocks see', async () => {
    const other = open(ahead)
    await send('t', { id: 't' }, other)
    await store.sweep()
    now += 9 * MINUTE
    await other.sweep()
    await store.sweep()
    expect(await isDoneAgain('t', other)).toBe(false)
    expect(await isDoneAgain('t', store)).toBe(false)
    now += MINUTE
    expect(await isDoneAgain('t', other)).toBe(true)
    await other.close()
  })
})
