/**
 * A run of `reindex` as the table knows it: how far it has come, so that another process can go on where one that died
 * stopped. Kept beside the record of parts, in an item for each model.
 */
import { ConditionFailedError, OutcomeUnknownError } from '../../errors/errors.js'
import { compare, path, value } from '../../expression/ast.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import type { DatabaseContext } from '../connect/context.js'
import { meter } from '../connect/scope.js'
import { NOTE, NOTE_MARK } from './part-record.js'
import { type Part, partsOf } from './parts.js'
import type { ReindexProgress } from './reindex-result.js'

export interface ReindexJob {
  /** A token, which the record of parts names beside the parts that the run completes. */
  readonly id: string
  /** Definitions of the parts that it writes; a model with others begins anew. */
  readonly parts: readonly string[]
  /** Where the scan goes on; undefined at the beginning. */
  readonly after: Key | undefined
  readonly counts: ReindexProgress
  /** Names of the constraints of which duplicates were found. */
  readonly duplicated: readonly string[]
}

const KEY = 'PARTITA#REINDEX'

export function newJob(db: DatabaseContext, model: CompiledModel): ReindexJob {
  const counts = { scanned: 0, rows: 0, written: 0, duplicates: 0, unreadable: 0 }
  return { id: db.revision(), parts: definitionsOf(partsOf(model)), after: undefined, counts, duplicated: [] }
}

/** Whether the run writes the parts that the model has now. */
export function isOf(job: ReindexJob, model: CompiledModel): boolean {
  return JSON.stringify(job.parts) === JSON.stringify(definitionsOf(partsOf(model)))
}

export async function readJob(db: DatabaseContext, model: CompiledModel): Promise<ReindexJob | undefined> {
  const { item, capacity } = await db.store.get({ table: db.table.name, key: jobKey(model), consistent: true })
  meter(db.root, capacity)
  return item?.[NOTE] as unknown as ReindexJob | undefined
}

export async function beginJob(db: DatabaseContext, model: CompiledModel, job: ReindexJob): Promise<void> {
  const { name: table } = db.table
  const { capacity } = await db.store.write({ kind: 'put', table, item: jobItem(db, model, job) })
  meter(db.root, capacity)
}

/** Notes how far a run has come, where another process has not ended it or begun anew; two may run it at a time. */
export async function saveJob(db: DatabaseContext, model: CompiledModel, job: ReindexJob): Promise<void> {
  const item = jobItem(db, model, job)
  await unlessEnded(db, () => db.store.write({ kind: 'put', table: db.table.name, item, condition: isJob(job) }))
}

export async function endJob(db: DatabaseContext, model: CompiledModel, job: ReindexJob): Promise<void> {
  const key = jobKey(model)
  await unlessEnded(db, () => db.store.write({ kind: 'delete', table: db.table.name, key, condition: isJob(job) }))
}

async function unlessEnded(
  db: DatabaseContext,
  write: () => ReturnType<DatabaseContext['store']['write']>,
): Promise<void> {
  try {
    const { capacity } = await write()
    meter(db.root, capacity)
  } catch (error) {
    // A lost answer does no harm: at worst the next run does a page again, or finds that nothing is left to do.
    if (!(error instanceof ConditionFailedError || error instanceof OutcomeUnknownError)) throw error
  }
}

function isJob({ id }: ReindexJob) {
  return compare(path(NOTE, 'id'), '=', value(id))
}

function jobItem(db: DatabaseContext, model: CompiledModel, { after, ...job }: ReindexJob): Item {
  const note = { ...job, ...(after && { after }) } as unknown as Item
  return { ...jobKey(model), [db.table.type]: NOTE_MARK, [NOTE]: note }
}

function jobKey({ table: { pk, sk }, mark }: CompiledModel): Key {
  return { [pk]: KEY, [sk]: mark }
}

function definitionsOf(parts: readonly Part[]): string[] {
  return parts.map(({ definition }) => definition)
}
