/** Reads JSON Lines as a stream, one line at a time, and rejects lines longer than an item can be. */
import { BadLine } from '../failure.js'

/** An item has at most 400 KB. Escapes and base64 make its JSON longer, but not tenfold. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024

/** One line of the input. */
export interface Line {
  /** From 1, counting empty lines. */
  readonly number: number
  readonly text: string
  readonly bytes: number
  /** The offset in the input after this line and its line break, in bytes. */
  readonly end: number
  /** Why the line cannot be read, with `keepBad`; the text is then empty. */
  readonly problem?: BadLine
}

/** Options of {@link readLines}. */
export interface LinesOptions {
  /** The first line to return; earlier lines are skipped. Default: 1. */
  readonly from?: number
  /** The position in the file at which the input starts: the number of its first line, and the bytes before it. */
  readonly start?: { readonly line: number; readonly offset: number }
  /** Returns lines that cannot be read with their problem, instead of throwing it. */
  readonly keepBad?: boolean
}

const NEWLINE = 0x0a
const UTF8 = new TextDecoder('utf-8', { fatal: true })

/**
 * The lines of the input, without those that are empty or only white space.
 * @throws BadLine for a line over 4 MB, as soon as the limit is passed, and for a line that is not UTF-8; with `keepBad` it
 *   is returned as the `problem` of the line.
 */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
  { from = 1, start = { line: 1, offset: 0 }, keepBad = false }: LinesOptions = {},
): AsyncGenerator<Line> {
  let number = start.line
  let offset = start.offset
  let parts: Uint8Array[] = []
  let bytes = 0
  const finish = (end: number): Line | undefined => {
    const line = lineOf(parts, number, bytes, end)
    parts = []
    bytes = 0
    if (line.problem && !keepBad) throw line.problem
    return line.text === '' && !line.problem ? undefined : line
  }
  for await (const chunk of input) {
    for (let begin = 0; ; ) {
      const newline = chunk.indexOf(NEWLINE, begin)
      const stop = newline < 0 ? chunk.length : newline
      if (number >= from && stop > begin) {
        bytes += stop - begin
        if (bytes <= MAX_LINE_BYTES) parts.push(chunk.subarray(begin, stop))
        else if (keepBad) parts = []
        else throw tooLong(number)
      }
      if (newline < 0) break
      const line = finish(offset + newline + 1)
      if (line) yield line
      number++
      begin = newline + 1
    }
    offset += chunk.length
  }
  const line = finish(offset)
  if (line) yield line
}

function lineOf(parts: readonly Uint8Array[], number: number, bytes: number, end: number): Line {
  const line = { number, text: '', bytes, end }
  if (bytes > MAX_LINE_BYTES) return { ...line, problem: tooLong(number) }
  try {
    return { ...line, text: decode(parts, number) }
  } catch (error) {
    if (error instanceof BadLine) return { ...line, problem: error }
    throw error
  }
}

/** The text without surrounding white space and byte order mark. */
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
  return new BadLine(number, `is over ${MAX_LINE_BYTES} bytes (4 MB) long; no item has that much JSON`)
}
