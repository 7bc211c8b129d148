/** What a transaction would do: its function runs and its rows are read, but nothing is written. */
import { ConflictError, valueText } from '../../errors/errors.js'
import { printCondition } from '../../expression/print.js'
import { backoff, sleepUnlessAborted } from '../../store/retry.js'
import type { EngineCommand } from '../../store/store.js'
import { measureItem, writeUnits } from '../../value/size.js'
import { type DatabaseContext, storeOf } from '../connect/context.js'
import { Recorder } from '../connect/recorder.js'
import { checkTenant, checkView, type ScopeState, scopeOfTransaction } from '../connect/scope.js'
import { keyFieldsOf } from '../rows/row-details.js'
import { HookRuns } from '../rules/hook-runs.js'
import type { ExplainedWrite, TransactionExplanation } from '../types/explanation.js'
import type { Commitment, Entry, Guarded } from './commitment.js'
import { OutOfDate } from './out-of-date.js'
import { Overlay } from './overlay.js'

/** Attempts to find all rows that refer to a row that is deleted: an index lists them with a delay. */
const ATTEMPTS = 10

/**
 * Explains a transaction.
 * @param run receives the scope whose overlay it reads and writes.
 * @throws what the transaction would throw before its commit, at once: nothing is repeated because other writers were faster.
 */
export async function explain(
  db: DatabaseContext,
  scope: ScopeState,
  run: (scope: ScopeState) => Promise<unknown>,
): Promise<TransactionExplanation> {
  checkTenant(scope, db.tenantRequired)
  checkView({ db, scope })
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const hooks = new HookRuns()
    const overlay = new Overlay(hooks)
    const recorder = new Recorder()
    const view: ScopeState = { ...scopeOfTransaction(scope, overlay), recorder }
    try {
      await db.transactions.run(overlay, () => run(view))
      await overlay.writes.end(db.pace)
      const commitments = await overlay.commitments()
      const commands = await commandsOf(db, commitments)
      const writes = commitments.map(explained)
      const write = writes.reduce((sum, { units }) => sum + units, 0)
      const { reads, queries } = recorder
      return {
        reads,
        queries,
        writes,
        hooks: hooks.names(),
        capacity: { read: view.capacity.read, write },
        ...(commands && { commands }),
      }
    } catch (error) {
      if (!(error instanceof OutOfDate)) throw error
    } finally {
      await overlay.rollBack(false)
    }
    await sleepUnlessAborted(db.pace, backoff(attempt, db.pace), scope.limits?.signal)
  }
  const message = 'Rows that refer to a deleted row could not all be found, because others write them'
  throw new ConflictError(`${message}; nothing was written`, { attempts: ATTEMPTS })
}

/** The commands of the commit; undefined if it sends none, or the engine has no language of its own. */
async function commandsOf(
  db: DatabaseContext,
  commitments: readonly Commitment[],
): Promise<readonly EngineCommand[] | undefined> {
  const [first] = commitments
  if (!first) return undefined
  const store = storeOf(db, first.of.context.model.table)
  return store.explain?.({ writes: commitments.map(({ write }) => write) })
}

function explained({ write, of }: Commitment): ExplainedWrite {
  const { context, key, unique } = of
  const { db, model } = context
  const { kind, condition } = write
  const isHistory = db.models.get(model.name) !== model
  return {
    kind,
    of: unique ? 'unique' : isHistory ? 'history' : 'row',
    model: isHistory ? model.name.slice(0, model.name.lastIndexOf('.')) : model.name,
    key: unique || isHistory ? undefined : keyFieldsOf(model, key),
    constraint: unique?.name,
    condition: condition && printCondition(condition, { name: name => name, value: valueText }),
    // An item in a transaction costs twice.
    units: 2 * writeUnits(sizeOf(of)),
  }
}

/** The larger of the item before and after; an item that was not read counts as the smallest. */
function sizeOf(of: Guarded | Entry): number {
  const items = 'current' in of ? [of.read, of.current] : []
  return items.reduce((most, item) => (item ? Math.max(most, measureItem(item)) : most), 0)
}
