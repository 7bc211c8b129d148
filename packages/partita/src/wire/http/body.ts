/** Receives the body of a request within the server's limits. */
import type { IncomingMessage } from 'node:http'
import { AwsError } from '../protocol/aws-error.js'
import type { ServerLimits } from './limits.js'

/** Bytes that several requests hold together, and their maximum. */
export interface Pool {
  bytes: number
  readonly limit: number
}

/** Bytes that one request holds, from the first received byte until its answer is ready. They count in each of its pools. */
export class Hold {
  #pools: readonly Pool[]
  #bytes = 0

  constructor(...pools: readonly Pool[]) {
    this.#pools = pools
  }

  /** @returns false, and adds nothing, if a pool would exceed its limit. */
  take(bytes: number): boolean {
    if (this.#pools.some(pool => pool.bytes + bytes > pool.limit)) return false
    for (const pool of this.#pools) pool.bytes += bytes
    this.#bytes += bytes
    return true
  }

  release(bytes = this.#bytes): void {
    for (const pool of this.#pools) pool.bytes -= bytes
    this.#bytes -= bytes
  }

  /** Removes its bytes from a pool, and does not count later ones there. */
  leave(pool: Pool): void {
    if (!this.#pools.includes(pool)) return
    pool.bytes -= this.#bytes
    this.#pools = this.#pools.filter(other => other !== pool)
  }
}

const EMPTY = Buffer.alloc(0)
/** A body of up to this multiple of the limit is read to its end, so that its client receives the refusal. */
const DRAINED = 4

/**
 * Calls `done` once with the body as it was sent, or with the error that refuses it. Does not call it if the client
 * disconnects before the end of the body.
 */
export function receiveBody(
  request: IncomingMessage,
  limits: ServerLimits,
  hold: Hold,
  done: (body: Buffer | AwsError) => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  let error: AwsError | undefined

  const refuse = (reason: AwsError) => {
    error = reason
    chunks.length = 0
    hold.release()
  }
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (error) {
      if (length > DRAINED * limits.requestBytes) request.destroy()
    } else if (length > limits.requestBytes) refuse(tooLarge())
    else if (hold.take(chunk.length)) chunks.push(chunk)
    else refuse(busy())
  })
  request.on('end', () => done(error ?? (chunks.length > 1 ? Buffer.concat(chunks, length) : (chunks[0] ?? EMPTY))))
}

/** A body that was received whole, or the error that refuses it. */
export function admitBody(body: Buffer, limits: ServerLimits, hold: Hold): Buffer | AwsError {
  if (body.length > limits.requestBytes) return tooLarge()
  return hold.take(body.length) ? body : busy()
}

/** The error for a body that exceeds `limits.requestBytes`. */
export function tooLarge(): AwsError {
  return new AwsError('RequestEntityTooLargeException', 'Request body is too large')
}

/** The error for a request that would exceed `limits.heldBytes` or `limits.unverifiedBytes`. SDKs retry it. */
export function busy(): AwsError {
  return new AwsError(
    'ServiceUnavailableException',
    'The server has reached its limit for the bodies of requests in memory; retry later',
  )
}
