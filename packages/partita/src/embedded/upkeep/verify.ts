/**
 * Compares everything in a store with everything else that it should agree with: the pages of the file, the entries of
 * tables, indexes and expiry orders, both ways, and the records of streams.
 *
 * All of it is read from one snapshot, so writers change nothing of what is compared, and go on meanwhile; the file keeps
 * the pages of that snapshot until the end. What is read goes in steps of a few milliseconds.
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

export interface VerifiedTable {
  readonly name: string
  readonly items: number
  readonly indexes: readonly VerifiedIndex[]
  /** Items with a time to live that are noted in the order of expiry. */
  readonly expiring: number
}

export interface VerifiedIndex {
  readonly name: string
  readonly entries: number
  /** Still being filled: items that have no entry in it yet are no difference. */
  readonly filling: boolean
}

export interface Verification {
  /** Whether everything agrees. */
  readonly ok: boolean
  readonly tables: readonly VerifiedTable[]
  /** Fillings and clearings that are not done. Entries that they are still to write or to remove are no differences. */
  readonly jobs: readonly Job[]
  /** Records of change streams. */
  readonly streamRecords: number
  /** At most 1,000 of them, in the order in which they were found. */
  readonly differences: readonly Difference[]
  /** How many there are. */
  readonly differenceCount: number
}

/** @throws UnavailableError, and what the store cannot read at all, such as a page that LMDB refuses. */
export async function verifyStore(kv: Kv, options: VerifyOptions): Promise<Verification> {
  kv.refresh()
  const held = kv.hold()
  const verifier = new Verifier(kv, held, options)
  try {
    await verifyPages(verifier)
    // LMDB may crash on pages that are wrong, so nothing is read through it then.
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
 * The snapshot that is held keeps the pages of every later state that it was followed by as well: a page is used again
 * only once no reader is as old as the transaction that freed it. So the newest meta page can be walked, though it may be
 * newer than the snapshot, while others write.
 */
async function verifyPages(verifier: Verifier): Promise<void> {
  const { dataFile } = verifier.kv
  if (dataFile === undefined) return
  const file = openSync(dataFile, 'r')
  try {
    const meta = newestMeta(file)
    if (!meta) {
      verifier.report({ kind: 'page', message: 'the data file has no meta page that can be read' })
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
  // A catalog of its own, since it shows the tables of the snapshot, which may be gone by now.
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
