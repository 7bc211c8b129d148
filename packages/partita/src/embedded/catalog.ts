/** The tables of a store: their definitions, kept in the store itself so that all processes share them. */
import { AlreadyExists, NotFound, TableNotFound } from '../errors.js'
import {
  type IndexDefinition,
  type IndexKeySchema,
  type KeySchema,
  keyNames,
  type TableDefinition,
} from '../store/definition.js'
import type { Item, Key } from '../value/value.js'
import { EXPIRY_INDEX } from './key.js'
import { type Kv, type Range, readText } from './kv.js'
import { beginStream, endStream, findStream, type Stream, type StreamView } from './stream.js'

export interface Index {
  readonly name: string
  /** From 1; never used again within its table. */
  readonly id: number
  readonly local: boolean
  readonly schema: IndexKeySchema
  /** The attributes that its entries hold; undefined for all. */
  readonly projected: ReadonlySet<string> | undefined
  /** Whether those are key attributes alone. */
  readonly keysOnly: boolean
  /** Still being filled from the items that were there before it: written to, but not yet read. */
  readonly building: boolean
}

export interface Table {
  readonly id: number
  readonly name: string
  readonly definition: TableDefinition
  readonly schema: KeySchema
  readonly indexes: readonly Index[]
  readonly timeToLive: string | undefined
  /** The attributes that say where an item's entries lie: its key, those of the indexes, its expiry. */
  readonly placing: readonly string[]
  readonly note: TableNote
  readonly created: number | undefined
  /** The stream that is on. */
  readonly stream: Stream | undefined
  /** That stream, or one that has ended and can still be read. */
  readonly latestStream: Stream | undefined
}

/** What others keep with a table: JSON by names of their own. */
export interface TableNote {
  readonly [name: string]: unknown
}

/** What a store keeps with a table beside its definition. Done in the same transaction as creating or changing it. */
export interface TableExtras {
  /** Throws `AlreadyExists` where a table of that name is there, though it be the same. */
  readonly isNew?: boolean
  /** Changes what is noted with the table; a new table's note is empty. */
  readonly note?: (note: TableNote) => TableNote
  /**
   * Begins a stream of the table's changes with this view, or ends it. Throws `AlreadyExists` where one is on (its view
   * cannot be changed), `NotFound` where none is to be ended.
   */
  readonly stream?: StreamView | false
}

/** A table as its store knows it. */
export interface KnownTable {
  /** Never used again, not by a later table of the same name either. */
  readonly id: number
  readonly definition: TableDefinition
  /** Indexes that are still being filled. */
  readonly building: readonly string[]
  readonly note: TableNote
  /** When it was created, in epoch milliseconds; undefined for a table older than this is kept. */
  readonly created: number | undefined
  /** Its latest stream, which is on unless it has `ended`; undefined where there was none in the last 24 hours. */
  readonly stream: Stream | undefined
}

/** A table as it is stored. */
interface TableRecord {
  readonly id: number
  readonly definition: TableDefinition
  readonly indexIds: readonly (readonly [name: string, id: number])[]
  readonly nextIndexId: number
  readonly building: readonly string[]
  readonly note?: TableNote
  readonly created?: number
  /** The number of its latest stream. */
  readonly stream?: number
}

/** Entries to be removed: all of a table (index 0), or those of one index. */
export interface Dropped {
  readonly table: number
  readonly index: number
}

const META = 0x00
const TABLES = 0x01
const DROPPED = 0x03
const VERSION = Buffer.from([META, 1])
const NEXT_TABLE = Buffer.from([META, 2])
const PRESENT = Uint8Array.of(1)

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
   * @throws TableNotFound
   */
  table(name: string): Table {
    return this.#present(name) ?? missing(name)
  }

  #present(name: string): Table | undefined {
    const snapshot = this.#kv.snapshot()
    if (snapshot !== this.#snapshot) {
      this.#checkVersion()
      this.#snapshot = snapshot
    }
    return this.#find(name)
  }

  /** The table for whoever asks about it; undefined where there is none. */
  known(name: string): KnownTable | undefined {
    const found = this.#present(name)
    if (!found) return undefined
    const { id, definition, indexes, note, created, latestStream: stream } = found
    const building = indexes.filter(index => index.building).map(index => index.name)
    return { id, definition, note, created, stream, building }
  }

  /** The table as some call before this one saw it, which may be out of date. */
  lastSeen(name: string): Table | undefined {
    return this.#tables.get(name)
  }

  /**
   * The table within a write transaction, where no other process can change it any more.
   * @throws TableNotFound
   */
  tableForWrite(name: string): Table {
    return this.findForWrite(name) ?? missing(name)
  }

  findForWrite(name: string): Table | undefined {
    this.#checkVersion()
    return this.#find(name)
  }

  names(): string[] {
    return this.#keys(TABLES).map(key => Buffer.from(key.subarray(1)).toString())
  }

  /** Within a transaction. */
  create(definition: TableDefinition, now: number): void {
    const id = (this.#kv.get(NEXT_TABLE, readCounter) ?? 0) + 1
    this.#kv.put(NEXT_TABLE, counter(id))
    const names = [...Object.keys(definition.globalIndexes ?? {}), ...Object.keys(definition.localIndexes ?? {})]
    this.#save({
      id,
      definition,
      indexIds: names.map((name, i) => [name, i + 1]),
      nextIndexId: names.length + 1,
      building: [],
      created: now,
    })
  }

  /** Within a transaction. Its entries are left to whoever works off {@link dropped}; its stream can still be read. */
  drop(table: Table, now: number): void {
    if (table.stream) endStream(this.#kv, table.stream.id, now)
    this.#kv.remove(nameKey(table.name))
    this.#kv.put(droppedKey({ table: table.id, index: 0 }), PRESENT)
    this.#bump()
  }

  /**
   * Within a transaction: a new definition, with the indexes that must be filled before they are read. The entries of
   * indexes that it leaves out, and of an expiry order that it ends, are left to whoever works off {@link dropped}.
   */
  change(table: Table, definition: TableDefinition, building: readonly string[]): void {
    const record = this.#record(table.name) as TableRecord
    const kept = record.indexIds.filter(
      ([name]) => Object.hasOwn(definition.globalIndexes ?? {}, name) || isLocal(definition, name),
    )
    for (const [name, id] of record.indexIds) {
      if (!kept.some(([known]) => known === name)) this.#kv.put(droppedKey({ table: table.id, index: id }), PRESENT)
    }
    if (table.timeToLive !== undefined && definition.timeToLive !== table.timeToLive) {
      this.#kv.put(droppedKey({ table: table.id, index: EXPIRY_INDEX }), PRESENT)
    }
    const added = Object.keys(definition.globalIndexes ?? {}).filter(name => !kept.some(([known]) => known === name))
    this.#save({
      ...record,
      definition,
      indexIds: [...kept, ...added.map((name, i) => [name, record.nextIndexId + i] as const)],
      nextIndexId: record.nextIndexId + added.length,
      building,
    })
  }

  /**
   * Within a transaction.
   * @throws TableNotFound
   */
  note(name: string, change: (note: TableNote) => TableNote): TableNote {
    const { note } = this.tableForWrite(name)
    const changed = change(note)
    this.#save({ ...(this.#record(name) as TableRecord), note: changed })
    return changed
  }

  /**
   * Rules out what {@link setStream} cannot do, before anything is put.
   * @throws AlreadyExists, NotFound, TableNotFound
   */
  checkStream(table: Table | undefined, view: StreamView | false | undefined): void {
    if (!table || view === undefined) return
    const { name, stream } = table
    if (view && stream) throw new AlreadyExists(`Table ${name} has a stream; switch it off first`, { table: name })
    if (!view && !stream) throw new NotFound(`Table ${name} has no stream to switch off`, { table: name })
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

  /** Tables and indexes that are gone but whose entries are not. */
  dropped(): Dropped[] {
    return this.#keys(DROPPED).map(key => {
      const view = Buffer.from(key)
      return { table: view.readUInt32BE(1), index: view.readUInt16BE(5) }
    })
  }

  isDropped(dropped: Dropped): boolean {
    return this.#kv.get(droppedKey(dropped), () => true) ?? false
  }

  /** Within a transaction: nothing of it is left. */
  forget(dropped: Dropped): void {
    this.#kv.remove(droppedKey(dropped))
  }

  #checkVersion(): void {
    const version = this.#kv.get(VERSION, readCounter) ?? 0
    if (version !== this.#version) {
      this.#tables.clear()
      this.#version = version
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

  #bump(): void {
    this.#kv.put(VERSION, counter((this.#kv.get(VERSION, readCounter) ?? 0) + 1))
  }

  #keys(kind: number): Uint8Array[] {
    const range: Range = { low: Buffer.from([kind]), high: Buffer.from([kind + 1]) }
    return this.#kv.keys(range, Number.MAX_SAFE_INTEGER)
  }
}

function toTable(record: TableRecord, latestStream: Stream | undefined): Table {
  const { definition } = record
  const index = ([name, id]: readonly [string, number]): Index => {
    const local = isLocal(definition, name)
    const defined = (local ? definition.localIndexes : definition.globalIndexes)?.[name] as IndexDefinition
    const { partition, sort, morePartition, moreSort } = defined
    return {
      name,
      id,
      local,
      schema: {
        partition,
        ...(sort && { sort }),
        ...(morePartition && { morePartition }),
        ...(moreSort && { moreSort }),
      },
      projected: projectedNames(defined, definition.key),
      keysOnly: defined.projection === 'keysOnly',
      building: record.building.includes(name),
    }
  }
  const indexes = record.indexIds.map(index)
  const { timeToLive } = definition
  const keys = [definition.key, ...indexes.map(({ schema }) => schema)].flatMap(keyNames)
  return {
    id: record.id,
    name: definition.name,
    definition,
    schema: definition.key,
    indexes,
    timeToLive,
    placing: [...new Set(timeToLive === undefined ? keys : [...keys, timeToLive])],
    note: record.note ?? {},
    created: record.created,
    stream: latestStream?.ended === undefined ? latestStream : undefined,
    latestStream,
  }
}

function projectedNames(index: IndexDefinition, key: KeySchema): ReadonlySet<string> | undefined {
  if (index.projection === undefined || index.projection === 'all') return undefined
  const included = index.projection === 'keysOnly' ? [] : index.projection.include
  return new Set([...keyNames(key), ...keyNames(index), ...included])
}

/** The key attributes of an item that has them. */
export function pickKey(schema: KeySchema, item: Item): Key {
  return Object.fromEntries(keyNames(schema).map(name => [name, item[name]])) as Key
}

function isLocal(definition: TableDefinition, index: string): boolean {
  return Object.hasOwn(definition.localIndexes ?? {}, index)
}

function missing(name: string): never {
  throw new TableNotFound(name)
}

function nameKey(name: string): Uint8Array {
  return Buffer.concat([Buffer.from([TABLES]), Buffer.from(name)])
}

function droppedKey({ table, index }: Dropped): Uint8Array {
  const key = Buffer.alloc(7)
  key[0] = DROPPED
  key.writeUInt32BE(table, 1)
  key.writeUInt16BE(index, 5)
  return key
}

function counter(value: number): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function readCounter(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0)
}
