/** Compresses answers in pieces and a few at a time, so that they block neither this thread nor the thread pool. */
import { constants, createDeflate, createGzip } from 'node:zlib'
import type { Coding } from './accept-encoding.js'

/** Answers longer than this, in bytes, are compressed for clients that accept it, as at AWS. */
export const COMPRESSED_ABOVE = 4096

/** Bytes per task of the thread pool: about a millisecond of work, so that commits wait for no more than that. */
const PIECE_BYTES = 64 * 1024
/** Maximum number of answers that are compressed at the same time. */
const AT_ONCE = 2

interface Job {
  readonly body: Buffer
  readonly coding: Coding
  readonly isWanted: () => boolean
  readonly done: (compressed: Buffer | undefined) => void
}

/** A queue of answers to compress, at most two at a time. */
export class Compressor {
  readonly #waiting: Job[] = []
  #running = 0

  /**
   * Calls `done` once with the compressed body, asynchronously.
   *
   * @param isWanted called before the work begins. If it returns false, `done` receives undefined.
   */
  add(body: Buffer, coding: Coding, isWanted: () => boolean, done: (compressed: Buffer | undefined) => void): void {
    this.#waiting.push({ body, coding, isWanted, done })
    this.#run()
  }

  #run(): void {
    while (this.#running < AT_ONCE) {
      const job = this.#waiting.shift()
      if (!job) return
      if (!job.isWanted()) {
        job.done(undefined)
        continue
      }
      this.#running++
      compress(job.body, job.coding, compressed => {
        this.#running--
        job.done(compressed)
        this.#run()
      })
    }
  }
}

function compress(body: Buffer, coding: Coding, done: (compressed: Buffer) => void): void {
  const options = { level: constants.Z_BEST_SPEED }
  const stream = coding === 'gzip' ? createGzip(options) : createDeflate(options)
  const chunks: Buffer[] = []
  let at = 0
  const writeNext = () => {
    const piece = body.subarray(at, at + PIECE_BYTES)
    at += PIECE_BYTES
    if (at < body.length) stream.write(piece, writeNext)
    else stream.end(piece)
  }
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  stream.on('end', () => done(Buffer.concat(chunks)))
  writeNext()
}
