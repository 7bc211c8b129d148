/** Bodies of requests that come compressed, and answers that go out so. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { brotliCompressSync, crc32, deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { requestHandler } from '../../packages/partita/src/wire/index.js'
import { GET_NOTE, openSocket, requestText, send, startServer, UNSIGNED } from './server.js'

const { endpoint, port, store } = await startServer()
const LONG = `grüße ${'x'.repeat(5000)}`
await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'hello' } })
await store.write({ kind: 'put', table: 'notes', item: { id: 'long', text: LONG } })
const NOTE = JSON.stringify({ Item: { id: { S: 'n1' }, text: { S: 'hello' } } })
const GET_LONG = GET_NOTE.replace('n1', 'long')

describe('a compressed request', () => {
  const half = GET_NOTE.length >> 1
  it.each<[string, string, Uint8Array | string]>([
    ['gzip', 'gzip', gzipSync(GET_NOTE)],
    ['gzip in capitals', ' GZIP ', gzipSync(GET_NOTE)],
    ['gzip by its older name', 'x-gzip', gzipSync(GET_NOTE)],
    ['gzip of two members', 'gzip', Buffer.concat([gzipSync(GET_NOTE.slice(0, half)), gzipSync(GET_NOTE.slice(half))])],
    ['deflate', 'deflate', deflateSync(GET_NOTE)],
    ['gzip and no other', 'identity, gzip', gzipSync(GET_NOTE)],
    ['no encoding', 'identity', GET_NOTE],
    ['what old clients call no encoding', 'amz-1.0', GET_NOTE],
    ['an empty name', '', GET_NOTE],
  ])('is read as %s', async (_, encoding, body) => {
    expect(await send(endpoint, { body, headers: { 'content-encoding': encoding } })).toMatchObject({
      status: 200,
      text: NOTE,
    })
  })

  const PUT = JSON.stringify({ TableName: 'notes', Item: { id: { S: 'broken' } } })
  const whole = gzipSync(PUT)
  it.each<[string, string, Uint8Array | string]>([
    ['another encoding', 'br', brotliCompressSync(PUT)],
    ['an encoding that is none', 'garbage', PUT],
    ['one encoding upon another', 'gzip, gzip', gzipSync(whole)],
    ['two encodings, the body in one', 'gzip, deflate', whole],
    ['nothing compressed', 'gzip', PUT],
    ['nothing at all', 'gzip', ''],
    ['deflate for gzip', 'gzip', deflateSync(PUT)],
    ['gzip for deflate', 'deflate', whole],
    ['deflate without the form of zlib', 'deflate', deflateRawSync(PUT)],
    ['an end that is missing', 'gzip', whole.subarray(0, -1)],
    ['a second member that is cut off', 'gzip', Buffer.concat([whole, whole.subarray(0, 12)])],
    ['words behind its end', 'gzip', Buffer.concat([whole, Buffer.from('junk')])],
    ['zeros behind its end', 'gzip', Buffer.concat([whole, Buffer.alloc(3)])],
    ['a second stream behind its end', 'deflate', Buffer.concat([deflateSync(PUT), deflateSync(PUT)])],
    ['another checksum', 'gzip', Buffer.concat([whole.subarray(0, -8), Buffer.alloc(4), whole.subarray(-4)])],
    ['bytes that are no text', 'gzip', gzipSync(Buffer.concat([Buffer.from(PUT), Buffer.of(0xff)]))],
  ])('with %s is refused, and nothing is written', async (_, encoding, body) => {
    const headers = { 'content-encoding': encoding, 'x-amz-target': 'DynamoDB_20120810.PutItem' }
    const { status, text } = await send(endpoint, { body, headers })
    expect({ status, type: JSON.parse(text).__type }).toEqual({
      status: 400,
      type: 'com.amazon.coral.service#SerializationException',
    })
    expect((await store.get({ table: 'notes', key: { id: 'broken' } })).item).toBeUndefined()
  })

  it('learns which encodings it may use', async () => {
    const { text } = await send(endpoint, { headers: { 'content-encoding': 'br' } })
    expect(JSON.parse(text).Message).toBe('Content-Encoding "br" is not supported: send gzip, deflate or none')
  })

  it('is answered in its turn among others on its connection', async () => {
    const { socket, received } = openSocket(port)
    const compressed = gzipSync(GET_LONG)
    const head = requestText('')
      .split('\r\n\r\n')[0]
      ?.replace(/content-length: 0/, '')
    socket.write(
      Buffer.concat([
        Buffer.from(`${head}content-encoding: gzip\r\ncontent-length: ${compressed.length}\r\n\r\n`),
        compressed,
        Buffer.from(requestText(GET_NOTE).replace('\r\n', '\r\nconnection: close\r\n')),
      ]),
    )
    const bodies = (await received).split('HTTP/1.1 200 OK\r\n').slice(1)
    expect(bodies.map(body => /"id":\{"S":"(\w+)"/.exec(body)?.[1])).toEqual(['long', 'n1'])
  })
})

interface Raw {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function raw(body: string, headers: { readonly [name: string]: string }): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const all = { ...UNSIGNED, 'content-length': Buffer.byteLength(body), ...headers }
    httpRequest({ port, method: 'POST', headers: all }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
    })
      .on('error', reject)
      .end(body)
  })
}

describe('an answer', () => {
  it.each([
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
  ] as const)('above 4 KB is compressed with %s where its client takes it', async (coding, inflate) => {
    const { headers, body } = await raw(GET_LONG, { 'accept-encoding': coding })
    expect(headers['content-encoding']).toBe(coding)
    expect(headers['content-length']).toBe(String(body.length))
    expect(body.length).toBeLessThan(LONG.length / 10)
    expect(JSON.parse(inflate(body).toString())).toEqual({ Item: { id: { S: 'long' }, text: { S: LONG } } })
  })

  it('has the checksum of the bytes that are sent', async () => {
    for (const encoding of ['gzip', 'deflate', 'identity']) {
      const { headers, body } = await raw(GET_LONG, { 'accept-encoding': encoding })
      expect(headers['x-amz-crc32']).toBe(String(crc32(body)))
    }
  })

  it.each([
    ['that its client takes in no encoding', GET_LONG, {}],
    ['whose client takes other encodings', GET_LONG, { 'accept-encoding': 'br, zstd;q=0.9' }],
    ['whose client rules it out', GET_LONG, { 'accept-encoding': 'gzip;q=0, deflate;q=0' }],
    ['of less than 4 KB', GET_NOTE, { 'accept-encoding': 'gzip' }],
  ])('%s is not compressed', async (_, body, headers) => {
    const answered = await raw(body, headers)
    expect(answered.headers['content-encoding']).toBeUndefined()
    expect(JSON.parse(answered.body.toString()).Item.id).toBeDefined()
  })

  it('of 4,096 bytes is not compressed, one of 4,097 is', async () => {
    const around = JSON.stringify({ Item: { id: { S: 'edge' }, text: { S: '' } } }).length
    for (const [length, encoding] of [
      [4096, undefined],
      [4097, 'gzip'],
    ] as const) {
      await store.write({ kind: 'put', table: 'notes', item: { id: 'edge', text: 'x'.repeat(length - around) } })
      const { headers } = await raw(GET_NOTE.replace('n1', 'edge'), { 'accept-encoding': 'gzip' })
      expect(headers['content-encoding']).toBe(encoding)
    }
  })

  it('that is a refusal is compressed like any other', async () => {
    const body = JSON.stringify({ TableName: 'x'.repeat(5000) })
    const answered = await raw(body, { 'accept-encoding': 'gzip' })
    expect(JSON.parse(gunzipSync(answered.body).toString()).__type).toMatch(/ValidationException$/)
  })

  it('goes out in the order of the requests, compressed or not', async () => {
    const { socket, received } = openSocket(port)
    const long = requestText(GET_LONG).replace('\r\n', '\r\naccept-encoding: gzip\r\n')
    const short = requestText(GET_NOTE)
    socket.setEncoding('latin1')
    socket.write(long + short + long + short.replace('\r\n', '\r\nconnection: close\r\n'))
    const answers = (await received).split('HTTP/1.1 200 OK\r\n').slice(1)
    expect(answers.map(text => text.includes('Content-Encoding: gzip'))).toEqual([true, false, true, false])
  })
})

it('the SDK in one process may compress its requests too', async () => {
  const inProcess = memory()
  await inProcess.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
  await inProcess.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'hello' } })
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
  const client = new DynamoDBClient({ requestHandler: requestHandler(inProcess), region: 'local', credentials })
  let encoding = 'gzip'
  client.middlewareStack.add(
    next => args => {
      const request = args.request as { headers: Record<string, string>; body: string | Uint8Array }
      request.headers['content-encoding'] = encoding
      request.body = gzipSync(request.body)
      return next(args)
    },
    { step: 'finalizeRequest' },
  )
  const get = () => client.send(new GetItemCommand({ TableName: 'notes', Key: { id: { S: 'n1' } } }))
  expect((await get()).Item?.text).toEqual({ S: 'hello' })
  encoding = 'br'
  await expect(get()).rejects.toMatchObject({ name: 'SerializationException' })
  await inProcess.close()
})
