/**
 * Exports to CSV. The header names all columns, which are known only when all items are read. So the items are first
 * written to a file of JSON Lines, which also is what a stopped export continues, and CSV is made from that file.
 */
import { createReadStream } from 'node:fs'
import type { Item } from 'partita'
import type { ExportFile } from '../../file/export-file.js'
import { unreadable } from '../../file/file-error.js'
import { type Column, ColumnSet } from '../format/csv-columns.js'
import { printHeader, printRecords } from '../format/csv-write.js'
import { readLineEntries } from '../format/json-lines-format.js'
import { FILE_START } from '../source/source.js'
import { fileSink } from './line-sink.js'
import type { Sink } from './sink.js'

/** Parameters of {@link csvSink}. */
export interface CsvExport {
  /** The file of JSON Lines. */
  readonly items: ExportFile
  /** Writes CSV, once all items are there. */
  readonly append: (text: string) => Promise<void>
  /** Completes and closes what `append` writes to. */
  readonly finish: () => Promise<void>
  readonly close: () => Promise<void>
  /** Whether the file of JSON Lines stays when the export is stopped. */
  readonly isKept: boolean
  readonly delimiter: string
  /** Names whose columns come first. */
  readonly keyNames: readonly string[]
}

const CHUNK = 500

/** Writes items as CSV. */
export function csvSink({ items, append, finish, close, isKept, delimiter, keyNames }: CsvExport): Sink {
  const lines = fileSink(items, 'jsonl', false)
  return {
    ...lines,
    remember: isKept ? lines.remember : async () => 'beginning',
    async finish() {
      const columns = await columnsOf(items.partial, keyNames)
      if (columns.length > 0) await append(printHeader(columns, delimiter))
      for await (const chunk of chunksOf(items.partial)) await append(printRecords(chunk, columns, delimiter))
      await finish()
      await items.discard()
    },
    async close() {
      await items.close()
      await close()
    },
  }
}

async function columnsOf(path: string, first: readonly string[]): Promise<readonly Column[]> {
  const set = new ColumnSet(first)
  for await (const chunk of chunksOf(path)) for (const item of chunk) set.add(item)
  return set.columns
}

async function* chunksOf(path: string): AsyncGenerator<Item[]> {
  let chunk: Item[] = []
  try {
    for await (const entry of readLineEntries(createReadStream(path), 'jsonl', FILE_START)) {
      const change = entry.read()
      if (change.kind === 'put') chunk.push(change.item)
      if (chunk.length === CHUNK) {
        yield chunk
        chunk = []
      }
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  if (chunk.length > 0) yield chunk
}
