/**
 * LMDB's lock file: its mutexes and a slot for every thread that reads. LMDB makes it with holes and maps it into memory,
 * where writing to a hole of a full disk ends the process with SIGBUS. So it gets all of its blocks beforehand.
 *
 * No descriptor of a lock file that may be in use is ever closed here: that would release the locks that LMDB holds on it
 * in this process (POSIX record locks belong to a process and a file), and other processes would take it for dead.
 */
import { openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { placeNew } from './place-new.js'

const LOCK_FILE = 'lock.mdb'
/** Room for 2,000 slots of 64 bytes and what comes before them. Its size says how many there are, to all processes. */
const LOCK_BYTES = 128 * 1024
/** Readers at once, over all processes and threads. LMDB's default is 126. */
export const MAX_READERS = 2000
const SLOT_BYTES = 64
const BLOCK_BYTES = 4096

export function lockFileOf(folder: string): string {
  return join(folder, LOCK_FILE)
}

/** Creates a missing lock file without holes. Throws the file system's error. */
export function makeLockFile(folder: string): void {
  placeNew(lockFileOf(folder), Buffer.alloc(LOCK_BYTES))
}

/**
 * Fills the holes of a lock file that LMDB has opened: one that an older version made, or that LMDB made longer. The byte
 * that is written is padding at the end of a slot, which nobody reads or writes, so other processes may be at work.
 */
export function fillLockFile(folder: string): void {
  const path = lockFileOf(folder)
  const { size, blocks } = statSync(path)
  // Windows has no count of blocks, and no signal either.
  if (blocks === undefined || blocks * 512 >= size) return
  const file = openSync(path, 'r+')
  for (let at = BLOCK_BYTES; at < size; at += BLOCK_BYTES) writeSync(file, ZERO, 0, 1, at + SLOT_BYTES - 1)
}

const ZERO = Buffer.alloc(1)
