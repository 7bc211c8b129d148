/** The body of a request as it was sent, received within bounds. */
import type { IncomingMessage } from 'node:http'
import { AwsError } from '../protocol/aws-error.js'
import type { ServerLimits } from './limits.js'

/** What all the requests of one server hold together. */
export interface Held {
  bytes: number
}

/** Bytes that one request holds, from the first that arrive until its answer is made. */
export class Hold {
  readonly #held: Held
  readonly #limit: number
  #bytes = 0

  constructor(held: Held, limit: number) {
    this.#held = held
    this.#limit = limit
  }

  /** @returns false where all requests together would hold more than they may; nothing is held then. */
  take(bytes: number): boolean {
    if (this.#held.bytes + bytes > this.#limit) return false
    this.#held.bytes += bytes
    this.#bytes += bytes
    return true
  }

  release(bytes = this.#bytes): void {
    this.#held.bytes -= bytes
    this.#bytes -= bytes
  }
}

const EMPTY = Buffer.alloc(0)
/** A body may be so many times too long and its client still gets an answer. */
const DRAINED = 4

/**
 * Calls `done` once with the body as it was sent, or with the reason why it is refused; never where the client leaves
 * before its end.
 */
export function receiveBody(
  request: IncomingMessage,
  limits: ServerLimits,
  hold: Hold,
  done: (body: Buffer | AwsError) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  let fault: AwsError | undefined

  const refuse = (reason: AwsError) => {
    fault = reason
    chunks.length = 0
    hold.release()
  }
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (fault) {
      if (length > DRAINED * limits.requestBytes) request.destroy()
    } else if (length > limits.requestBytes) refuse(tooLarge())
    else if (hold.take(chunk.length)) chunks.push(chunk)
    else refuse(busy())
  })
  request.on('end', () => done(fault ?? (chunks.length > 1 ? Buffer.concat(chunks, length) : (chunks[0] ?? EMPTY))))
}

/** The error for a body that exceeds `limits.requestBytes`. */
export function tooLarge(): AwsError {
  return new AwsError('RequestEntityTooLargeException', 'Request body is too large')
}

/** The error for a request that would exceed `limits.heldBytes`. SDKs retry it. */
export function busy(): AwsError {
  return new AwsError('ServiceUnavailableException', 'The server holds as many requests as it may; try again')
}
