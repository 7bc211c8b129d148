/** The tables of a store: their definitions, kept in the store itself so that all processes share them. */
import { AlreadyExistsError, LimitExceededError, NotFoundError, TableNotFoundError } from '../errors/errors.js'
import { type KeySchema, keyNames, type TableDefinition } from '../store/definition.js'
import type { Item, Key } from '../value/value.js'
import { EXPIRY_INDEX, indexRange } from './storage/key.js'
import { type Kv, type Range, readText } from './storage/kv.js'
import { beginStream, endStream, findStream, type Stream, type StreamView } from './stream/stream.js'
import {
  withMissingJobs,
  changeRecord,
  filledRecord,
  newRecord,
  type RecordChange,
  type Table,
  type TableMetadata,
  type TableRecord,
  toTable,
} from './table-record.js'
import { type Filling, listJobs, saveJob } from './upkeep/jobs.js'

export type { ExpiryOrder, Index, Table, TableMetadata } from './table-record.js'

/** What a store keeps with a table beside its definition. Done in the same transaction as creating or changing it. */
export interface TableExtras {
  /** Throws `AlreadyExistsError` where a table of that name is there, though it be the same. */
  readonly isNew?: boolean
  /** Changes what is noted with the table; a new table's note is empty. */
  readonly changeMetadata?: (note: TableMetadata) => TableMetadata
  /**
   * Begins a stream of the table's changes with this view, or ends it. Throws `AlreadyExistsError` where one is on (its view
   * cannot be changed), `NotFoundError` where none is to be ended.
   */
  readonly stream?: StreamView | false
  /** Returns once the definition holds for everyone, and leaves what is to be filled or cleared to the background. */
  readonly inBackground?: boolean
}

/** A table as its store knows it. */
export interface KnownTable {
  /** Never used again, not by a later table of the same name either. */
  readonly id: number
  readonly definition: TableDefinition
  /** Indexes that are still being filled. */
  readonly building: readonly string[]
  /** Whether time to live is on, but its filling is not done: of the items that were there before, some are not deleted yet. */
  readonly isExpiryBuilding: boolean
  readonly metadata: TableMetadata
  /** When it was created, in epoch milliseconds; undefined for a table older than this is kept. */
  readonly created: number | undefined
  /** Its latest stream, which is on unless it has `ended`; undefined where there was none in the last 24 hours. */
  readonly stream: Stream | undefined
}

const META = 0x00
const TABLES = 0x01
const ALL_TABLES: Range = { low: Buffer.from([TABLES]), high: Buffer.from([TABLES + 1]) }
/** As many as DynamoDB has in an account and region. */
const MAX_TABLES = 2500
const VERSION = Buffer.from([META, 1])
const NEXT_TABLE = Buffer.from([META, 2])

export class Catalog {
  readonly #kv: Kv
  #tables = new Map<string, Table>()
  /** The catalog's version that `#tables` was read from, and the snapshot for which that was checked last. */
  #version = -1
  #snapshot = -1

  constructor(kv: Kv) {
    this.#kv = kv
  }

  /**
   * The table for a read.
   * @throws TableNotFoundError
   */
  table(name: string): Table {
    return this.find(name) ?? missing(name)
  }

  /** The table for a read, or undefined. */
  find(name: string): Table | undefined {
    const snapshot = this.#kv.snapshot()
    if (snapshot !== this.#snapshot) {
      this.#checkVersion()
      this.#snapshot = snapshot
    }
    return this.#find(name)
  }

  /** The table for whoever asks about it; undefined where there is none. */
  known(name: string): KnownTable | undefined {
    const found = this.find(name)
    if (!found) return undefined
    const { id, definition, indexes, metadata, created, latestStream: stream } = found
    const building = indexes.filter(index => index.building).map(index => index.name)
    return { id, definition, metadata, created, stream, building, isExpiryBuilding: found.expiry?.building ?? false }
  }

  /** The table as some call before this one saw it, which may be out of date. */
  lastSeen(name: string): Table | undefined {
    return this.#tables.get(name)
  }

  /**
   * The table within a write transaction, where no other process can change it any more.
   * @throws TableNotFoundError
   */
  tableForWrite(name: string): Table {
    return this.findForWrite(name) ?? missing(name)
  }

  findForWrite(name: string): Table | undefined {
    this.#checkVersion()
    return this.#find(name)
  }

  names(): string[] {
    return this.#kv.keys(ALL_TABLES, Number.MAX_SAFE_INTEGER).map(key => Buffer.from(key.subarray(1)).toString())
  }

  /**
   * Rules out one table too many, before anything is put.
   * @throws LimitExceededError
   */
  checkRoom(): void {
    if (this.#kv.count(ALL_TABLES) < MAX_TABLES) return
    throw new LimitExceededError(`The store has ${MAX_TABLES} tables, the most that it takes; delete one first`, {
      limit: 'tables',
      maximum: MAX_TABLES,
      actual: MAX_TABLES + 1,
    })
  }

  /** Within a transaction, what {@link checkRoom} has passed. */
  create(definition: TableDefinition, now: number): void {
    const id = (this.#kv.get(NEXT_TABLE, readCounter) ?? 0) + 1
    this.#kv.put(NEXT_TABLE, counter(id))
    this.#save(newRecord(id, definition, now))
  }

  /** Within a transaction. Its entries are left to a clearing; its stream can still be read. */
  drop(table: Table, now: number): void {
    if (table.stream) endStream(this.#kv, table.stream.id, now)
    this.#kv.remove(nameKey(table.name))
    saveJob(this.#kv, { kind: 'clearing', table: table.id, index: 0 })
    this.#bump()
  }

  /**
   * Within a transaction: a new definition, with the jobs that it leaves to be done.
   * @param removed the names of indexes to be dropped, though the definition may have new ones of the same names.
   * @throws LimitExceededError, before anything is put.
   */
  change(table: Table, definition: TableDefinition, removed: readonly string[]): void {
    this.#saveChange(changeRecord(this.#record(table.name) as TableRecord, definition, removed))
  }

  /** Within a transaction: what a filling has filled may be read from now on. */
  completeFilling(filling: Filling): void {
    const record = this.#record(filling.name)
    if (record?.id === filling.table) this.#save(filledRecord(record, filling))
  }

  /** Tables whose fillings were begun by a program that wrote no jobs, and that have not got one yet. */
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

  /** Within a transaction: writes the job of an {@link withMissingJobs} table. */
  addMissingJobs(name: string): void {
    const record = this.#record(name)
    const change = record && withMissingJobs(record, listJobs(this.#kv), this.#hasOldOrder(record))
    if (change) this.#saveChange(change)
  }

  /**
   * Within a transaction.
   * @throws TableNotFoundError
   */
  changeMetadata(name: string, change: (note: TableMetadata) => TableMetadata): TableMetadata {
    const { metadata } = this.tableForWrite(name)
    const changed = change(metadata)
    this.#save({ ...(this.#record(name) as TableRecord), metadata: changed })
    return changed
  }

  /**
   * Rules out what {@link setStream} cannot do, before anything is put.
   * @throws AlreadyExistsError, NotFoundError, TableNotFoundError
   */
  checkStream(table: Table | undefined, view: StreamView | false | undefined): void {
    if (!table || view === undefined) return
    const { name, stream } = table
    if (view && stream) throw new AlreadyExistsError(`Table ${name} has a stream; switch it off first`, { table: name })
    if (!view && !stream) throw new NotFoundError(`Table ${name} has no stream to switch off`, { table: name })
  }

  /** Within a transaction, what {@link checkStream} has passed: begins a stream, or ends the one that is on. */
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

  /** Within a transaction: tables show anew what was changed about their streams. */
  streamsChanged(): void {
    this.#bump()
  }

  #checkVersion(): void {
    const version = this.#kv.get(VERSION, readCounter) ?? 0
    if (version !== this.#version) {
      this.#tables.clear()
      this.#version = version
      // A write transaction sees a later state than the snapshot of the reads around it. What those then read must not
      // be kept as of this version, or writes would go by tables that have changed since.
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

  /** No two states have one version, so that tables read in a transaction that failed to commit are not taken for others. */
  #bump(): void {
    this.#kv.put(VERSION, counter(1 + Math.floor(Math.random() * 2 ** 52)))
  }
}

/** The key attributes of an item that has them. */
export function pickKey(schema: KeySchema, item: Item): Key {
  return Object.fromEntries(keyNames(schema).map(name => [name, item[name]])) as Key
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
