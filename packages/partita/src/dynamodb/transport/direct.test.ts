/** Requests of the store itself, answered by a handler: signatures in time, credentials, checksums, retries, tracing. */
import { tracingChannel } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import {
  type DynamoDBOptions,
  dynamodb,
  type HandlerRequest,
  type HandlerResponse,
  type RequestHandler,
  type RequestTrace,
} from '../index.js'
import { portableCrc32 } from './checksum.js'

type Reply = { readonly status?: number; readonly body: object | string; readonly headers?: Record<string, string> }

const ITEM: Reply = { body: { Item: { pk: { S: 'a' } } } }
const exception = (name: string, headers = {}, status = 400): Reply => ({
  status,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: name },
  headers,
})

function storeOf(replies: readonly Reply[], options: DynamoDBOptions = {}) {
  const sent: HandlerRequest[] = []
  const sleeps: number[] = []
  const store = dynamodb({
    endpoint: 'http://localhost:1',
    region: 'local',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: {
      async handle(request) {
        const { status = 200, body, headers = {} } = replies[Math.min(sent.push(request), replies.length) - 1] as Reply
        const text = typeof body === 'string' ? body : JSON.stringify(body)
        return { response: { statusCode: status, headers, body: Buffer.from(text) } }
      },
    },
    pace: {
      now: () => 0,
      random: () => 0.5,
      async sleep(milliseconds) {
        sleeps.push(milliseconds)
      },
    },
    ...options,
  })
  return { store, sent, sleeps }
}

const get = { table: 'things', key: { pk: 'a' } }
const put = { kind: 'put', table: 'things', item: { pk: 'a' } } as const

describe('a request of the store itself', () => {
  it('a request is signed, and names the package, its version and the attempt', async () => {
    const { store, sent } = storeOf([exception('InternalServerError', {}, 500), ITEM])
    await store.get(get)
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
    expect(sent.map(({ headers }) => headers['amz-sdk-request'])).toEqual(['attempt=1; max=4', 'attempt=2; max=4'])
    expect(new Set(sent.map(({ headers }) => headers['amz-sdk-invocation-id'])).size).toBe(1)
    expect(sent[0]?.headers['user-agent']).toMatch(new RegExp(`^partita/${version} ua/2.1 os/\\S+ lang/js md/nodejs#`))
    expect(sent[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=test\/\d{8}\/local\/dynamodb\/aws4_request/,
    )
  })

  it('a request is signed again with the time of the server after a refusal, once, also a write', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const refused = exception('InvalidSignatureException', { date })
    const { store, sent, sleeps } = storeOf([refused, { body: {} }], { maxAttempts: 1 })
    await store.write(put)
    const day = new Date(date).toISOString().slice(0, 13).replaceAll('-', '')
    expect(sent[1]?.headers['x-amz-date']?.startsWith(day)).toBe(true)
    expect(sleeps).toEqual([])
    const never = storeOf([refused])
    await expect(never.store.get(get)).rejects.toThrow(/did not allow/)
    expect(never.sent).toHaveLength(2)
  })

  it('all requests that a wrong clock signed at once are signed again', async () => {
    const server = Date.now() + 3_600_000
    const isLate = ({ headers }: HandlerRequest) => {
      const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/.exec(headers['x-amz-date'] as string) ?? []
      const [year, month, day, hour, minute] = parts.map(Number) as [number, number, number, number, number]
      return Date.UTC(year, month - 1, day, hour, minute) < server - 300_000
    }
    const body = Buffer.from(JSON.stringify(exception('InvalidSignatureException').body))
    const requestHandler: RequestHandler = {
      async handle(request): Promise<{ response: HandlerResponse }> {
        await new Promise(resolve => setTimeout(resolve, 5))
        if (!isLate(request)) return { response: { statusCode: 200, headers: {}, body: Buffer.from('{}') } }
        return { response: { statusCode: 400, headers: { date: new Date(server).toUTCString() }, body } }
      },
    }
    const { store } = storeOf([], { requestHandler })
    const calls = await Promise.allSettled(Array.from({ length: 10 }, () => store.write(put)))
    expect(calls.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'fulfilled'))
  })

  it.each(['{"__type":5}', '{"__type":{},"message":[]}', 'null', '[]', '<html>'])(
    'a write is sent once, and its outcome unknown, if a proxy responds with status 500 and %s',
    async body => {
      const { store, sent } = storeOf([{ status: 500, body }])
      await expect(store.write(put)).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      expect(sent).toHaveLength(1)
    },
  )

  it.each(['"none"', '{"a":1}', '[null]', '[{"Code":7}]'])(
    'a cancelled transaction with the reasons %s is an error of the store',
    async reasons => {
      const body = `{"__type":"#TransactionCanceledException","CancellationReasons":${reasons}}`
      const { store } = storeOf([{ status: 400, body }])
      await expect(store.transactWrite({ writes: [put] })).rejects.toMatchObject({ code: 'TransactionFailed' })
    },
  )

  it('a response that cannot be read leaves the outcome of a write unknown, and is never an invalid request', async () => {
    for (const body of ['{"Item":', '{"Item":{"n":{"N":"abc"}},"Attributes":{"n":{"N":"abc"}}}']) {
      const { store, sent } = storeOf([{ body }])
      await expect(store.get(get)).rejects.toThrow(/response cannot be read/)
      await expect(store.write(put)).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      expect(sent).toHaveLength(2)
    }
  })

  it('a request is sent again with other credentials after a refusal, once', async () => {
    const expired = exception('ExpiredTokenException')
    const received: unknown[] = []
    const credentials = async (options?: object) => {
      received.push(options)
      return { accessKeyId: `key-${received.length}`, secretAccessKey: 's', sessionToken: 't' }
    }
    const { store, sent } = storeOf([expired, { body: {} }], { credentials, maxAttempts: 1 })
    await store.write(put)
    expect(received).toEqual([undefined, { forceRefresh: true }])
    expect(sent[1]?.headers.authorization).toContain('Credential=key-2/')
    const always = storeOf([expired], { credentials })
    await expect(always.store.get(get)).rejects.toMatchObject({ code: 'Unavailable' })
    expect(always.sent).toHaveLength(2)
  })

  it('credentials are renewed before they end, and old ones serve while a renewal fails', async () => {
    let left = 60_000
    let calls = 0
    const credentials = async () => {
      if (++calls > 1) throw new Error('offline')
      return { accessKeyId: 'k', secretAccessKey: 's', expiration: new Date(Date.now() + left) }
    }
    const { store } = storeOf([ITEM], { credentials })
    await store.get(get)
    await store.get(get)
    expect(calls).toBe(2)
    await store.get(get)
    expect(calls).toBe(2)
    left = -1
    calls = 0
    const ended = storeOf([ITEM], { credentials })
    await ended.store.get(get)
    await expect(ended.store.get(get)).rejects.toThrow(/offline/)
  })

  it('a provider that never answers is called again half a minute later', async () => {
    let calls = 0
    const credentials = async () => {
      if (++calls === 1) await new Promise(() => {})
      return { accessKeyId: 'k', secretAccessKey: 's' }
    }
    const { store } = storeOf([ITEM], { credentials })
    const stop = new AbortController()
    const first = store.get({ ...get, signal: stop.signal })
    stop.abort()
    await expect(first).rejects.toMatchObject({ code: 'Unavailable' })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 })
    try {
      expect((await store.get(get)).item).toEqual({ pk: 'a' })
      expect(calls).toBe(2)
    } finally {
      vi.useRealTimers()
    }
  })

  it('a response with another checksum is read again, and leaves the outcome of a write unknown', async () => {
    const damaged: Reply = { ...ITEM, headers: { 'x-amz-crc32': '1' } }
    const whole: Reply = { ...ITEM, headers: { 'x-amz-crc32': String(crc32(JSON.stringify(ITEM.body))) } }
    const { store, sent } = storeOf([damaged, whole])
    expect((await store.get(get)).item).toEqual({ pk: 'a' })
    expect(sent).toHaveLength(2)
    const write = storeOf([damaged])
    await expect(write.store.write(put)).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    expect(write.sent).toHaveLength(1)
    const refusal = storeOf([exception('ConditionalCheckFailedException', { 'x-amz-crc32': '1' })])
    await expect(refusal.store.write(put)).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    // A handler that decompresses, such as one by `fetch`.
    const decoded = storeOf([{ ...ITEM, headers: { 'x-amz-crc32': '1', 'content-encoding': 'gzip' } }])
    expect((await decoded.store.get(get)).item).toEqual({ pk: 'a' })
    for (const text of ['', 'a', 'hello world', '\u00e9'.repeat(1000)]) {
      expect(portableCrc32(Buffer.from(text))).toBe(crc32(text))
    }
  })

  it('a request is repeated with growing delays, as long as its quota allows', async () => {
    const { store, sent, sleeps } = storeOf([exception('ThrottlingException')])
    await expect(store.write(put)).rejects.toMatchObject({ code: 'Throttled' })
    expect(sleeps).toEqual([500, 1000, 2000])
    expect(sent).toHaveLength(4)
    const failing = storeOf([exception('InternalServerError', {}, 500)])
    for (let i = 0; i < 20; i++) await failing.store.get(get).catch(() => undefined)
    // 500 tokens, 14 for each retry.
    expect(failing.sent).toHaveLength(20 + 35)
    // A call that ends before its retry takes nothing from the quota.
    const ending = storeOf([exception('InternalServerError', {}, 500)])
    for (let i = 0; i < 40; i++) await ending.store.get({ ...get, deadline: 10 }).catch(() => undefined)
    await ending.store.get(get).catch(() => undefined)
    expect(ending.sent).toHaveLength(40 + 4)
    const hinted = storeOf([exception('ThrottlingException', { 'x-amz-retry-after': '900' }), ITEM])
    await hinted.store.get(get)
    expect(hinted.sleeps).toEqual([900])
  })

  it('an error names the id of its request', async () => {
    const { store } = storeOf([exception('InternalServerError', { 'x-amzn-requestid': 'ABC123' }, 500)], {
      maxAttempts: 1,
    })
    await expect(store.get(get)).rejects.toThrow(/request ABC123/)
  })

  it('a subscriber of the tracing channel receives attempts, bytes and the id of the request', async () => {
    const seen: RequestTrace[] = []
    const channel = tracingChannel('partita.dynamodb')
    const handlers = { asyncEnd: (trace: object) => void seen.push({ ...(trace as RequestTrace) }) }
    channel.subscribe(handlers as never)
    try {
      const { store, sent } = storeOf([
        exception('ThrottlingException'),
        { ...ITEM, headers: { 'x-amzn-requestid': 'R' } },
      ])
      await store.get(get)
      const sentBytes = sent.reduce((sum, { body }) => sum + body.length, 0)
      expect(seen).toMatchObject([{ operation: 'GetItem', attempts: 2, sentBytes, requestId: 'R' }])
      expect(seen[0]?.receivedBytes).toBeGreaterThan(40)
    } finally {
      channel.unsubscribe(handlers as never)
    }
  })

  it('a header value cannot begin another header', async () => {
    const credentials = { accessKeyId: 'k', secretAccessKey: 's', sessionToken: 'a\r\nx-evil: 1' }
    const store = dynamodb({ endpoint: 'http://localhost:1', region: 'local', credentials, maxAttempts: 1 })
    await expect(store.get(get)).rejects.toThrow(/line break/)
    await store.close()
  })
})
