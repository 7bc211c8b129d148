/** Files in the formats that are read entry by entry. */
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { TypeName } from 'partita'
import { compressionOf } from '../../file/compression.js'
import { bytesOf } from '../../file/file-bytes.js'
import { unreadable } from '../../file/file-error.js'
import { readCsvEntries } from '../format/csv-read.js'
import type { Entry } from '../format/entry.js'
import { type FileFormat, formatOfName, formatOfText } from '../format/file-format.js'
import { areDocuments, readDocumentEntries } from '../format/json-document-entries.js'
import { readLineEntries } from '../format/json-lines-format.js'
import { FILE_START, type FilePosition, type Source, type SourceFile } from './source.js'

/** How the entries of a file are read. */
export interface Reading {
  /** Default: what the name of the file says, or its content. */
  readonly format?: FileFormat
  /** Whether a file of JSON is not JSON Lines. */
  readonly isDocument?: boolean
  /** Separates the cells of CSV. */
  readonly delimiter?: string
  /** The type of a CSV column whose header names none. */
  readonly typeOfName?: (name: string) => TypeName | undefined
}

/** Enough to recognise the format, also of a gzip file. */
const HEAD_BYTES = 64 * 1024

/**
 * A source of one file.
 * @throws BadInput if it cannot be read; Usage if its format is not clear.
 */
export async function fileSource(path: string, reading: Reading): Promise<Source> {
  const found = await stat(path).catch(error => {
    throw unreadable(path, error)
  })
  // A pipe or a device can be read once.
  if (!found.isFile()) {
    return streamSource(createReadStream(path), path, {
      ...reading,
      format: reading.format ?? formatOfName(path) ?? 'jsonl',
    })
  }
  const head = await headText(path)
  const format = reading.format ?? formatOfName(path) ?? formatOfText(head, path)
  const file = await sourceFile(path, found.size, { ...reading, format, isDocument: areDocuments(head) })
  return { name: path, format, files: [file], identity: JSON.stringify([resolve(path), found.size, found.mtimeMs]) }
}

/** A source of a stream, which can be read once. */
export function streamSource(
  stream: Readable,
  name: string,
  reading: Reading & { readonly format: FileFormat },
): Source {
  const file = streamFile(name, undefined, reading, () => ({ stream, start: FILE_START }))
  return { name, format: reading.format, files: [file], identity: undefined }
}

/** A file of a known format. */
export async function sourceFile(
  path: string,
  size: number,
  reading: Reading & { readonly format: FileFormat },
): Promise<SourceFile> {
  // Compressed data must be read from its beginning, CSV needs its header, and JSON the brackets around its items.
  const fromStart =
    reading.isDocument === true || reading.format === 'csv' || compressionOf(await headOf(path)) !== undefined
  return streamFile(path, size, reading, from => {
    const start = fromStart ? FILE_START : from
    return { stream: createReadStream(path, { start: start.offset }), start }
  })
}

function streamFile(
  name: string,
  size: number | undefined,
  reading: Reading & { readonly format: FileFormat },
  start: (from: FilePosition) => { readonly stream: Readable; readonly start: FilePosition },
): SourceFile {
  let header: string | undefined
  return {
    name,
    size,
    header: () => header,
    open(from) {
      const begun = start(from)
      const keepHeader = (text: string) => {
        header = text
      }
      const entries = entriesOf(bytesOf(begun.stream, name), reading, begun.start, keepHeader)
      return {
        entries: skipBefore(entries, from.offset),
        bytesRead: () => begun.start.offset + ((begun.stream as { readonly bytesRead?: number }).bytesRead ?? 0),
        destroy: () => void begun.stream.destroy(),
      }
    },
  }
}

function entriesOf(
  bytes: AsyncIterable<Uint8Array>,
  { format, isDocument, delimiter, typeOfName }: Reading,
  start: FilePosition,
  onHeader: (text: string) => void,
): AsyncIterable<Entry> {
  if (format !== 'csv') {
    const own = format === 'jsonl' ? 'jsonl' : 'dynamodb-json'
    return isDocument ? readDocumentEntries(bytes, own) : readLineEntries(bytes, own, start)
  }
  return readCsvEntries(bytes, { onHeader, ...(delimiter && { delimiter }), ...(typeOfName && { typeOfName }) })
}

/** The entries that end after an offset. */
export async function* skipBefore(entries: AsyncIterable<Entry>, offset: number): AsyncGenerator<Entry> {
  for await (const entry of entries) if (entry.end > offset) yield entry
}

async function headText(path: string): Promise<string> {
  const stream = createReadStream(path, { end: HEAD_BYTES - 1 })
  let text = ''
  try {
    for await (const chunk of bytesOf(stream, path)) {
      text += Buffer.from(chunk).toString('latin1')
      if (text.length >= HEAD_BYTES) break
    }
  } catch (error) {
    // The end of compressed data is cut off here.
    if (text === '') throw error
  } finally {
    stream.destroy()
  }
  return Buffer.from(text, 'latin1').toString('utf8')
}

async function headOf(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}
