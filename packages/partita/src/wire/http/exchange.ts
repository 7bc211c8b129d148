/** One HTTP request and its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, answer, refusal, type Wire } from '../dispatch.js'
import { AwsError, validation } from '../protocol/aws-error.js'
import { acceptedCoding } from './accept-encoding.js'
import { isAuthenticated, readAuthentication } from './authentication.js'
import { admitBody, Hold, type Pool, receiveBody } from './body.js'
import { checksum } from './checksum.js'
import { COMPRESSED_ABOVE, type Compressor } from './compression.js'
import type { ClientConnection, Pending } from './connection.js'
import type { Connections } from './connections.js'
import { readText } from './content-encoding.js'
import { type LargeReads, largestRead } from './large-read.js'
import type { ServerLimits } from './limits.js'
import { CORS_HEADERS, foreignRequest, preflightHeaders } from './origin.js'
import type { Outbox } from './outbox.js'
import { checkReads } from './read-only.js'
import { repeatedHeader } from './repeated-header.js'
import { NodeReply, type Reply } from './reply.js'
import { requestId } from './request-id.js'
import { checkReset, RESET_TARGET } from './reset.js'
import type { SignatureCheck } from './signature.js'
import type { Turns } from './turns.js'
import type { Received, UsualRequest } from './usual-request.js'

/** State that all requests of a server share. */
export interface Exchanges {
  readonly wire: Wire
  readonly limits: ServerLimits
  /** The bodies of all unanswered requests. */
  readonly held: Pool
  readonly readOnly: boolean
  /** Undefined if every key is accepted. */
  readonly signatures: SignatureCheck | undefined
  readonly connections: Connections
  readonly outbox: Outbox
  readonly turns: Turns
  readonly largeReads: LargeReads
  readonly compression: Compressor
  /** Resets the store; undefined if the server does not offer resets. */
  readonly reset: (() => Promise<void>) | undefined
  /** Whether connections are closed after the answer in flight. */
  closing: boolean
}

const NO_BODY = Buffer.alloc(0)
/** Passes the body to `done`, or the error that refuses it. */
type Receive = (limits: ServerLimits, hold: Hold, done: (body: Buffer | AwsError) => void) => void
const NOT_FOUND = '<UnknownOperationException/>\n'
const JSON_1_0 = 'application/x-amz-json-1.0'
const JSON_TYPES: ReadonlySet<string> = new Set([JSON_1_0, 'application/x-amz-json-1.1', 'application/json'])

/** Begins the exchange of a request that Node has parsed, and whose body it still receives. */
export function exchange(shared: Exchanges, request: IncomingMessage, response: ServerResponse): void {
  const receive: Receive = (limits, hold, done) => receiveBody(request, limits, hold, done)
  new Exchange(shared, request, new NodeReply(response, request.socket), receive).run()
}

/**
 * The same for a request with an `Expect` header other than `100-continue`, which Node handles. Its client may wait for the
 * answer before it sends the body.
 */
export function exchangeUnmet(shared: Exchanges, request: IncomingMessage, response: ServerResponse): void {
  new Exchange(shared, request, new NodeReply(response, request.socket), (_, __, done) => done(NO_BODY), true).run()
}

/** The same for a request that was received whole. */
export function exchangeUsual(shared: Exchanges, request: UsualRequest, reply: Reply): void {
  new Exchange(shared, request, reply, (limits, hold, done) => done(admitBody(request.body, limits, hold))).run()
}

/** One HTTP request, from its headers until its answer is sent or its connection is closed. */
class Exchange implements Pending {
  readonly #shared: Exchanges
  readonly #request: Received
  readonly #reply: Reply
  readonly #receive: Receive
  readonly #connection: ClientConnection | undefined
  readonly #hold: Hold
  readonly #isUnmet: boolean
  /** Maximum that is read for its answer, in MB. */
  #megabytes = 0
  /** True from the beginning of its turn until its answer is ready. */
  #isRunning = false
  #isClosed = false
  /** Whether the connection is closed after the answer. */
  #isLast = false

  constructor(shared: Exchanges, request: Received, reply: Reply, receive: Receive, isUnmet = false) {
    this.#shared = shared
    this.#isUnmet = isUnmet
    this.#request = request
    this.#reply = reply
    this.#receive = receive
    this.#connection = shared.connections.of(request.socket)
    this.#hold = new Hold(...this.#pools())
  }

  #pools(): Pool[] {
    const { held, signatures } = this.#shared
    const isTrusted = !signatures || !this.#connection || this.#connection.isVerified
    return isTrusted ? [held] : [held, this.#connection.sender]
  }

  get isWhole(): boolean {
    return this.#request.complete
  }

  /** Waits for the earlier requests of its connection. */
  run(): void {
    // The client of a closed connection is gone.
    this.#connection?.take(this)
  }

  /** Receives the body first: as at AWS, its size is checked before anything else. */
  begin(): void {
    this.#reply.onClose(() => this.#close())
    this.#receive(this.#shared.limits, this.#hold, body => this.#wait(body))
  }

  /** Waits for its turn among the requests of all connections. */
  #wait(body: Buffer | AwsError): void {
    const { turns, largeReads } = this.#shared
    const { headers } = this.#request
    const isPipelined = this.#connection?.isPipelined === true
    if (!(body instanceof AwsError)) {
      this.#megabytes = largestRead(headers['x-amz-target'] as string | undefined, body, headers['content-encoding'])
    }
    const begin = () => {
      if (this.#isClosed) {
        this.#end()
        return
      }
      this.#isRunning = true
      if (body instanceof AwsError) this.#refuse(body)
      else this.#answer(body)
    }
    largeReads.add(this.#megabytes, isPipelined, () => turns.add(begin, isPipelined))
  }

  /** Answers with an error and closes the connection. */
  #refuse(error: AwsError, status?: number): void {
    this.#isLast = true
    const answered = refusal(error)
    this.#sendAnswer(JSON_1_0, { ...answered, status: status ?? answered.status })
  }

  #answer(body: Buffer): void {
    const { method, headers, httpVersion, url = '' } = this.#request
    const { wire, signatures } = this.#shared
    const repeated = repeatedHeader(this.#request)
    const foreign = signatures ? undefined : foreignRequest(headers)
    const isRoot = url === '/' || url.startsWith('/?')
    const type = contentType(headers['content-type'])
    if (this.#isUnmet) this.#sendAnswer(JSON_1_0, { ...refusal(unsupportedExpectation()), status: 417 })
    else if (httpVersion === '1.1' && headers.host === undefined) this.#refuse(missingHost())
    else if (repeated !== undefined) this.#refuse(validation(`The header '${repeated}' occurs more than once`))
    else if (foreign !== undefined) this.#refuse(new AwsError('AccessDeniedException', foreign), 403)
    else if (headers.origin !== undefined && method === 'OPTIONS') this.#send(200, '', preflightHeaders(headers))
    else if (isHealthCheck(method, url)) this.#send(200, `healthy: dynamodb.${wire.region}.amazonaws.com `, [])
    else if (method === 'GET' && isRoot) this.#sendAnswer(JSON_1_0, refusal(unauthenticated()))
    else if (method !== 'POST' || !isRoot || (body.length > 0 && !JSON_TYPES.has(type))) this.#send(404, NOT_FOUND, [])
    else this.#answerOperation(body, JSON_TYPES.has(type) ? type : 'application/json')
  }

  /** With keys, the body is neither decompressed nor parsed before its signature is verified. */
  #answerOperation(body: Buffer, type: string): void {
    const { limits, signatures, reset } = this.#shared
    const { headers } = this.#request
    const { store, region, now } = this.#shared.wire
    try {
      if (signatures) this.#verify(signatures, body)
      if (reset && headers['x-amz-target'] === RESET_TARGET) {
        checkReset(this.#request)
        void this.#reset(type, reset)
        return
      }
    } catch (error) {
      this.#sendAnswer(type, refusal(error))
      return
    }
    readText(body, headers['content-encoding'], limits, this.#hold, text => {
      if (text instanceof AwsError) {
        this.#sendAnswer(type, refusal(text))
        return
      }
      const target = headers['x-amz-target'] as string | undefined
      const reached: Wire = { store, region, now, address: headers.host }
      const answered = answer(reached, target, text, (operation, input) => this.#admit(operation, input))
      if (answered instanceof Promise) void answered.then(it => this.#sendAnswer(type, it))
      else this.#sendAnswer(type, answered)
    })
  }

  /** @throws AwsError for a signature that is not valid. */
  #verify(signatures: SignatureCheck, body: Buffer): void {
    const connection = this.#connection
    if (connection) connection.isVerified = false
    signatures.check(this.#request, readAuthentication(this.#request), body)
    if (!connection) return
    connection.isVerified = true
    this.#hold.leave(connection.sender)
  }

  async #reset(type: string, reset: () => Promise<void>): Promise<void> {
    try {
      await reset()
      this.#sendAnswer(type, { status: 200, body: '{}' })
    } catch (error) {
      this.#sendAnswer(type, refusal(error))
    }
  }

  /** Without keys, a request must have a signature but any is accepted. AWS checks for it after the body. */
  #admit(target: string, input: unknown): void {
    const { wire, readOnly } = this.#shared
    if (!readOnly && isAuthenticated(this.#request)) return
    const { credential } = readAuthentication(this.#request)
    if (readOnly) checkReads(target, input, credential.split('/', 1)[0] as string, wire)
  }

  #sendAnswer(type: string, { status, body }: Answer): void {
    this.#send(status, body, ['Content-Type', type])
  }

  #send(status: number, text: string, headers: string[]): void {
    const { connections, compression } = this.#shared
    this.#isRunning = false
    this.#hold.release()
    // Long text is converted to bytes: a socket that cannot send them at once would hold both.
    const body = text.length > COMPRESSED_ABOVE ? Buffer.from(text) : text
    const length = Buffer.byteLength(body)
    if (this.#connection && !this.#isClosed) connections.made(this.#connection, length)
    const coding = length > COMPRESSED_ABOVE ? acceptedCoding(this.#acceptEncoding) : undefined
    if (!coding) {
      this.#end()
      this.#post(status, body, headers)
      return
    }
    const isWanted = () => !this.#isClosed
    compression.add(Buffer.from(body), coding, isWanted, compressed => {
      // Keeps its turn until here, so that answers waiting for compression count as in flight.
      this.#end()
      if (!compressed || this.#isClosed) return
      if (this.#connection) connections.made(this.#connection, compressed.length)
      this.#post(status, compressed, [...headers, 'Content-Encoding', coding])
    })
  }

  /** The checksum is of the bytes that are sent, after compression, as at AWS and in its SDKs. */
  #post(status: number, body: string | Buffer, headers: string[]): void {
    checksum(body, crc => {
      headers.push('x-amz-crc32', String(crc))
      this.#shared.outbox.add(() => this.#write(status, body, headers))
    })
  }

  get #acceptEncoding(): string | undefined {
    return this.#request.headers['accept-encoding'] as string | undefined
  }

  /** Ends its turn. */
  #end(): void {
    this.#shared.turns.end()
    this.#shared.largeReads.end(this.#megabytes)
  }

  /** Called once the answer was handed to the operating system, or the connection is closed. */
  #close(): void {
    this.#isClosed = true
    // The operation continues without its client.
    if (!this.#isRunning) this.#hold.release()
    if (this.#connection) this.#shared.connections.sent(this.#connection)
  }

  #write(status: number, body: string | Buffer, headers: string[]): void {
    if (this.#isClosed) return
    const length = Buffer.byteLength(body)
    headers.push('x-amzn-RequestId', requestId(), 'Content-Length', String(length))
    if (this.#request.headers.origin !== undefined && status !== 403) headers.push(...CORS_HEADERS)
    if (this.#shared.closing) {
      this.#isLast = true
      this.#connection?.end()
    }
    this.#reply.send({ status, headers, body, length, isLast: this.#isLast })
    if (this.#connection) this.#shared.connections.sending(this.#connection)
  }
}

/** As at AWS, plus `HEAD /`, which some programs use to detect a server. */
function isHealthCheck(method: string | undefined, url: string): boolean {
  return (url === '/ping' && (method === 'GET' || method === 'HEAD')) || (url === '/' && method === 'HEAD')
}

/** HTTP/1.1 requires the header, and HTTP/1.0 does not. */
function missingHost(): AwsError {
  return new AwsError('SerializationException', 'The request has no Host header')
}

/** HTTP has a status of its own for this, 417. */
function unsupportedExpectation(): AwsError {
  return new AwsError('SerializationException', 'The only Expect header that the server supports is 100-continue')
}

/** DynamoDB Local's answer to an unsigned `GET`, which programs poll for to detect that it is ready. */
function unauthenticated(): AwsError {
  return new AwsError('MissingAuthenticationTokenException', 'Request is missing Authentication Token')
}

function contentType(header: string | undefined): string {
  if (header === undefined || header === JSON_1_0) return header ?? ''
  const [type = ''] = header.split(';', 1)
  return type.trim().toLowerCase()
}
