/** Sends the answer to one request: through Node's HTTP, or directly to the socket. */
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { systemClock } from '../../store/timers.js'

/** What is sent for one request, once. */
export interface AnswerToSend {
  readonly status: number
  /** Names and values in turn. */
  readonly headers: readonly string[]
  readonly body: string | Buffer
  /** Bytes of the body. */
  readonly length: number
  /** Whether the connection is closed afterwards. */
  readonly isLast: boolean
}

/** Sends the answer to one request. */
export interface Reply {
  /** Calls `done` when the answer was handed to the operating system, or the connection is closed. */
  onClose(done: () => void): void
  send(answer: AnswerToSend): void
}

/** Replies to a request that Node's HTTP has parsed. */
export class NodeReply implements Reply {
  readonly #response: ServerResponse
  readonly #socket: Socket

  constructor(response: ServerResponse, socket: Socket) {
    this.#response = response
    this.#socket = socket
  }

  onClose(done: () => void): void {
    this.#response.once('close', done)
  }

  send({ status, headers, body, length, isLast }: AnswerToSend): void {
    if (isLast) this.#response.shouldKeepAlive = false
    this.#response.writeHead(status, headers as string[])
    if (length > 0) {
      // With `end`, the text would be held back and sent in two pieces.
      this.#response.write(body, encodingOf(body, length))
      this.#socket.uncork()
    }
    this.#response.end()
  }
}

/** Replies on a socket, with the headers that Node would add. */
export class SocketReply implements Reply {
  readonly #socket: Socket
  readonly #whenClosed: () => void
  #done: (() => void) | undefined
  #isClosed = false

  constructor(socket: Socket, whenClosed: () => void) {
    this.#socket = socket
    this.#whenClosed = whenClosed
  }

  onClose(done: () => void): void {
    this.#done = done
  }

  send({ status, headers, body, length, isLast }: AnswerToSend): void {
    const socket = this.#socket
    const sent = () => this.close()
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
    head += `Date: ${httpDate()}\r\nConnection: ${isLast ? 'close' : 'keep-alive'}\r\n\r\n`
    if (typeof body === 'string') socket.write(head + body, encodingOf(body, length), sent)
    else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body, sent)
      socket.uncork()
    }
    if (isLast) socket.destroySoon()
  }

  /** The answer was sent, or the connection is closed. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#done?.()
    this.#whenClosed()
  }
}

/** ASCII is copied unchanged. */
function encodingOf(body: string | Buffer, length: number): 'latin1' | 'utf8' {
  return length === body.length ? 'latin1' : 'utf8'
}

let dated = { second: Number.NaN, text: '' }

/** The value of the header `Date`, which has seconds. */
function httpDate(): string {
  const second = Math.floor(systemClock() / 1000)
  if (second !== dated.second) dated = { second, text: new Date(second * 1000).toUTCString() }
  return dated.text
}
