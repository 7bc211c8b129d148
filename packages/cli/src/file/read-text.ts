/** Reads the JSON of one item or row, which a command takes from a file or from stdin. */
import type { Readable } from 'node:stream'
import { BadInput } from '../failure.js'
import { MAX_LINE_BYTES } from '../json/json-lines.js'
import { bytesOf } from './file-bytes.js'

/** Reads a source as text. @throws BadInput if it is not UTF-8, and as soon as it is longer than an item can be. */
export async function readText(source: Readable, name: string): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of bytesOf(source, name)) {
    bytes += part.length
    if (bytes > MAX_LINE_BYTES) throw new BadInput(`${name} is over 4 MB; no item has that much JSON`)
    parts.push(part)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts))
  } catch (error) {
    throw new BadInput(`${name} is not UTF-8 text; convert it to UTF-8`, {}, error)
  }
}
