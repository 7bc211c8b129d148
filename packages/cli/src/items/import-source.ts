/** Where an import reads from, and where in it it begins. */
import { createReadStream, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { BadInput, Usage } from '../failure.js'
import { compressionOf, HEAD_BYTES } from '../file/compression.js'
import { bytesOf } from '../file/file-bytes.js'
import { unreadable } from '../file/file-fault.js'
import { Checkpoint } from './checkpoint.js'

/** A place between two lines: the number of the line after it, and the bytes before it. */
interface Place {
  readonly line: number
  readonly offset: number
}

/** How far an import got, and what it was an import of. */
interface ImportState extends Place {
  readonly target: string
  readonly size: number
  readonly modified: number
}

/** The input of an import: a file or a stream. */
export interface ImportSource {
  /** Text, decompressed where the source is gzip. An error that it throws is the source's own, and names it. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Where `chunks` begin. */
  readonly start: Place
  /** The first line to import. */
  readonly from: Place
  /** How much of the source is read, from 0 to 1, when this offset is done; undefined where that is not known. */
  share?(offset: number): number
  /** Ends `chunks`, whoever waits for them. */
  destroy(): void
  /**
   * Remembers that all before this place is written. Only where there is a file beside which it can be remembered.
   * @returns false where it is not, as the file's folder is only read.
   */
  remember?(place: Place, when: 'now' | 'now and then'): Promise<boolean>
  forget?(): Promise<void>
}

const ONLY_READ: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS'])

const BEGINNING: Place = { line: 1, offset: 0 }

/** A stream, which is read once, from its beginning. */
export function streamSource(stream: Readable, name: string): ImportSource {
  return {
    chunks: bytesOf(stream, name),
    start: BEGINNING,
    from: BEGINNING,
    destroy: () => void stream.destroy(),
  }
}

/**
 * Opens a file. With `resume` it begins where the last import of it into the same target stopped, else at its beginning.
 * @throws BadInput when there is no such file; Usage when it was changed since, so that the place means nothing.
 */
export async function openFile(path: string, target: string, resume: boolean): Promise<ImportSource> {
  const found = await stat(path).catch(error => {
    throw unreadable(path, error)
  })
  if (found.isDirectory()) throw new BadInput(`${path} is a folder; name a file of JSON Lines`)
  if (!found.isFile()) return streamSource(createReadStream(path), path)
  const checkpoint = new Checkpoint(`${path}.partita-import`, isImportState)
  const identity = { target, size: found.size, modified: found.mtimeMs }
  const from = resume ? await resumedPlace(path, found, target, checkpoint) : BEGINNING
  // What an import before this one left must not be taken for how far this one got.
  if (!resume) await checkpoint.remove()
  // Compressed data has to be read from its beginning.
  const isCompressed = compressionOf(await headOf(path)) !== undefined
  const start = isCompressed ? BEGINNING : from
  const file = createReadStream(path, { start: start.offset })
  let isOnlyRead = false
  return {
    chunks: bytesOf(file, path),
    start,
    from,
    share: offset => (isCompressed ? file.bytesRead : offset) / found.size,
    destroy: () => void file.destroy(),
    async remember({ line, offset }, when) {
      if (isOnlyRead) return false
      const state = { ...identity, line, offset }
      try {
        await (when === 'now' ? checkpoint.save(state) : checkpoint.saveNowAndThen(state))
      } catch (error) {
        if (!isFolderOnlyRead(error)) throw error
        isOnlyRead = true
      }
      return !isOnlyRead
    },
    forget: () => checkpoint.remove(),
  }
}

function isFolderOnlyRead(error: unknown): boolean {
  return error instanceof BadInput && ONLY_READ.has((error.details as { readonly reason?: unknown }).reason)
}

async function headOf(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function resumedPlace(path: string, found: Stats, target: string, checkpoint: Checkpoint<ImportState>) {
  const state = await checkpoint.load()
  if (!state) return BEGINNING
  if (state.target !== target) {
    throw new Usage(`the import of ${path} that stopped went to ${state.target}; start without --resume`)
  }
  if (state.size !== found.size || state.modified !== found.mtimeMs) {
    const place = `--from-line=${state.line} where the lines before it are still the same`
    throw new Usage(`${path} was changed since its import stopped; use ${place}, else start without --resume`)
  }
  return { line: state.line, offset: state.offset }
}

function isImportState(value: unknown): value is ImportState {
  if (typeof value !== 'object' || value === null) return false
  const { target, size, modified, line, offset } = value as Partial<Record<keyof ImportState, unknown>>
  const isPlace = Number.isSafeInteger(line) && Number.isSafeInteger(offset) && Number(line) > 0 && Number(offset) >= 0
  return typeof target === 'string' && typeof size === 'number' && typeof modified === 'number' && isPlace
}
