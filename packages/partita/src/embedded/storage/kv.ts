/**
 * The one file that knows LMDB: ordered bytes with snapshots for readers and one writer at a time across all processes.
 * Another ordered store takes its place by giving these same few functions, as `memory-kv.ts` does.
 */
import { accessSync, constants } from 'node:fs'
import type { GetOptions, RangeOptions, RootDatabase, RootDatabaseOptions } from 'lmdb'
import { PartitaError, UnavailableError } from '../../errors/errors.js'
import { CommitQueue } from './commit-queue.js'
import { dataFileOf, PAGE_BYTES } from './data-file.js'
import { LastCommit } from './last-commit.js'
import { loadLmdb } from './load-lmdb.js'
import { fillLockFile, MAX_READERS, makeLockFile } from './lock-file.js'
import { type Presence, watchPresence } from './presence.js'
import { withRealTimers } from './real-timers.js'
import { commitFailure, copyFailure, isReadersFull, openingFailure, readFailure } from './storage-failure.js'

export interface Range {
  /** First key, inclusive. */
  readonly low: Uint8Array
  /** End of the range, exclusive. */
  readonly high: Uint8Array
  readonly descending?: boolean
}

export interface Kv {
  /** What `read` makes of the value; the bytes are valid during that call only. */
  get<T>(key: Uint8Array, read: (bytes: Uint8Array) => T): T | undefined
  /** Shows the values of a range in order of their keys, until `visit` returns false. */
  each(range: Range, visit: (bytes: Uint8Array) => boolean): void
  /** The first keys of a range in order, behind `skipped` others. */
  keys(range: Range, limit: number, skipped?: number): Uint8Array[]
  count(range: Range): number
  /** Only within `transact`. Key and value are copied at once. */
  put(key: Uint8Array, value: Uint8Array): void
  remove(key: Uint8Array): void
  /**
   * Runs `work` alone among the writers of all processes; reads inside see its own writes. Resolves when the writes
   * are on disk (in relaxed mode: visible). `work` must do all that can fail before its first `put`: what it has put
   * is kept even if it throws, as many pieces of work share one commit.
   */
  transact<T>(work: () => T): Promise<T>
  /** Makes later reads see every write committed before this call, those of other processes too. */
  refresh(): void
  /** A number that changes whenever reads may see another state than before. */
  snapshot(): number
  /** Keeps the present state for reads inside `run`, until released. */
  hold(): HeldSnapshot
  /** Frees the slots of readers whose process has died: their states would be kept, and the file would grow for ever. */
  clearDeadReaders(): void
  /**
   * Writes the present state as a data file into an empty folder, while others read and write.
   * @param compact whether to leave out the free pages.
   */
  copyTo(folder: string, compact: boolean): Promise<void>
  /** Where the state lies; undefined for one in memory. */
  readonly dataFile: string | undefined
  close(): Promise<void>
}

/** A store in a folder, whose files others can delete. */
export interface FolderKv extends Kv {
  readonly presence: Presence
}

export interface HeldSnapshot {
  run<T>(work: () => T): T
  release(): void
}

export interface KvOptions {
  /** Whether commits go without flushing. */
  readonly relaxed: boolean
  /** A transaction that puts nothing works; its first `put` or `remove` throws. */
  readonly readOnly?: boolean
}

/** @throws PartitaError `StoreUnusable` */
export function openKv(path: string, options: KvOptions): FolderKv {
  let read: (bytes: Uint8Array) => unknown = () => undefined
  let held: GetOptions['transaction']
  let snapshot = 0
  // Where the file can be written, LMDB opens it for writing in any case: whoever opens it may have to correct the number
  // of the last commit, in a transaction. No piece of work gets to write.
  const isReading = options.readOnly === true && !isWritable(path)
  const db = openDatabase(path, {
    pageSize: PAGE_BYTES,
    keyEncoding: 'binary',
    // Flushing inside the commit: a write is visible only once it is durable, and no recovery heuristic is needed.
    overlappingSync: false,
    noSync: options.relaxed,
    readOnly: isReading,
    maxReaders: MAX_READERS,
    // Never `useWritemap`: with it, LMDB 3.5's commits end the process by an assertion where a page that was written in
    // the same transaction is given back and no older page is free (mdb_freelist_save, lmdb-js issue 212).
    // Off: where a commit fails, its promises include one that nobody can catch, which would end the process.
    eventTurnBatching: false,
    // LMDB hands each value to the reader of the call under way, where it lies: nothing is copied first.
    encoder: { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => read(bytes) },
  })
  // An event that lmdb's types leave out, and its own `on`: a read transaction began, so reads may see a newer state.
  const events = db as unknown as { addListener(event: 'begin-transaction', listener: () => void): void }
  events.addListener('begin-transaction', () => snapshot++)

  const last = new LastCommit(path)
  /** Runs `work` in a transaction that begins at the last commit. @returns whether this one did, so that it was run. */
  const run = (work: () => void) => {
    const isBase = last.isBaseOf(db.getWriteTxnId())
    if (isBase) withRealTimers(work)
    return isBase
  }
  const commitSync = (work: () => void) => {
    while (!withRealTimers(() => db.transactionSync(() => run(work))));
  }
  const commits = new CommitQueue(async work => {
    while (!(await withRealTimers(() => db.transaction(() => run(work)))));
  })
  if (!isReading) correctLastCommit()
  const presence = watchPresence(path)
  // All writes of one commit are acknowledged together, so one look at the folder serves them all.
  let isLooked = false
  let isGone = false
  if (!options.readOnly) db.on('aftercommit', () => (isLooked = false))

  /**
   * Runs after the commit and before its acknowledgement. A data file that is at its path now holds the commit, which was
   * before; one that is deleted, moved or replaced later takes an acknowledged write along like any other.
   */
  function checkPresence(): void {
    if (!isLooked || options.relaxed) isGone ||= !presence.isPresent()
    isLooked = true
    if (isGone) throw folderGone(path)
  }

  /** At once, before anything else is done here; waits while another process is in the middle of a commit. */
  function correctLastCommit(): void {
    try {
      commitSync(() => undefined)
    } catch (error) {
      void db.close()
      last.close()
      throw openingFailure(path, error)
    }
  }

  function commitNow<T>(work: () => T): T {
    let result: { readonly of: T } | undefined
    commitSync(() => {
      result = { of: work() }
    })
    return (result as unknown as { readonly of: T }).of
  }

  /** Takes a slot for this thread's reads; if none is free, first frees the slots of dead processes. */
  function beginRead(): void {
    const reader = db as unknown as { ensureReadTxn(): void }
    const begin = () => reader.ensureReadTxn()
    try {
      withRealTimers(begin)
    } catch (error) {
      if (!isReadersFull(error) || db.readerCheck() === 0) throw readFailure(path, error)
      try {
        withRealTimers(begin)
      } catch (again) {
        throw readFailure(path, again)
      }
    }
  }

  function reading<T>(read: () => T): T {
    beginRead()
    try {
      return read()
    } catch (error) {
      throw readFailure(path, error)
    }
  }

  const inHeld = () => held && { transaction: held }

  return {
    get<T>(key: Uint8Array, reader: (bytes: Uint8Array) => T): T | undefined {
      beginRead()
      read = reader
      try {
        return db.get(key, inHeld()) as T | undefined
      } catch (error) {
        throw readFailure(path, error)
      }
    },
    each(range, visit) {
      beginRead()
      try {
        const entries = db.getRange({ ...bounds(range), ...inHeld() })[Symbol.iterator]()
        try {
          for (;;) {
            // Set before every step: the visitor may have read something else meanwhile.
            read = visit
            const next = entries.next()
            if (next.done || next.value.value === false) return
          }
        } finally {
          entries.return?.()
        }
      } catch (error) {
        throw readFailure(path, error)
      }
    },
    keys: (range, limit, offset = 0) =>
      reading(() => [...db.getKeys({ ...bounds(range), limit, offset, ...inHeld() })]),
    count: range => reading(() => db.getKeysCount({ ...bounds(range), ...inHeld() })),
    put(key, value) {
      if (options.readOnly) throw isReadOnly(path)
      void db.put(key, value)
    },
    remove(key) {
      if (options.readOnly) throw isReadOnly(path)
      void db.remove(key)
    },
    async transact<T>(work: () => T): Promise<T> {
      if (options.readOnly) {
        db.resetReadTxn()
        return work()
      }
      if (isGone) throw folderGone(path)
      let result: T
      try {
        result = options.relaxed ? commitNow(work) : await commits.add(work)
      } catch (error) {
        throw await commitFailure(path, error)
      }
      checkPresence()
      return result
    },
    refresh() {
      db.resetReadTxn()
      if (isReading) return
      // Begun before the look: a state that was forgotten earlier is noticed.
      beginRead()
      if (!last.isForgotten()) return
      try {
        commitSync(() => undefined)
      } catch (error) {
        throw readFailure(path, error)
      }
      db.resetReadTxn()
    },
    snapshot() {
      beginRead()
      return snapshot
    },
    hold() {
      const transaction = reading(() => db.useReadTransaction())
      return {
        run(work) {
          held = transaction
          try {
            return work()
          } finally {
            held = undefined
          }
        },
        release: () => transaction.done(),
      }
    },
    clearDeadReaders: () => void db.readerCheck(),
    async copyTo(folder, compact) {
      await db.backup(folder, compact).catch(error => {
        throw copyFailure(folder, error)
      })
    },
    dataFile: dataFileOf(path),
    presence,
    async close() {
      await db.close()
      last.close()
    },
  }
}

function folderGone(path: string): UnavailableError {
  const message =
    `The folder of the store at ${path} was deleted, moved or replaced while it was open, so the write is not kept there; ` +
    'close the store and open it again. Until then, backup() saves what was written before'
  return new UnavailableError(message, { operation: 'write', reason: 'folderGone' })
}

function isReadOnly(path: string): PartitaError {
  const message = `The store at ${path} is open with readOnly, which takes no writes; open it without`
  return new PartitaError('StoreUnusable', message, { path, reason: 'readOnly' })
}

function openDatabase(
  path: string,
  options: RootDatabaseOptions & { readonly readOnly: boolean },
): RootDatabase<unknown, Uint8Array> {
  const { open } = withRealTimers(loadLmdb)
  try {
    prepareLocks(path, options.readOnly, makeLockFile)
    const db = withRealTimers(() => open(path, options)) as RootDatabase<unknown, Uint8Array>
    try {
      prepareLocks(path, options.readOnly, fillLockFile)
    } catch (error) {
      void db.close()
      throw error
    }
    return db
  } catch (error) {
    throw openingFailure(path, error)
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(dataFileOf(path), constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** A reader needs no lock file where nothing can be written; LMDB then goes without, as nobody else can write either. */
function prepareLocks(path: string, readOnly: boolean, prepare: (path: string) => void): void {
  try {
    prepare(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (!readOnly || !(code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code === 'ENOENT')) throw error
  }
}

function bounds({ low, high, descending }: Range): RangeOptions {
  return descending
    ? ({ reverse: true, start: high, exclusiveStart: true, end: low, inclusiveEnd: true } as RangeOptions)
    : ({ start: low, end: high } as RangeOptions)
}

/** Text that a reader is shown. LMDB's buffer is longer than the value, and only its `length` says where that ends. */
export function readText(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, bytes.length)).toString()
}
