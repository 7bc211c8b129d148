/** The servers behind the fault proxy, and programs on both sides of it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { type DynamoDBOptions, dynamodb } from '../../packages/partita/src/dynamodb/index.js'
import { memory } from '../../packages/partita/src/embedded/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { createServer } from '../../packages/partita/src/wire/index.js'
import { seed, seeded } from '../seeded.js'
import { type FaultProxy, faultProxy } from './fault-proxy.js'
import { openProgram, type Program } from './writes.js'

const settings = { region: 'local', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }

export interface Side {
  readonly proxy: FaultProxy
  /** A store through the proxy. */
  readonly store: Store
  readonly program: Program
  /** The same tables, accessed without the proxy. */
  readonly truth: Program
  /** The prefix of the table names. */
  readonly prefix: string
}

/** What sends the requests of a suite. */
export type SentBy = 'the store' | 'a client of the SDK'

/**
 * Runs a suite on our own server and, if it is running, on AWS's DynamoDB Local, with requests of the store itself. On our
 * own server it also runs with requests through a client of the SDK.
 */
export function describeEachServer(
  title: string,
  body: (side: () => Side, sentBy: SentBy, server: 'partita' | 'dynamodb-local') => void,
): void {
  const local = inject('servers').find(({ name }) => name === 'dynamodb-local')
  const lanes = [
    ['partita', 'the store'],
    ['partita', 'a client of the SDK'],
    ...(local ? [['dynamodb-local', 'the store'] as const] : []),
  ] as const
  for (const [name, sentBy] of lanes) {
    describe(`${title}, on ${name}, sent by ${sentBy}`, () => {
      const ends: (() => Promise<void>)[] = []
      let side: Side | undefined
      beforeAll(async () => {
        const url = local && name === 'dynamodb-local' ? local.url : await own(ends)
        side = await openSide(url, sentBy, ends)
      })
      afterAll(async () => {
        for (const end of ends.reverse()) await end()
      })
      body(() => side as Side, sentBy, name)
    })
  }
}

/** Starts our own server. @param ends receives what ends it. */
export async function own(ends: (() => Promise<void>)[]): Promise<string> {
  const engine = memory()
  const server = createServer(engine, { port: 0 })
  const url = await server.listen()
  ends.push(
    () => engine.close(),
    () => server.close(),
  )
  return url
}

/** Opens both sides of a proxy before a server. @param options more options of a store that sends its requests itself. */
export async function openSide(
  url: string,
  sentBy: SentBy,
  ends: (() => Promise<void>)[],
  options: DynamoDBOptions = {},
): Promise<Side> {
  // The truth must be readable even on a busy machine.
  const direct = dynamodb({ endpoint: url, ...settings, requestTimeout: 300_000, deadline: 600_000 })
  const proxy = await faultProxy(url)
  const client = new DynamoDBClient({ endpoint: proxy.url, ...settings, retryStrategy: hurried })
  const transport =
    sentBy === 'the store' ? { endpoint: proxy.url, ...settings, maxAttempts: 3, ...options } : { client }
  const store = dynamodb({ requestTimeout: 1000, ...transport, deadline: 15_000, pace: hurriedPace })
  ends.push(
    () => direct.close(),
    () => proxy.close(),
    async () => {
      await store.close()
      client.destroy()
    },
  )
  const prefix = `network-${process.pid}-${Date.now().toString(36)}-${sentBy === 'the store' ? 'own' : 'sdk'}`
  const truth = await openProgram(direct, prefix, true)
  return { proxy, store, program: await openProgram(store, prefix), truth, prefix }
}

/** Waits a tenth of the requested time. */
const hurriedPace = {
  now: () => performance.now(),
  random: seeded(seed),
  sleep: (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds / 10)),
}

/** Retries as the SDK's standard strategy does, without its delays. */
const hurried = {
  mode: 'standard',
  acquireInitialRetryToken: async () => retryToken(0),
  async refreshRetryTokenForRetry(token: RetryToken, { errorType }: { errorType: string }) {
    if (token.getRetryCount() >= 2 || errorType === 'CLIENT_ERROR') throw new Error('No retry token available')
    return retryToken(token.getRetryCount() + 1)
  },
  recordSuccess() {},
}

type RetryToken = ReturnType<typeof retryToken>

const retryToken = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 })
