/**
 * Reads one HTTP/1.1 response from the bytes of a connection. It is strict: what leaves the end of a response in doubt is an
 * error, so that no byte of one response is read as part of the next.
 *
 * @see RFC 9112, section 6.3, for the length of a body.
 */
import type { HttpAnswer } from '../transport/exchange.js'
import { MAX_BODY_BYTES, tooLarge } from './body.js'

const MAX_HEAD_BYTES = 64 * 1024
const STATUS = /^HTTP\/1\.([01]) (\d{3})(?: |$)/
const CRLF = '\r\n'
const HEAD_END = '\r\n\r\n'
const CONTROL = /[\r\n\0]/

type Headers = ReadonlyMap<string, string>

/** How the end of a body is found. */
type Length = number | 'chunked' | 'until close'

/** Reads one response. */
export class ResponseReader {
  /** Whether the connection can be used for another request, once the response is complete. */
  isReusable = false
  /** Milliseconds after which the server closes an idle connection, if it says so. */
  idleTimeout: number | undefined
  /** Received bytes that are not read yet: an incomplete head, or an incomplete line between chunks. */
  #bytes: Buffer = Buffer.alloc(0)
  #status = 0
  #headers: Headers | undefined
  #length: Length = 0
  /** The body so far. It is put together once, when it is complete: a large one arrives in a thousand pieces. */
  readonly #parts: Buffer[] = []
  #partBytes = 0
  /** Bytes that are missing of the current chunk, with the line end behind it. */
  #chunkLeft = 0

  /** Adds received bytes. @returns the response if it is complete. @throws Error for what is not a response. */
  push(chunk: Buffer): HttpAnswer | undefined {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    if (!this.#headers && !this.#readHead()) return undefined
    if (this.#length === 'chunked') return this.#readChunks() ? this.#complete() : undefined
    const missing = this.#length === 'until close' ? Number.POSITIVE_INFINITY : this.#length - this.#partBytes
    // Bytes after the response belong to no request.
    if (this.#bytes.length > missing) this.isReusable = false
    this.#keep(this.#bytes.subarray(0, missing))
    this.#bytes = Buffer.alloc(0)
    return this.#partBytes === this.#length ? this.#complete() : undefined
  }

  /** The server has closed the connection. @returns the response, if that was its end. */
  end(): HttpAnswer | undefined {
    return this.#headers && this.#length === 'until close' ? this.#complete() : undefined
  }

  #keep(part: Buffer): void {
    if ((this.#partBytes += part.length) > MAX_BODY_BYTES) throw tooLarge()
    if (part.length > 0) this.#parts.push(part)
  }

  #complete(): HttpAnswer {
    const headers = this.#headers as Headers
    return { status: this.#status, header: name => headers.get(name), body: joined(this.#parts) }
  }

  /** @returns whether the head is complete. */
  #readHead(): boolean {
    for (;;) {
      const end = this.#bytes.indexOf(HEAD_END)
      if (end > MAX_HEAD_BYTES || (end < 0 && this.#bytes.length > MAX_HEAD_BYTES)) throw tooLarge()
      if (end < 0) return false
      const [first = '', ...lines] = this.#bytes.toString('latin1', 0, end).split(CRLF)
      this.#bytes = this.#bytes.subarray(end + HEAD_END.length)
      const [, minor, status] = STATUS.exec(first) ?? []
      if (status === undefined) throw malformed('its first line is no status line')
      this.#status = Number(status)
      // An interim response, such as 100 Continue, precedes the response itself.
      if (this.#status < 200 && this.#status !== 101) continue
      this.#headers = headersOf(lines)
      this.#readLength(minor === '1', this.#headers)
      return true
    }
  }

  #readLength(isCurrent: boolean, headers: Headers): void {
    const connection = headers.get('connection')?.toLowerCase() ?? ''
    this.isReusable = isCurrent ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection)
    const timeout = /\btimeout=(\d+)/.exec(headers.get('keep-alive') ?? '')?.[1]
    if (timeout !== undefined) this.idleTimeout = Number(timeout) * 1000
    const coding = headers.get('transfer-encoding')
    const length = headers.get('content-length')
    if (this.#status === 101) throw malformed('it switches the protocol')
    if (coding !== undefined) {
      if (length !== undefined) throw malformed('it has both a length and a transfer coding')
      if (coding.toLowerCase() !== 'chunked') throw malformed('its transfer coding is unknown')
      this.#length = 'chunked'
    } else if (this.#status === 204 || this.#status === 304) this.#length = 0
    else if (length === undefined) {
      this.#length = 'until close'
      this.isReusable = false
    } else {
      if (!/^\d{1,15}$/.test(length)) throw malformed('its length is not one number')
      this.#length = Number(length)
      if (this.#length > MAX_BODY_BYTES) throw tooLarge()
    }
  }

  /** @returns whether the last chunk and the trailer are complete. */
  #readChunks(): boolean {
    const found: Buffer[] = []
    const isComplete = this.#findChunks(found)
    // One part for all chunks of this piece: a server may send chunks of one byte.
    this.#keep(joined(found))
    return isComplete
  }

  #findChunks(found: Buffer[]): boolean {
    for (;;) {
      if (this.#chunkLeft > 0 && !this.#readChunk(found)) return false
      const lineEnd = this.#bytes.indexOf(CRLF)
      if (lineEnd < 0) {
        if (this.#bytes.length > MAX_HEAD_BYTES) throw tooLarge()
        return false
      }
      const size = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(this.#bytes.toString('latin1', 0, lineEnd))?.[1]
      if (size === undefined) throw malformed('the size of a chunk is no number')
      const bytes = Number.parseInt(size, 16)
      if (bytes === 0) return this.#readTrailer(lineEnd)
      if (bytes > MAX_BODY_BYTES) throw tooLarge()
      this.#bytes = this.#bytes.subarray(lineEnd + CRLF.length)
      this.#chunkLeft = bytes + CRLF.length
    }
  }

  /** Reads what is there of the current chunk. @returns whether that was its end. */
  #readChunk(found: Buffer[]): boolean {
    const data = this.#bytes.subarray(0, this.#chunkLeft - CRLF.length)
    if (data.length > 0) found.push(data)
    this.#bytes = this.#bytes.subarray(data.length)
    this.#chunkLeft -= data.length
    if (this.#chunkLeft > CRLF.length || this.#bytes.length < CRLF.length) return false
    if (this.#bytes.toString('latin1', 0, CRLF.length) !== CRLF) throw malformed('a chunk is longer than its size')
    this.#bytes = this.#bytes.subarray(CRLF.length)
    this.#chunkLeft = 0
    return true
  }

  /** Skips the fields after the last chunk, up to an empty line. */
  #readTrailer(lineEnd: number): boolean {
    const end = this.#bytes.indexOf(HEAD_END, lineEnd)
    if (end < 0) {
      if (this.#bytes.length > MAX_HEAD_BYTES) throw tooLarge()
      return false
    }
    if (this.#bytes.length > end + HEAD_END.length) this.isReusable = false
    return true
  }
}

/** Returns one buffer of many; a single one is not copied. */
function joined(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)
}

function headersOf(lines: readonly string[]): Headers {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    // A space before the colon, or a folded line, is read in different ways.
    if (colon < 1 || /[\s]/.test(name)) throw malformed('a header has no name')
    const value = line.slice(colon + 1).trim()
    // A bare line end would begin another header for some readers.
    if (CONTROL.test(value)) throw malformed('a header has a line break')
    const before = headers.get(name)
    if (before !== undefined && name === 'content-length' && before !== value) throw malformed('it has two lengths')
    if (before !== undefined && name === 'transfer-encoding') throw malformed('it has two transfer codings')
    headers.set(name, before === undefined || before === value ? value : `${before}, ${value}`)
  }
  return headers
}

function malformed(reason: string): Error {
  return new Error(`The response is no HTTP: ${reason}`)
}
