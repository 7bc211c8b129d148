/**
 * Opens LMDB while other processes open and close the same store.
 *
 * The last process that closes a store destroys the locks in the lock file, and only then releases the file. A process that
 * waits to open it at this moment gets the file with destroyed locks (in LMDB up to 1.0, whose first process alone creates
 * locks), and so does every process after it until none has the file open. So a process that finds destroyed locks closes
 * the file at once and opens it again a little later. It has used none of the locks, and nobody else can.
 */
import { randomInt } from 'node:crypto'
import type { RootDatabase, RootDatabaseOptions } from 'lmdb'
import { PartitaError } from '../../errors/errors.js'
import { loadLmdb } from './load-lmdb.js'
import { areLocksDestroyed, checkLockAccess, fillLockFile, makeLockFile } from './lock-file.js'
import { pause } from './pause.js'
import { withRealTimers } from './real-timers.js'
import { isMissingLocks, isReadersFull, openingFailure } from './storage-failure.js'

type Database = RootDatabase<unknown, Uint8Array>
type Options = RootDatabaseOptions & { readonly readOnly: boolean; readonly noSync: boolean }

/** An opened file without its data. lmdb's types describe other parameters than its code has. */
type OpenedFile = new (name: null, options: object) => Database

/** Parts of lmdb that its types leave out. */
interface Internals {
  readonly env: { readonly address: number }
  ensureReadTxn(): void
}
type Native = { readonly nativeAddon: { getEnvFlags(address: number): number } }

/** LMDB's flag of a file whose commits skip the flush to disk. */
const NO_SYNC = 0x10000

/** An opening fails after this time. Locks remain destroyed that long only if another process has stopped while it opens. */
const PATIENCE_MS = 10_000
/** Longest pause between two attempts. It differs between processes, so that at some moment none has the file open. */
const MAX_PAUSE_MS = 20

/** Opens the database of a folder. @throws PartitaError `StoreUnusable` */
export function openLmdb(path: string, options: Options): Database {
  const deadline = Date.now() + PATIENCE_MS
  try {
    if (options.readOnly) checkLockAccess(path)
    for (;;) {
      const db = withRealTimers(() => tryToOpen(path, options))
      if (db) return checkDurability(path, db, options)
      if (Date.now() > deadline)
        throw new Error('another process that is opening it does not continue; end that process and open it again')
      pause(randomInt(1, MAX_PAUSE_MS))
    }
  } catch (error) {
    throw openingFailure(path, error)
  }
}

/** Returns undefined if the locks are destroyed or missing. */
function tryToOpen(path: string, options: Options): Database | undefined {
  prepareLocks(path, options.readOnly, makeLockFile)
  const File = openFile(path, options)
  if (!File) return undefined
  if (areLocksDestroyed(path)) {
    closeFile(File)
    return undefined
  }
  try {
    prepareLocks(path, options.readOnly, fillLockFile)
    if (!hasReaderSlot(File)) throw sameProcessId()
    return new File(null, { ...options, isRoot: true })
  } catch (error) {
    closeFile(File)
    throw error
  }
}

function openFile(path: string, options: Options): OpenedFile | undefined {
  try {
    // Without `noSubdir`, lmdb takes a folder with a dot in its name for a file.
    return loadLmdb().openAsClass({ ...options, path, noSubdir: false }) as unknown as OpenedFile
  } catch (error) {
    if (isMissingLocks(error)) return undefined
    throw error
  }
}

/**
 * All threads of a process share one open file, with the options of the first. A thread that opens it as durable after another
 * one opened it as relaxed would acknowledge writes that are not on disk.
 */
function checkDurability(path: string, db: Database, { noSync }: Options): Database {
  const { nativeAddon } = loadLmdb() as unknown as Native
  const isRelaxed = (nativeAddon.getEnvFlags((db as unknown as Internals).env.address) & NO_SYNC) !== 0
  if (isRelaxed === noSync) return db
  void db.close()
  const message =
    `The store at ${path} is open in another thread of this process with durability '${isRelaxed ? 'relaxed' : 'durable'}'; ` +
    'open it with the same options, or close it first'
  throw new PartitaError('StoreUnusable', message, { path })
}

/**
 * Takes a slot for reading, which also locks the number of this process in the lock file. lmdb tries that for ten seconds, and
 * would then read without a slot and crash.
 */
function hasReaderSlot(File: OpenedFile): boolean {
  const database = Object.create(File.prototype, { emit: { value: () => true } }) as Database & Internals
  try {
    database.ensureReadTxn()
  } catch (error) {
    // Each read tries it again, and reports it.
    if (isReadersFull(error)) return true
    throw error
  }
  try {
    database.resetReadTxn()
    return true
  } catch {
    return false
  }
}

function sameProcessId(): Error {
  return new Error(
    `a process with the same process id, ${process.pid}, has it open in another container; ` +
      'let the containers share their process ids (docker run --pid), or serve the store from one of them with partita serve',
  )
}

/** Closes a file whose locks were not used. */
function closeFile(File: OpenedFile): void {
  const database = Object.create(File.prototype, { isRoot: { value: true }, status: { writable: true } }) as Database
  void database.close()
}

/** Prepares the lock file. Without it LMDB can still read a read-only file system, on which no process can write. */
function prepareLocks(path: string, readOnly: boolean, prepare: (path: string) => void): void {
  try {
    prepare(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!readOnly || !(code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code === 'ENOENT')) throw error
  }
}
