/** Writes rows in the form that suits their reader: a person, a program, or a program that reads one envelope. */
import { Decimal, type Value } from 'partita'
import { printJson } from '../json/exact-json.js'
import { printable } from './printable.js'
import { fitted, widthOf } from './width.js'

type Row = Readonly<Record<string, unknown>>

/** How rows are written. */
export interface RowOptions {
  /** One envelope. */
  readonly json?: boolean | undefined
  /** JSON Lines, also on a terminal. */
  readonly jsonl?: boolean | undefined
  /** The columns on a terminal. Default: the names of the first rows, in their order. */
  readonly columns?: readonly string[] | undefined
}

/** Where rows are written to. */
export interface RowSink {
  readonly isTerminal: boolean
  /** Columns of the terminal. */
  readonly width: number
  write(text: string): Promise<void>
  /** Begins and ends the envelope around rows. */
  begin(): Promise<void>
  end(): Promise<void>
}

/** The rows that decide the columns and their widths. */
const SAMPLE = 50
/** JSON Lines are written in chunks of about this many characters. */
const CHUNK = 65_536
const GAP = '  '
const NARROWEST = 4

/** @returns how many rows were written. */
export async function writeRows(rows: AsyncIterable<Row>, options: RowOptions, sink: RowSink): Promise<number> {
  if (options.json) return writeEnvelope(rows, sink)
  if (options.jsonl || !sink.isTerminal) return writeChunks(rows, row => `${jsonOf(row)}\n`, sink)
  return writeTable(rows, options.columns, sink)
}

async function writeEnvelope(rows: AsyncIterable<Row>, sink: RowSink): Promise<number> {
  await sink.begin()
  let isFirst = true
  const count = await writeChunks(
    rows,
    row => {
      const text = isFirst ? jsonOf(row) : `,${jsonOf(row)}`
      isFirst = false
      return text
    },
    sink,
  )
  await sink.end()
  return count
}

async function writeChunks(rows: AsyncIterable<Row>, print: (row: Row) => string, sink: RowSink): Promise<number> {
  let [count, chunk] = [0, '']
  const pending = async () => {
    const text = chunk
    chunk = ''
    if (text !== '') await sink.write(text)
  }
  try {
    for await (const row of rows) {
      chunk += print(row)
      count++
      if (chunk.length >= CHUNK) await pending()
    }
  } finally {
    // Rows before an error are data too.
    await pending()
  }
  return count
}

async function writeTable(rows: AsyncIterable<Row>, given: readonly string[] | undefined, sink: RowSink) {
  let count = 0
  let sample: Row[] | undefined = []
  let print = (_: Row): string => ''
  const begin = async (first: readonly Row[]) => {
    sample = undefined
    if (first.length === 0) return
    const names = given ?? [...new Set(first.flatMap(row => Object.keys(row).filter(name => row[name] !== undefined)))]
    const widths = fittingWidths(names, first, sink.width)
    const line = (cells: readonly string[]) =>
      `${cells
        .map((cell, i) => (i === cells.length - 1 && widthOf(cell) <= widths[i]! ? cell : fitted(cell, widths[i]!)))
        .join(GAP)
        .trimEnd()}\n`
    print = row => line(names.map(name => cellOf(row[name])))
    await sink.write(line(names.map(printable)) + first.map(print).join(''))
  }
  try {
    for await (const row of rows) {
      count++
      if (sample === undefined) await sink.write(print(row))
      else if (sample.push(row) === SAMPLE) await begin(sample)
    }
  } finally {
    if (sample !== undefined) await begin(sample)
  }
  return count
}

/** The widths of the columns. While the line is too long for the terminal, the widest column gives way. */
function fittingWidths(names: readonly string[], rows: readonly Row[], width: number): number[] {
  const widths = names.map(name =>
    Math.max(widthOf(printable(name)), ...rows.map(row => Math.min(width, widthOf(cellOf(row[name]))))),
  )
  const most = Math.max(width - GAP.length * (names.length - 1), names.length * NARROWEST)
  let total = widths.reduce((sum, each) => sum + each, 0)
  while (total > most) {
    const widest = Math.max(...widths)
    if (widest <= NARROWEST) break
    widths[widths.lastIndexOf(widest)] = widest - 1
    total--
  }
  return widths
}

/** A value as one line. Numbers and texts are plain, all other values JSON. */
function cellOf(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return printable(value)
  if (value instanceof Date) return isoTime(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Decimal) return value.text
  return jsonOf(value)
}

function jsonOf(value: unknown): string {
  return printJson(withoutDates(value) as Value)
}

/** Dates as ISO 8601 texts, as JSON has none. Exact numbers, sets and bytes are printed as tagged values. */
function withoutDates(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return isoTime(value)
  if (Array.isArray(value)) return value.map(withoutDates)
  if (value instanceof Decimal || value instanceof Set || value instanceof Uint8Array) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutDates(member)]))
}

function isoTime(date: Date): string {
  return Number.isNaN(date.getTime()) ? 'invalid' : date.toISOString()
}
