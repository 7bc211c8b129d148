/** A wire server on a store in memory, and requests to it as bytes, including those that no SDK sends. */
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterAll } from 'vitest'
import { type EmbeddedStore, memory } from '../../packages/partita/src/embedded/index.js'
import { createServer, type ServerOptions, type WireServer } from '../../packages/partita/src/wire/index.js'

export interface RunningServer {
  readonly server: WireServer
  readonly store: EmbeddedStore
  readonly endpoint: string
  readonly port: number
}

/** A server for the tests of one file, with the table `notes` and its key `id`. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const store = memory()
  await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
  const server = createServer(store, { port: 0, ...options })
  const endpoint = await server.listen()
  afterAll(async () => {
    await server.close()
    await store.close()
  })
  return { server, store, endpoint, port: Number(new URL(endpoint).port) }
}

const SIGNATURE = '0'.repeat(64)

/** Headers of a complete request whose signature is not real. */
export const UNSIGNED = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amz-target': 'DynamoDB_20120810.GetItem',
  'x-amz-date': '20260101T000000Z',
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=${SIGNATURE}`,
} as const

export const GET_NOTE = JSON.stringify({ TableName: 'notes', Key: { id: { S: 'n1' } } })

export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: { readonly [name: string]: string | undefined }
  readonly body?: string | Uint8Array
}

/**
 * Sends a request like {@link UNSIGNED} and {@link GET_NOTE}, except for what is given. Undefined headers are omitted.
 */
export function send(endpoint: string, { method = 'POST', path = '/', headers, body = GET_NOTE }: Sent = {}) {
  const all = Object.entries({ ...UNSIGNED, 'content-length': String(Buffer.byteLength(body)), ...headers })
  const sent = Object.fromEntries(all.filter(([, value]) => value !== undefined))
  return new Promise<Reply>((resolve, reject) => {
    const { hostname, port } = new URL(endpoint)
    const outgoing = request({ hostname, port, method, path, headers: sent, agent: false }, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** A connection, and everything received on it until it closes. */
export function openSocket(port: number): { readonly socket: Socket; readonly received: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  const received = new Promise<string>(resolve => {
    let text = ''
    socket.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
  return { socket, received }
}

/** The text of a complete request. */
export function requestText(body: string, target: string = UNSIGNED['x-amz-target']): string {
  const headers = { host: 'localhost', ...UNSIGNED, 'x-amz-target': target, 'content-length': Buffer.byteLength(body) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `POST / HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}
