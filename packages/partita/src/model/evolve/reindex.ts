/**
 * Brings existing rows of a model up to date with what the model derives from them: index keys, iteration keys, unique
 * markers and counts. The counts that its rows hold are corrected too: see `recount.ts`.
 *
 * Rows are found by a scan of the whole table, in every tenant, since no index lists rows that lack its keys. Each
 * is written on the condition that it is unchanged since it was read, so programs may write concurrently. Progress
 * is saved after each page, once the page is complete, and repeating a page is idempotent, so the next call resumes
 * a run that died. At the end a part is recorded as complete if its entry still names this job: a connecting program
 * without the part removes the entry, as that program may write rows behind the scan.
 */
import { type Issue, UnreadableError, ValidationError } from '../../errors/errors.js'
import { compare, path, value } from '../../expression/ast.js'
import { isExpired } from '../../keys/expiry.js'
import { checkCount, checkOptions } from '../../store/options.js'
import type { Item } from '../../value/value.js'
import { type CompiledModel, tenantOf, tenantPrefix } from '../compile/compiled-model.js'
import { possible } from '../compile/row-key.js'
import { calls, type DatabaseContext } from '../connect/context.js'
import { fillRow, unreadable } from '../read/row.js'
import { keyFieldsOf } from '../rows/row-details.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { markersOf, type UniqueMarker } from '../write/unique.js'
import { setIncomplete } from './completeness.js'
import { countRow } from './count-row.js'
import { isMarkerOf } from './derived.js'
import { upgradeFailure } from './form.js'
import { changeRecord, entryOf, isComplete, type PartState, readRecord, withEntry } from './part-record.js'
import { type Part, partsOf } from './parts.js'
import { recount } from './recount.js'
import { refreshRow } from './refresh.js'
import { beginJob, endJob, isOf, newJob, type ReindexJob, readJob, saveJob } from './reindex-job.js'
import type { Duplicate, IncompletePart, ReindexOptions, ReindexResult, UnreadableRow } from './reindex-result.js'

const DEFAULT_BATCH = 500
const MAX_BATCH = 10_000
const DEFAULT_PARALLEL = 8
const MAX_PARALLEL = 100
/** Maximum length of each list in the result; counts continue beyond it. */
const MAX_LISTED = 1000

/**
 * Brings the rows of a model up to date, in all tenants.
 * @throws ValidationError for wrong options; the signal's reason.
 */
export async function reindex(
  db: DatabaseContext,
  model: CompiledModel,
  options: ReindexOptions = {},
): Promise<ReindexResult> {
  checkOptions(options, ['onProgress', 'signal', 'batchSize', 'parallel'])
  checkCount('batchSize', options.batchSize, MAX_BATCH)
  checkCount('parallel', options.parallel, MAX_PARALLEL)
  await db.parts.pending.get(model.table)?.()
  const { job, isResumed } = await takeUp(db, model)
  const run = new ReindexRun(db, model, job, options)
  await run.toTheEnd()
  const { signal } = options
  const { written, busy } = await recount(db, model, run.job.counts.rows, signal && { signal })
  run.job = { ...run.job, counts: { ...run.job.counts, written: run.job.counts.written + written } }
  if (written > 0) options.onProgress?.(run.job.counts)
  const incomplete = await complete(db, model, run.job)
  await endJob(db, model, run.job)
  setIncomplete(
    db,
    model,
    incomplete.map(({ part }) => part),
  )
  return {
    counts: run.job.counts,
    isResumed,
    duplicates: run.duplicates,
    unreadable: run.unreadable,
    incomplete: [
      ...incomplete.map(({ part: { kind, name }, reason }) => ({ part: kind, name, reason })),
      ...busy.map(name => ({ part: 'count', name, reason: 'busy' }) as const),
    ],
  }
}

/**
 * Resumes the stored job if it has the same parts and no program without them has connected since. Otherwise starts
 * a new job, which the record names for every part to complete.
 */
async function takeUp(db: DatabaseContext, model: CompiledModel): Promise<{ job: ReindexJob; isResumed: boolean }> {
  const left = await readJob(db, model)
  if (left && isOf(left, model)) {
    const entry = entryOf((await readRecord(db, model.table)).record, model)
    const isOnRecord = left.parts.every(
      definition => isComplete(entry, definition) || isNamed(entry?.[definition], left),
    )
    if (isOnRecord) return { job: left, isResumed: true }
  }
  let job = newJob(db, model)
  await changeRecord(db, model.table, (record = { fromStart: false, models: {} }) => {
    const entry = entryOf(record, model) ?? {}
    const open = job.parts.filter(definition => !isComplete(entry, definition))
    // A job that is running or has died may have named these parts: the name serves both. It is recorded before
    // either has read a row, and removed when an older program connects.
    const named = open.map(definition => entry[definition]).find(state => state !== undefined && 'job' in state)
    if (named) job = { ...job, id: named.job }
    return withEntry(record, model, {
      ...entry,
      ...Object.fromEntries(open.map(definition => [definition, { job: job.id }])),
    })
  })
  await beginJob(db, model, job)
  return { job, isResumed: false }
}

function isNamed(entry: PartState | undefined, { id }: ReindexJob): boolean {
  return entry !== undefined && 'job' in entry && entry.job === id
}

interface Unfinished {
  readonly part: Part
  readonly reason: IncompletePart['reason']
}

/** Records what the job has completed. @returns what is still incomplete. */
async function complete(db: DatabaseContext, model: CompiledModel, job: ReindexJob): Promise<Unfinished[]> {
  let unfinished: Unfinished[] = []
  await changeRecord(db, model.table, (record = { fromStart: false, models: {} }) => {
    unfinished = []
    const entry: Record<string, PartState> = { ...entryOf(record, model) }
    const since = new Date(db.sources.now()).toISOString()
    for (const part of partsOf(model)) {
      const { kind, name, definition } = part
      const isDuplicated = kind === 'unique' && job.duplicated.includes(name)
      const isLeft = job.hasOlder && kind !== 'iteration'
      if (isDuplicated || isLeft) delete entry[definition]
      else if (isNamed(entry[definition], job)) entry[definition] = { since }
      if (!isComplete(entry, definition))
        unfinished.push({ part, reason: isLeft ? 'notUpgraded' : isDuplicated ? 'duplicates' : 'olderProgram' })
    }
    return withEntry(record, model, entry)
  })
  return unfinished
}

class ReindexRun {
  job: ReindexJob
  readonly duplicates: Duplicate[] = []
  readonly unreadable: UnreadableRow[] = []
  readonly #db: DatabaseContext
  readonly #model: CompiledModel
  readonly #options: ReindexOptions

  constructor(db: DatabaseContext, model: CompiledModel, job: ReindexJob, options: ReindexOptions) {
    // Scans all tenants, whatever the scope.
    this.#db = { ...db, tenantRequired: false }
    this.#model = model
    this.job = job
    this.#options = options
  }

  async toTheEnd(): Promise<void> {
    const { onProgress, signal, batchSize = DEFAULT_BATCH } = this.#options
    const db = this.#db
    const { type: typeName, table } = this.#model
    const filter = typeName === null ? undefined : compare(path(table.type), '=', value(typeName))
    do {
      signal?.throwIfAborted()
      const { after } = this.job
      const page = await calls.scan(
        { db, scope: db.root, model: this.#model },
        { table: table.name, limit: batchSize, consistent: true, ...(filter && { filter }), ...(after && { after }) },
      )
      const { counts, ...found } = await this.#bringIn(page.items)
      const scanned = this.job.counts.scanned + page.scanned
      this.job = { ...this.job, after: page.next, counts: { ...counts, scanned }, ...found }
      if (page.next) await saveJob(db, this.#model, this.job)
      onProgress?.(this.job.counts)
    } while (this.job.after)
  }

  async #bringIn(items: readonly Item[]): Promise<Pick<ReindexJob, 'counts' | 'duplicated' | 'hasOlder'>> {
    const rows = items.flatMap(item => this.#rowOf(item))
    const missing = await this.#missingMarkers(rows)
    const counts = { ...this.job.counts, rows: this.job.counts.rows + rows.length }
    const duplicated = new Set(this.job.duplicated)
    let { hasOlder } = this.job
    const open = rows.entries()
    const work = async (): Promise<void> => {
      for (const [i, { context, row }] of open) {
        const outcome = await this.#refresh(context, row, missing[i] as readonly UniqueMarker[])
        if (outcome.isWritten) counts.written++
        counts.duplicates += outcome.duplicated.length
        counts.unreadable += outcome.isUnreadable ? 1 : 0
        hasOlder ||= outcome.isOlder ?? false
        for (const name of outcome.duplicated) duplicated.add(name)
      }
    }
    await Promise.all(Array.from({ length: this.#options.parallel ?? DEFAULT_PARALLEL }, work))
    return { counts, duplicated: [...duplicated], hasOlder }
  }

  /** The item with its tenant's scope, if it is an unexpired row of the model. */
  #rowOf(item: Item): { context: RowContext; row: Item }[] {
    const db = this.#db
    const model = this.#model
    const tenant = tenantOf(item[model.table.pk])
    const capacity = { read: 0, write: 0 }
    const scope = { ...db.root, tenant, prefix: tenantPrefix(tenant), withDeleted: true, capacity, parent: db.root }
    const isRow = model.owns(item, scope.prefix) && !isExpired(model.expiring, item, db.sources.now())
    return isRow ? [{ context: { db, scope, model }, row: item }] : []
  }

  /** The markers of each row that are not stored; those of a page are read together. */
  async #missingMarkers(rows: readonly { context: RowContext; row: Item }[]): Promise<readonly UniqueMarker[][]> {
    const wanted = rows.map(
      ({ context, row }) => possible(() => markersOf(this.#model, row, context.scope.prefix)) ?? [],
    )
    const gets = wanted.flat().map(({ key }) => ({ table: this.#model.table.name, key }))
    if (gets.length === 0) return wanted
    const { items } = await calls.batchGet({ db: this.#db, scope: this.#db.root, model: this.#model }, { gets })
    let at = 0
    return wanted.map((markers, i) => {
      const { context, row } = rows[i] as { context: RowContext; row: Item }
      return markers.filter(() => !isMarkerOf(context, items[at++], row))
    })
  }

  async #refresh(context: RowContext, row: Item, missing: readonly UniqueMarker[]): Promise<RowOutcome> {
    const issues = fillRow(this.#model, row, {})
    if (issues) this.#report(context, row, issues)
    const isUnreadable = issues !== undefined
    if (upgradeFailure(this.#model, row)) return { isWritten: false, isUnreadable, isOlder: true, duplicated: [] }
    try {
      const { isWritten: isRefreshed, left } = await refreshRow(context, row, missing)
      const isWritten = (await countRow(context, row)) || isRefreshed
      for (const { marker, holder } of left) {
        if (this.duplicates.length === MAX_LISTED) break
        const { tenant } = context.scope
        this.duplicates.push({
          constraint: marker.unique.name,
          ...(tenant !== undefined && { tenant }),
          holder: holder && keyFieldsOf(this.#model, holder),
          other: keyFieldsOf(this.#model, keyOf(this.#model, row)),
        })
      }
      return { isWritten, isUnreadable, duplicated: left.map(({ marker }) => marker.unique.name) }
    } catch (error) {
      // The row has changed, and now holds a value that its keys cannot represent or cannot be upgraded.
      const isOlder = error instanceof UnreadableError
      if (!isOlder && !(error instanceof ValidationError)) throw error
      if (!isUnreadable) this.#report(context, row, error.details.issues)
      return { isWritten: false, isUnreadable: true, isOlder, duplicated: [] }
    }
  }

  #report(context: RowContext, row: Item, issues: readonly Issue[]): void {
    if (this.unreadable.length === MAX_LISTED) return
    const error = unreadable(this.#model, row, issues)
    const { tenant } = context.scope
    this.unreadable.push({ ...(tenant !== undefined && { tenant }), error })
  }
}

interface RowOutcome {
  readonly isWritten: boolean
  readonly isUnreadable: boolean
  /** Whether it is of an older form and cannot be upgraded. */
  readonly isOlder?: boolean
  /** Names of constraints. */
  readonly duplicated: readonly string[]
}
