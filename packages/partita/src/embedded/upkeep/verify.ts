/**
 * Checks the consistency of a store: the pages of the file, the entries of tables against those of indexes and expiry
 * orders, in both directions, and the records of streams.
 *
 * It reads one snapshot, in steps of a few milliseconds. Writers continue meanwhile and do not affect the result; the file
 * keeps the pages of the snapshot until the end.
 */
import { closeSync, openSync } from 'node:fs'
import { Catalog, type Table } from '../catalog.js'
import { yieldToEventLoop } from '../event-loop.js'
import { walkTrees } from '../read/page-walk.js'
import { newestMeta } from '../storage/data-file.js'
import { indexRange } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import { type Job, listJobs } from './jobs.js'
import { type Difference, Verifier, type VerifyOptions } from './verifier.js'
import { unownedEntries } from './verify-leftovers.js'
import { verifyStreams } from './verify-stream.js'
import { checkExpiryEntry, checkIndexEntry, checkTableEntry } from './verify-table.js'

/** The counts of a verified table. */
export interface VerifiedTable {
  readonly name: string
  /** Number of items. */
  readonly items: number
  readonly indexes: readonly VerifiedIndex[]
  /** Number of entries in the expiry order. */
  readonly expiring: number
}

/** The counts of a verified index. */
export interface VerifiedIndex {
  readonly name: string
  readonly entries: number
  /** Whether it is still being filled: missing entries are not reported then. */
  readonly filling: boolean
}

/** The result of `verify`. */
export interface Verification {
  /** Whether the store is consistent: there are no differences. */
  readonly ok: boolean
  readonly tables: readonly VerifiedTable[]
  /** Unfinished jobs. Entries that they have yet to write or remove are not reported as differences. */
  readonly jobs: readonly Job[]
  /** Number of records of change streams. */
  readonly streamRecords: number
  /** The first 1,000 differences. */
  readonly differences: readonly Difference[]
  /** Total number of differences. */
  readonly differenceCount: number
}

/** Verifies a store. @throws UnavailableError if the store cannot be read, for example a page that LMDB rejects. */
export async function verifyStore(kv: Kv, options: VerifyOptions): Promise<Verification> {
  kv.refresh()
  const held = kv.hold()
  const verifier = new Verifier(kv, held, options)
  try {
    await verifyPages(verifier)
    // LMDB may crash on damaged pages, so nothing more is read.
    const isReadable = verifier.differenceCount === 0
    const tables = isReadable ? await verifyTables(verifier) : []
    const jobs = isReadable ? verifier.read(() => listJobs(kv)) : []
    const streamRecords = isReadable ? await verifyStreams(verifier) : 0
    const { differences, differenceCount } = verifier
    return { ok: differenceCount === 0, tables, jobs, streamRecords, differences, differenceCount }
  } finally {
    held.release()
  }
}

/**
 * Checks the pages of the newest meta page, which may be newer than the held snapshot. The snapshot protects its pages as
 * well: LMDB reuses a page only once no reader is as old as the transaction that freed it.
 */
async function verifyPages(verifier: Verifier): Promise<void> {
  const { dataFile } = verifier.kv
  if (dataFile === undefined) return
  const file = openSync(dataFile, 'r')
  try {
    const meta = newestMeta(file)
    if (!meta) {
      verifier.report({ kind: 'page', message: 'the data file has no readable meta page' })
      return
    }
    const walk = walkTrees(file, meta)
    let step = walk.next()
    for (; !step.done; step = walk.next()) await yieldToEventLoop()
    for (const message of step.value) verifier.report({ kind: 'page', message })
  } finally {
    closeSync(file)
  }
}

async function verifyTables(verifier: Verifier): Promise<VerifiedTable[]> {
  // A separate catalog: it caches the tables of the snapshot, which may have been dropped since.
  const catalog = new Catalog(verifier.kv)
  const tables = verifier.read(() => catalog.names().map(name => catalog.table(name)))
  const verified: VerifiedTable[] = []
  for (const table of tables) verified.push(await verifyTable(verifier, table))
  for (const message of verifier.read(() => unownedEntries(verifier.kv, tables))) {
    verifier.report({ kind: 'leftover', message })
  }
  return verified
}

async function verifyTable(verifier: Verifier, table: Table): Promise<VerifiedTable> {
  const items = await verifier.entries(indexRange(table.id, 0), key => checkTableEntry(verifier, table, key))
  const indexes: VerifiedIndex[] = []
  for (const index of table.indexes) {
    const range = indexRange(table.id, index.id)
    const entries = await verifier.entries(range, key => checkIndexEntry(verifier, table, index, key))
    indexes.push({ name: index.name, entries, filling: index.building })
  }
  const { expiry } = table
  const expiring = expiry
    ? await verifier.entries(indexRange(table.id, expiry.id), key => checkExpiryEntry(verifier, table, key))
    : 0
  return { name: table.name, items, indexes, expiring }
}
