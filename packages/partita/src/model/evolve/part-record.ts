/**
 * The table's record of derived parts: for each model, and for each part by its definition, the time since which
 * every row has it. One item holds all models, so `connect` reads one item, and writes only if something has
 * changed.
 *
 * A program is recorded before it writes its first row. When it connects, it removes recorded parts that it does not
 * have, since its rows will lack them. A recorded part is therefore complete: every program that connected since
 * writes it. Not covered: programs that were already connected when `reindex` completed a part, and writers that do
 * not maintain the record, such as other tools and programs without permission to write it.
 */
import { ConditionFailedError, ConflictError, OutcomeUnknownError } from '../../errors/errors.js'
import { compare, notExists, path, value } from '../../expression/ast.js'
import type { Item, Key, Value } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { type PhysicalTable, tableKey } from '../compile/layout.js'
import { type DatabaseContext, storeOf } from '../connect/context.js'
import { meter } from '../connect/scope.js'

/** The state of a part: complete since a time, or being completed by a `reindex` job. */
export type PartState = { readonly since: string } | { readonly job: string }

/** By part definition; a part that is missing here is incomplete. */
export type ModelEntry = Readonly<Record<string, PartState>>

/** The stored record of derived parts. */
export interface PartRecord {
  /** Whether the table was empty when the record was created: then a model that is not recorded has no rows. */
  readonly fromStart: boolean
  /** By the models' type names. */
  readonly models: Readonly<Record<string, ModelEntry>>
}

/** The record's only attribute. The name is unlikely to clash in an adopted table. */
export const METADATA = '_partita'

/** The type name of the library's own items, so that stream consumers can tell them from rows. */
export const METADATA_TYPE = 'PARTITA'

const KEY = 'PARTITA#PARTS'
/** Concurrent starts conflict and retry; each attempt is one write. */
const MAX_ATTEMPTS = 100

/** The record with its revision, for a conditional overwrite. */
export interface StoredRecord {
  readonly record: PartRecord | undefined
  readonly token: Value | undefined
}

/** Reads the record with a consistent read. */
export async function readRecord(db: DatabaseContext, table: PhysicalTable): Promise<StoredRecord> {
  const { name, revision } = table
  const { item, capacity } = await storeOf(db, table).get({ table: name, key: recordKey(table), consistent: true })
  meter(db.root, capacity)
  return { record: item?.[METADATA] as unknown as PartRecord | undefined, token: item?.[revision] }
}

/** @returns false if another program has written the record since it was read. */
async function writeRecord(
  db: DatabaseContext,
  table: PhysicalTable,
  { token }: StoredRecord,
  record: PartRecord,
): Promise<boolean> {
  const { name, pk, type, revision } = table
  const condition = token === undefined ? notExists([pk]) : compare(path(revision), '=', value(token))
  const item: Item = {
    ...recordKey(table),
    [type]: METADATA_TYPE,
    [METADATA]: record as unknown as Item,
    [revision]: db.revision(),
  }
  try {
    const { capacity } = await storeOf(db, table).write({ kind: 'put', table: name, item, condition })
    meter(db.root, capacity)
    return true
  } catch (error) {
    // If the outcome is unknown, the change is computed again from the stored record.
    if (error instanceof ConditionFailedError || error instanceof OutcomeUnknownError) return false
    throw error
  }
}

/**
 * Changes the record. The condition on its revision closes the race with other programs.
 * @param change receives the current record, and returns the new one, or undefined for no change.
 * @throws ConflictError if other programs wrote the record at each of 100 attempts.
 */
export async function changeRecord(
  db: DatabaseContext,
  table: PhysicalTable,
  change: (record: PartRecord | undefined) => PartRecord | undefined | Promise<PartRecord | undefined>,
): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const stored = await readRecord(db, table)
    const next = await change(stored.record)
    if (!next || (await writeRecord(db, table, stored, next))) return
    await db.pace.sleep(db.pace.random() * Math.min(attempt, 20))
  }
  throw new ConflictError(
    `Other programs wrote the record of parts in ${table.name} at each of ${MAX_ATTEMPTS} attempts`,
    {},
  )
}

/** The entry of a model; undefined if it is not recorded. */
export function entryOf(record: PartRecord | undefined, { typeName }: CompiledModel): ModelEntry | undefined {
  return record && Object.hasOwn(record.models, typeName) ? record.models[typeName] : undefined
}

/** The record with the entry of one model replaced. */
export function withEntry(record: PartRecord, { typeName }: CompiledModel, entry: ModelEntry): PartRecord {
  return { ...record, models: { ...record.models, [typeName]: entry } }
}

/** Whether the part is complete. */
export function isComplete(entry: ModelEntry | undefined, definition: string): boolean {
  const part = entry && Object.hasOwn(entry, definition) ? entry[definition] : undefined
  return part !== undefined && 'since' in part
}

function recordKey(table: PhysicalTable): Key {
  return tableKey(table, KEY, KEY)
}
