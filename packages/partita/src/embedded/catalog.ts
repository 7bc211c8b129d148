/** The catalog of tables. Definitions are stored in the store itself, so that all processes share them. */
import { AlreadyExistsError, LimitExceededError, NotFoundError, TableNotFoundError } from '../errors/errors.js'
import type { TableDefinition } from '../store/definition.js'
import { EXPIRY_INDEX, indexRange } from './storage/key.js'
import { type Kv, type Range, readText } from './storage/kv.js'
import { beginStream, endStream, findStream, type Stream, type StreamView } from './stream/stream.js'
import {
  changeRecord,
  filledRecord,
  newRecord,
  type RecordChange,
  type Table,
  type TableMetadata,
  type TableRecord,
  toTable,
  withMissingJobs,
} from './table-record.js'
import { type Filling, listJobs, saveJob } from './upkeep/jobs.js'

export type { ExpiryOrder, Index, Table, TableMetadata } from './table-record.js'

/** Internal options of creating or changing a table. They take effect in the same transaction. */
export interface TableExtras {
  /** Throws `AlreadyExistsError` if a table of that name exists, even one with the same definition. */
  readonly isNew?: boolean
  /** Changes the metadata of the table. A new table's metadata is empty. */
  readonly changeMetadata?: (metadata: TableMetadata) => TableMetadata
  /**
   * Starts the table's change stream with this view, or ends it with false. Throws `AlreadyExistsError` if a stream is on,
   * since its view cannot be changed, and `NotFoundError` if there is no stream to end.
   */
  readonly stream?: StreamView | false
  /** Returns once the new definition is committed. Filling and clearing continue in the background. */
  readonly inBackground?: boolean
}

/** The definition and state of a table. */
export interface KnownTable {
  /** Unique in the store and never reused: a later table of the same name has another id. */
  readonly id: number
  readonly definition: TableDefinition
  /** Indexes that are still being filled. */
  readonly building: readonly string[]
  /** Whether the expiry order is still being filled: some older items are not yet deleted when they expire. */
  readonly isExpiryBuilding: boolean
  readonly metadata: TableMetadata
  /** When it was created, in epoch milliseconds; undefined for tables of versions that did not record it. */
  readonly created: number | undefined
  /** Its latest stream, which is on unless it has `ended`; undefined without a stream in the last 24 hours. */
  readonly stream: Stream | undefined
}

const META = 0x00
const TABLES = 0x01
const ALL_TABLES: Range = { low: Buffer.from([TABLES]), high: Buffer.from([TABLES + 1]) }
/** DynamoDB's default quota of tables per account and region. */
const MAX_TABLES = 2500
const VERSION = Buffer.from([META, 1])
const NEXT_TABLE = Buffer.from([META, 2])

/** Reads and changes table records, and caches them for as long as no process changes one. */
export class Catalog {
  readonly #kv: Kv
  #tables = new Map<string, Table>()
  /** The version of the catalog that `#tables` caches, and the snapshot for which it was last compared. */
  #version = -1
  #snapshot = -1

  constructor(kv: Kv) {
    this.#kv = kv
  }

  /**
   * Returns the table for a read.
   * @throws TableNotFoundError
   */
  table(name: string): Table {
    return this.find(name) ?? missing(name)
  }

  /** Returns the table for a read, or undefined. */
  find(name: string): Table | undefined {
    const snapshot = this.#kv.snapshot()
    if (snapshot !== this.#snapshot) {
      this.#checkVersion()
      this.#snapshot = snapshot
    }
    return this.#find(name)
  }

  /** Returns the definition and state of a table; undefined if it does not exist. */
  known(name: string): KnownTable | undefined {
    const found = this.find(name)
    if (!found) return undefined
    const { id, definition, indexes, metadata, created, latestStream: stream } = found
    const building = indexes.filter(index => index.building).map(index => index.name)
    return { id, definition, metadata, created, stream, building, isExpiryBuilding: found.expiry?.building ?? false }
  }

  /** Returns the cached table, which may be out of date. */
  lastSeen(name: string): Table | undefined {
    return this.#tables.get(name)
  }

  /**
   * Returns the table within a write transaction, in which no other process can change it.
   * @throws TableNotFoundError
   */
  tableForWrite(name: string): Table {
    return this.findForWrite(name) ?? missing(name)
  }

  /** Returns the table within a write transaction, or undefined. */
  findForWrite(name: string): Table | undefined {
    this.#checkVersion()
    return this.#find(name)
  }

  /** Lists the names of all tables, in order of their bytes. */
  names(): string[] {
    return this.#kv.keys(ALL_TABLES, Number.MAX_SAFE_INTEGER).map(key => Buffer.from(key.subarray(1)).toString())
  }

  /**
   * Checks that the store has room for one more table. Call it before the first put.
   * @throws LimitExceededError
   */
  checkRoom(): void {
    if (this.#kv.count(ALL_TABLES) < MAX_TABLES) return
    throw new LimitExceededError(`The store has ${MAX_TABLES} tables, its maximum; delete one first`, {
      limit: 'tables',
      maximum: MAX_TABLES,
      actual: MAX_TABLES + 1,
    })
  }

  /** Creates a table. Call it within a transaction, after {@link checkRoom}. */
  create(definition: TableDefinition, now: number): void {
    const id = (this.#kv.get(NEXT_TABLE, readCounter) ?? 0) + 1
    this.#kv.put(NEXT_TABLE, counter(id))
    this.#save(newRecord(id, definition, now))
  }

  /** Drops a table. Call it within a transaction. A job clears its entries; its stream stays readable. */
  drop(table: Table, now: number): void {
    if (table.stream) endStream(this.#kv, table.stream.id, now)
    this.#kv.remove(nameKey(table.name))
    saveJob(this.#kv, { kind: 'clearing', table: table.id, index: 0 })
    this.#bump()
  }

  /**
   * Changes a definition and writes the jobs that this requires. Call it within a transaction.
   * @param removed names of indexes to drop, even if the new definition has indexes of the same names.
   * @throws LimitExceededError before the first put.
   */
  change(table: Table, definition: TableDefinition, removed: readonly string[]): void {
    this.#saveChange(changeRecord(this.#record(table.name) as TableRecord, definition, removed))
  }

  /** Makes the targets of a finished filling readable. Call it within a transaction. */
  completeFilling(filling: Filling): void {
    const record = this.#record(filling.name)
    if (record?.id === filling.table) this.#save(filledRecord(record, filling))
  }

  /** Lists tables with unfinished fillings that have no job: versions without jobs left them. */
  withMissingJobs(): string[] {
    const jobs = listJobs(this.#kv)
    return this.names().filter(name => {
      const record = this.#record(name)
      return record !== undefined && withMissingJobs(record, jobs, this.#hasOldOrder(record)) !== undefined
    })
  }

  #hasOldOrder({ id }: TableRecord): boolean {
    return this.#kv.keys(indexRange(id, EXPIRY_INDEX), 1).length > 0
  }

  /** Writes the missing jobs of a table. Call it within a transaction. */
  addMissingJobs(name: string): void {
    const record = this.#record(name)
    const change = record && withMissingJobs(record, listJobs(this.#kv), this.#hasOldOrder(record))
    if (change) this.#saveChange(change)
  }

  /**
   * Changes the metadata of a table. Call it within a transaction.
   * @throws TableNotFoundError
   */
  changeMetadata(name: string, change: (metadata: TableMetadata) => TableMetadata): TableMetadata {
    const { metadata } = this.tableForWrite(name)
    const changed = change(metadata)
    this.#save({ ...(this.#record(name) as TableRecord), metadata: changed })
    return changed
  }

  /**
   * Checks that {@link setStream} can succeed. Call it before the first put.
   * @throws AlreadyExistsError, NotFoundError, TableNotFoundError
   */
  checkStream(table: Table | undefined, view: StreamView | false | undefined): void {
    if (!table || view === undefined) return
    const { name, stream } = table
    if (view && stream) throw new AlreadyExistsError(`Table ${name} has a stream; disable it first`, { table: name })
    if (!view && !stream) throw new NotFoundError(`Table ${name} has no stream to disable`, { table: name })
  }

  /** Starts or ends a stream. Call it within a transaction, after {@link checkStream}. */
  setStream(name: string, view: StreamView | false, now: number): void {
    const record = this.#record(name) as TableRecord
    if (view) {
      const { id } = beginStream(this.#kv, record.definition, view, now)
      this.#save({ ...record, stream: id })
      return
    }
    const { stream } = this.tableForWrite(name)
    if (stream) endStream(this.#kv, stream.id, now)
    this.#bump()
  }

  /** Invalidates cached tables after a change of streams. Call it within a transaction. */
  streamsChanged(): void {
    this.#bump()
  }

  #checkVersion(): void {
    const version = this.#kv.get(VERSION, readCounter) ?? 0
    if (version !== this.#version) {
      this.#tables.clear()
      this.#version = version
      // A write transaction sees a later state than the snapshot of the reads around it. Tables that those reads load must
      // not be cached under this version, or later writes would use outdated tables.
      this.#snapshot = -1
    }
  }

  #find(name: string): Table | undefined {
    const known = this.#tables.get(name)
    if (known) return known
    const record = this.#record(name)
    if (!record) return undefined
    const table = toTable(record, record.stream === undefined ? undefined : findStream(this.#kv, record.stream))
    this.#tables.set(name, table)
    return table
  }

  #record(name: string): TableRecord | undefined {
    if (Buffer.byteLength(name) > 255) return undefined
    return this.#kv.get(nameKey(name), bytes => JSON.parse(readText(bytes)) as TableRecord)
  }

  #save(record: TableRecord): void {
    this.#kv.put(nameKey(record.definition.name), Buffer.from(JSON.stringify(record)))
    this.#bump()
  }

  #saveChange({ record, jobs }: RecordChange): void {
    for (const job of jobs) saveJob(this.#kv, job)
    this.#save(record)
  }

  /** Sets a random version. A counter would repeat after a failed commit and validate tables cached from it. */
  #bump(): void {
    this.#kv.put(VERSION, counter(1 + Math.floor(Math.random() * 2 ** 52)))
  }
}

function missing(name: string): never {
  throw new TableNotFoundError(name)
}

function nameKey(name: string): Uint8Array {
  return Buffer.concat([Buffer.from([TABLES]), Buffer.from(name)])
}

function counter(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function readCounter(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0)
}
