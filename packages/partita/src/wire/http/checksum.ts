/** The checksum of an answer's body, sent in `x-amz-crc32`. */
import { crc32 } from 'node:zlib'
import { YieldPace } from '../../embedded/event-loop.js'

const PIECE_BYTES = 1024 * 1024

/**
 * Calls `done` once with the CRC-32 of the bytes that are sent. A long body is processed asynchronously, so that other
 * requests do not wait.
 */
export function checksum(body: string | Buffer, done: (crc: number) => void): void {
  if (body.length <= PIECE_BYTES || typeof body === 'string') done(crc32(body))
  else void ofPieces(body).then(done)
}

async function ofPieces(body: Buffer): Promise<number> {
  const pace = new YieldPace()
  let crc = 0
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    crc = crc32(body.subarray(at, at + PIECE_BYTES), crc)
    if (pace.isDue(PIECE_BYTES)) await pace.yield()
  }
  return crc
}
