/**
 * Deletes of rows that other rows refer to with `onDelete`.
 *
 * `restrict` needs no search: the row holds the number of rows that refer to it, the transaction that creates such a row
 * changes that number, and the delete commits only if the number is 0 and the row is unchanged since it was read. This closes
 * the race with concurrent creates on every store, also if an index lists the rows with a delay.
 *
 * `cascade` and `setNull` find the rows by an index and delete or clear them in the transaction that deletes the row. The
 * number must be 0 there too, so a row that the index does not list yet makes the transaction run again. More rows than fit
 * in one transaction are handled in batches before. First the row is marked, which refuses new rows that refer to it. Each
 * batch is a transaction of its own. If the program dies, the marked row and the rest of the rows remain, and the next delete
 * of the row continues. The row goes last, so no row is ever left behind that refers to nothing.
 */
import { LimitExceededError, PartitaError } from '../../errors/errors.js'
import { MAX_TRANSACTION_OPERATIONS } from '../../store/limits.js'
import { backoff } from '../../store/retry.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledIndex } from '../compile/compiled-model.js'
import { readValue } from '../define/codec.js'
import { recordParts } from '../evolve/completeness.js'
import { identity } from '../read/loader.js'
import { planQuery, readRows } from '../read/query-plan.js'
import { rowsOf } from '../rows/access.js'
import { keyOf, type RowContext, type WriteRules } from '../rows/rows.js'
import { stillReferred } from '../transaction/count-changes.js'
import type { Overlay } from '../transaction/overlay.js'
import { transact } from '../transaction/transact.js'
import type { DeleteProgress } from '../types/record.js'
import { compileChanges } from '../write/compile-changes.js'
import { live } from '../write/guard.js'
import { brokenRule } from '../write/write-errors.js'
import { DELETING } from './own-attributes.js'
import type { Referrer } from './referrers.js'
import { enforce } from './visibility.js'

/** Rows that a delete handles in its own transaction. More are handled in batches of this size. */
const BATCH = 25
/** Attempts of each transaction of a delete. */
const ATTEMPTS = 60
/** Batches in a row that find nothing to do because the index lists rows that are already gone. */
const MAX_STALE = 30

/** What a delete is of, and what it requires of the row. */
export interface DeleteTarget {
  readonly key: Key
  readonly rules: WriteRules
  readonly onProgress?: ((progress: DeleteProgress) => void) | undefined
}

const NO_RULES: WriteRules = { condition: undefined }

function referrersOf({ db, model }: RowContext): readonly Referrer[] {
  return db.rules.get(model)?.referrers ?? []
}

function clearingReferrers(context: RowContext): Referrer[] {
  return referrersOf(context).filter(({ onDelete }) => onDelete !== 'restrict')
}

/**
 * Runs a delete. If more rows refer to the row than one transaction can handle, they are handled before.
 * @param remove deletes the row with the rest of them in one transaction.
 */
export async function deleteInBatches<T>(
  context: RowContext,
  target: () => Promise<DeleteTarget>,
  remove: () => Promise<T>,
): Promise<T> {
  if (context.scope.overlay || clearingReferrers(context).length === 0) return remove()
  const given = await target()
  await handleMany(context, given, false, new Set())
  try {
    return await remove()
  } catch (error) {
    if (!isTooLarge(error)) throw error
    // The rows have unique markers, or rows that refer to them.
    await handleMany(context, given, true, new Set())
    return remove()
  }
}

/**
 * Part of the transaction that deletes a row: handles the rows that refer to it. Whether all were found is checked at the
 * commit.
 * @throws RuleViolationError; PartitaError `Incomplete` if rows may refer to it that are not counted.
 */
export async function handleReferrers(context: RowContext, overlay: Overlay, row: Item): Promise<void> {
  const referrers = referrersOf(context)
  if (referrers.length === 0) return
  await checkComplete(context, referrers)
  for (const referrer of clearingReferrers(context)) {
    const of = systemContext(context, referrer)
    const plan = planFor(of, referrer, context, row)
    const rows = plan ? await overlay.query(of, plan, MAX_TRANSACTION_OPERATIONS + 1) : []
    for (const referring of rows) await handle(of, referrer, referring)
  }
}

/**
 * Handles rows that refer to the row in batches, until so few are left that the delete can handle them.
 * @param isForced whether to handle them even if they are few.
 * @param path the rows whose delete has led to this one, which may refer to each other in a circle.
 */
async function handleMany(
  context: RowContext,
  target: DeleteTarget,
  isForced: boolean,
  path: ReadonlySet<string>,
): Promise<void> {
  const id = identity(context.model.table, target.key)
  if (path.has(id)) return
  const begun = await begin(context, target, isForced)
  if (!begun) return
  const { row, total } = begun
  const within = new Set([...path, id])
  let done = 0
  let stale = 0
  for (const referrer of clearingReferrers(context)) {
    const of = systemContext(context, referrer)
    for (;;) {
      const plan = planFor(of, referrer, context, row)
      const { items } = plan
        ? await readRows(of, plan, BATCH, Number.POSITIVE_INFINITY, undefined, item => live(of, item) !== undefined)
        : { items: [] }
      if (items.length === 0) break
      const handled = await handleBatch(of, referrer, items, within)
      done += handled
      target.onProgress?.({ done, total: Math.max(done, total) })
      stale = handled === 0 ? stale + 1 : 0
      if (stale > MAX_STALE) break
      if (stale > 0) await context.db.pace.sleep(backoff(stale, context.db.pace))
    }
  }
}

/** Marks the row, so that no more rows can refer to it. @returns undefined if the delete itself can do all, or will fail. */
async function begin(
  context: RowContext,
  { key, rules }: DeleteTarget,
  isForced: boolean,
): Promise<{ readonly row: Item; readonly total: number } | undefined> {
  const { db, scope, model } = context
  return transact(
    db,
    scope,
    async view => {
      const { overlay } = view
      const inner: RowContext = { ...context, scope: { ...view, isNested: true } }
      const row = await rowsOf(inner).read(inner, key, true)
      if (!row || !overlay || brokenRule(model, key, rules, row)) return undefined
      await enforce(inner, row, 'delete')
      await checkComplete(inner, referrersOf(inner))
      const restricting = referrersOf(inner).filter(
        ({ onDelete, ref }) => onDelete === 'restrict' && Number(row[ref.count] ?? 0) > 0,
      )
      if (restricting.length > 0) throw stillReferred(inner, key, restricting)
      const counts = clearingReferrers(inner).map(({ ref }) => Number(row[ref.count] ?? 0))
      const total = counts.reduce((sum, count) => sum + count, 0)
      if (total <= BATCH && !isForced) return undefined
      if (row[DELETING] === undefined) {
        const since = new Date(db.sources.now()).toISOString()
        await overlay.replace(inner, key, { ...row, [DELETING]: since, [model.table.revision]: db.revision() })
      }
      return { row, total }
    },
    { attempts: ATTEMPTS },
  )
}

/** Handles rows in one transaction, or one by one if that is too large. @returns how many still referred to the row. */
async function handleBatch(
  of: RowContext,
  referrer: Referrer,
  rows: readonly Item[],
  path: ReadonlySet<string>,
): Promise<number> {
  const keys = rows.map(row => keyOf(of.model, row))
  if (referrer.onDelete === 'cascade' && clearingReferrers(of).length > 0) {
    for (const key of keys) await handleMany(of, { key, rules: NO_RULES }, false, path)
  }
  const work = (wanted: readonly Key[]): Promise<number | undefined> =>
    transact(
      of.db,
      of.scope,
      view => handleKeys({ ...of, scope: { ...view, isNested: true } }, referrer, wanted, rows),
      {
        attempts: ATTEMPTS,
      },
    )
  try {
    return (await work(keys)) ?? 0
  } catch (error) {
    if (!isTooLarge(error)) throw error
  }
  let handled = 0
  for (const key of keys) {
    try {
      handled += (await work([key])) ?? 0
    } catch (error) {
      if (!isTooLarge(error) || referrer.onDelete !== 'cascade') throw error
      await handleMany(of, { key, rules: NO_RULES }, true, path)
      handled += (await work([key])) ?? 0
    }
  }
  return handled
}

async function handleKeys(
  of: RowContext,
  referrer: Referrer,
  keys: readonly Key[],
  listed: readonly Item[],
): Promise<number> {
  const { attribute } = referrer.ref.field
  const byId = new Map(listed.map(row => [identity(of.model.table, keyOf(of.model, row)), row[attribute]]))
  const rows = await rowsOf(of).readMany(of, keys, true)
  let handled = 0
  for (const row of rows) {
    // The index may list a row that has been deleted or refers to another row by now.
    if (!row || row[attribute] !== byId.get(identity(of.model.table, keyOf(of.model, row)))) continue
    await handle(of, referrer, row)
    handled++
  }
  return handled
}

/** Deletes a row or clears its ref, by the rules of its own model. */
async function handle(of: RowContext, { ref, onDelete }: Referrer, row: Item): Promise<void> {
  const fields = Object.fromEntries(of.model.keyFields.map(({ attribute }) => [attribute, row[attribute] as string]))
  const target = { key: keyOf(of.model, row), fields }
  if (onDelete === 'cascade') await rowsOf(of).remove(of, target, NO_RULES)
  else {
    const changes = await compileChanges(of.model, { [ref.field.name]: null })
    await rowsOf(of).update(of, { row: target, changes, rules: NO_RULES })
  }
}

/** The query of the rows that refer to a row; undefined if none can. */
function planFor(of: RowContext, { index, ref }: Referrer, parent: RowContext, row: Item) {
  const keyField = parent.model.byName.get(ref.keyField)
  const value = keyField && readValue(keyField, row[keyField.attribute])
  if (value === undefined) return undefined
  return planQuery(of, index as CompiledIndex, { [ref.field.name]: value }, {})
}

/** Rows are handled whoever deletes the row that they refer to. */
function systemContext(context: RowContext, { model }: Referrer): RowContext {
  const system = context.scope.system ?? `onDelete of ${context.model.name}`
  return { ...context, model, purpose: 'onDelete', scope: { ...context.scope, system, withDeleted: false } }
}

/** @throws PartitaError `Incomplete` if rows from before they were counted may refer to a row. */
async function checkComplete({ db }: RowContext, referrers: readonly Referrer[]): Promise<void> {
  const lacking = () =>
    referrers.filter(({ model, ref }) =>
      db.parts.incomplete(model).some(({ kind, name }) => kind === 'count' && name === ref.field.name),
    )
  if (lacking().length === 0) return
  // Another program may have counted them since this one connected.
  for (const table of new Set(referrers.map(({ model }) => model.table))) await recordParts(db, table, false)
  const left = lacking()
  if (left.length === 0) return
  const names = left.map(({ model, ref }) => `${model.name}.${ref.field.name}`)
  const run = [...new Set(left.map(({ model }) => `db.${model.name}.reindex()`))]
  throw new PartitaError(
    'Incomplete',
    `Rows that are not counted yet may refer to this row by ${names.join(', ')}; run ${run.join(' and ')} once`,
    { parts: left.map(({ model, ref }) => ({ model: model.name, part: 'count', name: ref.field.name })) },
  )
}

function isTooLarge(error: unknown): boolean {
  return error instanceof LimitExceededError && error.details.limit === 'operations in a transaction'
}
