/** Reads CSV as RFC 4180 describes it, with a header, as a stream. */
import { Readable } from 'node:stream'
import { CsvError, type Info, parse } from 'csv-parse'
import { parse as parseNow } from 'csv-parse/sync'
import type { Item, TypeName } from 'partita'
import { BadInput, BadLine } from '../../failure.js'
import { MAX_LINE_BYTES } from '../../json/json-lines.js'
import { parseCell } from './csv-cell.js'
import { type Column, parseHeader } from './csv-columns.js'
import type { Entry } from './entry.js'
import { LineBreaks } from './line-breaks.js'

/** The cells of a record; one that is empty and not quoted is undefined. */
type Cells = readonly (string | undefined)[]

/** Options of {@link readCsvEntries}. */
export interface CsvOptions {
  /** Separates cells. Default a comma. */
  readonly delimiter?: string
  /** The type of a column whose header cell names none; default S. */
  readonly typeOfName?: (name: string) => TypeName | undefined
  /** Called with the header's text, before the first entry. */
  readonly onHeader?: (text: string) => void
}

/** What csv-parse returns for each record. */
interface Parsed {
  readonly record: readonly string[]
  readonly info: Info
  readonly raw: string
}

/**
 * The entries of a CSV file, from its beginning.
 * @throws BadLine for text that is not CSV or not UTF-8, and for an invalid header. Nothing can be read after that.
 */
export async function* readCsvEntries(
  bytes: AsyncIterable<Uint8Array>,
  { delimiter = ',', typeOfName = () => undefined, onHeader }: CsvOptions = {},
): AsyncGenerator<Entry> {
  const parser = parse({
    bom: true,
    info: true,
    raw: true,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_BYTES,
  })
  const breaks = new LineBreaks()
  const source = Readable.from(utf8Only(bytes, breaks), { objectMode: false })
  // `pipe` does not forward errors.
  source.on('error', error => parser.destroy(error))
  let columns: readonly Column[] | undefined
  let before = 0
  try {
    for await (const { record, info, raw } of source.pipe(parser) as AsyncIterable<Parsed>) {
      const text = raw.replace(/^[\r\n]+|[\r\n]+$/g, '')
      const last = breaks.lineBefore(info.bytes)
      if (columns) {
        const line = last - (text.match(/\r\n|\n|\r/g)?.length ?? 0)
        yield entryOf(cellsOf(record, text, delimiter), columns, {
          line,
          nextLine: last + 1,
          end: info.bytes,
          bytes: info.bytes - before,
          text,
        })
      } else {
        columns = parseHeader(cellsOf(record, text, delimiter), typeOfName)
        onHeader?.(text)
      }
      before = info.bytes
    }
  } catch (error) {
    throw error instanceof CsvError ? notCsv(error) : error
  } finally {
    source.destroy()
  }
}

/** csv-parse distinguishes quoted cells at ten times the price, so only records that can have an empty one pay it. */
function cellsOf(record: readonly string[], text: string, delimiter: string): Cells {
  if (!text.includes('""')) return record.map(cell => (cell === '' ? undefined : cell))
  const [cells] = parseNow(text, {
    delimiter,
    relax_column_count: true,
    cast: (value, { quoting }) => (value === '' && !quoting ? undefined : value),
  }) as Cells[]
  return cells ?? []
}

function entryOf(record: Cells, columns: readonly Column[], at: Omit<Entry, 'read'>): Entry {
  return { ...at, read: () => ({ kind: 'put', item: itemOf(record, columns) }) }
}

function itemOf(record: Cells, columns: readonly Column[]): Item {
  if (record.length !== columns.length) {
    throw new BadInput(`it has ${record.length} cells, but the header has ${columns.length}`)
  }
  const item = new Map<string, Item[string]>()
  for (const [i, { name, type }] of columns.entries()) {
    const text = record[i]
    if (text === undefined) continue
    if (item.has(name)) throw new BadInput(`two columns have a value for the attribute ${JSON.stringify(name)}`)
    item.set(name, parseCell(text, type, name))
  }
  // Object.fromEntries makes even `__proto__` an ordinary attribute.
  return Object.fromEntries(item)
}

/**
 * Passes the bytes on and records their line breaks. csv-parse would replace invalid bytes silently.
 * @throws BadLine if they are not UTF-8.
 */
async function* utf8Only(bytes: AsyncIterable<Uint8Array>, breaks: LineBreaks): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let lines = 1
  const check = (chunk?: Uint8Array) => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined })
    } catch (error) {
      throw new BadLine(lines, 'or a line soon after it is not UTF-8 text; convert the file to UTF-8', error)
    }
  }
  for await (const chunk of bytes) {
    check(chunk)
    breaks.add(chunk)
    for (const byte of chunk) if (byte === 0x0a) lines++
    yield chunk
  }
  check()
}

function notCsv(error: CsvError): BadLine {
  const line = (error as CsvError & { readonly lines?: number }).lines ?? 1
  const problems: Readonly<Record<string, string>> = {
    CSV_QUOTE_NOT_CLOSED: 'is inside a quoted cell at the end of the file; its closing quote is missing',
    CSV_INVALID_CLOSING_QUOTE: 'has text after a closing quote; a quote inside a cell is written twice',
    INVALID_OPENING_QUOTE:
      'has a quote inside a cell without quotes; put the cell in quotes, and write its quotes twice',
    CSV_MAX_RECORD_SIZE: `is over ${MAX_LINE_BYTES} bytes (4 MB) long; a quote may be missing before it`,
  }
  return new BadLine(line, problems[error.code] ?? `is not CSV: ${error.message}`, error)
}
