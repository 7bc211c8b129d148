/** The public face of the embedded engine: the Store contract with the operations of a local database. */
import type * as Contract from '../store/store.js'
import type { Faults } from './fault-injection.js'
import type { BackupOptions } from './upkeep/backup.js'
import type { Job } from './upkeep/jobs.js'
import type { VerifyOptions } from './upkeep/verifier.js'
import type { Verification } from './upkeep/verify.js'

/** Options that `embedded` and `memory` share. */
export interface EngineOptions {
  /** Returns the current time in epoch milliseconds, for time to live and request tokens. Default `Date.now`. */
  readonly clock?: () => number
  /** Milliseconds between two rounds of upkeep, which deletes expired items; 0 turns upkeep off. Default 60,000. */
  readonly sweepInterval?: number
  /** Failures to inject, for tests. Default none. */
  readonly faults?: Faults
}

/**
 * A store in this process. It implements the Store contract and adds what only a local database can do.
 *
 * @example
 * import { memory } from 'partita/embedded'
 *
 * const store = memory()
 * await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } }, timeToLive: 'expires' })
 * const aMinuteAgo = Math.floor(Date.now() / 1000) - 60
 * await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', expires: aMinuteAgo } })
 * await store.sweep() // 1
 * const { ok } = await store.verify()
 * ok // true
 * await store.close()
 */
export interface EmbeddedStore extends Contract.Store {
  /**
   * Runs one round of upkeep now: finishes the store's jobs, deletes expired items, and removes stream records and
   * request tokens that are too old. Use it in tests and in programs that set `sweepInterval` to 0.
   * @returns the number of items that it deleted.
   */
  sweep(): Promise<number>
  /**
   * Lists the unfinished jobs: indexes being filled, deleted data being cleared. A job whose process died is resumed by
   * any process that has the store open.
   */
  jobs(): Job[]
  /**
   * Writes a consistent snapshot of the store to a new folder, which can be opened as a store. The snapshot is on disk
   * when the promise resolves. All processes can read and write during the backup.
   *
   * A failed backup leaves nothing behind that could be opened.
   * @param folder a new or empty folder. A new folder is created with permissions for its owner alone (0700).
   * @throws PartitaError `StoreUnusable` when the folder is not empty, is a file or is a symbolic link.
   * @throws UnavailableError when writing fails; its `reason` is `diskFull` on a full disk.
   * @example
   * import { mkdtemp } from 'node:fs/promises'
   * import { tmpdir } from 'node:os'
   * import { join } from 'node:path'
   * import { embedded } from 'partita/embedded'
   *
   * const folder = await mkdtemp(join(tmpdir(), 'partita-'))
   * const store = embedded({ path: join(folder, 'data') })
   * await store.backup(join(folder, 'backup'))
   * await store.close()
   */
  backup(folder: string, options?: BackupOptions): Promise<void>
  /**
   * Reads the whole store and checks its consistency: the pages of the data file, each index and expiry order against
   * its table in both directions, and the records of streams.
   *
   * It compares one snapshot and yields to the event loop between steps, so programs can read and write meanwhile. The
   * data file keeps overwritten pages until the check ends, and may grow.
   * @throws UnavailableError when the store cannot be read. A data file that is too damaged to be opened makes
   * `embedded` throw `StoreUnusable`.
   */
  verify(options?: VerifyOptions): Promise<Verification>
}
