/** Recognises compressed data by its first bytes. The file's name is ignored. */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BadInput } from '../failure.js'

/** A compression format that is recognised. Only gzip can be decompressed. */
export type Compression = 'gzip' | 'zip' | 'bzip2' | 'xz' | 'zstd'

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

/** The number of bytes that {@link compressionOf} reads. */
export const HEAD_BYTES = 5

/** @param head the first bytes. @returns undefined if no known compression is recognised. */
export function compressionOf(head: Uint8Array): Compression | undefined {
  return MAGIC.find(([, bytes]) => bytes.every((byte, i) => head[i] === byte))?.[0]
}

/**
 * The data of an input, decompressed if it is gzip.
 * @param name the input's name in error messages.
 * @throws BadInput for damaged gzip data when the damage is reached, and immediately for any other compression.
 */
export async function* decompressed(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const chunks = input[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  for (let bytes = 0; bytes < HEAD_BYTES; ) {
    const next = await chunks.next()
    if (next.done) break
    head.push(next.value)
    bytes += next.value.length
  }
  const whole = joined(head, { [Symbol.asyncIterator]: () => chunks })
  const compression = compressionOf(Buffer.concat(head))
  if (compression === undefined) yield* whole
  else if (compression === 'gzip') yield* gunzipped(whole, name)
  else throw new BadInput(`${name} is compressed with ${compression}; decompress it first, or compress it with gzip`)
}

async function* joined(head: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* head
  yield* rest
}

async function* gunzipped(compressed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const source = Readable.from(compressed, { objectMode: false })
  const gunzip = createGunzip()
  // `pipe` does not forward errors.
  source.on('error', error => gunzip.destroy(error))
  try {
    for await (const chunk of source.pipe(gunzip)) yield chunk as Buffer
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (!code?.startsWith('Z_')) throw error
    throw new BadInput(`${name} is damaged: its gzip data cannot be decompressed (${message})`, { reason: code }, error)
  } finally {
    source.destroy()
  }
}
