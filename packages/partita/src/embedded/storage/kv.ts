/**
 * The ordered store on LMDB: keys and values as bytes, snapshots for readers, and one writer at a time across all
 * processes. Only this file and those that open LMDB use it. Another ordered store implements the same interface, as
 * `memory-kv.ts` does.
 */
import { accessSync, constants } from 'node:fs'
import type { GetOptions, RangeOptions } from 'lmdb'
import { PartitaError, UnavailableError } from '../../errors/errors.js'
import { CommitQueue } from './commit-queue.js'
import { dataFileOf, PAGE_BYTES } from './data-file.js'
import { guardExit } from './exit-guard.js'
import { LastCommit } from './last-commit.js'
import { MAX_READERS } from './lock-file.js'
import { openLmdb } from './open-lmdb.js'
import { type Presence, watchPresence } from './presence.js'
import { withRealTimers } from './real-timers.js'
import { commitFailure, copyFailure, isReadersFull, openingFailure, readFailure } from './storage-failure.js'

/** A range of keys. */
export interface Range {
  /** First key, inclusive. */
  readonly low: Uint8Array
  /** End of the range, exclusive. */
  readonly high: Uint8Array
  readonly descending?: boolean
}

/** An ordered store. */
export interface Kv {
  /** Returns `read(value)`, or undefined for a missing key. The bytes are valid during the call of `read` only. */
  get<T>(key: Uint8Array, read: (bytes: Uint8Array) => T): T | undefined
  /** Visits the values of a range in order of their keys, until `visit` returns false. */
  each(range: Range, visit: (bytes: Uint8Array) => boolean): void
  /** Returns the first keys of a range in order, after skipping `skipped` keys. */
  keys(range: Range, limit: number, skipped?: number): Uint8Array[]
  /** Counts the keys of a range. */
  count(range: Range): number
  /** Puts a value. Call it within `transact`. Key and value are copied immediately. */
  put(key: Uint8Array, value: Uint8Array): void
  /** Removes a key, if it exists. Call it within `transact`. */
  remove(key: Uint8Array): void
  /**
   * Runs `work` with the writers' lock, which all processes share. Its reads see its own writes. Resolves when the writes
   * are on disk (in relaxed mode: visible). Everything that can fail must precede the first `put` of `work`: puts are kept
   * even if it throws, since many callers share one commit.
   */
  transact<T>(work: () => T): Promise<T>
  /** Makes later reads see all writes that any process committed before this call. */
  refresh(): void
  /** Returns a number that changes whenever reads may see a newer state. */
  snapshot(): number
  /** Holds a snapshot of the current state for reads within `run`, until it is released. */
  hold(): HeldSnapshot
  /** Frees the slots of readers whose process has died. Otherwise the file would keep their snapshots and grow. */
  clearDeadReaders(): void
  /**
   * Writes a snapshot as a data file to an empty folder. Reads and writes continue meanwhile.
   * @param compact whether to leave out free pages.
   */
  copyTo(folder: string, compact: boolean): Promise<void>
  /** The path of the data file; undefined for a store in memory. */
  readonly dataFile: string | undefined
  /** Closes the store. Call it once, after all other calls have returned. */
  close(): Promise<void>
}

/** An ordered store in a folder. */
export interface FolderKv extends Kv {
  readonly presence: Presence
}

/** A snapshot for several reads. */
export interface HeldSnapshot {
  run<T>(work: () => T): T
  release(): void
}

/** Options of {@link openKv}. */
export interface KvOptions {
  /** Whether commits skip the flush to disk. */
  readonly relaxed: boolean
  /** Makes `put` and `remove` throw. Transactions without writes still work. */
  readonly readOnly?: boolean
}

/** Opens the ordered store of a prepared folder. @throws PartitaError `StoreUnusable` */
export function openKv(path: string, options: KvOptions): FolderKv {
  let held: GetOptions['transaction']
  let snapshot = 0
  /** Whether a walk needs no keys, whose copies would take a third of its time. */
  let isKeyless = false
  let isWriting = false
  // A writable file is opened for writing even with `readOnly`: the opener may have to correct the number of the last
  // commit in a transaction. Callers still cannot write.
  const isReading = options.readOnly === true && !isWritable(path)
  const db = openLmdb(path, {
    pageSize: PAGE_BYTES,
    keyEncoder: {
      writeKey(key: Uint8Array, target: Uint8Array, start: number) {
        target.set(key, start)
        return start + key.length
      },
      readKey: (source: Uint8Array, start: number, end: number) =>
        isKeyless ? undefined : Uint8Array.prototype.slice.call(source, start, end),
    },
    // Flushes within the commit: a write is visible only once it is durable, and no recovery heuristic is needed.
    overlappingSync: false,
    noSync: options.relaxed,
    readOnly: isReading,
    maxReaders: MAX_READERS,
    // Never `useWritemap`: it makes commits of LMDB 3.5 abort the process with an assertion when a page that was written in
    // the same transaction is freed and no older page is free (mdb_freelist_save, lmdb-js issue 212).
    // Off: a failed commit would reject a promise that no caller can catch, which ends the process.
    eventTurnBatching: false,
    // Values are not copied: LMDB's buffer contains one until its next read.
    encoder: { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes },
  })
  // This event is missing in lmdb's types. A read transaction has begun, so reads may see a newer state.
  const events = db as unknown as { addListener(event: 'begin-transaction', listener: () => void): void }
  events.addListener('begin-transaction', () => snapshot++)

  const last = new LastCommit(path)
  const workBegins = guardExit(db)
  /** Runs `work` if the current transaction begins at the last commit. @returns whether it did. */
  const run = (work: () => void) => {
    workBegins()
    const isBase = last.isBaseOf(db.getWriteTxnId())
    if (!isBase) return false
    isWriting = true
    try {
      withRealTimers(work)
    } finally {
      isWriting = false
    }
    return true
  }
  const commitSync = (work: () => void) => {
    checkLocks()
    while (!withRealTimers(() => db.transactionSync(() => run(work))));
  }
  const commits = new CommitQueue(async work => {
    checkLocks()
    try {
      while (!(await withRealTimers(() => db.transaction(() => run(work)))));
    } finally {
      // A transaction that could not begin has run no work.
      workBegins()
    }
  })
  const presence = watchPresence(path)
  if (!isReading) correctLastCommit()
  // All writes of a commit are acknowledged together, so the folder is checked once per commit.
  let isChecked = false
  let isGone = false
  if (!options.readOnly) db.on('aftercommit', () => (isChecked = false))

  /**
   * Runs after a commit and before its acknowledgement. If the data file still is at its path, it contains the commit. If
   * it is deleted, moved or replaced later, an acknowledged write is lost like any other.
   */
  function checkPresence(): void {
    if (!isChecked || options.relaxed) isGone ||= !presence.isPresent()
    isChecked = true
    if (isGone) throw folderGone(path)
  }

  /** Corrects the number of the last commit, before anything else. Waits while another process commits. */
  function correctLastCommit(): void {
    try {
      commitSync(() => undefined)
    } catch (error) {
      void db.close()
      last.close()
      presence.close()
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

  /**
   * Runs before each commit, since lmdb never ends one with destroyed locks, and before each read of a file that this
   * process cannot write.
   */
  function checkLocks(): void {
    if (!presence.isLocked()) throw presence.isPresent() ? locksGone(path) : folderGone(path)
  }

  const reader = db as unknown as { ensureReadTxn(): void }
  const ensureRead = () => reader.ensureReadTxn()

  /** Takes a reader slot for this thread. If all are in use, first frees those of dead processes. */
  function beginRead(): void {
    if (isReading) checkLocks()
    try {
      withRealTimers(ensureRead)
    } catch (error) {
      if (!isReadersFull(error) || db.readerCheck() === 0) throw readFailure(path, error)
      try {
        withRealTimers(ensureRead)
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
    get<T>(key: Uint8Array, read: (bytes: Uint8Array) => T): T | undefined {
      beginRead()
      try {
        const bytes = db.get(key, inHeld()) as Uint8Array | undefined
        return bytes && read(bytes)
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
            // Not during a write transaction: LMDB needs the last key to continue a walk within it.
            isKeyless = !isWriting
            const next = entries.next()
            isKeyless = false
            if (next.done || !visit(next.value.value as Uint8Array)) return
          }
        } finally {
          isKeyless = false
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
      // The read begins before the check, so the check notices a commit that was forgotten earlier.
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
      presence.close()
    },
  }
}

function folderGone(path: string): UnavailableError {
  const message =
    `The folder of the store at ${path} was deleted, moved or replaced while it was open, so the write is lost; ` +
    'close the store and open it again. Until then, backup() can save all earlier writes'
  return new UnavailableError(message, { operation: 'write', reason: 'folderGone' })
}

function locksGone(path: string): UnavailableError {
  const message =
    `The store at ${path} has lost its locks: while it was open, its lock file was deleted, replaced or created, or this ` +
    'process copied the folder. Other processes may write at the same time; close the store, in all threads, and open it again'
  return new UnavailableError(message, { reason: 'folderGone' })
}

function isReadOnly(path: string): PartitaError {
  const message = `The store at ${path} is open with readOnly, which does not allow writes; open it without that option`
  return new PartitaError('StoreUnusable', message, { path, reason: 'readOnly' })
}

function isWritable(path: string): boolean {
  try {
    accessSync(dataFileOf(path), constants.W_OK)
    return true
  } catch {
    return false
  }
}

function bounds({ low, high, descending }: Range): RangeOptions {
  return descending
    ? ({ reverse: true, start: high, exclusiveStart: true, end: low, inclusiveEnd: true } as RangeOptions)
    : ({ start: low, end: high } as RangeOptions)
}

/** Decodes a value as text. LMDB's buffer may be longer than the value; only `length` gives its end. */
export function readText(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, bytes.length)).toString()
}
