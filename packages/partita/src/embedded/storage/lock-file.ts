/**
 * LMDB's lock file, with its mutexes and reader slots. LMDB creates it as a sparse file and maps it into memory. A write to
 * a hole on a full disk ends the process with SIGBUS, so all blocks of the file are allocated beforehand.
 *
 * This module never closes a descriptor of a lock file that may be in use. That would release the locks of LMDB in this
 * process, since POSIX record locks belong to a process and a file, and other processes would consider it dead.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { readNumber } from './data-file.js'
import { createFile } from './new-file.js'

const LOCK_FILE = 'lock.mdb'
/** Size for 2,000 slots of 64 bytes and the header. All processes derive the number of slots from the size. */
const LOCK_BYTES = 128 * 1024
/** Maximum number of concurrent readers, over all processes and threads. LMDB's default is 126. */
export const MAX_READERS = 2000
const SLOT_BYTES = 64
const BLOCK_BYTES = 4096
/** Offset of the number of the last commit (8 bytes), after a magic number and the format. */
const LAST_COMMIT_AT = 8
/** Offset of the kind of the readers' lock (4 bytes), which glibc sets to {@link DESTROYED}. Other C libraries keep the lock. */
const KIND_OF_LOCK_AT = 40
const DESTROYED = -1

/** Returns the path of a store's lock file. */
export function lockFileOf(folder: string): string {
  return join(folder, LOCK_FILE)
}

/** Creates a missing lock file with all blocks allocated. Throws the file system's error. */
export function makeLockFile(folder: string): void {
  createFile(lockFileOf(folder), Buffer.alloc(LOCK_BYTES))
}

/**
 * Checks that this user can use an existing lock file. Without it, LMDB reads without a slot for its snapshot, and a process
 * that writes to the store overwrites what it reads. Throws an error that says so.
 */
export function checkLockAccess(folder: string): void {
  try {
    accessSync(lockFileOf(folder), constants.R_OK | constants.W_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') return
    const reason =
      `this user may not write to ${LOCK_FILE} in it, which protects reads from the writes of other processes; ` +
      `allow it, for example with chmod o+w ${lockFileOf(folder)}`
    throw new Error(reason, { cause: error })
  }
}

/**
 * Fills the holes of a lock file that LMDB has opened: one of an older version, or one that LMDB has extended. It writes
 * padding bytes at the ends of slots, which nothing else reads or writes, so other processes can use the file meanwhile.
 */
export function fillLockFile(folder: string): void {
  const { size, blocks } = statSync(lockFileOf(folder))
  // Windows reports no block count, and does not send the signal.
  if (blocks === undefined || blocks * 512 >= size) return
  const file = openLockFile(folder)
  if (!file) return
  for (let at = BLOCK_BYTES; at < size; at += BLOCK_BYTES) file.write(ZERO, at + SLOT_BYTES - 1)
  file.close()
}

/**
 * Whether the locks in the file that LMDB has just opened were destroyed by the last process that closed the store. They stay
 * so while this process has the store open.
 *
 * Other systems have no such locks: there LMDB fails to open the store.
 */
export function areLocksDestroyed(folder: string): boolean {
  if (process.platform !== 'linux') return false
  const file = openLockFile(folder)
  const isDestroyed = file?.readKindOfLock() === DESTROYED
  file?.close()
  return isDestroyed
}

/** Access to an open lock file. */
export interface LockFile {
  readonly descriptor: number
  /** Reads the kind of the readers' lock, as the C library stores it. */
  readKindOfLock(): number
  /** Reads the number of the last commit, at which readers and writers of all processes begin. */
  readLastCommit(): number
  /** Corrects that number. The caller must have the writers' lock. Throws the file system's error. */
  writeLastCommit(transaction: bigint): void
  write(bytes: Buffer, position: number): void
  close(): void
}

/**
 * Returns the lock file that LMDB has opened in this process, with LMDB's own descriptor, since another one could never be
 * closed. Undefined if LMDB has no lock file, as on a read-only disk.
 */
export function openLockFile(folder: string): LockFile | undefined {
  const path = lockFileOf(folder)
  // Windows has no such descriptor, but its locks belong to a handle, so closing another one is harmless.
  const isOwn = process.platform === 'win32'
  const lookUp = isOwn ? undefined : lookUpOf(path)
  const file = lookUp ? (lookUp() ?? keptDescriptor(path)) : openSync(path, 'r+')
  if (file === undefined) return undefined
  return {
    descriptor: file,
    readKindOfLock() {
      readSync(file, kind, 0, 4, KIND_OF_LOCK_AT)
      return kind.readInt32LE()
    },
    readLastCommit() {
      readSync(file, lastCommit, 0, 8, LAST_COMMIT_AT)
      return readNumber(lastCommit)
    },
    writeLastCommit(transaction) {
      lastCommit.writeBigUInt64LE(transaction)
      this.write(lastCommit, LAST_COMMIT_AT)
    },
    write(bytes, position) {
      // Looked up again: if the first result was not LMDB's descriptor, it may belong to another file by now.
      writeSync(lookUp?.() ?? file, bytes, 0, bytes.length, position)
    },
    close: () => isOwn && closeSync(file),
  }
}

const lastCommit = Buffer.alloc(8)
const kind = Buffer.alloc(4)
const ZERO = Buffer.alloc(1)

/** Finds an open descriptor of the file in this process. */
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

/** Returns undefined for a closed descriptor, such as the one with which the list was read. */
function statOf(file: number): Stats | undefined {
  try {
    return fstatSync(file)
  } catch {
    return undefined
  }
}

/** Descriptors of lock files by device and inode, for runtimes that do not list LMDB's own. They stay open. */
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
