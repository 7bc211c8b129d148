/**
 * Whether a store's data file is still at its path. LMDB holds the file open, so it goes on writing to one that was
 * deleted, moved or replaced: those writes would be acknowledged and lost.
 */
import { type Stats, statSync } from 'node:fs'
import { dataFileOf } from './data-file.js'
import { lockFileOf } from './lock-file.js'

export interface Presence {
  /** Whether the folder's data file is the one that was opened. */
  isPresent(): boolean
  /** Whether another data file was put beside the lock file that is in use, which LMDB would take for that of the old. */
  isMixed(): boolean
}

/** @param folder where LMDB has just opened its files. */
export function watchPresence(folder: string): Presence {
  const data = find(dataFileOf(folder))
  const lock = find(lockFileOf(folder))
  const isPresent = () => isSame(data, find(dataFileOf(folder)))
  return { isPresent, isMixed: () => !isPresent() && lock !== undefined && isSame(lock, find(lockFileOf(folder))) }
}

/** Where a path cannot be asked, the file counts as gone: what is not known to be kept is not acknowledged. */
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
