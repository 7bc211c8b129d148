/**
 * The table's record of parts: for each model, by the definition of each part, since when every row has had it. One item
 * holds all models, so `connect` reads one item, and writes only where something has changed.
 *
 * A program is on record before it writes its first row, and its connection takes those parts off the record that it
 * does not have, since its rows will lack them. So a part that is on record is complete: whoever connected since then
 * writes it. Not covered are programs that were connected already when a part was completed by `reindex`, and writers
 * that keep no record: other tools, and programs without the right to write it.
 */
import { ConditionFailedError, ConflictError, OutcomeUnknownError } from '../../errors/errors.js'
import { compare, notExists, path, value } from '../../expression/ast.js'
import type { Item, Key, Value } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import type { DatabaseContext } from '../connect/context.js'
import { meter } from '../connect/scope.js'

/** What is on record of a part: complete since a moment, or being completed by a run of `reindex`. */
export type PartEntry = { readonly since: string } | { readonly job: string }

/** By the definitions of parts; a part that is not there is incomplete. */
export type ModelEntry = Readonly<Record<string, PartEntry>>

export interface PartRecord {
  /** Whether the table was empty when the record was begun: then a model that is not on record has no rows. */
  readonly fromStart: boolean
  /** By the models' marks. */
  readonly models: Readonly<Record<string, ModelEntry>>
}

/** The one attribute of the record; its name is unlikely to be another's in an adopted table. */
export const NOTE = '_partita'

/** Marks what the library notes of the table, so that readers of its stream can tell it from rows. */
export const NOTE_MARK = 'PARTITA'

const KEY = 'PARTITA#PARTS'
/** Programs that start together take turns; each turn is one write. */
const MAX_ATTEMPTS = 100

/** The item, to write it again on the condition that it is still the one that was read. */
export interface StoredRecord {
  readonly record: PartRecord | undefined
  readonly token: Value | undefined
}

export async function readRecord(db: DatabaseContext): Promise<StoredRecord> {
  const { name: table, revision } = db.table
  const { item, capacity } = await db.store.get({ table, key: recordKey(db), consistent: true })
  meter(db.root, capacity)
  return { record: item?.[NOTE] as unknown as PartRecord | undefined, token: item?.[revision] }
}

/** @returns whether it was written: not where another program wrote it since it was read. */
async function writeRecord(db: DatabaseContext, { token }: StoredRecord, record: PartRecord): Promise<boolean> {
  const { name: table, pk, type, revision } = db.table
  const condition = token === undefined ? notExists([pk]) : compare(path(revision), '=', value(token))
  const item: Item = {
    ...recordKey(db),
    [type]: NOTE_MARK,
    [NOTE]: record as unknown as Item,
    [revision]: db.revision(),
  }
  try {
    const { capacity } = await db.store.write({ kind: 'put', table, item, condition })
    meter(db.root, capacity)
    return true
  } catch (error) {
    // Where the answer was lost, the change is worked out once more on what is there then.
    if (error instanceof ConditionFailedError || error instanceof OutcomeUnknownError) return false
    throw error
  }
}

/**
 * Changes the record; the condition on its token closes the race with other programs.
 * @param change is given the record as it is, and gives the one that is to be, or undefined for no change.
 */
export async function changeRecord(
  db: DatabaseContext,
  change: (record: PartRecord | undefined) => PartRecord | undefined | Promise<PartRecord | undefined>,
): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const stored = await readRecord(db)
    const next = await change(stored.record)
    if (!next || (await writeRecord(db, stored, next))) return
    await db.pace.sleep(db.pace.random() * Math.min(attempt, 20))
  }
  throw new ConflictError(
    `Other programs wrote the record of parts in ${db.table.name} at each of ${MAX_ATTEMPTS} tries`,
    {},
  )
}

/** The entry of a model; undefined where it is not on record. */
export function entryOf(record: PartRecord | undefined, { mark }: CompiledModel): ModelEntry | undefined {
  return record && Object.hasOwn(record.models, mark) ? record.models[mark] : undefined
}

export function withEntry(record: PartRecord, { mark }: CompiledModel, entry: ModelEntry): PartRecord {
  return { ...record, models: { ...record.models, [mark]: entry } }
}

/** Whether the part is complete. */
export function isComplete(entry: ModelEntry | undefined, definition: string): boolean {
  const part = entry && Object.hasOwn(entry, definition) ? entry[definition] : undefined
  return part !== undefined && 'since' in part
}

function recordKey({ table: { pk, sk } }: DatabaseContext): Key {
  return { [pk]: KEY, [sk]: KEY }
}
