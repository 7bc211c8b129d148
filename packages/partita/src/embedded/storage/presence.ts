/**
 * Checks that a store's data file is still at its path. LMDB has the file open and continues to write to it after it was
 * deleted, moved or replaced: those writes would be acknowledged and lost.
 */
import { type Stats, statSync } from 'node:fs'
import { dataFileOf } from './data-file.js'
import { lockFileOf } from './lock-file.js'

/** The state of a store's files on disk. */
export interface Presence {
  /** Whether the folder's data file is the one that was opened. */
  isPresent(): boolean
  /** Whether the data file was replaced next to the lock file in use, which belongs to the old one. */
  isMixed(): boolean
}

/** Starts to watch a store's files. @param folder the folder in which LMDB has just opened them. */
export function watchPresence(folder: string): Presence {
  const data = find(dataFileOf(folder))
  const lock = find(lockFileOf(folder))
  const isPresent = () => isSame(data, find(dataFileOf(folder)))
  return { isPresent, isMixed: () => !isPresent() && lock !== undefined && isSame(lock, find(lockFileOf(folder))) }
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
