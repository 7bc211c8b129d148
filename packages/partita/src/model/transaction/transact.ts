/** Interactive transactions: the function runs on a view of the table, and runs again if what it read has changed. */
import {
  ConflictError,
  type ErrorCode,
  keyText,
  OutcomeUnknownError,
  PartitaError,
  TransactionFailedError,
} from '../../errors/errors.js'
import { checkCount, checkOptions } from '../../store/options.js'
import { backoff, sleepUnlessAborted } from '../../store/retry.js'
import type { Item } from '../../value/value.js'
import type { PhysicalTable } from '../compile/layout.js'
import { type CallContext, calls, type DatabaseContext } from '../connect/context.js'
import { checkTenant, checkView, type ScopeState, scopeOfTransaction } from '../connect/scope.js'
import { rowDetails } from '../rows/row-details.js'
import { HookRuns } from '../rules/hook-runs.js'
import type { Commitment, Guarded } from './commitment.js'
import { OutOfDate } from './out-of-date.js'
import { Overlay } from './overlay.js'
import { TransactionToken } from './token.js'

const DEFAULT_ATTEMPTS = 10

/** Errors that follow from the rows that were read, as opposed to errors of the store or of limits. */
const REFUSALS: readonly ErrorCode[] = [
  'AlreadyExists',
  'ConditionFailed',
  'Conflict',
  'NotFound',
  'PermissionDenied',
  'RuleViolated',
  'Unreadable',
  'UniqueViolation',
  'ValidationFailed',
]

/**
 * Runs an interactive transaction. An error that the function throws is rethrown only if everything it read is
 * unchanged, checked in one snapshot; otherwise the error may follow from an inconsistent view, and the function
 * runs again. A failed condition at the end needs no such check: it was evaluated in one snapshot with the guards of
 * all reads.
 *
 * @param run receives the scope whose overlay it reads and writes.
 * @returns the function's result; undefined if a transaction with the same token was already written.
 * @throws ConflictError if every attempt met another writer; AlreadyExistsError; UniqueViolationError; the errors of
 *   the function; HookFailedError after the commit.
 */
export async function transact<T>(
  db: DatabaseContext,
  scope: ScopeState,
  run: (scope: ScopeState) => Promise<T>,
  options: { readonly attempts?: number; readonly token?: string },
): Promise<T | undefined> {
  checkOptions(options, ['attempts', 'token'])
  const { attempts = DEFAULT_ATTEMPTS } = options
  checkCount('attempts', attempts)
  checkTenant(scope, db.tenantRequired)
  checkView({ db, scope })
  const token = 'token' in options ? new TransactionToken({ db, scope }, options.token) : undefined
  const hooks = new HookRuns()
  for (let attempt = 0; ; attempt++) {
    const overlay = new Overlay(hooks)
    const view = scopeOfTransaction(scope, overlay)
    const context = { db, scope: view, retries: attempt }
    let isSent = false
    let done: { readonly result: T } | undefined
    try {
      if (await token?.isDone()) return undefined
      const result = await db.transactions.run(overlay, () => run(view))
      await overlay.writes.end(db.pace)
      const commitments = await overlay.commitments()
      overlay.closed = true
      if (hooks.hasPending) {
        // Such a hook may send an email, so it runs only if the commit is likely to succeed.
        const changed = await overlay.changed(context)
        if (changed) throw new OutOfDate(undefined, changed)
        await hooks.before()
      }
      for (const check of overlay.finalChecks) check()
      isSent = true
      await send(context, overlay, commitments, token)
      for (const { table, key, item } of overlay.written()) scope.loader?.wrote(table, key, { item })
      for (const { table, key } of overlay.counted()) scope.loader?.wrote(table, key, undefined)
      done = { result }
    } catch (error) {
      await overlay.rollBack(error instanceof OutcomeUnknownError)
      // The transaction may have been written, or others may have changed what it read.
      for (const { table, key } of overlay.written()) scope.loader?.wrote(table, key, undefined)
      for (const { table, key } of overlay.counted()) scope.loader?.wrote(table, key, undefined)
      const met = error instanceof OutOfDate || isSent ? error : await whatChanged(context, overlay, error)
      if (!(met instanceof OutOfDate)) throw met
      if (attempt + 1 === attempts) throw isOwn(met.cause) ? met.cause : conflict(attempts, met)
    }
    if (done) {
      await hooks.after()
      return done.result
    }
    await sleepUnlessAborted(db.pace, backoff(attempt, db.pace), scope.limits?.signal)
  }
}

/** Sends the writes. A claim that finds an orphaned marker is sent again and overwrites that marker. */
async function send(
  context: CallContext,
  overlay: Overlay,
  commitments: readonly Commitment[],
  token: TransactionToken | undefined,
): Promise<void> {
  if (commitments.length === 0) return
  const writes = commitments.map(({ write }) => write)
  // If the token's condition fails, the function runs again and then finds the token.
  if (token) writes.push(token.write(overlay.table as PhysicalTable))
  try {
    await calls.transactWrite({ ...context, table: overlay.table }, { writes })
  } catch (error) {
    const verdict = verdictOf(error, commitments)
    if (!verdict) throw error
    const { refused, met, changed } = verdict
    if (!refused) throw new OutOfDate(error, changed)
    const instead = await overlay.takeOver(refused.of)
    if (!instead) throw await refused.failure?.(met)
    await send(context, overlay, instead, token)
  }
}

interface Verdict {
  readonly refused?: Commitment | undefined
  /** The item that failed the condition, if it was returned. */
  readonly met?: Item | undefined
  readonly changed?: Guarded | undefined
}

/**
 * What a failed transaction means; undefined if it failed for another reason. A failed condition is final only if
 * the guards of all reads held in the same snapshot and no item was in conflict with another transaction.
 */
function verdictOf(error: unknown, commitments: readonly Commitment[]): Verdict | undefined {
  if (!(error instanceof ConflictError || error instanceof TransactionFailedError)) return undefined
  const failed = (error.details.reasons ?? []).filter(({ code }) => code !== 'None')
  if (failed.some(({ code }) => code !== 'ConditionFailed' && code !== 'Conflict')) return undefined
  const outOfDate = failed.find(({ code, index }) => code === 'Conflict' || !commitments[index]?.failure)
  if (outOfDate) return { changed: commitments[outOfDate.index]?.of }
  const first = failed.find(({ index }) => commitments[index]?.failure)
  return { refused: first && commitments[first.index], met: first?.item }
}

/** The error itself, or OutOfDate if what was read has changed. */
async function whatChanged(context: CallContext, overlay: Overlay, error: unknown): Promise<unknown> {
  if (error instanceof PartitaError && !REFUSALS.includes(error.code)) return error
  try {
    const changed = await overlay.changed(context)
    return changed ? new OutOfDate(error, changed) : error
  } catch (failure) {
    if (failure instanceof ConflictError) return new OutOfDate(error, undefined)
    // It is unknown whether a library error still holds; an error of the program is always passed on.
    return isOwn(error) ? error : failure
  }
}

/** Whether the program threw the error itself. */
function isOwn(error: unknown): boolean {
  return !(error instanceof PartitaError)
}

/** The error after the last attempt. It names the conflict: a row by its key fields, or a unique value by its fields. */
function conflict(attempts: number, { cause, changed }: OutOfDate): ConflictError {
  const { details, where } = changed ? aboutChange(changed) : { details: {}, where: '' }
  const met = `The transaction conflicted with other writers at each of its ${attempts} attempts${where}`
  return new ConflictError(`${met}; nothing was written`, { ...details, attempts }, cause)
}

function aboutChange({ context: { model }, key, unique }: Guarded) {
  const { model: name, physical, ...row } = rowDetails(model, key)
  if (!unique) {
    return { details: { model: name, ...row, physical }, where: `, the last time at the ${name} ${keyText(row.key)}` }
  }
  const fields = unique.fields.map(field => field.name)
  const details = { model: name, constraint: unique.name, fields, physical }
  return { details, where: `, the last time at the ${fields.join(', ')} of ${name} (${unique.name})` }
}
