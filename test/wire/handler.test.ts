/** The AWS SDK on a store in the same process: its own client and commands, without a socket. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb'
import { afterAll, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { type HandlerOptions, requestHandler } from '../../packages/partita/src/wire/index.js'

const store = memory()
await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
afterAll(() => store.close())

const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
const clientOf = (options?: HandlerOptions) =>
  new DynamoDBClient({ requestHandler: requestHandler(store, options), region: 'local', credentials })
const client = clientOf()

const put = (id: string, condition?: string) =>
  client.send(
    new PutItemCommand({
      TableName: 'notes',
      Item: { id: { S: id }, bytes: { B: Uint8Array.of(0, 255) }, big: { N: '12345678901234567890' } },
      ConditionExpression: condition,
    }),
  )
const get = (id: string, abortSignal?: AbortSignal) =>
  client.send(new GetItemCommand({ TableName: 'notes', Key: { id: { S: id } } }), { abortSignal })

describe('a client on a store in the same process', () => {
  it.each(['', 'eu west', 'a:b', '-x'])('the region %j is refused', region => {
    expect(() => requestHandler(store, { region })).toThrow(/is not a region/)
  })

  it('the client writes and reads', async () => {
    await put('grüße')
    expect((await get('grüße')).Item).toEqual({
      id: { S: 'grüße' },
      bytes: { B: Uint8Array.of(0, 255) },
      big: { N: '12345678901234567890' },
    })
    expect((await store.get({ table: 'notes', key: { id: 'grüße' } })).item).toMatchObject({
      big: 12345678901234567890n,
    })
  })

  it('the client receives a request id', async () => {
    const { $metadata } = await get('none')
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(/^[0-9A-Z]{52}$/) })
  })

  it('the client throws the exceptions of the SDK', async () => {
    await put('there')
    await expect(put('there', 'attribute_not_exists(id)')).rejects.toBeInstanceOf(ConditionalCheckFailedException)
    const absent = new GetItemCommand({ TableName: 'absent', Key: { id: { S: 'a' } } })
    await expect(client.send(absent)).rejects.toBeInstanceOf(ResourceNotFoundException)
  })

  it('the paginators of the SDK read all pages', async () => {
    await Promise.all(['p1', 'p2', 'p3', 'p4', 'p5'].map(id => put(id)))
    const pages = paginateScan({ client, pageSize: 2 }, { TableName: 'notes' })
    let count = 0
    for await (const { Items = [] } of pages) count += Items.length
    expect(count).toBeGreaterThanOrEqual(5)
  })

  it('a read-only client reads and does not write', async () => {
    const reader = clientOf({ readOnly: true })
    await put('kept')
    const write = new PutItemCommand({ TableName: 'notes', Item: { id: { S: 'refused' } } })
    await expect(reader.send(write)).rejects.toMatchObject({ name: 'AccessDeniedException' })
    const read = new GetItemCommand({ TableName: 'notes', Key: { id: { S: 'kept' } } })
    expect((await reader.send(read)).Item).toBeDefined()
  })

  it('destroying the client leaves the store open', async () => {
    const other = clientOf()
    other.destroy()
    expect((await get('none')).Item).toBeUndefined()
  })
})

describe('an aborted request', () => {
  it('a request that is aborted before it is sent is not executed', async () => {
    const handler = requestHandler(store)
    const request = {
      headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' },
      body: JSON.stringify({ TableName: 'notes', Item: { id: { S: 'aborted' } } }),
    }
    const handled = handler.handle(request, { abortSignal: AbortSignal.abort() })
    await expect(handled).rejects.toMatchObject({ name: 'AbortError' })
    expect((await get('aborted')).Item).toBeUndefined()
  })

  it("aborting rejects with the SDK's AbortError, before and during the request", async () => {
    await expect(get('none', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' })
    const controller = new AbortController()
    const answered = get('none', controller.signal)
    controller.abort()
    await expect(answered).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('a finished request leaves no listener on its signal', async () => {
    const listeners: string[] = []
    const signal = new AbortController().signal
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = ((...args: Parameters<typeof add>) => {
      listeners.push(args[0])
      add(...args)
    }) as typeof add
    signal.removeEventListener = ((...args: Parameters<typeof remove>) => {
      listeners.pop()
      remove(...args)
    }) as typeof remove
    await requestHandler(store).handle(
      { headers: { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, body: '{}' },
      { abortSignal: signal },
    )
    expect(listeners).toEqual([])
  })
})

describe('a request without the SDK', () => {
  const handle = async (body: unknown) => {
    const headers = { 'x-amz-target': 'DynamoDB_20120810.GetItem' }
    const { response } = await requestHandler(store).handle({ headers, body })
    return { status: response.statusCode, answer: JSON.parse(new TextDecoder().decode(response.body)) }
  }
  const text = JSON.stringify({ TableName: 'notes', Key: { id: { S: 'none' } } })

  it.each([
    ['text', text],
    ['bytes', new TextEncoder().encode(text)],
    ['a buffer', new TextEncoder().encode(text).buffer],
  ])('the body may be %s', async (_, body) => {
    expect(await handle(body)).toEqual({ status: 200, answer: {} })
  })

  it('a missing body and a stream are refused', async () => {
    const refused = { status: 400, answer: { __type: 'com.amazon.coral.service#SerializationException' } }
    expect(await handle(undefined)).toEqual(refused)
    expect(await handle(new ReadableStream())).toEqual(refused)
  })

  it('a body over 16 MB is refused', async () => {
    expect(await handle(JSON.stringify({ x: 'y'.repeat(17 * 1024 * 1024) }))).toMatchObject({ status: 413 })
  })
})
