/** Failures of LMDB and of the file system, as errors that say what to do. No raw error leaves the engine. */
import { statfsSync } from 'node:fs'
import { constants } from 'node:os'
import { PartitaError, UnavailableError } from '../../errors/errors.js'

const { EIO, ENOSPC } = constants.errno
/** A quota is used up; Windows has no such number. */
const EDQUOT: number | undefined = constants.errno.EDQUOT
const READERS_FULL = -30790
const PAGE_NOT_FOUND = -30797
const CORRUPTED = -30796
/** LMDB reports a page that it could write only in part as an input/output error: with so little room it means that. */
const LITTLE_ROOM = 16 * 1024 * 1024

/** A failure while a store is opened. */
export function openingFailure(path: string, error: unknown): PartitaError {
  if (error instanceof PartitaError) return error
  if (isDiskFull(path, error)) {
    const message = `The store at ${path} cannot be opened: the disk is full${roomLeft(path)}; free some space and open it again`
    return new PartitaError('StoreUnusable', message, { path, reason: 'diskFull' }, error)
  }
  const message = `The store at ${path} cannot be opened: ${messageOf(error)}`
  return new PartitaError('StoreUnusable', message, { path }, error)
}

/** A failure of a read. Errors that are not LMDB's, such as those of a visitor, pass as they are. */
export function readFailure(path: string, error: unknown): unknown {
  if (!isStorageError(error)) return error
  const { code } = error
  if (code === READERS_FULL) {
    const message =
      `The store at ${path} has no slot left for one more reader; ` +
      'let fewer processes and threads open it at once, or serve it from one with partita serve'
    return new UnavailableError(message, { operation: 'read', reason: 'readersFull' }, error)
  }
  if (code === PAGE_NOT_FOUND || code === CORRUPTED) {
    const message = `The data file of the store at ${path} is damaged (${error.message}); restore it from a backup`
    return new PartitaError('StoreUnusable', message, { path }, error)
  }
  return new UnavailableError(`The store at ${path} cannot be read: ${error.message}`, { operation: 'read' }, error)
}

/**
 * A failure of a commit, which keeps nothing of its writes. LMDB tells the reason by a promise. Errors of the work itself
 * pass as they are.
 */
export async function commitFailure(path: string, error: unknown): Promise<unknown> {
  const { commitError } = error as { commitError?: Promise<never> }
  if (!commitError && !isStorageError(error)) return error
  const cause = commitError ? await commitError.catch((found: unknown) => found) : error
  if (isDiskFull(path, cause)) {
    const message = `The disk of the store at ${path} is full${roomLeft(path)}, so the write failed and nothing of it was kept; free some space and write again`
    return new UnavailableError(message, { operation: 'write', reason: 'diskFull' }, cause)
  }
  const message = `The write failed and nothing of it was kept: ${messageOf(cause)}${roomLeft(path)}`
  return new UnavailableError(message, { operation: 'write' }, cause)
}

/** A failure of a copy to a folder. */
export function copyFailure(folder: string, error: unknown): unknown {
  if (error instanceof PartitaError) return error
  if (isDiskFull(folder, error)) {
    const message = `The disk of ${folder} is full${roomLeft(folder)}, so the backup was given up; free some space, or name a folder on another disk`
    return new UnavailableError(message, { operation: 'backup', reason: 'diskFull' }, error)
  }
  return new UnavailableError(`The backup to ${folder} failed: ${messageOf(error)}`, { operation: 'backup' }, error)
}

export function isReadersFull(error: unknown): boolean {
  return (error as { code?: unknown }).code === READERS_FULL
}

/** Codes are numbers where LMDB found the failure, and names where Node did. */
function isDiskFull(path: string, error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === ENOSPC || (code === EDQUOT && code !== undefined)) return true
  // A copy tells its failure by the text alone.
  if (typeof message === 'string' && /no space left|quota exceeded/i.test(message)) return true
  return code === EIO && (freeBytes(path) ?? LITTLE_ROOM) < LITTLE_ROOM
}

/** LMDB's own errors have a number; its binding throws plain errors of a store that is closed. */
function isStorageError(error: unknown): error is Error & { readonly code?: number } {
  if (error instanceof PartitaError || !(error instanceof Error)) return false
  return typeof (error as { code?: unknown }).code === 'number' || /closed database|been closed/.test(error.message)
}

function roomLeft(path: string): string {
  const bytes = freeBytes(path)
  return bytes === undefined ? '' : ` (${bytes} bytes are left)`
}

function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
