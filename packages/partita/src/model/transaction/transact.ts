/** Interactive transactions: the function runs on a view of the table, and runs again where that was out of date. */
import { Conflict, TransactionFailed } from '../../errors.js'
import { backoff } from '../../store/retry.js'
import { checkCount, checkParameters } from '../../table/parameters.js'
import { type Caller, calls, type DatabaseContext } from '../context.js'
import { checkTenant, type ScopeState, scopeOfTransaction } from '../scope.js'
import { type Commitment, Overlay } from './overlay.js'

const DEFAULT_ATTEMPTS = 10

/**
 * @param run is given the scope whose overlay it reads and writes.
 * @throws Conflict where every attempt met another writer; what the function throws; AlreadyExists.
 */
export async function transact<T>(
  db: DatabaseContext,
  scope: ScopeState,
  run: (scope: ScopeState) => Promise<T>,
  options: { readonly attempts?: number },
): Promise<T> {
  checkParameters(options, ['attempts'])
  const { attempts = DEFAULT_ATTEMPTS } = options
  checkCount('attempts', attempts)
  checkTenant(scope, db.tenantRequired)
  let last: unknown
  for (let attempt = 0; attempt < attempts; attempt++) {
    const overlay = new Overlay()
    const view = scopeOfTransaction(scope, overlay)
    try {
      const result = await run(view)
      const commitments = await overlay.commitments()
      overlay.closed = true
      await send({ db, scope: view, retries: attempt }, commitments)
      for (const { key, item } of overlay.written()) scope.loader?.wrote(key, { item })
      return result
    } catch (error) {
      if (!(error instanceof OutOfDate)) throw error
      last = error.cause
    } finally {
      overlay.closed = true
    }
    await db.pace.sleep(backoff(attempt, db.pace))
  }
  throw new Conflict(
    `The transaction met other writers at each of its ${attempts} attempts; nothing was written`,
    {},
    last,
  )
}

/** What was read is no longer so, or another transaction was in the way: it may go well another time. */
class OutOfDate {
  readonly cause: unknown

  constructor(cause: unknown) {
    this.cause = cause
  }
}

async function send(caller: Caller, commitments: readonly Commitment[]): Promise<void> {
  if (commitments.length === 0) return
  try {
    await calls.transactWrite(caller, { writes: commitments.map(({ write }) => write) })
  } catch (error) {
    if (error instanceof Conflict) throw new OutOfDate(error)
    if (!(error instanceof TransactionFailed)) throw error
    const failed = error.details.reasons.filter(({ code }) => code !== 'None')
    if (failed.some(({ code }) => code !== 'ConditionFailed' && code !== 'Conflict')) throw error
    const refused = failed.find(({ code, index }) => code === 'ConditionFailed' && commitments[index]?.refusal)
    throw refused ? (commitments[refused.index] as Commitment).refusal?.() : new OutOfDate(error)
  }
}
