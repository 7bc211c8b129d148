/**
 * Checks that a store's files are still at their paths. LMDB has them open and continues to use them after they were deleted,
 * moved or replaced. Writes to such a data file would be acknowledged and lost. With such a lock file, or none, processes that
 * open the store later have other locks: two would write at the same time and destroy the data file.
 */
import { type Stats, statSync } from 'node:fs'
import { dataFileOf } from './data-file.js'
import { HeldLock } from './held-lock.js'
import { lockFileOf } from './lock-file.js'

/** The state of a store's files on disk. */
export interface Presence {
  /** Whether the folder's data file is the one that was opened. */
  isPresent(): boolean
  /**
   * Whether the lock file is the one that was opened and this process has its lock on it, or the file is still missing on a
   * disk that cannot be written.
   */
  isLocked(): boolean
  /** Whether the data file was replaced next to the lock file in use, which belongs to the old one. */
  isMixed(): boolean
  /** Ends the watch. */
  close(): void
}

/** Starts to watch a store's files. @param folder the folder in which LMDB has just opened them. */
export function watchPresence(folder: string): Presence {
  const data = find(dataFileOf(folder))
  const lock = find(lockFileOf(folder))
  const isPresent = () => isSame(data, find(dataFileOf(folder)))
  const held = new HeldLock(folder)
  const isSameLock = () => isSame(lock, find(lockFileOf(folder)))
  return {
    isPresent,
    isLocked: () => (lock === undefined ? find(lockFileOf(folder)) === undefined : isSameLock() && held.isHeld()),
    isMixed: () => !isPresent() && isSameLock(),
    close: () => held.close(),
  }
}

/** A path that cannot be read counts as missing: a write is acknowledged only if it is known to be kept. */
function find(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function isSame(a: Stats | undefined, b: Stats | undefined): boolean {
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}
