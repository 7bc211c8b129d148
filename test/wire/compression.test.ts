/** Compressed request bodies and compressed responses. */
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
    ['gzip in capital letters', ' GZIP ', gzipSync(GET_NOTE)],
    ['gzip by its older name', 'x-gzip', gzipSync(GET_NOTE)],
    ['gzip of two members', 'gzip', Buffer.concat([gzipSync(GET_NOTE.slice(0, half)), gzipSync(GET_NOTE.slice(half))])],
    ['deflate', 'deflate', deflateSync(GET_NOTE)],
    ['identity and gzip', 'identity, gzip', gzipSync(GET_NOTE)],
    ['no encoding', 'identity', GET_NOTE],
    ['the name of old clients for no encoding', 'amz-1.0', GET_NOTE],
    ['an empty encoding', '', GET_NOTE],
  ])('a request is read with %s', async (_, encoding, body) => {
    expect(await send(endpoint, { body, headers: { 'content-encoding': encoding } })).toMatchObject({
      status: 200,
      text: NOTE,
    })
  })

  const PUT = JSON.stringify({ TableName: 'notes', Item: { id: { S: 'broken' } } })
  const whole = gzipSync(PUT)
  it.each<[string, string, Uint8Array | string]>([
    ['brotli', 'br', brotliCompressSync(PUT)],
    ['an invalid encoding', 'garbage', PUT],
    ['gzip in gzip', 'gzip, gzip', gzipSync(whole)],
    ['two encodings and a body in one of them', 'gzip, deflate', whole],
    ['a body that is not compressed', 'gzip', PUT],
    ['an empty body', 'gzip', ''],
    ['deflate instead of gzip', 'gzip', deflateSync(PUT)],
    ['gzip instead of deflate', 'deflate', whole],
    ['raw deflate', 'deflate', deflateRawSync(PUT)],
    ['a truncated body', 'gzip', whole.subarray(0, -1)],
    ['a truncated second member', 'gzip', Buffer.concat([whole, whole.subarray(0, 12)])],
    ['text behind the end', 'gzip', Buffer.concat([whole, Buffer.from('junk')])],
    ['zeros behind the end', 'gzip', Buffer.concat([whole, Buffer.alloc(3)])],
    ['a second stream behind the end', 'deflate', Buffer.concat([deflateSync(PUT), deflateSync(PUT)])],
    ['a wrong checksum', 'gzip', Buffer.concat([whole.subarray(0, -8), Buffer.alloc(4), whole.subarray(-4)])],
    ['bytes that are not UTF-8', 'gzip', gzipSync(Buffer.concat([Buffer.from(PUT), Buffer.of(0xff)]))],
  ])('a request with %s is refused, and nothing is written', async (_, encoding, body) => {
    const headers = { 'content-encoding': encoding, 'x-amz-target': 'DynamoDB_20120810.PutItem' }
    const { status, text } = await send(endpoint, { body, headers })
    expect({ status, type: JSON.parse(text).__type }).toEqual({
      status: 400,
      type: 'com.amazon.coral.service#SerializationException',
    })
    expect((await store.get({ table: 'notes', key: { id: 'broken' } })).item).toBeUndefined()
  })

  it('a request with an unknown encoding is refused with the encodings that are supported', async () => {
    const { text } = await send(endpoint, { headers: { 'content-encoding': 'br' } })
    expect(JSON.parse(text).Message).toBe('Content-Encoding "br" is not supported: send gzip, deflate or none')
  })

  it('a compressed request is answered in its order among the others on its connection', async () => {
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

describe('a response', () => {
  it.each([
    ['gzip', gunzipSync],
    ['deflate', inflateSync],
  ] as const)('a response over 4 KB is compressed with %s if its client accepts it', async (coding, inflate) => {
    const { headers, body } = await raw(GET_LONG, { 'accept-encoding': coding })
    expect(headers['content-encoding']).toBe(coding)
    expect(headers['content-length']).toBe(String(body.length))
    expect(body.length).toBeLessThan(LONG.length / 10)
    expect(JSON.parse(inflate(body).toString())).toEqual({ Item: { id: { S: 'long' }, text: { S: LONG } } })
  })

  it('a response has the checksum of the bytes that are sent', async () => {
    for (const encoding of ['gzip', 'deflate', 'identity']) {
      const { headers, body } = await raw(GET_LONG, { 'accept-encoding': encoding })
      expect(headers['x-amz-crc32']).toBe(String(crc32(body)))
    }
  })

  it.each([
    ['without accepted encodings', GET_LONG, {}],
    ['for a client that accepts other encodings', GET_LONG, { 'accept-encoding': 'br, zstd;q=0.9' }],
    ['for a client that refuses both encodings', GET_LONG, { 'accept-encoding': 'gzip;q=0, deflate;q=0' }],
    ['of less than 4 KB', GET_NOTE, { 'accept-encoding': 'gzip' }],
  ])('a response %s is not compressed', async (_, body, headers) => {
    const answered = await raw(body, headers)
    expect(answered.headers['content-encoding']).toBeUndefined()
    expect(JSON.parse(answered.body.toString()).Item.id).toBeDefined()
  })

  it('a response of 4,096 bytes is not compressed, and one of 4,097 bytes is', async () => {
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

  it('an error response is compressed like any other', async () => {
    const body = JSON.stringify({ TableName: 'x'.repeat(5000) })
    const answered = await raw(body, { 'accept-encoding': 'gzip' })
    expect(JSON.parse(gunzipSync(answered.body).toString()).__type).toMatch(/ValidationException$/)
  })

  it('responses are sent in the order of the requests, compressed or not', async () => {
    const { socket, received } = openSocket(port)
    const long = requestText(GET_LONG).replace('\r\n', '\r\naccept-encoding: gzip\r\n')
    const short = requestText(GET_NOTE)
    socket.setEncoding('latin1')
    socket.write(long + short + long + short.replace('\r\n', '\r\nconnection: close\r\n'))
    const answers = (await received).split('HTTP/1.1 200 OK\r\n').slice(1)
    expect(answers.map(text => text.includes('Content-Encoding: gzip'))).toEqual([true, false, true, false])
  })
})

it('the SDK may also compress its requests to a store in the same process', async () => {
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
