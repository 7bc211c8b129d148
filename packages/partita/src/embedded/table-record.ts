/** Table records: their stored form, the engine's form, and how a change of the definition affects both. */
import { LimitExceededError } from '../errors/errors.js'
import {
  type IndexDefinition,
  type IndexKeySchema,
  type KeySchema,
  keyNames,
  type TableDefinition,
} from '../store/definition.js'
import { EXPIRY_INDEX } from './storage/key.js'
import type { Stream } from './stream/stream.js'
import type { Clearing, Filling, Job } from './upkeep/jobs.js'

/** An index of a table. */
export interface Index {
  readonly name: string
  /** From 1; never reused within its table. */
  readonly id: number
  readonly local: boolean
  readonly schema: IndexKeySchema
  /** Names of the attributes in its entries; undefined for all attributes. */
  readonly projected: ReadonlySet<string> | undefined
  /** Whether its entries have key attributes only. */
  readonly keysOnly: boolean
  /** Whether it is still being filled from existing items. Writes maintain it, but it cannot be read yet. */
  readonly building: boolean
}

/** The expiry order of a table: entries of its items in the order in which they expire. */
export interface ExpiryOrder {
  /** Numbered like an index, so that an expiry order gets a new id when time to live is switched off and on again. */
  readonly id: number
  /** Name of the time-to-live attribute. */
  readonly attribute: string
  /** Whether it is still being filled from existing items: some of those are not yet deleted when they expire. */
  readonly building: boolean
}

/** A table as the engine uses it. */
export interface Table {
  readonly id: number
  readonly name: string
  readonly definition: TableDefinition
  readonly schema: KeySchema
  readonly indexes: readonly Index[]
  /** Undefined if time to live is off. */
  readonly expiry: ExpiryOrder | undefined
  /** Names of the attributes that determine the keys of an item's entries: keys of table and indexes, time to live. */
  readonly keyAttributes: readonly string[]
  readonly metadata: TableMetadata
  readonly created: number | undefined
  /** The stream that is on. */
  readonly stream: Stream | undefined
  /** The stream that is on, or else the last one that ended and is still readable. */
  readonly latestStream: Stream | undefined
}

/** JSON that the wire layer stores with a table, under names of its own. */
export interface TableMetadata {
  readonly [name: string]: unknown
}

/** The stored form of a table. */
export interface TableRecord {
  readonly id: number
  readonly definition: TableDefinition
  readonly indexIds: readonly (readonly [name: string, id: number])[]
  readonly nextIndexId: number
  /** The names of the indexes that are still being filled. */
  readonly building: readonly string[]
  /** Absent in records of older versions, whose expiry order always was `EXPIRY_INDEX`, without a state of filling. */
  readonly expiry?: { readonly id: number; readonly building?: true }
  readonly metadata?: TableMetadata
  readonly created?: number
  /** The id of its latest stream. */
  readonly stream?: number
}

/** A record with the jobs that must be written in the same transaction. */
export interface RecordChange {
  readonly record: TableRecord
  readonly jobs: readonly Job[]
}

/** Returns the record of a new table. */
export function newRecord(id: number, definition: TableDefinition, created: number): TableRecord {
  const names = [...Object.keys(definition.globalIndexes ?? {}), ...Object.keys(definition.localIndexes ?? {})]
  return {
    id,
    definition,
    indexIds: names.map((name, i) => [name, i + 1]),
    nextIndexId: names.length + 1,
    building: [],
    ...(definition.timeToLive !== undefined && { expiry: { id: EXPIRY_INDEX } }),
    created,
  }
}

/**
 * Returns the record with a new definition. New indexes and a new expiry order get a filling job, dropped ones a clearing
 * job.
 * @param removed names of indexes to drop, even if the new definition has indexes of the same names.
 * @throws LimitExceededError if the table has no id left for a new index.
 */
export function changeRecord(
  record: TableRecord,
  definition: TableDefinition,
  removed: readonly string[],
): RecordChange {
  const { id: table, definition: before } = record
  const isDefined = (name: string) => Object.hasOwn(definition.globalIndexes ?? {}, name) || isLocal(definition, name)
  const kept = record.indexIds.filter(([name]) => isDefined(name) && !removed.includes(name))
  const isKept = (name: string) => kept.some(([known]) => known === name)
  const gone = record.indexIds.filter(([name]) => !isKept(name)).map(([, id]) => id)
  const names = Object.keys(definition.globalIndexes ?? {}).filter(name => !isKept(name))
  const added = names.map((name, i) => [name, record.nextIndexId + i] as const)
  const targets = added.map(([, id]) => id)
  let expiry = before.timeToLive === undefined ? undefined : expiryOf(record)
  if (definition.timeToLive !== before.timeToLive) {
    if (expiry) gone.push(expiry.id)
    expiry = definition.timeToLive === undefined ? undefined : { id: record.nextIndexId + added.length, building: true }
    if (expiry) targets.push(expiry.id)
  }
  const nextIndexId = Math.max(record.nextIndexId, ...targets.map(id => id + 1))
  if (nextIndexId > EXPIRY_INDEX) throw numbersUsedUp(definition.name)
  const { expiry: _before, ...rest } = record
  return {
    record: {
      ...rest,
      definition,
      indexIds: [...kept, ...added],
      nextIndexId,
      building: [...record.building.filter(isKept), ...names],
      ...(expiry && { expiry }),
    },
    jobs: [...fillingOf(record, targets), ...gone.map((index): Clearing => ({ kind: 'clearing', table, index }))],
  }
}

/** Returns the record after a filling: its remaining targets are no longer being built. */
export function filledRecord(record: TableRecord, { targets }: Filling): TableRecord {
  const done = record.indexIds.flatMap(([name, id]) => (targets.includes(id) ? [name] : []))
  const { expiry } = record
  return {
    ...record,
    building: record.building.filter(name => !done.includes(name)),
    ...(expiry && { expiry: targets.includes(expiry.id) ? { id: expiry.id } : expiry }),
  }
}

/** Whether a target of a filling still is an index or the expiry order of the table. */
export function hasTarget({ indexes, expiry }: Table, target: number): boolean {
  return expiry?.id === target || indexes.some(({ id }) => id === target)
}

/**
 * Adds the jobs that versions without jobs left out when they died: for indexes that are still being built, and for expiry
 * orders, whose state of filling those versions did not record.
 * @param jobs the jobs of the store.
 * @param hasOldOrder whether the expiry order that such versions write to has entries.
 * @returns undefined if no job is missing.
 */
export function withMissingJobs(
  record: TableRecord,
  jobs: readonly Job[],
  hasOldOrder: boolean,
): RecordChange | undefined {
  const { id: table, building, indexIds } = record
  let expiry = record.definition.timeToLive === undefined ? undefined : expiryOf(record)
  const isClearing = (index: number) =>
    jobs.some(job => job.kind === 'clearing' && job.table === table && job.index === index)
  // Old versions reuse the id of the expiry order. The clearing of the previous order would remove the new entries.
  if (expiry && isClearing(expiry.id)) expiry = { id: record.nextIndexId, building: true }
  const left: Clearing[] = []
  // An old version has written items since: their entries are in its own order, and missing or outdated in the table's.
  if (expiry && expiry.id !== EXPIRY_INDEX && hasOldOrder && !isClearing(EXPIRY_INDEX)) {
    for (const index of [expiry.id, EXPIRY_INDEX]) left.push({ kind: 'clearing', table, index })
    expiry = { id: record.nextIndexId, building: true }
  }
  const marked = indexIds.flatMap(([name, id]) => (building.includes(name) ? [id] : []))
  if (expiry?.building) marked.push(expiry.id)
  const attended = jobs.flatMap(job => (job.kind === 'filling' && job.table === table ? job.targets : []))
  const targets = marked.filter(id => !attended.includes(id))
  if (targets.length === 0) return undefined
  const nextIndexId = expiry?.id === record.nextIndexId ? record.nextIndexId + 1 : record.nextIndexId
  return {
    record: { ...record, nextIndexId, ...(expiry && { expiry }) },
    jobs: [...fillingOf(record, targets), ...left],
  }
}

/** Converts a stored record to the engine's form. */
export function toTable(record: TableRecord, latestStream: Stream | undefined): Table {
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
  const { timeToLive: attribute } = definition
  const keys = [definition.key, ...indexes.map(({ schema }) => schema)].flatMap(keyNames)
  return {
    id: record.id,
    name: definition.name,
    definition,
    schema: definition.key,
    indexes,
    expiry: attribute === undefined ? undefined : { building: false, ...expiryOf(record), attribute },
    keyAttributes: [...new Set(attribute === undefined ? keys : [...keys, attribute])],
    metadata: record.metadata ?? {},
    created: record.created,
    stream: latestStream?.ended === undefined ? latestStream : undefined,
    latestStream,
  }
}

function fillingOf({ id, definition }: TableRecord, targets: readonly number[]): Filling[] {
  const { name } = definition
  return targets.length === 0 ? [] : [{ kind: 'filling', table: id, name, targets, from: undefined }]
}

/** The expiry order of a table with time to live. One without state counts as unfinished: filling it twice is harmless. */
function expiryOf({ expiry }: TableRecord): NonNullable<TableRecord['expiry']> {
  return expiry ?? { id: EXPIRY_INDEX, building: true }
}

function projectedNames(index: IndexDefinition, key: KeySchema): ReadonlySet<string> | undefined {
  if (index.projection === undefined || index.projection === 'all') return undefined
  const included = index.projection === 'keysOnly' ? [] : index.projection.include
  return new Set([...keyNames(key), ...keyNames(index), ...included])
}

function isLocal(definition: TableDefinition, index: string): boolean {
  return Object.hasOwn(definition.localIndexes ?? {}, index)
}

function numbersUsedUp(table: string): LimitExceededError {
  const message = `Table ${table} has used all ${EXPIRY_INDEX - 1} index numbers; copy its items to a new table`
  return new LimitExceededError(message, { limit: 'indexes in the life of a table', maximum: EXPIRY_INDEX - 1 })
}
