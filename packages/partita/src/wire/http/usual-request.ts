/**
 * Reads a request in the one form that AWS SDKs send, without Node's HTTP parser. Every other form is left to that parser,
 * so nothing here decides what a dubious request means.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** The parts of Node's request that an exchange reads. */
export type Received = Pick<
  IncomingMessage,
  'method' | 'url' | 'httpVersion' | 'headers' | 'rawHeaders' | 'complete' | 'socket'
>

/** A whole request. */
export interface UsualRequest extends Received {
  readonly body: Buffer
}

const HEAD_END = '\r\n\r\n'
const MAX_HEAD_BYTES = 8 * 1024
/** The first line, and headers of printable ASCII with one space before and none after the value. */
const HEAD = /^POST \/ HTTP\/1\.1\r\n(?:[A-Za-z0-9-]+: [!-~]+(?: +[!-~]+)*\r\n)+$/
const DIGITS = /^\d{1,9}$/
/** Headers that change how a request or its connection is read. */
const SPECIAL = ['transfer-encoding', 'expect', 'upgrade', 'trailer', 'te', 'proxy-connection']

/**
 * @param chunk what a client has sent since the answer to its previous request.
 * @returns undefined unless the chunk is exactly one request with a `Content-Length`, in which no header is repeated.
 */
export function readUsualRequest(chunk: Buffer, socket: Socket): UsualRequest | undefined {
  const end = chunk.indexOf(HEAD_END)
  if (end < 0 || end > MAX_HEAD_BYTES) return undefined
  const head = chunk.toString('latin1', 0, end + 2)
  if (!HEAD.test(head)) return undefined
  const headers: Record<string, string> = {}
  const rawHeaders: string[] = []
  let start = head.indexOf('\n') + 1
  while (start < head.length) {
    const colon = head.indexOf(':', start)
    const lineEnd = head.indexOf('\r', colon)
    const rawName = head.slice(start, colon)
    const value = head.slice(colon + 2, lineEnd)
    const name = rawName.toLowerCase()
    if (headers[name] !== undefined) return undefined
    headers[name] = value
    rawHeaders.push(rawName, value)
    start = lineEnd + 2
  }
  const body = chunk.subarray(end + HEAD_END.length)
  if (!isUsual(headers, body.length)) return undefined
  return { method: 'POST', url: '/', httpVersion: '1.1', headers, rawHeaders, complete: true, socket, body }
}

function isUsual(headers: Readonly<Record<string, string>>, bodyLength: number): boolean {
  const { connection, 'content-length': length = '' } = headers
  if (!DIGITS.test(length) || Number(length) !== bodyLength) return false
  if (connection !== undefined && connection.toLowerCase() !== 'keep-alive') return false
  return SPECIAL.every(name => headers[name] === undefined)
}
