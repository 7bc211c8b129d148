/** Requests over real sockets: complete ones, and bytes that are not a request. */
import { connect, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { kindOfAnswer, problemOfAnswer } from './judge.js'
import type { Random } from './random.js'
import type { FuzzRequest } from './requests.js'
import { mutateBytes, mutateText } from './text-mutation.js'
import { oddText } from './words.js'

const authorization = (day: string) =>
  `AWS4-HMAC-SHA256 Credential=AKID/${day}/us-east-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
const GOOD = [
  'POST / HTTP/1.1',
  'Host: localhost',
  'X-Amz-Target: DynamoDB_20120810.ListTables',
  'Content-Type: application/x-amz-json-1.0',
  'X-Amz-Date: 20260101T000000Z',
  `Authorization: ${authorization('20260101')}`,
  'Content-Length: 2',
  '',
  '{}',
].join('\r\n')
/** The time to wait for an answer. Many of these requests never end. */
const PATIENCE = 40
const GOOD_PATIENCE = 30_000

export class SocketClient {
  readonly #open: number
  readonly #locked: number

  /** @param open the endpoint of a server without keys. @param locked that of a server that requires signatures. */
  constructor(open: string, locked: string) {
    this.#open = Number(new URL(open).port)
    this.#locked = Number(new URL(locked).port)
  }

  /**
   * @returns the class of the answer. @throws Error if it is not an answer, or if a valid request after it is not
   * answered.
   */
  async exchange(random: Random, request: FuzzRequest, now: number): Promise<string> {
    const bytes = bytesOf(random, request, now)
    const port = random.oneIn(4) ? this.#locked : this.#open
    const received = await this.#send(port, bytes, random.oneIn(6), PATIENCE)
    const kind = kindOf(received, bytes)
    const good = await this.#send(this.#open, [Buffer.from(GOOD)], false, GOOD_PATIENCE)
    if (!good.startsWith('HTTP/1.1 200 ')) throw new Error(`A good request after it is answered ${good.slice(0, 200)}`)
    return `HTTP ${kind}`
  }

  /** Sends the parts one after another. Ends when an answer is complete, the connection ends, or the time is over. */
  #send(port: number, parts: readonly Uint8Array[], leavesEarly: boolean, patience: number): Promise<string> {
    return new Promise(resolve => {
      const socket: Socket = connect(port, '127.0.0.1')
      let received = ''
      const done = () => {
        clearTimeout(timer)
        socket.destroy()
        resolve(received)
      }
      const timer = setTimeout(done, patience)
      socket.setEncoding('utf8').on('data', chunk => {
        received += chunk
        if (isWhole(received)) done()
      })
      socket.on('error', done).on('close', done)
      socket.on('connect', () => {
        for (const part of parts) if (!socket.destroyed) socket.write(part)
        if (leavesEarly) setImmediate(done)
      })
    })
  }
}

function isWhole(received: string): boolean {
  const end = received.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /content-length: (\d+)/i.exec(received.slice(0, end))?.[1]
  return length !== undefined && Buffer.byteLength(received.slice(end + 4)) >= Number(length)
}

/** @throws Error if the text is not an answer. */
function kindOf(received: string, sent: readonly Uint8Array[]): string {
  if (received === '') return 'none'
  const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(received) ?? []
  if (status === undefined || status === '500') throw new Error(`${shown(sent)} is answered ${received.slice(0, 300)}`)
  const end = received.indexOf('\r\n\r\n')
  const head = received.slice(0, end)
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
  const body = Buffer.from(received.slice(end + 4))
    .subarray(0, length)
    .toString()
  if (!/content-type: application\/(?:x-amz-)?json/i.test(head) || status === '404' || !isWhole(received))
    return `${status} without JSON`
  const problem = problemOfAnswer(Number(status), body)
  if (problem !== undefined) throw new Error(`The answer to ${shown(sent)} ${problem}: ${body.slice(0, 300)}`)
  return kindOfAnswer(Number(status), body)
}

function shown(parts: readonly Uint8Array[]): string {
  return JSON.stringify(Buffer.concat(parts).subarray(0, 1000).toString('latin1'))
}

interface Head {
  line: string
  headers: [name: string, value: string][]
}

function bytesOf(random: Random, { target = '', body }: FuzzRequest, now: number): Uint8Array[] {
  const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  const text = Buffer.from(body)
  const head: Head = {
    line: 'POST / HTTP/1.1',
    headers: [
      ['Host', 'localhost'],
      ['Content-Type', 'application/x-amz-json-1.0'],
      ['X-Amz-Target', clean(target)],
      ['X-Amz-Date', date],
      ['Authorization', authorization(date.slice(0, 8))],
    ],
  }
  const content = random.oneIn(4) ? compressed(random, head, text) : text
  const isChunked = random.oneIn(6)
  head.headers.push(isChunked ? ['Transfer-Encoding', 'chunked'] : ['Content-Length', String(content.length)])
  for (let count = random.oneIn(2) ? 0 : 1 + random.below(3); count > 0; count--) mutateHead(random, head)
  const written = `${head.line}\r\n${head.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const bytes = Buffer.from(random.oneIn(8) ? mutateText(random, written) : written, 'latin1')
  const whole = [bytes, isChunked ? chunks(random, content) : content]
  if (random.oneIn(12)) return [mutateBytes(random, Buffer.concat(whole))]
  if (random.oneIn(12)) return [Buffer.concat([...whole, ...whole, Buffer.from(GOOD)])]
  return whole
}

/** Headers have Latin-1 characters without control characters. Mutations add others. */
function clean(text: string): string {
  return text.replace(/[^ -~]/g, '')
}

function compressed(random: Random, head: Head, body: Buffer): Buffer {
  head.headers.push([
    'Content-Encoding',
    random.pick(['gzip', 'gzip', 'GZIP', 'deflate', 'br', 'gzip, gzip', 'amz-1.0', '']),
  ])
  switch (random.below(5)) {
    case 0:
      return mutateBytes(random, gzipSync(body))
    case 1:
      // A few kilobytes that inflate to many megabytes.
      return gzipSync(Buffer.alloc(random.below(random.oneIn(6) ? 20 : 2) * 1_000_000, ' '))
    case 2:
      return body
    default:
      return gzipSync(body)
  }
}

function chunks(random: Random, body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const part = body.subarray(at, at + 1 + random.below(5000))
    const length = random.oneIn(30)
      ? random.pick(['-1', 'zz', '', 'ffffffffffffffffff', '1;x=y', ' 5'])
      : part.length.toString(16)
    parts.push(Buffer.from(`${length}\r\n`), part, Buffer.from(random.oneIn(40) ? '\n' : '\r\n'))
    at += part.length
  }
  return Buffer.concat([...parts, Buffer.from(random.oneIn(10) ? '0\r\nx-amz-target: other\r\n\r\n' : '0\r\n\r\n')])
}

function mutateHead(random: Random, head: Head): void {
  const index = random.below(head.headers.length)
  const header = head.headers[index] as [string, string]
  switch (random.below(9)) {
    case 0:
      head.line = random.pick([
        'GET / HTTP/1.1',
        'POST /x HTTP/1.1',
        'POST /?a=b HTTP/1.1',
        'OPTIONS * HTTP/1.1',
        'POST / HTTP/1.0',
        'POST / HTTP/2.0',
        'POST',
        '',
        'CONNECT localhost:1 HTTP/1.1',
        'POST http://localhost/ HTTP/1.1',
        `POST /?${'X-Amz-Algorithm=a&'.repeat(200)} HTTP/1.1`,
        `POST /${'a'.repeat(20_000)} HTTP/1.1`,
        'PRI * HTTP/2.0',
        mutateText(random, head.line),
      ])
      return
    case 1:
      head.headers.splice(index, 1)
      return
    case 2:
      head.headers.splice(index, 0, ...random.list(1 + random.size(3000), () => header))
      return
    case 3:
      head.headers.push(...random.list(random.size(4000), (i): [string, string] => [`x-${i}`, 'a']))
      return
    case 4:
      header[1] = mutateText(random, header[1])
      return
    case 5:
      header[1] = clean(oddText(random)).slice(0, 30_000)
      return
    case 6:
      head.headers.push(
        random.pick<[string, string]>([
          ['Expect', '100-continue'],
          ['Upgrade', 'h2c'],
          ['Connection', 'Upgrade'],
          ['Connection', 'close'],
          ['Origin', 'http://localhost'],
          ['Origin', 'null'],
          ['Trailer', 'x'],
          ['TE', 'gzip'],
          ['Content-Length', '5'],
          ['Transfer-Encoding', 'gzip, chunked'],
          ['Access-Control-Request-Headers', '*'],
        ]),
      )
      return
    case 7:
      head.headers.push([
        'Content-Length',
        random.pick(['-1', '0', '1', '99999999999999999999', '1e3', '0x10', '5, 5']),
      ])
      return
    default:
      header[0] = random.pick([mutateText(random, header[0]), '', ' ', '__proto__', 'constructor', 'x-amz-target'])
  }
}
