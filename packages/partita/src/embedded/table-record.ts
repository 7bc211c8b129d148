/** A table as its store keeps it, as the engine sees it, and what a change of its definition makes of both. */
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

/** The entries of a table's items in the order of their expiry. */
export interface ExpiryOrder {
  /** Numbered with the table's indexes, so that one that is switched off and on again is another. */
  readonly id: number
  /** The attribute that holds the expiry. */
  readonly attribute: string
  /** Still being filled from the items that were there before it: some of those are not deleted yet. */
  readonly building: boolean
}

export interface Table {
  readonly id: number
  readonly name: string
  readonly definition: TableDefinition
  readonly schema: KeySchema
  readonly indexes: readonly Index[]
  /** Undefined where time to live is off. */
  readonly expiry: ExpiryOrder | undefined
  /** The attributes that say where an item's entries lie: its key, those of the indexes, its expiry. */
  readonly keyAttributes: readonly string[]
  readonly metadata: TableMetadata
  readonly created: number | undefined
  /** The stream that is on. */
  readonly stream: Stream | undefined
  /** That stream, or one that has ended and can still be read. */
  readonly latestStream: Stream | undefined
}

/** What others keep with a table: JSON by names of their own. */
export interface TableMetadata {
  readonly [name: string]: unknown
}

/** A table as it is stored. */
export interface TableRecord {
  readonly id: number
  readonly definition: TableDefinition
  readonly indexIds: readonly (readonly [name: string, id: number])[]
  readonly nextIndexId: number
  /** The names of the indexes that are still being filled. */
  readonly building: readonly string[]
  /** Absent in records of older programs, whose order was always `EXPIRY_INDEX` and never marked as being filled. */
  readonly expiry?: { readonly id: number; readonly building?: true }
  readonly metadata?: TableMetadata
  readonly created?: number
  /** The number of its latest stream. */
  readonly stream?: number
}

/** A record with the jobs that must be written together with it. */
export interface RecordChange {
  readonly record: TableRecord
  readonly jobs: readonly Job[]
}

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
 * The record with a new definition. New indexes and a new expiry order get a filling, those that are left out a clearing.
 * @param removed the names of indexes to be dropped, though the definition may have new ones of the same names.
 * @throws LimitExceededError where the table has no number left for a new index.
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

/** The record once a filling is done: those of its targets that are still there are no longer being built. */
export function filledRecord(record: TableRecord, { targets }: Filling): TableRecord {
  const done = record.indexIds.flatMap(([name, id]) => (targets.includes(id) ? [name] : []))
  const { expiry } = record
  return {
    ...record,
    building: record.building.filter(name => !done.includes(name)),
    ...(expiry && { expiry: targets.includes(expiry.id) ? { id: expiry.id } : expiry }),
  }
}

/** Whether a target of a filling is still an index or the expiry order of the table. */
export function hasTarget({ indexes, expiry }: Table, target: number): boolean {
  return expiry?.id === target || indexes.some(({ id }) => id === target)
}

/**
 * Brings in what programs before the jobs left when they died: an index that is marked as being built without a job, and
 * time to live, of which they did not note whether it was filled.
 * @param jobs those of the store.
 * @param hasOldOrder whether there are entries of the expiry order that such a program writes to.
 * @returns undefined where nothing is missing.
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
  // Such a program gave the same number to the next expiry order, which the clearing of the one before would take away.
  if (expiry && isClearing(expiry.id)) expiry = { id: record.nextIndexId, building: true }
  const left: Clearing[] = []
  // Such a program has written items since: they have entries in its own order, and none or old ones in that of the table.
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

/** Of a table with time to live. What older programs left is taken for unfinished: filling it twice does no harm. */
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
