/** Reads the bytes of the user's files and streams. */
import type { Readable } from 'node:stream'
import { decompressed } from './compression.js'
import { unreadable } from './file-error.js'

/**
 * The bytes of a stream, decompressed if they are gzip.
 * @param name the stream's name in error messages.
 * @throws BadInput
 */
export function bytesOf(stream: Readable, name: string): AsyncIterable<Uint8Array> {
  // The stream may fail before or after it is read, for example when the store cannot be opened. Without a listener
  // that error would end the process.
  stream.on('error', () => undefined)
  return decompressed(withName(stream, name), name)
}

async function* withName(stream: Readable, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* stream
  } catch (error) {
    throw unreadable(name, error)
  }
}
