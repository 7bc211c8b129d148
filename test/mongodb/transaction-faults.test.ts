/** Faults of a server under transactions: what the store says about them, and what it did. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { exists, update } from '../../packages/partita/src/store/index.js'
import type { WriteRequest } from '../../packages/partita/src/store/store.js'
import { failure } from '../../packages/partita/src/testing/contract/fixtures.js'
import { type FaultStore, openFaultStore } from './fault-store.js'

let tested: FaultStore
beforeAll(async () => {
  tested = await openFaultStore()
})
afterAll(() => tested.close())
afterEach(async () => {
  tested.server.clearFaults()
  // Neither a failure nor a retry leaves a transaction behind for longer than the server allows.
  await expect.poll(() => tested.server.open).toEqual({ transactions: 0, cursors: 0 })
})

let keys = 0
const table = 'things'
const addOne = update({ add: [{ path: ['n'], value: 1 }] })
const add = (pk: string): WriteRequest => ({ kind: 'update', table, key: { pk }, update: addOne })

/** Two items, and a transaction that adds one to both. */
async function pair(): Promise<{ a: string; b: string; writes: WriteRequest[]; values(): Promise<unknown[]> }> {
  const [a, b] = [`left-${++keys}`, `right-${keys}`]
  await tested.store.batchWrite({ writes: [a, b].map(pk => ({ kind: 'put', table, item: { pk, n: 0 } })) })
  const values = async () => [(await tested.read(a))?.n, (await tested.read(b))?.n]
  return { a, b, writes: [add(a), add(b)], values }
}

/** Statements that write in a transaction. */
const STATEMENTS = ['insert', 'update', 'delete', 'findAndModify', 'bulkWrite']
const COMMIT = ['commitTransaction']

describe('Statements of a transaction', () => {
  const transient: [string, object][] = [
    ['A write conflict', { errorCode: 112, times: 3 }],
    ['A transaction that the server has forgotten', { errorCode: 251, times: 2 }],
    ['A broken connection before a write', { closeConnection: true }],
    ['A broken connection after a write', { closeConnection: true, afterCommand: true }],
    ['A primary that steps down', { errorCode: 10107 }],
  ]
  for (const [title, fault] of transient)
    it(`${title} repeats the whole transaction, which is done once`, async () => {
      const { writes, values } = await pair()
      tested.server.inject({ commands: STATEMENTS, ...fault })
      await tested.store.transactWrite({ writes })
      expect(await values()).toEqual([1, 1])
    })

  it('A write conflict until the deadline is a conflict, and nothing is written', async () => {
    const { writes, values } = await pair()
    tested.server.inject({ commands: STATEMENTS, errorCode: 112, times: 1000 })
    const error = await failure(tested.store.transactWrite({ writes, deadline: 1_000 }))
    expect(error.code).toBe('Conflict')
    tested.server.clearFaults()
    expect(await values()).toEqual([0, 0])
  })

  it('An error that is not transient ends the transaction, and nothing is written', async () => {
    const { writes, values } = await pair()
    tested.server.inject({ commands: STATEMENTS, errorCode: 263 })
    expect((await failure(tested.store.transactWrite({ writes }))).code).toBe('Unavailable')
    expect(await values()).toEqual([0, 0])
  })

  it('The server that is no replica set any more is reported as such', async () => {
    const { writes, values } = await pair()
    tested.server.inject({ commands: ['find'], errorCode: 20 })
    expect((await failure(tested.store.transactWrite({ writes }))).code).toBe('StoreUnusable')
    expect(await values()).toEqual([0, 0])
  })

  it('A transactional read is repeated too', async () => {
    const { a, b } = await pair()
    const errorLabels = ['TransientTransactionError']
    // The store also reads the definition of the table, now and then.
    tested.server.inject({ commands: ['find'], collection: table, errorCode: 246, errorLabels, times: 2 })
    const { items } = await tested.store.transactGet({ gets: [a, b].map(pk => ({ table, key: { pk } })) })
    expect(items.map(item => item?.n)).toEqual([0, 0])
  })
})

describe('The commit of a transaction', () => {
  const repeated: [string, object][] = [
    ['whose answer is lost', { closeConnection: true, afterCommand: true, times: 3 }],
    ['that never arrives', { closeConnection: true, times: 3 }],
    ['that a majority does not acknowledge', { writeConcernError: { code: 64, errmsg: 'timed out' } }],
    ['that a primary interrupts', { errorCode: 11600, times: 3 }],
  ]
  for (const [title, fault] of repeated)
    it(`A commit ${title} is repeated alone`, async () => {
      const { writes, values } = await pair()
      tested.server.inject({ commands: COMMIT, ...fault })
      const sent = await tested.sent(() => tested.store.transactWrite({ writes }))
      expect(sent.filter(name => name === 'commitTransaction').length).toBeGreaterThan(1)
      expect(sent.filter(name => name !== 'commitTransaction')).toEqual(['find', 'update'])
      expect(await values()).toEqual([1, 1])
    })

  it('A commit whose connection breaks while another breaks too is repeated alone', async () => {
    const rounds = await Promise.all(Array.from({ length: 6 }, () => pair()))
    tested.server.inject({ commands: COMMIT, closeConnection: true, afterCommand: true, times: 12 })
    await Promise.all(rounds.map(({ writes }) => tested.store.transactWrite({ writes })))
    for (const { values } of rounds) expect(await values()).toEqual([1, 1])
  })

  it('A commit that the server has forgotten repeats the whole transaction', async () => {
    const { writes, values } = await pair()
    tested.server.inject({ commands: COMMIT, errorCode: 251 })
    await tested.store.transactWrite({ writes })
    expect(await values()).toEqual([1, 1])
  })

  it('A commit whose answer is lost until the deadline is unknown, and its token tells later', async () => {
    const { a, b, writes, values } = await pair()
    const token = `lost-${keys}`
    tested.server.inject({ commands: COMMIT, closeConnection: true, afterCommand: true, times: 1000 })
    const error = await failure(tested.store.transactWrite({ writes, token, deadline: 1_500 }))
    expect(error).toMatchObject({ code: 'OutcomeUnknown', details: { token } })
    tested.server.clearFaults()
    expect(await values()).toEqual([1, 1])
    await tested.store.transactWrite({ writes, token })
    expect([a, b, ...(await values())]).toEqual([a, b, 1, 1])
  })

  it('A commit that never arrives does not keep its items from other writers until the server aborts it', async () => {
    const slow = await openFaultStore(5_000, 60_000)
    await slow.store.write({ kind: 'put', table, item: { pk: 'a', n: 0 } })
    slow.server.inject({ commands: COMMIT, closeConnection: true, times: 1000 })
    const error = await failure(slow.store.transactWrite({ writes: [add('a')], deadline: 1_500 }))
    expect(error.code).toBe('OutcomeUnknown')
    // Long before the server would abort it.
    await expect.poll(() => slow.server.open.transactions, { timeout: 10_000 }).toBe(0)
    slow.server.clearFaults()
    await slow.store.write(add('a'))
    expect(await slow.read('a')).toEqual({ pk: 'a', n: 1 })
    await slow.close()
  })

  it('A commit that was never done and is unknown is done by the token', async () => {
    const { writes, values } = await pair()
    const token = `never-${keys}`
    tested.server.inject({ commands: COMMIT, closeConnection: true, times: 1000 })
    const error = await failure(tested.store.transactWrite({ writes, token, deadline: 1_500 }))
    expect(error.code).toBe('OutcomeUnknown')
    tested.server.clearFaults()
    await tested.store.transactWrite({ writes, token })
    expect(await values()).toEqual([1, 1])
  })
})

describe('What a transaction sends', () => {
  it('A transaction on one table is one read, one command for each kind of write, and a commit', async () => {
    const { a, b, writes } = await pair()
    const put = { kind: 'put', table, item: { pk: `new-${keys}` } } as const
    expect(await tested.sent(() => tested.store.transactWrite({ writes: [...writes, put] }))).toEqual([
      'find',
      'insert',
      'update',
      'commitTransaction',
    ])
    const gets = [a, b].map(pk => ({ table, key: { pk } }))
    expect(await tested.sent(() => tested.store.transactGet({ gets }))).toEqual(['find', 'commitTransaction'])
  })

  it('A failed condition aborts without a write', async () => {
    const { writes, values } = await pair()
    const check = { kind: 'check', table, key: { pk: 'absent' }, condition: exists(['pk']) } as const
    const sent = await tested.sent(async () => {
      const error = await failure(tested.store.transactWrite({ writes: [...writes, check] }))
      expect(error).toMatchObject({
        code: 'TransactionFailed',
        details: { reasons: [{ code: 'None' }, { code: 'None' }, { code: 'ConditionFailed' }] },
      })
    })
    expect(sent).toEqual(['find', 'abortTransaction'])
    expect(await values()).toEqual([0, 0])
  })
})
