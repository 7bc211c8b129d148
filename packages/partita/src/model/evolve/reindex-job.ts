/**
 * The stored progress of a `reindex` job, so that another process can continue after the first one stopped. Stored
 * beside the record of parts, in one item per model.
 */
import { ConditionFailedError, OutcomeUnknownError } from '../../errors/errors.js'
import { compare, path, value } from '../../expression/ast.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { sharedKey } from '../compile/layout.js'
import { type DatabaseContext, storeOf } from '../connect/context.js'
import { meter } from '../connect/scope.js'
import { METADATA, METADATA_TYPE } from './part-record.js'
import { type Part, partsOf } from './parts.js'
import type { ReindexProgress } from './reindex-result.js'

/** A `reindex` job. */
export interface ReindexJob {
  /** Identifies the job; the record of parts names it for each part that the job completes. */
  readonly id: string
  /** Definitions of the parts that it writes; a model with other parts starts a new job. */
  readonly parts: readonly string[]
  /** Where the scan continues; undefined at the beginning. */
  readonly after: Key | undefined
  readonly counts: ReindexProgress
  /** Names of the constraints with duplicate values. */
  readonly duplicated: readonly string[]
  /** Whether rows of older forms could not be upgraded. */
  readonly hasOlder: boolean
}

const KEY = 'PARTITA#REINDEX'

/** A job at its beginning. */
export function newJob(db: DatabaseContext, model: CompiledModel): ReindexJob {
  const counts = { scanned: 0, rows: 0, written: 0, duplicates: 0, unreadable: 0 }
  return {
    id: db.revision(),
    parts: definitionsOf(partsOf(model)),
    after: undefined,
    counts,
    duplicated: [],
    hasOlder: false,
  }
}

/** Whether the job writes the model's current parts. */
export function isOf(job: ReindexJob, model: CompiledModel): boolean {
  return JSON.stringify(job.parts) === JSON.stringify(definitionsOf(partsOf(model)))
}

/** The stored job of a model, if any. */
export async function readJob(db: DatabaseContext, model: CompiledModel): Promise<ReindexJob | undefined> {
  const { item, capacity } = await storeOf(db, model.table).get({
    table: model.table.name,
    key: jobKey(model),
    consistent: true,
  })
  meter(db.root, capacity)
  return item?.[METADATA] as unknown as ReindexJob | undefined
}

/** Stores a new job, replacing any other. */
export async function beginJob(db: DatabaseContext, model: CompiledModel, job: ReindexJob): Promise<void> {
  const { table } = model
  const { capacity } = await storeOf(db, table).write({ kind: 'put', table: table.name, item: jobItem(model, job) })
  meter(db.root, capacity)
}

/** Saves progress unless another process has ended or replaced the job; two processes may run it concurrently. */
export async function saveJob(db: DatabaseContext, model: CompiledModel, job: ReindexJob): Promise<void> {
  await unlessEnded(db, model, {
    kind: 'put',
    table: model.table.name,
    item: jobItem(model, job),
    condition: isJob(job),
  })
}

/** Deletes the stored job, unless another has replaced it. */
export async function endJob(db: DatabaseContext, model: CompiledModel, job: ReindexJob): Promise<void> {
  await unlessEnded(db, model, { kind: 'delete', table: model.table.name, key: jobKey(model), condition: isJob(job) })
}

async function unlessEnded(db: DatabaseContext, { table }: CompiledModel, write: WriteRequest): Promise<void> {
  try {
    const { capacity } = await storeOf(db, table).write(write)
    meter(db.root, capacity)
  } catch (error) {
    // An unknown outcome is harmless: at worst the next run repeats a page or finds nothing to do.
    if (!(error instanceof ConditionFailedError || error instanceof OutcomeUnknownError)) throw error
  }
}

function isJob({ id }: ReindexJob) {
  return compare(path(METADATA, 'id'), '=', value(id))
}

function jobItem(model: CompiledModel, { after, ...job }: ReindexJob): Item {
  const stored = { ...job, ...(after && { after }) } as unknown as Item
  return { ...jobKey(model), [model.table.type]: METADATA_TYPE, [METADATA]: stored }
}

function jobKey({ table, typeName }: CompiledModel): Key {
  return sharedKey(table, KEY, typeName)
}

function definitionsOf(parts: readonly Part[]): string[] {
  return parts.map(({ definition }) => definition)
}
