/** Calls whose requests get no response, a broken one, or only throttling, and the limits that end them. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { afterEach, describe, expect, it } from 'vitest'
import { type DynamoDBOptions, dynamodb, type RequestHandler } from '../../packages/partita/src/dynamodb/index.js'
import { openStore } from '../../packages/partita/src/index.js'
import { limited } from '../../packages/partita/src/store/index.js'
import type { CallOptions, Store } from '../../packages/partita/src/store/store.js'
import type { Fault } from './fault-proxy.js'
import { describeEachServer, type Side } from './servers.js'
import { openProgram } from './writes.js'

const WRITES = /^(Put|Update|Delete)Item|^TransactWrite|^BatchWrite/
const settings = { region: 'local', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }

/** The SDK's own handler, which a user could also create. */
function handlerOfSdk(options: object): RequestHandler {
  return new DynamoDBClient({ ...settings, requestHandler: options }).config.requestHandler as unknown as RequestHandler
}

/** Injects a fault into the first `times` requests of the operations. */
function failing({ proxy }: Side, operations: RegExp, fault: Fault, times = Number.POSITIVE_INFINITY): void {
  let left = times
  proxy.decide = ({ operation }) => (operations.test(operation) && left-- > 0 ? fault : undefined)
}

describeEachServer('a call', (side, sentBy) => {
  let ids = 0
  const newId = () => `limits-${++ids}`
  const opened: (() => Promise<void>)[] = []
  afterEach(async () => {
    side().proxy.decide = undefined
    for (const end of opened.splice(0)) await end()
  })
  /** The store over the proxy: the settings are its own, or those of the SDK's client. */
  const over = (options: DynamoDBOptions, forSdk: DynamoDBClientConfig = {}) => {
    const { credentials = settings.credentials, maxAttempts, maxConnections, ...others } = options
    const given = { endpoint: side().proxy.url, ...settings, credentials, ...(maxAttempts && { maxAttempts }) }
    if (sentBy === 'the store') {
      const store = dynamodb({ ...given, ...(maxConnections && { maxConnections }), ...others })
      opened.push(() => store.close())
      return store
    }
    const client = new DynamoDBClient({ ...given, ...forSdk })
    opened.push(async () => client.destroy())
    return dynamodb({ client, ...others })
  }
  const get = { table: 'any', key: { pk: 'a' } }

  describe('without a response', () => {
    it.each<[string, DynamoDBOptions, DynamoDBClientConfig?]>([
      ['the request timeout', { requestTimeout: 50, maxAttempts: 1 }],
      [
        'a request timeout of the handler, which the SDK would only warn about,',
        sentBy === 'the store'
          ? { requestHandler: handlerOfSdk({ requestTimeout: 50 }), maxAttempts: 1 }
          : { maxAttempts: 1 },
        { requestHandler: { requestTimeout: 50 } },
      ],
      ['the deadline of the store', { deadline: 400 }],
    ])('%s ends the call', async (_, options, forSdk) => {
      failing(side(), /./, 'hang')
      const store = over(options, forSdk)
      await expect(store.get(get)).rejects.toMatchObject({ code: 'Unavailable' })
      const put = { kind: 'put', table: 'any', item: { pk: 'a' } } as const
      await expect(store.write(put)).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      await store.close()
    })

    it('a call ends at its own deadline or signal, and at those of its scope', async () => {
      failing(side(), /./, 'hang')
      const { store, program } = side()
      await expect(store.get({ ...get, deadline: 50 })).rejects.toMatchObject({ code: 'Unavailable' })
      const stop = new AbortController()
      const call = store.get({ ...get, signal: stop.signal })
      setTimeout(() => stop.abort(), 20)
      await expect(call).rejects.toMatchObject({ code: 'Unavailable' })
      await expect(limited(store, { deadline: 50 }).query).toBeTypeOf('function')
      const create = program.db.run({ deadline: 800 }, scope => scope.Plain.create({ id: newId() }))
      await expect(create).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      const late = program.db.run({ signal: stop.signal }, scope => scope.Plain.create({ id: newId() }))
      await expect(late).rejects.toMatchObject({ code: 'Unavailable' })
    })

    it('a call ends even if the client of the user has a handler without a timeout', async () => {
      failing(side(), /./, 'hang')
      const client = new DynamoDBClient({ endpoint: side().proxy.url, ...settings, maxAttempts: 1 })
      const store = dynamodb({ client, requestTimeout: 50 })
      await expect(store.get(get)).rejects.toMatchObject({ code: 'Unavailable' })
      client.destroy()
    })

    it('a call ends at the deadline that a store URL sets', async () => {
      failing(side(), /./, 'hang')
      const store = await openStore(`dynamodb://${new URL(side().proxy.url).host}?region=local&deadline=60`)
      await expect(store.get(get)).rejects.toMatchObject({ code: 'Unavailable' })
      await store.close()
    })
  })

  describe('that is always throttled', () => {
    const put = { kind: 'put', table: 'any', item: { pk: 'a' } } as const
    const calls: [string, (store: Store, options: CallOptions) => Promise<unknown>][] = [
      ['get', (store, options) => store.get({ ...get, ...options })],
      ['write', (store, options) => store.write({ ...put, ...options })],
      ['transactWrite', (store, options) => store.transactWrite({ writes: [put], ...options })],
      ['batchWrite', (store, options) => store.batchWrite({ writes: [put], ...options })],
      ['batchGet', (store, options) => store.batchGet({ gets: [get], ...options })],
    ]
    /** A retry strategy of the SDK that waits an hour before each retry. */
    const patient = {
      mode: 'standard',
      acquireInitialRetryToken: async () => token,
      refreshRetryTokenForRetry: async () => token,
      recordSuccess() {},
    }
    const token = { getRetryCount: () => 0, getRetryDelay: () => 3_600_000 }
    /** The longest delays before each retry, so that a call is between two attempts when it ends. */
    const pace = {
      now: () => performance.now(),
      random: () => 1,
      sleep: (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds)),
    }
    const open = () => over({ maxAttempts: 1000, pace }, { retryStrategy: patient })

    it('every call ends with a Throttled error at its deadline or signal', async () => {
      failing(side(), /./, 'throttle')
      const endings = [{ deadline: 2000 }, { signal: AbortSignal.timeout(2000) }]
      const ended = calls.flatMap(([name, call]) =>
        endings.map(async ending => [
          name,
          ...Object.keys(ending),
          await call(open(), ending).catch(({ code }) => code),
        ]),
      )
      const others = (await Promise.all(ended)).filter(([, , code]) => code !== 'Throttled')
      expect(others).toEqual([])
    })

    it('the outcome is unknown if the response of an earlier attempt was lost', async () => {
      let sent = 0
      side().proxy.decide = () => (sent++ === 0 ? 'doneReset' : 'throttle')
      const call = open().transactWrite({ writes: [put], deadline: 1000 })
      await expect(call).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    })
  })

  describe('that waits for credentials', () => {
    const put = { kind: 'put', table: 'any', item: { pk: 'a' } } as const
    it('a call ends at its deadline, and is not sent when the credentials arrive later', async () => {
      let sent = 0
      side().proxy.decide = () => {
        sent++
        return undefined
      }
      let give = (_: object): void => {}
      const credentials = () => new Promise<typeof settings.credentials>(resolve => (give = resolve as typeof give))
      const store = over({ credentials })
      await expect(store.write({ ...put, deadline: 50 })).rejects.toMatchObject({ code: 'Unavailable' })
      give(settings.credentials)
      await new Promise(resolve => setTimeout(resolve, 100))
      expect(sent).toBe(0)
    })

    it('a call ends at its deadline even if the retry strategy waits an hour before each retry', async () => {
      const late = async () => {
        await new Promise(resolve => setTimeout(resolve, 60))
        return settings.credentials
      }
      const token = { getRetryCount: () => 0, getRetryDelay: () => 3_600_000 }
      const retryStrategy = {
        mode: 'standard',
        acquireInitialRetryToken: async () => token,
        refreshRetryTokenForRetry: async () => token,
        recordSuccess() {},
      }
      // One store for each call, because it keeps its credentials.
      const open = () => over({ credentials: late }, { retryStrategy })
      await expect(open().write({ ...put, deadline: 50 })).rejects.toMatchObject({ code: 'Unavailable' })
      await expect(open().transactWrite({ writes: [put], deadline: 50 })).rejects.toMatchObject({ code: 'Unavailable' })
    })
  })

  it('a call succeeds once the dead requests that fill the connection pool time out', async () => {
    const { truth } = side()
    const store = over(
      { requestTimeout: 1500, maxConnections: 4 },
      { requestHandler: { httpAgent: { maxSockets: 4 } as never } },
    )
    const id = newId()
    await truth.db.Plain.create({ id })
    const { db } = await openProgram(store, side().prefix)
    failing(side(), /./, 'hang', 4)
    const dead = Array.from({ length: 4 }, () => db.Plain.get({ id }).catch(() => undefined))
    expect(await db.Plain.get({ id })).toMatchObject({ id })
    await Promise.all(dead)
  })

  it('a response without a body is an error, and never an empty result', async () => {
    const { program, truth } = side()
    const id = newId()
    await truth.db.Plain.create({ id })
    failing(side(), /./, 'empty')
    await expect(program.db.Plain.get({ id })).rejects.toMatchObject({ code: 'Unavailable' })
    await expect(program.db.Plain.getMany([{ id }])).rejects.toMatchObject({ code: 'Unavailable' })
    await expect(program.db.Indexed.query.byG({ g: 'g' }).all()).rejects.toMatchObject({ code: 'Unavailable' })
    await expect(program.db.Plain.update({ id }, { t: 1 })).rejects.toMatchObject({ code: 'OutcomeUnknown' })
  })

  it('a failed write removes the row from the cache of a loader', async () => {
    const { program, truth } = side()
    const [updated, batched, transacted] = [newId(), newId(), newId()]
    for (const id of [updated, batched, transacted]) await truth.db.Plain.create({ id })
    await program.db.run({ loader: true, deadline: 1500 }, async scope => {
      for (const id of [updated, batched, transacted]) await scope.Plain.get({ id })
      // Every response is lost, including that of the read that checks the outcome.
      side().proxy.decide = ({ operation }) => (WRITES.test(operation) ? 'doneReset' : 'drop')
      await expect(scope.Plain.update({ id: updated }, { t: 2 })).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      failing(side(), WRITES, 'doneReset')
      await expect(scope.batch(it => it.Plain.put({ id: batched, t: 2 }))).rejects.toThrow()
      const transaction = scope.transaction(tx => tx.Plain.update({ id: transacted }, { t: 2 }))
      await expect(transaction).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      side().proxy.decide = undefined
      for (const id of [updated, batched, transacted]) expect(await scope.Plain.get({ id })).toMatchObject({ t: 2 })
    })
  })

  it('a failed batch reports which writes were applied, which were not, and which are unknown', async () => {
    const { program, proxy, truth } = side()
    const rows = Array.from({ length: 400 }, (_, i) => `${newId()}-${i}`)
    let request = 0
    proxy.decide = ({ operation }) => (operation === 'BatchWriteItem' && request++ === 2 ? 'doneReset' : undefined)
    const call = program.db.batch(it => {
      for (const id of rows) it.Plain.put({ id })
    })
    const error = await call.catch(it => it)
    expect(error).toMatchObject({ code: 'OutcomeUnknown' })
    const { done, undoneKeys, unknownKeys } = error.details.batch
    // On a busy machine other chunks may time out as well.
    expect(unknownKeys.length).toBeGreaterThanOrEqual(25)
    expect(done + undoneKeys.length + unknownKeys.length).toBe(400)
    proxy.decide = undefined
    expect((await truth.db.Plain.getMany(undoneKeys)).every(row => row === undefined)).toBe(true)
    const open = new Set([...undoneKeys, ...unknownKeys].map(({ id }: { id: string }) => id))
    const written = rows.filter(id => !open.has(id)).map(id => ({ id }))
    expect((await truth.db.Plain.getMany(written)).every(row => row !== undefined)).toBe(true)
  })
})
