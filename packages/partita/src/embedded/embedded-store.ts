/** What the embedded engine offers beyond the Store contract. */
import type { TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import type * as Contract from '../store/store.js'
import type { KnownTable, TableExtras, TableMetadata } from './catalog.js'
import type { ChangePage } from './change.js'
import type { Faults } from './fault-injection.js'
import type { TableFigures } from './read/measure.js'
import type { Stream } from './stream/stream.js'
import type { BackupOptions } from './upkeep/backup.js'
import type { Job } from './upkeep/jobs.js'
import type { VerifyOptions } from './upkeep/verifier.js'
import type { Verification } from './upkeep/verify.js'

export interface EngineOptions {
  /** Epoch milliseconds, for expiry and tokens. Default `Date.now`. */
  readonly clock?: () => number
  /** Milliseconds between two rounds of upkeep, which deletes expired items; 0 for none. Default 60,000. */
  readonly sweepInterval?: number
  readonly faults?: Faults
}

/** What the wire asks for besides what the contract has. */
export interface RequestExtras {
  /** Whether condition, filter and update are of parameters older than expressions, which have no limits of their own. */
  readonly isLegacy?: boolean
}

/** A store in this process, with what only such a store can do. */
export interface EmbeddedStore extends Contract.Store {
  write(request: Contract.WriteRequest, extras?: RequestExtras): Promise<Contract.WriteResult>
  query(request: Contract.QueryRequest, extras?: RequestExtras): Promise<Contract.ItemPage>
  scan(request: Contract.ScanRequest, extras?: RequestExtras): Promise<Contract.ItemPage>
  /** With `extras`, its note and its stream begin with the table itself. */
  createTable(definition: TableDefinition, extras?: TableExtras): Promise<TableDescription>
  /** `extras` are changed together with the definition; an empty `change` changes them alone. */
  updateTable(table: string, change: TableChange, extras?: TableExtras): Promise<TableDescription>
  /** With `inBackground`, what the table held is cleared away after the call has returned. */
  deleteTable(table: string, extras?: Pick<TableExtras, 'inBackground'>): Promise<void>
  /**
   * One round of upkeep at once: finishes the jobs of the store, deletes the items whose time to live is over now, and
   * clears away what is too old. Returns how many items it deleted.
   */
  sweep(): Promise<number>
  /** Fillings and clearings that are not done. Those whose process died are taken up by any process that has the store open. */
  jobs(): Job[]
  /** What is known of a table at this moment, without reading its items; undefined where there is no such table. */
  table(name: string): KnownTable | undefined
  /** How much a table holds: exact for small tables, an estimate for large ones. Throws `TableNotFoundError`. */
  measure(table: string): Promise<TableFigures>
  /** Changes what is noted with a table. `change` runs while no other process writes. Throws `TableNotFoundError`. */
  note(table: string, change: (note: TableMetadata) => TableMetadata): Promise<TableMetadata>
  /** All streams that can be read: those that are on, and those that ended in the last 24 hours. */
  streams(): Stream[]
  /** The newest sequence number that any record of any stream has. */
  sequence(): number
  /**
   * Records of a stream from a sequence number on: at most `limit`, and at most 1 MB unless the first alone is larger.
   * Undefined where there is no such stream any more.
   */
  readStream(stream: number, from: number, limit: number): ChangePage | undefined
  /**
   * Writes the state of this moment into a folder of its own, which is then a store that can be opened: consistent, on
   * disk when this resolves, at the speed of the disk, while all processes go on reading and writing.
   * @param folder a new or empty one. A new one can be entered by its owner alone.
   * @throws PartitaError `StoreUnusable` where the folder holds anything, or is a symbolic link; `UnavailableError` where writing fails, with the
   * reason `diskFull` where it is that. A backup that failed leaves nothing that could be opened.
   */
  backup(folder: string, options?: BackupOptions): Promise<void>
  /**
   * Reads the whole store and compares what should agree: the pages of its file, every index with its table, both ways,
   * the order of expiry, the records of streams. It compares one snapshot, in steps, so programs can go on; while it runs,
   * the file keeps what they overwrite. A damaged file that cannot even be opened throws `StoreUnusable` when it is.
   */
  verify(options?: VerifyOptions): Promise<Verification>
}
