/**
 * Part of `connect`: updates the table's record of derived parts, and finds out which parts existing rows may lack.
 */
import { PartitaError } from '../../errors/errors.js'
import type { Item, Key } from '../../value/value.js'
import { type CompiledModel, tenantOf, tenantPrefix } from '../compile/compiled-model.js'
import { keyNames, type PhysicalTable } from '../compile/layout.js'
import { type DatabaseContext, storeOf } from '../connect/context.js'
import { meter } from '../connect/scope.js'
import { modelsIn } from '../rows/row-details.js'
import type { IncompleteEvent } from '../types/events.js'
import {
  changeRecord,
  entryOf,
  isComplete,
  type PartRecord,
  type PartState,
  readRecord,
  withEntry,
} from './part-record.js'
import { type Part, partsOf } from './parts.js'

/** How many items are scanned for rows of unrecorded models on a store where scans are cheap. */
const MAX_LOOKED_AT = 10_000
const LOOK_PAGE = 1000

/**
 * Records the models of a table, and warns of parts that rows may lack. If the store fails or denies access, the
 * record stays unknown: every part counts as incomplete, and the next write retries once.
 * @throws PartitaError `Incomplete` if `strict` and a part is incomplete, before anything is recorded.
 */
export async function recordParts(db: DatabaseContext, table: PhysicalTable, strict: boolean): Promise<void> {
  db.parts.pending.delete(table)
  try {
    await putOnRecord(db, table, strict)
  } catch (error) {
    if (isTableMissing(error)) {
      // A missing table has no incomplete rows; the record is made after the table is created.
      db.parts.pending.set(table, () => recordParts(db, table, false))
      return
    }
    if (strict) throw error
    db.parts.pending.set(table, () => tryAgain(db, table))
    for (const model of modelsIn(db, table)) setIncomplete(db, model, partsOf(model), error)
  }
}

/**
 * The last attempt. If it fails too (for example, without permission to write the record), later writes do not
 * retry.
 */
async function tryAgain(db: DatabaseContext, table: PhysicalTable): Promise<void> {
  try {
    await putOnRecord(db, table, false)
  } catch {
    // Every part still counts as incomplete.
  }
  db.parts.pending.delete(table)
}

/**
 * The check of `strict`, for all tables before anything is recorded in one of them.
 * @throws PartitaError `Incomplete` naming the parts of all tables.
 */
export async function checkParts(db: DatabaseContext, tables: Iterable<PhysicalTable>): Promise<void> {
  const incomplete = new Map<CompiledModel, readonly Part[]>()
  for (const table of tables) {
    try {
      const { record } = await readRecord(db, table)
      for (const [model, parts] of (await compareWith(db, table, record)).incomplete) incomplete.set(model, parts)
    } catch (error) {
      if (!isTableMissing(error)) throw error
    }
  }
  refuseIncomplete(incomplete)
}

async function putOnRecord(db: DatabaseContext, table: PhysicalTable, strict: boolean): Promise<void> {
  let incomplete: Recorded['incomplete'] = new Map()
  await changeRecord(db, table, async record => {
    const recorded = await compareWith(db, table, record)
    incomplete = recorded.incomplete
    if (strict) refuseIncomplete(incomplete)
    return recorded.next
  })
  for (const [model, parts] of incomplete) setIncomplete(db, model, parts)
}

interface Recorded {
  /** The record with the models of this program; undefined if it says so already. */
  readonly next: PartRecord | undefined
  readonly incomplete: ReadonlyMap<CompiledModel, readonly Part[]>
}

/** Compares the record of a table with the models of this program. */
async function compareWith(
  db: DatabaseContext,
  table: PhysicalTable,
  record: PartRecord | undefined,
): Promise<Recorded> {
  const incomplete = new Map<CompiledModel, readonly Part[]>()
  const models = modelsIn(db, table)
  const unknown = models.filter(model => !entryOf(record, model) && !(record?.fromStart && model.type !== null))
  const look = unknown.length > 0 ? await lookFor(db, table, unknown, record !== undefined) : NOTHING_LOOKED_AT
  let next: PartRecord = record ?? { fromStart: look.isEmpty, models: {} }
  let isChanged = record === undefined
  for (const model of models) {
    const parts = partsOf(model)
    const entry = entryOf(record, model)
    const hasRows = unknown.includes(model) && !look.absent.has(model)
    const after = entry ? only(entry, parts) : hasRows ? {} : completeNow(db, parts)
    incomplete.set(
      model,
      parts.filter(({ definition }) => !isComplete(after, definition)),
    )
    if (entry && Object.keys(after).length === Object.keys(entry).length) continue
    next = withEntry(next, model, after)
    isChanged = true
  }
  return { next: isChanged ? next : undefined, incomplete }
}

/** Drops recorded parts that the model does not have: rows written by this program will lack them. */
function only(entry: Readonly<Record<string, PartState>>, parts: readonly Part[]): Record<string, PartState> {
  const own = new Set(parts.map(({ definition }) => definition))
  return Object.fromEntries(Object.entries(entry).filter(([definition]) => own.has(definition)))
}

function completeNow(db: DatabaseContext, parts: readonly Part[]): Record<string, PartState> {
  const since = new Date(db.sources.now()).toISOString()
  return Object.fromEntries(parts.map(({ definition }) => [definition, { since }]))
}

interface Look {
  readonly isEmpty: boolean
  /** Models without rows; empty unless all items were scanned. */
  readonly absent: ReadonlySet<CompiledModel>
}

const NOTHING_LOOKED_AT: Look = { isEmpty: false, absent: new Set() }

/** Looks for rows of models: scans one item where reads are billed, and up to the maximum where they are not. */
async function lookFor(
  db: DatabaseContext,
  table: PhysicalTable,
  models: readonly CompiledModel[],
  isOnRecord: boolean,
): Promise<Look> {
  const { name, type } = table
  const store = storeOf(db, table)
  const isCheap = store.provisioning === 'automatic'
  // The record itself is in the table, so one item proves nothing.
  if (!isCheap && isOnRecord) return NOTHING_LOOKED_AT
  const absent = new Set(models)
  const projection = [...keyNames(table), type].map(attribute => [attribute] as const)
  let after: Key | undefined
  let seen = 0
  do {
    const limit = isCheap ? LOOK_PAGE : 1
    const page = await store.scan({ table: name, limit, projection, consistent: true, ...(after && { after }) })
    meter(db.root, page.capacity)
    for (const item of page.items) {
      for (const model of absent) if (isRow(model, item)) absent.delete(model)
    }
    seen += page.scanned
    after = page.next
  } while (after && isCheap && seen < MAX_LOOKED_AT)
  return { isEmpty: seen === 0 && !after, absent: after ? new Set() : absent }
}

function isRow(model: CompiledModel, item: Item): boolean {
  return model.owns(item, tenantPrefix(tenantOf(item[model.table.pk])))
}

/** Stores which parts a model's rows may lack, and replaces the earlier warning. */
export function setIncomplete(
  db: DatabaseContext,
  model: CompiledModel,
  parts: readonly Part[],
  cause?: unknown,
): void {
  db.parts.set(model, parts)
  db.warnings.drop(event => event.kind === 'incomplete' && event.model === model.name)
  for (const part of parts) db.warnings.keep(warning(model, part, cause))
}

const LEFT_OUT: Readonly<Record<Part['kind'], string>> = {
  index: 'queries of it omit those rows',
  unique: 'findBy does not find those rows, and their values can be claimed again',
  iteration: 'iterate() omits those rows',
  upgrade: 'those rows are upgraded at every read, and stay as they are until they are written',
  count: 'those rows are not counted, and rows that they may refer to cannot be deleted',
}

function warning({ name: model }: CompiledModel, { kind, name }: Part, cause: unknown): IncompleteEvent {
  const what = partText(model, kind, name)
  const run = `run db.${model}.reindex() or partita reindex ${model}`
  const message =
    cause === undefined
      ? `Existing rows may lack the ${what}: ${LEFT_OUT[kind]}; ${run}`
      : `Whether all rows have the ${what} is unknown, because the table's record of it cannot be read or written (${textOf(cause)}); once it can, ${run}`
  return { kind: 'incomplete', model, part: kind, name, message }
}

function partText(model: string, kind: Part['kind'], name: string): string {
  return kind === name ? `${kind} of ${model}` : `${kind} ${name} of ${model}`
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function refuseIncomplete(incomplete: ReadonlyMap<CompiledModel, readonly Part[]>): void {
  const parts = [...incomplete].flatMap(([{ name: model }, all]) =>
    all.map(({ kind, name }) => ({ model, part: kind, name })),
  )
  if (parts.length === 0) return
  const named = parts.map(({ model, part, name }) => partText(model, part, name))
  const models = [...new Set(parts.map(({ model }) => model))]
  const message = `Existing rows may lack ${named.join(', ')}; run reindex of ${models.join(', ')}, or connect without strict`
  throw new PartitaError('Incomplete', message, { parts })
}

function isTableMissing(error: unknown): boolean {
  return error instanceof PartitaError && (error.code === 'NotFound' || error.code === 'TableNotFound')
}
