/**
 * The one file that knows LMDB: ordered bytes with snapshots for readers and one writer at a time across all processes.
 * Another ordered store takes its place by giving these same few functions, as `memory-kv.ts` does.
 */
import { existsSync, statfsSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { GetOptions, RangeOptions, RootDatabase } from 'lmdb'
import { PartitaError, Unavailable } from '../errors.js'
import { CommitQueue } from './commit-queue.js'

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
  close(): Promise<void>
}

export interface HeldSnapshot {
  run<T>(work: () => T): T
  release(): void
}

/** LMDB's keys may have 4,026 bytes with pages of this size; the longest key here has under 3,600. */
const PAGE_BYTES = 8192

export interface KvOptions {
  /** Whether commits go without flushing. */
  readonly relaxed: boolean
}

export function openKv(path: string, options: KvOptions): Kv {
  let read: (bytes: Uint8Array) => unknown = () => undefined
  let held: GetOptions['transaction']
  let snapshot = 0
  const db = openDatabase(path, {
    pageSize: PAGE_BYTES,
    keyEncoding: 'binary',
    // Flushing inside the commit: a write is visible only once it is durable, and no recovery heuristic is needed.
    overlappingSync: false,
    noSync: options.relaxed,
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

  const commits = new CommitQueue(work => db.transaction(work))

  return {
    get<T>(key: Uint8Array, reader: (bytes: Uint8Array) => T): T | undefined {
      read = reader
      return db.get(key, held && { transaction: held }) as T | undefined
    },
    each(range, visit) {
      const entries = db.getRange({ ...bounds(range), ...(held && { transaction: held }) })[Symbol.iterator]()
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
    },
    keys: (range, limit, offset = 0) => [...db.getKeys({ ...bounds(range), limit, offset })],
    count: range => db.getKeysCount(bounds(range)),
    put: (key, value) => void db.put(key, value),
    remove: key => void db.remove(key),
    async transact<T>(work: () => T): Promise<T> {
      try {
        return options.relaxed ? db.transactionSync(work) : await commits.add(work)
      } catch (error) {
        throw await commitFailure(path, error)
      }
    },
    refresh: () => db.resetReadTxn(),
    snapshot() {
      ;(db as unknown as { ensureReadTxn(): void }).ensureReadTxn()
      return snapshot
    },
    hold() {
      const transaction = db.useReadTransaction()
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
    close: () => db.close(),
  }
}

/**
 * LMDB takes longer to load than all else here together, and a store in memory needs none of it, so it is loaded with the
 * first folder. A bundle in CommonJS has no URL of its own.
 */
const load = createRequire(typeof __filename === 'undefined' ? import.meta.url : __filename)

function openDatabase(path: string, options: object): RootDatabase<unknown, Uint8Array> {
  const { open } = load('lmdb') as typeof import('lmdb')
  try {
    return open(path, options) as RootDatabase<unknown, Uint8Array>
  } catch (error) {
    const message = `The store at ${path} cannot be opened: ${(error as Error).message}`
    throw new PartitaError('StoreUnusable', message, { path }, error)
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

/**
 * LMDB reports a failed commit with a promise of its reason, and a full disk as an input/output error, so the room left
 * is told too. Errors of the work itself pass as they are.
 */
async function commitFailure(path: string, error: unknown): Promise<unknown> {
  const { code, commitError } = error as { code?: unknown; commitError?: Promise<never> }
  if (!commitError && typeof code !== 'number') return error
  const cause = commitError ? await commitError.catch((found: unknown) => found) : error
  const message = `The write failed and nothing of it was kept: ${(cause as Error).message}${roomLeft(path)}`
  return new Unavailable(message, { operation: 'write' }, cause)
}

function roomLeft(path: string): string {
  if (!existsSync(path)) return ''
  const { bavail, bsize } = statfsSync(path)
  return `; the disk has ${bavail * bsize} bytes left`
}
