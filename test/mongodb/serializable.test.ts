/** Transactions on MongoDB run as if one after another, although MongoDB itself finds conflicts of writes only. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PartitaError } from '../../packages/partita/src/errors/errors.js'
import { mongodb } from '../../packages/partita/src/mongodb/index.js'
import type { Condition, Store, WriteRequest } from '../../packages/partita/src/store/index.js'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

const TABLE = 'rows'
const ROUNDS = 15

let server: MemoryMongo
let store: Store
beforeAll(async () => {
  server = await startMemoryMongo()
  store = mongodb({ url: server.url.replace('/?', '/serializable?') })
  await store.createTable({ name: TABLE, key: { partition: { name: 'pk', type: 'S' } } })
})
afterAll(async () => {
  await store.close()
  await server.close()
})

const put = (pk: string, n: number): WriteRequest => ({ kind: 'put', table: TABLE, item: { pk, n } })
const remove = (pk: string): WriteRequest => ({ kind: 'delete', table: TABLE, key: { pk } })
const check = (pk: string, condition: Condition): WriteRequest => ({
  kind: 'check',
  table: TABLE,
  key: { pk },
  condition,
})
const absent: Condition = { kind: 'notExists', path: ['pk'] }
const equals = (n: number): Condition => ({
  kind: 'compare',
  comparator: '=',
  left: { kind: 'path', path: ['n'] },
  right: { kind: 'value', value: n },
})

async function read(pk: string): Promise<unknown> {
  return (await store.get({ table: TABLE, key: { pk }, consistent: true })).item?.n
}

/** Runs two transactions at once; returns which of them were written. Others fail by their conditions. */
async function both(first: readonly WriteRequest[], second: readonly WriteRequest[]): Promise<boolean[]> {
  const outcomes = await Promise.allSettled([first, second].map(writes => store.transactWrite({ writes })))
  return outcomes.map(outcome => {
    if (outcome.status === 'fulfilled') return true
    expect(outcome.reason).toMatchObject({ code: 'TransactionFailed' })
    return false
  })
}

describe('Transactions that run at the same time', () => {
  it('A check of an item conflicts with a write of it, so no write skew is possible', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [a, b] = [`skew-a-${round}`, `skew-b-${round}`]
      await store.transactWrite({ writes: [put(a, 1), put(b, 1)] })
      const written = await both([check(b, equals(1)), put(a, 0)], [check(a, equals(1)), put(b, 0)])
      expect(written.filter(Boolean)).toHaveLength(1)
      expect([await read(a), await read(b)].sort()).toEqual([0, 1])
    }
  })

  it('A check that an item is absent conflicts with its creation', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [a, b] = [`absent-a-${round}`, `absent-b-${round}`]
      const written = await both([check(b, absent), put(a, 1)], [check(a, absent), put(b, 1)])
      expect(written.filter(Boolean)).toHaveLength(1)
      expect([await read(a), await read(b)].filter(it => it !== undefined)).toEqual([1])
    }
  })

  it('A deletion of an item that is absent conflicts with its creation', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [a, b] = [`delete-a-${round}`, `delete-b-${round}`]
      expect(await both([put(a, 1), remove(b)], [put(b, 1), remove(a)])).toEqual([true, true])
      // Whichever runs last deletes the item of the other.
      expect([await read(a), await read(b)].filter(it => it !== undefined)).toEqual([1])
    }
  })

  it('A check leaves the item and its absence as they are', async () => {
    await store.transactWrite({ writes: [put('kept', 1)] })
    await store.transactWrite({ writes: [check('kept', equals(1)), check('never', absent), put('other', 1)] })
    expect([await read('kept'), await read('never')]).toEqual([1, undefined])
    const { items } = await store.scan({ table: TABLE, consistent: true })
    expect(items.map(({ pk }) => pk)).not.toContain('never')
  })

  it('A single write waits for no check, and a check sees it or comes first', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const [a, b] = [`single-a-${round}`, `single-b-${round}`]
      await store.write(put(a, 1))
      const [outcome] = await Promise.allSettled([
        store.transactWrite({ writes: [check(a, equals(1)), put(b, 1)] }),
        store.write({ ...put(a, 2), condition: equals(1) } as WriteRequest),
      ])
      expect(await read(a)).toBe(2)
      expect(await read(b)).toBe(outcome.status === 'fulfilled' ? 1 : undefined)
    }
  })

  it('Additions of many transactions to one item are all counted', async () => {
    await store.write(put('sum', 0))
    const add: WriteRequest = {
      kind: 'update',
      table: TABLE,
      key: { pk: 'sum' },
      update: { set: [], remove: [], add: [{ path: ['n'], value: 1 }], delete: [] },
    }
    const writes = (i: number) => [add, put(`part-${i}`, 1)]
    await Promise.all(Array.from({ length: 10 }, (_, i) => store.transactWrite({ writes: writes(i) })))
    expect(await read('sum')).toBe(10)
  })
})

describe('Tokens', () => {
  it('A transaction that is sent many times at once with its token is applied once', async () => {
    await store.write(put('once', 0))
    const writes: WriteRequest[] = [
      {
        kind: 'update',
        table: TABLE,
        key: { pk: 'once' },
        update: { set: [], remove: [], add: [{ path: ['n'], value: 1 }], delete: [] },
      },
    ]
    const sent = Array.from({ length: 6 }, () => store.transactWrite({ writes, token: 'once' }))
    const written = (await Promise.all(sent)).filter(({ capacity }) => capacity.write > 0)
    expect([await read('once'), written.length]).toEqual([1, 1])
  })

  it('A token is refused for other writes, however little they differ', async () => {
    const binary = new Uint8Array([1])
    const items = [{ v: 1 }, { v: '1' }, { v: [1] }, { v: new Set([1]) }, { v: binary }, { v: { a: 1 } }, { v: null }]
    for (const [i, item] of items.entries()) {
      const write = (other: object): WriteRequest => ({ kind: 'put', table: TABLE, item: { pk: 't', ...other } })
      await store.transactWrite({ writes: [write(item)], token: `token-${i}` })
      const other = items[(i + 1) % items.length] as object
      const error: unknown = await store
        .transactWrite({ writes: [write(other)], token: `token-${i}` })
        .catch(error => error)
      expect(PartitaError.is(error, 'TokenReused')).toBe(true)
    }
  })
})

it('A transaction spans databases, whose tables a request names after a slash', async () => {
  const other = `elsewhere/${TABLE}`
  await store.createTable({ name: other, key: { partition: { name: 'pk', type: 'S' } } })
  await store.transactWrite({ writes: [put('here', 1), { kind: 'put', table: other, item: { pk: 'there', n: 2 } }] })
  const failing = store.transactWrite({
    writes: [{ kind: 'put', table: other, item: { pk: 'there', n: 3 } }, check('here', equals(5))],
  })
  await expect(failing).rejects.toMatchObject({ details: { reasons: [{ code: 'None' }, { code: 'ConditionFailed' }] } })
  const { items } = await store.transactGet({
    gets: [
      { table: TABLE, key: { pk: 'here' } },
      { table: other, key: { pk: 'there' } },
      { table: other, key: { pk: 'here' } },
    ],
  })
  expect(items).toEqual([{ pk: 'here', n: 1 }, { pk: 'there', n: 2 }, undefined])
  expect(await store.listTables()).toEqual([TABLE])
})
