import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  ConflictError,
  PartitaError,
  ThrottledError,
  TransactionFailedError,
  UnavailableError,
} from '../errors/errors.js'
import { compare, exists, path, plus, update, value } from '../expression/ast.js'
import type { Pace } from '../store/retry.js'
import { type DynamoDBOptions, dynamodb } from './index.js'

// biome-ignore lint/suspicious/noExplicitAny: JSON of many operations; each test reads a small part of it
type Body = Record<string, any>

/** What the server answers to one request: a body, an exception by its name, or a network error. */
type Answer =
  | { body: Body }
  | { exception: string; status?: number; body?: Body }
  | { network: Error }
  /** A success whose body comes from something between the client and DynamoDB. */
  | { text: string }

interface Sent {
  readonly operation: string
  readonly body: Body
}

const TABLE = {
  TableName: 'things',
  TableStatus: 'ACTIVE',
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
}

const SENDERS = ['the store', 'a client of the SDK'] as const
let sender: (typeof SENDERS)[number] = 'the store'

/** A store whose HTTP requests a function answers, sent by the store itself or by a client of the SDK. Its clock advances only while the store sleeps. */
function storeOf(answer: (sent: Sent, call: number) => Answer, options: DynamoDBOptions = {}) {
  const sent: Sent[] = []
  const sleeps: number[] = []
  let time = 0
  const pace: Pace = {
    now: () => time,
    random: () => 0.5,
    async sleep(milliseconds) {
      sleeps.push(milliseconds)
      time += milliseconds
    },
  }
  const handle = async (request: { headers: Record<string, string>; body: Uint8Array | string }) => {
    const operation = request.headers['x-amz-target']?.split('.')[1] ?? ''
    // `Buffer.from` would use the SDK's bytes as a string, which the SDK warns about.
    const text = typeof request.body === 'string' ? request.body : new TextDecoder().decode(request.body)
    const body = JSON.parse(text)
    const reply: Answer =
      operation === 'DescribeTable' ? { body: { Table: TABLE } } : answer({ operation, body }, sent.length)
    if (operation !== 'DescribeTable') sent.push({ operation, body })
    if ('network' in reply) throw reply.network
    if ('text' in reply) {
      return { response: { statusCode: 200, headers: {}, body: Buffer.from(reply.text) } }
    }
    const isException = 'exception' in reply
    const content = isException
      ? { __type: `com.amazonaws.dynamodb.v20120810#${reply.exception}`, message: reply.exception, ...reply.body }
      : reply.body
    const headers = { 'content-type': 'application/x-amz-json-1.0' }
    return {
      response: {
        statusCode: isException ? (reply.status ?? 400) : 200,
        headers,
        body: Buffer.from(JSON.stringify(content)),
      },
    }
  }
  const { maxAttempts = 1, ...others } = options
  const settings = {
    endpoint: 'http://localhost:1',
    region: 'local',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: { handle } as never,
    // By default a single attempt: the tests see only the retries of the layers above, and nothing waits in real time.
    maxAttempts,
  }
  const transport = sender === 'the store' ? settings : { client: new DynamoDBClient(settings) }
  const store = dynamodb({ ...transport, pace, ...others })
  return { store, sent, sleeps }
}

const notConnected = () =>
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })

const failure = async (call: Promise<unknown>): Promise<PartitaError> => {
  const error = await call.then(
    result => result,
    (it: unknown) => it,
  )
  expect(error).toBeInstanceOf(PartitaError)
  return error as PartitaError
}

const keysOf = (count: number) => Array.from({ length: count }, (_, n) => ({ pk: `key-${n}` }))
const gets = (count: number) => keysOf(count).map(key => ({ table: 'things', key }))
const puts = (count: number) => keysOf(count).map(item => ({ kind: 'put', table: 'things', item }) as const)
const requestedKeys = ({ body }: Sent): Body[] => body.RequestItems.things.Keys
const found = (keys: Body[]) => ({ things: keys.map(key => ({ ...key, found: { BOOL: true } })) })
const capacity = (units: number) => [{ TableName: 'things', CapacityUnits: units, Table: { CapacityUnits: units } }]

describe.each(SENDERS)('requests of %s', given => {
  beforeEach(() => {
    sender = given
  })

  describe('batchGet', () => {
    it('batchGet retries unprocessed keys until it has all of them, and adds up the capacity of all requests', async () => {
      const { store, sent, sleeps } = storeOf(request => {
        const [first, ...others] = requestedKeys(request)
        const left = others.length > 0 ? { UnprocessedKeys: { things: { Keys: others } } } : {}
        return { body: { Responses: found([first as Body]), ...left, ConsumedCapacity: capacity(0.5) } }
      })
      const result = await store.batchGet({ gets: gets(4) })
      expect(result.items).toEqual(keysOf(4).map(key => ({ ...key, found: true })))
      expect(sent.map(request => requestedKeys(request).length)).toEqual([4, 3, 2, 1])
      expect(result.capacity.read).toBe(2)
      expect(sleeps).toHaveLength(3)
    })

    it('batchGet never reports a throttled item as missing', async () => {
      const { store } = storeOf(request => {
        const keys = requestedKeys(request)
        const processed = keys.filter(key => key.pk.S !== 'key-7')
        const refused = keys.filter(key => key.pk.S === 'key-7')
        return {
          body: {
            Responses: found(processed),
            UnprocessedKeys: refused.length > 0 ? { things: { Keys: refused } } : {},
          },
        }
      })
      const error = await failure(store.batchGet({ gets: gets(120), deadline: 5000 }))
      expect(error).toBeInstanceOf(ThrottledError)
      expect(error.details).toEqual({ done: 119, undone: 1, undoneKeys: [{ pk: 'key-7' }] })
      expect(error.message).toContain('1 of 120')
    })

    it('batchGet treats a throttled request as one with all keys unprocessed, and doubles its delay for each retry', async () => {
      const { store, sleeps } = storeOf((request, call) =>
        call < 4
          ? { exception: 'ProvisionedThroughputExceededException' }
          : { body: { Responses: found(requestedKeys(request)) } },
      )
      const { items } = await store.batchGet({ gets: gets(2) })
      expect(items).toEqual(keysOf(2).map(key => ({ ...key, found: true })))
      expect(sleeps).toEqual([50, 100, 200, 400])
    })

    it('batchGet reports a network error, and does not report the items as missing', async () => {
      const { store } = storeOf(() => ({
        network: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
      }))
      const error = await failure(store.batchGet({ gets: gets(2) }))
      expect(error).toBeInstanceOf(UnavailableError)
      expect(error.message).toContain('ECONNRESET')
    })
  })

  describe('batchWrite', () => {
    it('batchWrite retries unprocessed items and sends no item twice', async () => {
      const written: string[] = []
      const { store, sent } = storeOf(request => {
        const writes: Body[] = request.body.RequestItems.things
        const refused = writes.filter((_, i) => i % 2 === 1)
        for (const write of writes) if (!refused.includes(write)) written.push(write.PutRequest.Item.pk.S)
        return {
          body: { UnprocessedItems: refused.length > 0 ? { things: refused } : {}, ConsumedCapacity: capacity(1) },
        }
      })
      const result = await store.batchWrite({ writes: puts(60) })
      expect(written.sort()).toEqual(
        keysOf(60)
          .map(key => key.pk)
          .sort(),
      )
      expect(result.capacity.write).toBe(sent.length)
    })

    it('batchWrite reports at the deadline which items it did not write', async () => {
      const { store } = storeOf(request => {
        const deletes: Body[] = request.body.RequestItems.things
        const refused = deletes.filter(it => it.DeleteRequest.Key.pk.S === 'key-3')
        return { body: { UnprocessedItems: refused.length > 0 ? { things: refused } : {} } }
      })
      const writes = keysOf(10).map(key => ({ kind: 'delete', table: 'things', key }) as const)
      const error = await failure(store.batchWrite({ writes, deadline: 1000 }))
      expect(error).toBeInstanceOf(ThrottledError)
      expect(error.details).toEqual({ done: 9, undone: 1, undoneKeys: [{ pk: 'key-3' }] })
    })

    it('close waits for a batch in flight', async () => {
      const { store, sent } = storeOf((request, call) => {
        const writes: Body[] = request.body.RequestItems.things
        return { body: { UnprocessedItems: call < 3 ? { things: writes } : {} } }
      })
      const batch = store.batchWrite({ writes: puts(2) })
      const closed = store.close()
      await batch
      await closed
      expect(sent).toHaveLength(4)
      expect(await failure(store.batchWrite({ writes: puts(2) }))).toBeInstanceOf(UnavailableError)
    })
  })

  describe('single requests', () => {
    const get = { table: 'things', key: { pk: 'a' } }
    /** The second code is that of a write where it differs from that of a read. */
    const failures: [name: string, answer: Answer, code: string, write?: string][] = [
      ['throttling', { exception: 'ThrottlingException' }, 'Throttled'],
      ['used-up throughput', { exception: 'ProvisionedThroughputExceededException' }, 'Throttled'],
      ['the account over its rate', { exception: 'RequestLimitExceeded' }, 'Throttled'],
      ['a failure of the server', { exception: 'InternalServerError', status: 500 }, 'Unavailable', 'OutcomeUnknown'],
      ['an overloaded front end', { exception: 'ServiceUnavailable', status: 503 }, 'Unavailable', 'OutcomeUnknown'],
      ['missing rights', { exception: 'AccessDeniedException' }, 'Unavailable'],
      ['unknown credentials', { exception: 'UnrecognizedClientException' }, 'Unavailable'],
      ['a missing table', { exception: 'ResourceNotFoundException' }, 'TableNotFound'],
      ['a faulty request', { exception: 'ValidationException' }, 'ValidationFailed'],
      ['a writer at the same item', { exception: 'TransactionConflictException' }, 'Conflict'],
      ['a writer of another region at the same item', { exception: 'ReplicatedWriteConflictException' }, 'Conflict'],
      ['a full item collection', { exception: 'ItemCollectionSizeLimitExceededException' }, 'LimitExceeded'],
      ['a broken connection', { network: new Error('socket hang up') }, 'Unavailable', 'OutcomeUnknown'],
      ['a refused connection', { network: notConnected() }, 'Unavailable'],
    ]
    it.each(failures)('%s is reported by its code, with the cause', async (_, answer, code, write = code) => {
      const { store } = storeOf(() => answer)
      const put = { kind: 'put', table: 'things', item: { pk: 'a' } } as const
      const errors = [await failure(store.get(get)), await failure(store.write(put))]
      expect(errors.map(error => error.code)).toEqual([code, write])
      for (const error of errors) expect(error.cause).toBeInstanceOf(Error)
    })

    it.each(['TransactionConflictException', 'ReplicatedWriteConflictException'])(
      'a write is retried after a %s',
      async exception => {
        const { store, sent } = storeOf((_, call) => (call < 2 ? { exception } : { body: {} }))
        await store.write({ kind: 'delete', table: 'things', key: { pk: 'a' } })
        expect(sent).toHaveLength(3)
      },
    )

    it('a retry sends what the caller passed, even if the caller changes it during the call', async () => {
      const key = { pk: 'a' }
      const bytes = Buffer.from([1])
      const members = new Set([Buffer.from([2])])
      const map = { list: [1], bytes, members }
      const spoil = () => {
        key.pk += 'x'
        map.list.push(2)
        bytes[0] = 9
        for (const member of members) member[0] = 9
      }
      const { store, sent } = storeOf((_, call) => {
        spoil()
        return call % 3 < 2 ? { exception: 'TransactionConflictException' } : { body: {} }
      })
      const isMap = compare(path('map'), '=', value(map as never))
      const set = update({ set: [{ path: ['map'], value: value(map as never) }] })
      const calls: (() => Promise<unknown>)[] = [
        () => store.write({ kind: 'put', table: 'things', item: { pk: 'a', map } as never, condition: isMap }),
        () =>
          store.write({ kind: 'update', table: 'things', key, update: set, condition: isMap, returns: 'updatedNew' }),
        () => store.write({ kind: 'delete', table: 'things', key, condition: isMap }),
      ]
      const typed = { M: { list: { L: [{ N: '1' }] }, bytes: { B: 'AQ==' }, members: { BS: ['Ag=='] } } }
      for (const call of calls) {
        Object.assign(key, { pk: 'a' })
        map.list = [1]
        bytes[0] = 1
        for (const member of members) member[0] = 2
        sent.length = 0
        const done = call()
        spoil()
        await done
        expect(sent).toHaveLength(3)
        for (const { body } of sent) {
          expect(body.Item?.map ?? typed).toEqual(typed)
          expect((body.Item ?? body.Key).pk).toEqual({ S: 'a' })
          for (const it of Object.values(body.ExpressionAttributeValues)) expect(it).toEqual(typed)
        }
      }
    })

    it('a read is retried after a server error', async () => {
      const { store, sent } = storeOf(
        (_, call) =>
          call === 0 ? { exception: 'InternalServerError', status: 500 } : { body: { Item: { pk: { S: 'a' } } } },
        { maxAttempts: 2 },
      )
      expect((await store.get(get)).item).toEqual({ pk: 'a' })
      expect(sent).toHaveLength(2)
    })

    it('a request is retried after throttling, also in a call without a deadline', async () => {
      const throttling: Answer = { exception: 'ThrottlingException' }
      const { store } = storeOf((_, call) => (call % 2 === 0 ? throttling : { body: {} }), { maxAttempts: 2 })
      for (const deadline of [Number.POSITIVE_INFINITY, 2 ** 40]) await store.get({ ...get, deadline })
    })

    const foreign = [
      '',
      '[]',
      'null',
      '7',
      '"x"',
      '<html></html>',
      '{"message": "ok"}',
      ' {\n "__type": "x"}',
      '{"": 1}',
    ]
    it.each(foreign)('%j is not an answer of DynamoDB: it means neither a missing item nor success', async text => {
      const { store } = storeOf(() => ({ text }))
      const put = { kind: 'put', table: 'things', item: { pk: 'a' } } as const
      expect(await failure(store.get(get))).toBeInstanceOf(UnavailableError)
      expect(await failure(store.batchGet({ gets: gets(2) }))).toBeInstanceOf(UnavailableError)
      expect(await failure(store.write(put))).toMatchObject({ code: 'OutcomeUnknown' })
      expect(await failure(store.batchWrite({ writes: puts(2) }))).toMatchObject({ code: 'OutcomeUnknown' })
      const transaction = store.transactWrite({ writes: [put], deadline: 200 })
      expect(await failure(transaction)).toMatchObject({ code: 'OutcomeUnknown' })
    })

    it.each(['{}', ' {}', '{ }', '{\n  "Item": {"pk": {"S": "a"}}\n}'])('%j is read as an answer', async text => {
      const { store } = storeOf(() => ({ text }))
      expect((await store.get(get)).item).toEqual(text.includes('pk') ? { pk: 'a' } : undefined)
    })

    it('a write whose returned item cannot be read is reported as unknown, not as failed', async () => {
      const { store } = storeOf(() => ({ body: { Attributes: { pk: { S: 'a' }, x: { NEW: '1' } } } }))
      const call = store.write({ kind: 'delete', table: 'things', key: { pk: 'a' }, returns: 'old' })
      expect(await failure(call)).toMatchObject({ code: 'OutcomeUnknown', details: { key: { pk: 'a' } } })
    })

    it('a missing region is reported with how to set it', async () => {
      const names = ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']
      const before = names.map(name => process.env[name])
      for (const name of names) delete process.env[name]
      Object.assign(process.env, { AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' })
      try {
        const settings = { credentials: { accessKeyId: 'test', secretAccessKey: 'test' } }
        const store = dynamodb(sender === 'the store' ? settings : { client: new DynamoDBClient(settings) })
        const error = await failure(store.get(get))
        expect(error).toBeInstanceOf(UnavailableError)
        expect(error.message).toContain('AWS_REGION')
      } finally {
        names.forEach((name, i) => {
          delete process.env[name]
          if (before[i] !== undefined) process.env[name] = before[i]
        })
      }
    })
  })

  describe('transactions', () => {
    const key = { pk: 'a' }
    const change = update({ set: [{ path: ['n'], value: plus(path('n'), value(1)) }] })
    const writes = [
      { kind: 'put', table: 'things', item: { pk: 'b' } },
      { kind: 'update', table: 'things', key, update: change, condition: exists(['n']), returnOldOnFailure: true },
    ] as const
    const cancelled = (...CancellationReasons: Body[]): Answer => ({
      exception: 'TransactionCanceledException',
      body: { CancellationReasons },
    })

    it('a transaction that was cancelled by conflicts alone fails with a Conflict, which callers can retry', async () => {
      const { store } = storeOf(() => cancelled({ Code: 'None' }, { Code: 'TransactionConflict', Message: 'busy' }))
      const error = await failure(store.transactWrite({ writes }))
      expect(error).toBeInstanceOf(ConflictError)
      expect(error.details).toMatchObject({ reasons: [{ code: 'None' }, { code: 'Conflict' }] })
      expect(await failure(store.transactGet({ gets: gets(2) }))).toBeInstanceOf(ConflictError)
    })

    it('a false condition beside conflicts is reported as a failed condition, with the old item', async () => {
      const { store } = storeOf(() =>
        cancelled(
          { Code: 'TransactionConflict' },
          { Code: 'ConditionalCheckFailed', Item: { pk: { S: 'a' }, n: { N: '1' } } },
        ),
      )
      const error = await failure(store.transactWrite({ writes }))
      expect(error).toBeInstanceOf(TransactionFailedError)
      expect(error.details).toMatchObject({
        reasons: [
          { index: 0, code: 'Conflict' },
          { index: 1, code: 'ConditionFailed', item: { pk: 'a', n: 1 } },
        ],
      })
    })

    it('a transaction that was cancelled by throttling alone is reported as throttled', async () => {
      const { store } = storeOf(() => cancelled({ Code: 'ThrottlingError' }, { Code: 'None' }))
      expect(await failure(store.transactWrite({ writes }))).toBeInstanceOf(ThrottledError)
    })

    it('a token that was used for other writes is reported', async () => {
      const { store } = storeOf(() => ({ exception: 'IdempotentParameterMismatchException' }))
      const error = await failure(store.transactWrite({ writes, token: 'mine' }))
      expect(error).toMatchObject({ code: 'TokenReused', details: { token: 'mine' } })
    })

    it('a transaction sends the token that it was given, or else a new one of its own', async () => {
      const { store, sent } = storeOf(() => ({ body: {} }))
      await store.transactWrite({ writes, token: 'mine' })
      await store.transactWrite({ writes })
      await store.transactWrite({ writes })
      const tokens = sent.map(({ body }) => body.ClientRequestToken)
      expect(tokens[0]).toBe('mine')
      expect(new Set(tokens).size).toBe(3)
    })

    it('after a lost answer the transaction retries past throttling and conflicts, which say nothing about the first attempt', async () => {
      const busy = cancelled({ Code: 'TransactionConflict' }, { Code: 'ThrottlingError' })
      const answers: Answer[] = [{ network: new Error('socket hang up') }, busy, busy, { body: {} }]
      const { store, sent } = storeOf((_, call) => answers[call] as Answer)
      await store.transactWrite({ writes })
      expect(new Set(sent.map(({ body }) => body.ClientRequestToken)).size).toBe(1)
      expect(sent).toHaveLength(4)
    })

    it('a single condition check is sent as a transaction of one and fails like a single write', async () => {
      const { store, sent } = storeOf(() => cancelled({ Code: 'ConditionalCheckFailed', Item: { pk: { S: 'a' } } }))
      const error = await failure(store.write({ kind: 'check', table: 'things', key, condition: exists(['n']) }))
      expect(error).toMatchObject({ code: 'ConditionFailed', details: { key, item: { pk: 'a' } } })
      expect(sent.map(({ operation }) => operation)).toEqual(['TransactWriteItems'])
    })
  })
})

describe('a client that the user passes', () => {
  it('a client is refused together with settings for another one', () => {
    const { client } = { client: {} as NonNullable<DynamoDBOptions['client']> }
    expect(() => dynamodb({ client, region: 'eu-west-1' })).toThrow(/region/)
  })

  it('a client stays open when the store is closed', async () => {
    let destroyed = false
    const client = { destroy: () => (destroyed = true) } as unknown as NonNullable<DynamoDBOptions['client']>
    await dynamodb({ client }).close()
    expect(destroyed).toBe(false)
  })

  it('the store reports that the SDK loses an attribute named __proto__, and refuses to write one', async () => {
    sender = 'a client of the SDK'
    const { store, sent } = storeOf(() => ({
      body: JSON.parse('{"Item": {"pk": {"S": "a"}, "__proto__": {"S": "x"}}}'),
    }))
    expect((await failure(store.get({ table: 'things', key: { pk: 'a' } }))).message).toContain('lost')
    const item = JSON.parse('{"pk": "a", "__proto__": "x"}')
    expect(await failure(store.write({ kind: 'put', table: 'things', item }))).toMatchObject({
      code: 'ValidationFailed',
    })
    const change = update({ set: [{ path: ['__proto__'], value: value(1) }] })
    const call = store.write({ kind: 'update', table: 'things', key: { pk: 'a' }, update: change })
    expect(await failure(call)).toMatchObject({ code: 'ValidationFailed' })
    expect(sent).toHaveLength(1)
  })
})

it('an attribute named __proto__ is written and read by the store itself', async () => {
  sender = 'the store'
  const item = JSON.parse('{"pk": "a", "__proto__": "x"}')
  const { store, sent } = storeOf(() => ({
    body: JSON.parse('{"Item": {"pk": {"S": "a"}, "__proto__": {"S": "x"}}}'),
  }))
  await store.write({ kind: 'put', table: 'things', item })
  expect(JSON.stringify(sent[0]?.body.Item)).toBe('{"pk":{"S":"a"},"__proto__":{"S":"x"}}')
  const found = (await store.get({ table: 'things', key: { pk: 'a' } })).item
  expect(JSON.stringify(found)).toBe('{"pk":"a","__proto__":"x"}')
  expect(Object.getPrototypeOf(found)).toBe(Object.prototype)
})

it('the names of all tables are listed, and a server that repeats a page is reported', async () => {
  const page = (name: string, last?: string): Answer => ({
    body: { TableNames: [name], ...(last !== undefined && { LastEvaluatedTableName: last }) },
  })
  const whole = storeOf((_, call) => (call === 0 ? page('b', 'b') : page('a')))
  expect(await whole.store.listTables()).toEqual(['a', 'b'])
  expect(whole.sent.map(({ body }) => body.ExclusiveStartTableName)).toEqual([undefined, 'b'])
  const endless = storeOf((_, call) => (call % 2 === 0 ? page('a', 'a') : page('b', 'b')))
  expect(await failure(endless.store.listTables())).toMatchObject({
    code: 'Unavailable',
    message: expect.stringContaining('ends with a'),
  })
  expect(endless.sent).toHaveLength(3)
})
