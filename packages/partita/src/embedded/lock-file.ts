/**
 * LMDB's lock file: its mutexes and a slot for every thread that reads. LMDB makes it with holes and maps it into memory,
 * where writing to a hole of a full disk ends the process with SIGBUS. So it gets all of its blocks beforehand.
 *
 * No descriptor of a lock file that may be in use is ever closed here: that would release the locks that LMDB holds on it
 * in this process (POSIX record locks belong to a process and a file), and other processes would take it for dead.
 */
import { execFileSync } from 'node:child_process'
import { openSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { readNumber } from './data-file.js'
import { placeNew } from './place-new.js'

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
  const holes = Array.from({ length: Math.ceil(size / BLOCK_BYTES) - 1 }, (_, i) => (i + 1) * BLOCK_BYTES)
  write(
    path,
    ZERO,
    holes.map(at => at + SLOT_BYTES - 1),
  )
}

/**
 * Corrects the number of the last commit, for all processes. Only for whoever has the writers' lock. Throws the file
 * system's error.
 */
export function setLastCommit(folder: string, transaction: bigint): void {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(transaction)
  write(lockFileOf(folder), bytes, [LAST_COMMIT_AT])
}

/**
 * A descriptor of the lock file to read the number of the last commit from. Undefined in worker threads, which can keep
 * none: Node closes what a worker has opened when the worker ends, though the store is open in other threads. Undefined too
 * where there is no lock file, or none that can be written.
 */
export function lockDescriptor(folder: string): number | undefined {
  if (!isMainThread) return undefined
  try {
    return keptDescriptor(lockFileOf(folder))
  } catch {
    return undefined
  }
}

/** @param file from `lockDescriptor`. */
export function readLastCommit(file: number): number {
  readSync(file, lastCommit, 0, 8, LAST_COMMIT_AT)
  return readNumber(lastCommit)
}

const lastCommit = Buffer.alloc(8)
const ZERO = Buffer.alloc(1)
/** Descriptors of lock files, by device and inode: they stay open, so each file has one. */
const files = new Map<string, number>()

function keptDescriptor(path: string): number {
  const { dev, ino } = statSync(path)
  const name = `${dev} ${ino}`
  const file = files.get(name) ?? openSync(path, 'r+')
  files.set(name, file)
  return file
}

function write(path: string, bytes: Buffer, positions: readonly number[]): void {
  if (!isMainThread) {
    writeFromOutside(path, bytes, positions)
    return
  }
  const file = keptDescriptor(path)
  for (const at of positions) writeSync(file, bytes, 0, bytes.length, at)
}

const PROGRAM = `
const { openSync, writeSync } = require('node:fs')
const [path, hex, ...positions] = process.argv.slice(1)
const bytes = Buffer.from(hex, 'hex')
const file = openSync(path, 'r+')
for (const at of positions) writeSync(file, bytes, 0, bytes.length, Number(at))
`

/** In another process, whose descriptors are none of this one's. */
function writeFromOutside(path: string, bytes: Buffer, positions: readonly number[]): void {
  const env = { ...process.env, NODE_OPTIONS: '', ELECTRON_RUN_AS_NODE: '1' }
  execFileSync(process.execPath, ['-e', PROGRAM, path, bytes.toString('hex'), ...positions.map(String)], { env })
}
