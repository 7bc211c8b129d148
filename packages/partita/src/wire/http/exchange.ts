/** One request over HTTP and its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'
import { Fault } from '../fault.js'
import { type Answer, answer, refusal, type Wire } from '../wire.js'
import { isAuthenticated, readAuthentication } from './authentication.js'
import { type Held, readText, receiveBody } from './body.js'
import type { Connection, Pending } from './connection.js'
import type { Connections } from './connections.js'
import type { ServerLimits } from './limits.js'
import { CORS_HEADERS, isLocalPage, preflightHeaders } from './origin.js'
import type { Outbox } from './outbox.js'
import { checkReads } from './read-only.js'
import { requestId } from './request-id.js'
import type { SignatureCheck } from './signature.js'
import type { Turns } from './turns.js'

/** What all requests of a server share. */
export interface Exchanges {
  readonly wire: Wire
  readonly limits: ServerLimits
  readonly held: Held
  readonly readOnly: boolean
  /** Undefined where every key is good. */
  readonly signatures: SignatureCheck | undefined
  readonly connections: Connections
  readonly outbox: Outbox
  readonly turns: Turns
  /** Whether connections end with the answer under way. */
  closing: boolean
}

const NOT_FOUND = '<UnknownOperationException/>\n'
const JSON_1_0 = 'application/x-amz-json-1.0'
const JSON_TYPES: ReadonlySet<string> = new Set([JSON_1_0, 'application/x-amz-json-1.1', 'application/json'])

export class Exchange implements Pending {
  readonly #shared: Exchanges
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #connection: Connection | undefined
  #isClosed = false

  constructor(shared: Exchanges, request: IncomingMessage, response: ServerResponse) {
    this.#shared = shared
    this.#request = request
    this.#response = response
    this.#connection = shared.connections.of(request.socket)
  }

  /** Waits for the requests before it on its connection. */
  run(): void {
    // A connection that is closed has nobody to answer.
    this.#connection?.take(this)
  }

  /** Begins with the body: as at AWS its size is bounded before anything else is looked at. */
  begin(): void {
    const { limits, held, turns } = this.#shared
    this.#response.once('close', () => this.#close())
    receiveBody(this.#request, limits, held, body => {
      turns.add(() => {
        if (this.#isClosed) turns.end()
        else if (body instanceof Fault) this.#refuse(body)
        else this.#answer(body)
      }, this.#connection?.isPipelined === true)
    })
  }

  #refuse(fault: Fault): void {
    this.#response.shouldKeepAlive = false
    this.#sendAnswer(JSON_1_0, refusal(fault))
  }

  #answer(body: Buffer): void {
    const { method, headers, url = '' } = this.#request
    const { wire, signatures } = this.#shared
    const isRoot = url === '/' || url.startsWith('/?')
    const type = contentType(headers['content-type'])
    // Where no key is needed, any page that a user looks at could otherwise read the tables.
    if (headers.origin !== undefined && !signatures && !isLocalPage(headers.origin)) this.#send(403, '', [])
    else if (headers.origin !== undefined && method === 'OPTIONS') this.#send(200, '', preflightHeaders(headers))
    else if (method === 'GET' && isRoot) this.#send(200, `healthy: dynamodb.${wire.region}.amazonaws.com `, [])
    else if (method !== 'POST' || !isRoot || (body.length > 0 && !JSON_TYPES.has(type))) this.#send(404, NOT_FOUND, [])
    else this.#answerOperation(body, JSON_TYPES.has(type) ? type : 'application/json')
  }

  #answerOperation(body: Buffer, type: string): void {
    const { wire, limits, held } = this.#shared
    const { headers } = this.#request
    readText(body, headers['content-encoding'], limits, held, text => {
      if (text instanceof Fault) {
        this.#sendAnswer(type, refusal(text))
        return
      }
      const target = headers['x-amz-target'] as string | undefined
      const answered = answer(wire, target, text, (operation, input) => this.#admit(body, operation, input))
      if (answered instanceof Promise) void answered.then(it => this.#sendAnswer(type, it))
      else this.#sendAnswer(type, answered)
    })
  }

  #admit(body: Buffer, target: string, input: unknown): void {
    const { wire, signatures, readOnly } = this.#shared
    if (!signatures && !readOnly && isAuthenticated(this.#request)) return
    const authentication = readAuthentication(this.#request)
    signatures?.check(this.#request, authentication, body)
    if (readOnly) checkReads(target, input, authentication.credential.split('/', 1)[0] as string, wire)
  }

  #sendAnswer(type: string, { status, body }: Answer): void {
    this.#send(status, body, ['Content-Type', type])
  }

  #send(status: number, body: string, headers: string[]): void {
    this.#shared.turns.end()
    this.#shared.outbox.add(() => this.#write(status, body, headers))
  }

  /** The answer is with the system, or the connection is gone. */
  #close(): void {
    this.#isClosed = true
    if (this.#connection) this.#shared.connections.sent(this.#connection)
  }

  #write(status: number, body: string, headers: string[]): void {
    if (this.#isClosed) return
    const length = Buffer.byteLength(body)
    headers.push('x-amzn-RequestId', requestId(), 'x-amz-crc32', String(crc32(body)), 'Content-Length', String(length))
    if (this.#request.headers.origin !== undefined && status !== 403) headers.push(...CORS_HEADERS)
    if (this.#shared.closing) {
      this.#response.shouldKeepAlive = false
      this.#connection?.end()
    }
    if (this.#connection) this.#shared.connections.sending(this.#connection, length)
    this.#response.writeHead(status, headers)
    if (body !== '') {
      // Text of single bytes is copied as it is. Given to `end`, it would be held back and go out in two pieces.
      this.#response.write(body, length === body.length ? 'latin1' : 'utf8')
      this.#request.socket.uncork()
    }
    this.#response.end()
  }
}

function contentType(header: string | undefined): string {
  if (header === undefined || header === JSON_1_0) return header ?? ''
  const [type = ''] = header.split(';', 1)
  return type.trim().toLowerCase()
}
