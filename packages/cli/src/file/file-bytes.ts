/** What a file or stream of the user's holds. */
import type { Readable } from 'node:stream'
import { decompressed } from './compression.js'
import { unreadable } from './file-fault.js'

/**
 * The bytes of a stream, decompressed where they are gzip.
 * @param name what failures of the stream call it.
 * @throws BadInput
 */
export function bytesOf(stream: Readable, name: string): AsyncIterable<Uint8Array> {
  // One that fails before or after it is read, as where the store cannot be opened, has nobody else to tell.
  stream.on('error', () => undefined)
  return decompressed(blaming(stream, name), name)
}

async function* blaming(stream: Readable, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (error) {
    throw unreadable(name, error)
  }
}
