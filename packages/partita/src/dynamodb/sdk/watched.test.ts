/** The abort signal that an HTTP handler receives for each attempt. Several attempts share one. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { expect, it } from 'vitest'
import { type DynamoDBOptions, dynamodb } from '../index.js'

type Reply = (signal: AbortSignal) => Promise<object>
interface Options {
  readonly abortSignal: AbortSignal
}

const TABLE = { TableName: 'things', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] }
const answer = (body: object) => ({
  response: { statusCode: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) },
})
const done: Reply = async () => answer({ Item: { pk: { S: 'a' } } })

/** A store whose attempts `reply` answers, and the signals that these attempts received. */
async function storeOf(options: DynamoDBOptions = {}) {
  const signals: AbortSignal[] = []
  const given = { reply: done }
  const handle = async (request: { headers: Record<string, string> }, { abortSignal }: Options) => {
    if (request.headers['x-amz-target']?.endsWith('DescribeTable')) {
      return answer({ Table: { ...TABLE, AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }] } })
    }
    signals.push(abortSignal)
    return given.reply(abortSignal)
  }
  const settings = {
    endpoint: 'http://localhost:1',
    region: 'local',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { handle } as never,
    maxAttempts: 1,
  }
  const store = dynamodb({ client: new DynamoDBClient(settings), ...options })
  const get = (signal?: AbortSignal) => store.get({ table: 'things', key: { pk: 'a' }, ...(signal && { signal }) })
  await get()
  signals.length = 0
  return { get, signals, given }
}

/** Ends only by its signal, like a request whose server never answers. */
const hanging: Reply = signal =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('ended')), { once: true }))

it('a signal serves at most eight attempts, and never two at the same time', async () => {
  const { get, signals } = await storeOf()
  // Enough to use up the signals that other suites of this process have left over.
  for (let i = 0; i < 200; i++) await get()
  const uses = new Map<AbortSignal, number>()
  for (const signal of signals) uses.set(signal, (uses.get(signal) ?? 0) + 1)
  expect(Math.max(...uses.values())).toBe(8)
  signals.length = 0
  await Promise.all(Array.from({ length: 30 }, () => get()))
  expect(new Set(signals).size).toBe(30)
})

it('a signal is not reused after its attempt timed out or failed', async () => {
  const { get, signals, given } = await storeOf({ requestTimeout: 20 })
  given.reply = hanging
  await expect(get()).rejects.toMatchObject({ code: 'Unavailable' })
  given.reply = () => Promise.reject(new Error('reset'))
  await expect(get()).rejects.toMatchObject({ code: 'Unavailable' })
  const [timedOut, failed] = signals
  expect([timedOut?.aborted, failed?.aborted]).toEqual([true, false])
  given.reply = done
  // Enough to use up the signals that other suites of this process have left over.
  for (let i = 0; i < 200; i++) await get()
  expect(signals.slice(2)).not.toContain(timedOut)
  expect(signals.slice(2)).not.toContain(failed)
  expect(signals.slice(2).some(signal => signal.aborted)).toBe(false)
})

it('aborting a call ends its own attempt and no later one', async () => {
  const { get, signals, given } = await storeOf()
  given.reply = hanging
  const caller = new AbortController()
  const call = get(caller.signal)
  const refused = expect(call).rejects.toThrow(/aborted/)
  while (signals.length === 0) await new Promise(resolve => setImmediate(resolve))
  given.reply = done
  await get()
  caller.abort()
  await refused
  expect(signals.map(signal => signal.aborted)).toEqual([true, false])
  for (let i = 0; i < 10; i++) await get()
  expect(signals.slice(1).some(signal => signal.aborted)).toBe(false)
})
