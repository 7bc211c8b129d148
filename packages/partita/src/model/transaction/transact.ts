/** Interactive transactions: the function runs on a view of the table, and runs again where that was out of date. */
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
import { type CallContext, calls, type DatabaseContext } from '../connect/context.js'
import { checkTenant, checkView, type ScopeState, scopeOfTransaction } from '../connect/scope.js'
import { rowDetails } from '../rows/row-details.js'
import type { Commitment, Guarded } from './commitment.js'
import { Overlay } from './overlay.js'
import { TransactionToken } from './token.js'

const DEFAULT_ATTEMPTS = 10

/** Errors of the library that follow from the rows that were read, as opposed to those of the store or of a limit. */
const REFUSALS: readonly ErrorCode[] = [
  'AlreadyExists',
  'ConditionFailed',
  'Conflict',
  'NotFound',
  'Unreadable',
  'UniqueViolation',
  'ValidationFailed',
]

/**
 * What the function throws is passed on only if what it read is unchanged, looked at once more as of one moment:
 * else it may follow from rows that never were together, and the function runs again. A refusal at the end needs no such
 * look, as it came from one moment with the guards of all that was read.
 *
 * @param run is given the scope whose overlay it reads and writes.
 * @returns what the function gives; undefined where one with the same token was done before.
 * @throws ConflictError where every attempt met another writer; what the function throws; AlreadyExistsError, UniqueViolationError.
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
  for (let attempt = 0; ; attempt++) {
    const overlay = new Overlay()
    const view = scopeOfTransaction(scope, overlay)
    const context = { db, scope: view, retries: attempt }
    let isSent = false
    try {
      if (await token?.isDone()) return undefined
      const result = await db.transactions.run(overlay, () => run(view))
      await overlay.writes.end(db.pace)
      const commitments = await overlay.commitments()
      overlay.closed = true
      isSent = true
      await send(context, overlay, commitments, token)
      for (const { key, item } of overlay.written()) scope.loader?.wrote(key, { item })
      return result
    } catch (error) {
      await overlay.giveUp(error instanceof OutcomeUnknownError)
      // It may have been done, or others have written what it had read.
      for (const { key } of overlay.written()) scope.loader?.wrote(key, undefined)
      const met = error instanceof OutOfDate || isSent ? error : await whatChanged(context, overlay, error)
      if (!(met instanceof OutOfDate)) throw met
      if (attempt + 1 === attempts) throw isOwn(met.cause) ? met.cause : conflict(attempts, met)
    }
    await sleepUnlessAborted(db.pace, backoff(attempt, db.pace), scope.limits?.signal)
  }
}

/** What was read is no longer so, or another transaction was in the way: it may go well another time. */
class OutOfDate {
  readonly cause: unknown
  /** What another writer changed, where that is known. */
  readonly changed: Guarded | undefined

  constructor(cause: unknown, changed: Guarded | undefined) {
    this.cause = cause
    this.changed = changed
  }
}

/** A claim that meets a marker left behind by a program without the constraint is sent again, over that marker. */
async function send(
  context: CallContext,
  overlay: Overlay,
  commitments: readonly Commitment[],
  token: TransactionToken | undefined,
): Promise<void> {
  if (commitments.length === 0) return
  const writes = commitments.map(({ write }) => write)
  // Where it is refused, as no commitment is, the function is to run again: then the token says that it was done.
  if (token) writes.push(token.write())
  try {
    await calls.transactWrite(context, { writes })
  } catch (error) {
    const verdict = verdictOf(error, commitments)
    if (!verdict) throw error
    const { refused, changed } = verdict
    if (!refused) throw new OutOfDate(error, changed)
    const instead = await overlay.takeOver(refused.of)
    if (!instead) throw refused.refusal?.()
    await send(context, overlay, instead, token)
  }
}

interface Verdict {
  readonly refused?: Commitment | undefined
  readonly changed?: Guarded | undefined
}

/**
 * What the refusal of the whole means; undefined where it is about something else. One of its operations is believed to
 * be refused for good only where the guard of everything that was read held at the same moment, and no other transaction
 * was in the way of one.
 */
function verdictOf(error: unknown, commitments: readonly Commitment[]): Verdict | undefined {
  if (!(error instanceof ConflictError || error instanceof TransactionFailedError)) return undefined
  const failed = (error.details.reasons ?? []).filter(({ code }) => code !== 'None')
  if (failed.some(({ code }) => code !== 'ConditionFailed' && code !== 'Conflict')) return undefined
  const outOfDate = failed.find(({ code, index }) => code === 'Conflict' || !commitments[index]?.refusal)
  if (outOfDate) return { changed: commitments[outOfDate.index]?.of }
  return { refused: failed.map(({ index }) => commitments[index]).find(it => it?.refusal) }
}

/** The error, or that it follows from what is no longer so. */
async function whatChanged(context: CallContext, overlay: Overlay, error: unknown): Promise<unknown> {
  if (error instanceof PartitaError && !REFUSALS.includes(error.code)) return error
  try {
    const changed = await overlay.changed(context)
    return changed ? new OutOfDate(error, changed) : error
  } catch (failure) {
    if (failure instanceof ConflictError) return new OutOfDate(error, undefined)
    // Whether a refusal holds is not known then; what the program throws says that it wants no more of it.
    return isOwn(error) ? error : failure
  }
}

/** Whether an error is the program's own. */
function isOwn(error: unknown): boolean {
  return !(error instanceof PartitaError)
}

/** Names what the last attempt met: a row by its key fields, or the value of a constraint by its fields. */
function conflict(attempts: number, { cause, changed }: OutOfDate): ConflictError {
  const { details, where } = changed ? aboutChange(changed) : { details: {}, where: '' }
  const met = `The transaction met other writers at each of its ${attempts} attempts${where}`
  return new ConflictError(`${met}; nothing was written`, { ...details, attempts }, cause)
}

function aboutChange({ context: { model }, key, unique }: Guarded) {
  const { model: name, physical, ...row } = rowDetails(model, key)
  if (!unique) {
    return { details: { model: name, ...row, physical }, where: `, the last time at the ${name} ${keyText(row.key)}` }
  }
  const fields = unique.fields.map(field => field.name)
  const details = { model: name, constraint: unique.name, fields, physical }
  return { details, where: `, the last time at the ${fields.join(', ')} of a ${name} (${unique.name})` }
}
