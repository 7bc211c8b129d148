/** The input of an import, and the position at which it starts. */
import { createReadStream, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Usage } from '../failure.js'
import { Checkpoint } from '../file/checkpoint.js'
import { compressionOf, HEAD_BYTES } from '../file/compression.js'
import { bytesOf } from '../file/file-bytes.js'
import { unreadable } from '../file/file-error.js'

/** A position between two lines: the number of the next line, and the bytes before it. */
interface Position {
  readonly line: number
  readonly offset: number
}

/** The progress of an import, and the file and target it belongs to. */
interface ImportState extends Position {
  readonly target: string
  readonly size: number
  readonly modified: number
}

/** The input of an import: a file or a stream. */
export interface ImportSource {
  /** The text, decompressed if the source is gzip. Errors name the source. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** The position at which `chunks` start. */
  readonly start: Position
  /** The first line to import. */
  readonly from: Position
  /** The fraction of the source, from 0 to 1, that is read when this offset is done. Absent if it is not known. */
  share?(offset: number): number
  /** Ends `chunks`, also while a read is waiting. */
  destroy(): void
  /**
   * Records that all lines before this position are written. Absent if the source is not a file.
   * @returns false if it cannot be recorded, because the file's folder is read-only or the disk is full.
   */
  remember?(position: Position, when: 'now' | 'now and then'): Promise<boolean>
  forget?(): Promise<void>
}

const BEGINNING: Position = { line: 1, offset: 0 }

/** A stream. It is read once, from its beginning. */
export function streamSource(stream: Readable, name: string): ImportSource {
  return {
    chunks: bytesOf(stream, name),
    start: BEGINNING,
    from: BEGINNING,
    destroy: () => void stream.destroy(),
  }
}

/**
 * Opens a file. With `resume` it starts where the last import into the same target stopped, otherwise at
 * the beginning.
 * @throws BadInput if the file does not exist; Usage if it was changed since, so that the position is no longer valid.
 */
export async function openFile(path: string, target: string, resume: boolean): Promise<ImportSource> {
  const found = await stat(path).catch(error => {
    throw unreadable(path, error)
  })
  if (!found.isFile()) return streamSource(createReadStream(path), path)
  const checkpoint = new Checkpoint(`${path}.partita-import`, isImportState)
  const identity = { target, size: found.size, modified: found.mtimeMs }
  const from = resume ? await resumedPosition(path, found, target, checkpoint) : BEGINNING
  // The checkpoint of an earlier import must not be mistaken for the progress of this one.
  if (!resume) await checkpoint.remove()
  // Compressed data must be read from its beginning.
  const isCompressed = compressionOf(await headOf(path)) !== undefined
  const start = isCompressed ? BEGINNING : from
  const file = createReadStream(path, { start: start.offset })
  return {
    chunks: bytesOf(file, path),
    start,
    from,
    share: offset => (isCompressed ? file.bytesRead : offset) / found.size,
    destroy: () => void file.destroy(),
    remember: ({ line, offset }, when) => checkpoint.saveIfPossible({ ...identity, line, offset }, when),
    forget: () => checkpoint.remove(),
  }
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

async function resumedPosition(path: string, found: Stats, target: string, checkpoint: Checkpoint<ImportState>) {
  const state = await checkpoint.load()
  if (!state) return BEGINNING
  if (state.target !== target) {
    throw new Usage(`the stopped import of ${path} wrote to ${state.target}; start without --resume`)
  }
  if (state.size !== found.size || state.modified !== found.mtimeMs) {
    const advice = `if the lines before line ${state.line} are unchanged, use --from-line=${state.line}`
    throw new Usage(`${path} was changed since its import stopped; ${advice}; otherwise start without --resume`)
  }
  return { line: state.line, offset: state.offset }
}

function isImportState(value: unknown): value is ImportState {
  if (typeof value !== 'object' || value === null) return false
  const { target, size, modified, line, offset } = value as Partial<Record<keyof ImportState, unknown>>
  const isPosition =
    Number.isSafeInteger(line) && Number.isSafeInteger(offset) && Number(line) > 0 && Number(offset) >= 0
  return typeof target === 'string' && typeof size === 'number' && typeof modified === 'number' && isPosition
}
