/** JSON Lines as a stream: one line at a time, never more of one than may be an item. */
import { BadLine } from '../failure.js'

/** An item has at most 400 KB; escapes and base64 make its JSON longer, but hardly ten times so. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024

/** One line of the input. */
export interface Line {
  /** From 1, empty lines counted. */
  readonly number: number
  readonly text: string
  readonly bytes: number
  /** Bytes of the input up to and with this line's end. */
  readonly end: number
}

/** Options of {@link readLines}. */
export interface LinesOptions {
  /** What lies before this line is passed over unread. Default 1. */
  readonly from?: number
  /** Where in the file the input begins: the number of its first line, and the bytes before it. */
  readonly start?: { readonly line: number; readonly offset: number }
}

const NEWLINE = 0x0a
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The lines that hold something; a line that is empty, or of white space only, is passed over.
 * @throws BadLine for a line of over 4 MB, as soon as it is over, and for one that is not UTF-8.
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
  { from = 1, start = { line: 1, offset: 0 } }: LinesOptions = {},
): AsyncGenerator<Line> {
  let number = start.line
  let offset = start.offset
  let parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of input) {
    for (let begin = 0; ; ) {
      const newline = chunk.indexOf(NEWLINE, begin)
      const stop = newline < 0 ? chunk.length : newline
      if (number >= from && stop > begin) {
        bytes += stop - begin
        if (bytes > MAX_LINE_BYTES) throw tooLong(number)
        parts.push(chunk.subarray(begin, stop))
      }
      if (newline < 0) break
      const text = decode(parts, number)
      if (text !== '') yield { number, text, bytes, end: offset + newline + 1 }
      parts = []
      bytes = 0
      number++
      begin = newline + 1
    }
    offset += chunk.length
  }
  const text = decode(parts, number)
  if (text !== '') yield { number, text, bytes, end: offset }
}

/** The text without white space around it; a byte order mark is such, too. */
function decode(parts: readonly Uint8Array[], number: number): string {
  if (parts.length === 0) return ''
  const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
  try {
    return UTF8.decode(bytes).trim()
  } catch (error) {
    throw new BadLine(number, 'is not UTF-8 text; convert the file to UTF-8', error)
  }
}

function tooLong(number: number): BadLine {
  return new BadLine(number, `is over ${MAX_LINE_BYTES} bytes (4 MB) long; no item has so much JSON`)
}
