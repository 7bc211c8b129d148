/** The internal face of the embedded engine: what the wire layer needs beyond the public `EmbeddedStore`. */
import { invalid } from '../errors/errors.js'
import type { Work } from '../expression/evaluate/index.js'
import type { TableChange, TableDefinition, TableDescription } from '../store/definition.js'
import type * as Contract from '../store/store.js'
import type { KnownTable, TableExtras, TableMetadata } from './catalog.js'
import type { ChangePage } from './change.js'
import type { EmbeddedStore } from './embedded-store.js'
import type { TableFigures } from './read/measure.js'
import type { Stream } from './stream/stream.js'

/** A write whose key or item, with its index keys, is valid for a definition of its table. */
interface CheckedWrite {
  /** As `EngineStore.table` returned it. If the table has changed since, the write is checked again. */
  readonly definition: TableDefinition
  /** The size of the item of a put, if the caller has checked and measured it as `measureItem` does. */
  readonly size?: number
}

/** Options of a request that the Store contract does not have. */
export interface RequestExtras {
  /** Whether the request uses AWS's legacy parameters, such as `Expected`: the limits of expressions do not apply. */
  readonly isLegacy?: boolean
  /** What the caller has checked of this write, so that it is not checked twice. */
  readonly checked?: CheckedWrite
  /** Counts the evaluation steps of a request of which this write is a part, with a maximum for all of its parts. */
  readonly work?: Work
}

/** An embedded store with metadata, statistics and change streams. `partita/embedded` does not export it. */
export interface EngineStore extends EmbeddedStore {
  write(request: Contract.WriteRequest, extras?: RequestExtras): Promise<Contract.WriteResult>
  query(request: Contract.QueryRequest, extras?: RequestExtras): Promise<Contract.ItemPage>
  scan(request: Contract.ScanRequest, extras?: RequestExtras): Promise<Contract.ItemPage>
  /** Creates a table. `extras` take effect in the same transaction. */
  createTable(definition: TableDefinition, extras?: TableExtras): Promise<TableDescription>
  /** Changes a table. `extras` take effect in the same transaction; with an empty `change` they are the only change. */
  updateTable(table: string, change: TableChange, extras?: TableExtras): Promise<TableDescription>
  /** Deletes a table. With `inBackground`, its entries are cleared after the call has returned. */
  deleteTable(table: string, extras?: Pick<TableExtras, 'inBackground'>): Promise<void>
  /** Returns a table's current definition and state without reading items; undefined if the table does not exist. */
  table(name: string): KnownTable | undefined
  /**
   * Returns the number and size of a table's items: exact for small tables, estimated for large ones.
   * @throws TableNotFoundError
   */
  measure(table: string): Promise<TableFigures>
  /**
   * Changes a table's metadata. `change` runs in a write transaction.
   * @throws TableNotFoundError
   */
  changeMetadata(table: string, change: (metadata: TableMetadata) => TableMetadata): Promise<TableMetadata>
  /** Lists the readable streams: those that are on, and those that ended in the last 24 hours. */
  streams(): Stream[]
  /** Returns the readable stream of a table, which may have been deleted, with that label; undefined if there is none. */
  stream(table: string, label: string): Stream | undefined
  /** Returns the newest sequence number in use. All streams of a store share one sequence. */
  sequence(): number
  /**
   * Reads the records of a stream from a sequence number on: at most `limit` records and 1 MB, but at least one record.
   * Returns undefined if the stream no longer exists.
   */
  readStream(stream: number, from: number, limit: number): ChangePage | undefined
}

/**
 * Returns the internal interface of a store that `embedded` or `memory` has made, or of a proxy of such a store.
 * @throws ValidationError for any other store.
 */
export function engineStore(store: EmbeddedStore): EngineStore {
  const candidate = store as EngineStore | undefined
  if (typeof candidate?.readStream === 'function') return candidate
  throw invalid(['store'], "is not an embedded store; pass a store from embedded() or memory() of 'partita/embedded'")
}
