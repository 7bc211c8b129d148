/** Translates failures of LMDB and the file system into Partita's errors. The engine throws no raw errors. */
import { statfsSync } from 'node:fs'
import { constants } from 'node:os'
import { PartitaError, UnavailableError } from '../../errors/errors.js'

const INVALID = -30793
const READERS_FULL = -30790
const PAGE_NOT_FOUND = -30797
const CORRUPTED = -30796
/** LMDB reports a partly written page as an input/output error. With less free space than this, the disk is full. */
const LITTLE_ROOM = 16 * 1024 * 1024

/** Translates a failure to open a store. */
export function openingFailure(path: string, error: unknown): PartitaError {
  if (error instanceof PartitaError) return error
  if (isDiskFull(path, error)) {
    const message = `The store at ${path} cannot be opened: the disk is full${roomLeft(path)}; free some space and open it again`
    return new PartitaError('StoreUnusable', message, { path, reason: 'diskFull' }, error)
  }
  const message = `The store at ${path} cannot be opened: ${messageOf(error)}`
  return new PartitaError('StoreUnusable', message, { path }, error)
}

/**
 * Whether LMDB failed to open a store because the last process that closed it, or died while it opened it, has left no locks.
 * Systems whose locks have names have deleted them then.
 */
export function isMissingLocks(error: unknown): boolean {
  return (
    isStorageError(error) &&
    (error.code === constants.errno.ENOENT || error.code === INVALID) &&
    /setup locks/.test(error.message)
  )
}

/** Translates a failure of a read. Errors that are not LMDB's, such as those of a visitor, are returned unchanged. */
export function readFailure(path: string, error: unknown): unknown {
  if (!isStorageError(error)) return error
  const { code } = error
  if (code === READERS_FULL) {
    const message =
      `The store at ${path} has no free reader slot; ` +
      'open it in fewer processes and threads, or serve it from one process with partita serve'
    return new UnavailableError(message, { operation: 'read', reason: 'readersFull' }, error)
  }
  if (code === PAGE_NOT_FOUND || code === CORRUPTED) {
    const message = `The data file of the store at ${path} is damaged (${error.message}); restore it from a backup`
    return new PartitaError('StoreUnusable', message, { path }, error)
  }
  return new UnavailableError(`The store at ${path} cannot be read: ${error.message}`, { operation: 'read' }, error)
}

/**
 * Translates a failure of a commit, which has written nothing. LMDB reports the reason in a promise. Errors of the work
 * itself are returned unchanged.
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

/** Translates a failure of a backup to a folder. */
export function copyFailure(folder: string, error: unknown): unknown {
  if (error instanceof PartitaError) return error
  if (isDiskFull(folder, error)) {
    const message = `The disk of ${folder} is full${roomLeft(folder)}, so the backup failed; free some space, or name a folder on another disk`
    return new UnavailableError(message, { operation: 'backup', reason: 'diskFull' }, error)
  }
  return new UnavailableError(`The backup to ${folder} failed: ${messageOf(error)}`, { operation: 'backup' }, error)
}

/** Whether all reader slots are in use. */
export function isReadersFull(error: unknown): boolean {
  return (error as { code?: unknown }).code === READERS_FULL
}

/** Codes are numbers in LMDB's errors, and names in Node's. */
function isDiskFull(path: string, error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown }
  const { EIO, ENOSPC } = constants.errno
  // Disk quota exceeded; Windows does not define it.
  const EDQUOT: number | undefined = constants.errno.EDQUOT
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === ENOSPC || (code === EDQUOT && code !== undefined)) return true
  // The error of a backup has no code, only a text.
  if (typeof message === 'string' && /no space left|quota exceeded/i.test(message)) return true
  return code === EIO && (freeBytes(path) ?? LITTLE_ROOM) < LITTLE_ROOM
}

/** LMDB's errors have a number; its binding throws plain errors for a closed store. */
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
