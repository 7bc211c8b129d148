/**
 * LMDB's lock file: its mutexes and a slot for every thread that reads. LMDB makes it with holes and maps it into memory,
 * where writing to a hole of a full disk ends the process with SIGBUS. So it gets all of its blocks beforehand.
 *
 * No descriptor of a lock file that may be in use is ever closed here: that would release the locks that LMDB holds on it
 * in this process (POSIX record locks belong to a process and a file), and other processes would take it for dead.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync, type Stats, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { readNumber } from './data-file.js'
import { createFile } from './new-file.js'

const LOCK_FILE = 'lock.mdb'
/** Room for 2,000 slots of 64 bytes and what comes before them. Its size says how many there are, to all processes. */
const LOCK_BYTES = 128 * 1024
/** Readers at once, over all processes and threads. LMDB's default is 126. */
export const MAX_READERS = 2000
const SLOT_BYTES = 64
const BLOCK_BYTES = 4096
/** Where the number of the last commit is, behind a mark and the file's format: 8 bytes. */
const LAST_COMMIT_AT = 8

export function lockFileOf(folder: string): string {
  return join(folder, LOCK_FILE)
}

/** Creates a missing lock file without holes. Throws the file system's error. */
export function makeLockFile(folder: string): void {
  createFile(lockFileOf(folder), Buffer.alloc(LOCK_BYTES))
}

/**
 * Fills the holes of a lock file that LMDB has opened: one that an older version made, or that LMDB made longer. The byte
 * that is written is padding at the end of a slot, which nobody reads or writes, so other processes may be at work.
 */
export function fillLockFile(folder: string): void {
  const { size, blocks } = statSync(lockFileOf(folder))
  // Windows has no count of blocks, and no signal either.
  if (blocks === undefined || blocks * 512 >= size) return
  const file = openLockFile(folder)
  if (!file) return
  for (let at = BLOCK_BYTES; at < size; at += BLOCK_BYTES) file.write(ZERO, at + SLOT_BYTES - 1)
  file.close()
}

export interface LockFile {
  /** The number of the last commit, from which readers and writers of all processes begin. */
  readLastCommit(): number
  /** Corrects that number. Only for whoever has the writers' lock. Throws the file system's error. */
  writeLastCommit(transaction: bigint): void
  write(bytes: Buffer, position: number): void
  close(): void
}

/**
 * The lock file that LMDB has opened in this process, by LMDB's own descriptor: another one could never be closed, see
 * above. Undefined where LMDB has none, as on a disk that cannot be written.
 */
export function openLockFile(folder: string): LockFile | undefined {
  const path = lockFileOf(folder)
  // Windows has no such descriptor. Its locks are those of a handle, which closing another one does not release.
  const isOwn = process.platform === 'win32'
  const lookUp = isOwn ? undefined : lookUpOf(path)
  const file = lookUp ? (lookUp() ?? keptDescriptor(path)) : openSync(path, 'r+')
  if (file === undefined) return undefined
  return {
    readLastCommit() {
      readSync(file, lastCommit, 0, 8, LAST_COMMIT_AT)
      return readNumber(lastCommit)
    },
    writeLastCommit(transaction) {
      lastCommit.writeBigUInt64LE(transaction)
      this.write(lastCommit, LAST_COMMIT_AT)
    },
    write(bytes, position) {
      // Looked up anew: if the one found first was not LMDB's, it may be another file's by now.
      writeSync(lookUp?.() ?? file, bytes, 0, bytes.length, position)
    },
    close: () => isOwn && closeSync(file),
  }
}

const lastCommit = Buffer.alloc(8)
const ZERO = Buffer.alloc(1)

/** Finds a descriptor of this process that is open on the file. */
function lookUpOf(path: string): () => number | undefined {
  const wanted = statSync(path, { throwIfNoEntry: false })
  return () =>
    wanted &&
    openDescriptors().find(file => {
      const found = statOf(file)
      return found?.ino === wanted.ino && found.dev === wanted.dev
    })
}

function openDescriptors(): number[] {
  try {
    return readdirSync('/dev/fd').map(Number)
  } catch {
    return []
  }
}

/** Undefined for one that is closed by now, as that by which the folder of descriptors was read. */
function statOf(file: number): Stats | undefined {
  try {
    return fstatSync(file)
  } catch {
    return undefined
  }
}

/** Descriptors of lock files by device and inode, for runtimes that do not show LMDB's own: they stay open. */
const kept = new Map<string, number>()

function keptDescriptor(path: string): number | undefined {
  try {
    const { dev, ino } = statSync(path)
    const name = `${dev} ${ino}`
    const file = kept.get(name) ?? openSync(path, 'r+')
    kept.set(name, file)
    return file
  } catch {
    return undefined
  }
}
