/** Minimal HTTP for measuring: prebuilt requests, one at a time, on a connection that stays open. */
import { connect, type Socket } from 'node:net'

const HEAD_END = '\r\n\r\n'
const LAST_CHUNK = '\r\n0\r\n\r\n'
const SUCCESS = 'HTTP/1.1 200'

/** A response: its headers, and the body as bytes. */
export interface RawAnswer {
  readonly head: string
  readonly bytes: Buffer
  readonly bodyStart: number
}

interface Waiting {
  resolve(answer: RawAnswer): void
  reject(error: Error): void
}

export class Connection {
  readonly #port: number
  #socket: Socket | undefined
  #waiting: Waiting | undefined
  #received: Buffer | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** Call it after the previous response has arrived. Rejects for any status but 200. */
  send(request: Uint8Array): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket ??= this.#connect()
      this.#socket.write(request)
    })
  }

  close(): void {
    this.#socket?.destroy()
  }

  /** Servers close idle connections; the next request opens a new one. */
  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    socket.on('data', chunk => this.#take(chunk))
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => {
      this.#socket = undefined
      this.#fail(new Error('The server has closed the connection'))
    })
    return socket
  }

  #take(chunk: Buffer): void {
    const bytes = this.#received ? Buffer.concat([this.#received, chunk]) : chunk
    const answer = wholeAnswer(bytes)
    this.#received = answer ? undefined : bytes
    if (!answer) return
    const waiting = this.#waiting
    this.#waiting = undefined
    if (answer.head.startsWith(SUCCESS)) waiting?.resolve(answer)
    else waiting?.reject(new Error(bytes.toString()))
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}

/** The response; undefined if it is not complete yet. */
function wholeAnswer(bytes: Buffer): RawAnswer | undefined {
  const end = bytes.indexOf(HEAD_END)
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const bodyStart = end + HEAD_END.length
  const length = /\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const isWhole =
    length === undefined
      ? bytes.toString('latin1', bytes.length - LAST_CHUNK.length) === LAST_CHUNK
      : bytes.length >= bodyStart + Number(length)
  return isWhole ? { head, bytes, bodyStart } : undefined
}

/** The JSON of a response, with a content length or chunked. */
export function readAnswer({ head, bytes, bodyStart }: RawAnswer): unknown {
  const body = bytes.subarray(bodyStart)
  return JSON.parse((/\ntransfer-encoding: *chunked/i.test(head) ? joinChunks(body) : body).toString())
}

function joinChunks(body: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at)
    const length = Number.parseInt(body.toString('latin1', at, end), 16)
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(body.subarray(end + 2, end + 2 + length))
    at = end + 2 + length + 2
  }
}
