/** Transactions of up to a hundred writes, all or nothing. */
import {
  invalid,
  keyText,
  LimitExceededError,
  type PartitaError,
  TransactionFailedError,
  type TransactionReason,
  ValidationError,
} from '../../errors/errors.js'
import { addUnits, type Capacity, noCapacity } from '../../store/capacity.js'
import { readUnits } from '../../value/size.js'
import type { Item } from '../../value/value.js'
import { pickKey, type Table } from '../catalog.js'
import type { ChangeSource } from '../change.js'
import { recordSize } from '../storage/codec.js'
import { tableEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import type { Planner } from './plan-ahead.js'
import { isDone, remember, type Token } from './token.js'
import { applyPlan, isRefusal, type Plan, type PreparedWrite } from './write.js'

/** The embedded store's `TransactionFailedError`. It keeps the error of each operation, for layers with wording of their own. */
export class OperationsRefusedError extends TransactionFailedError {
  readonly #errors: ReadonlyMap<number, PartitaError>

  constructor(reasons: readonly TransactionReason[], errors: ReadonlyMap<number, PartitaError>) {
    super({ reasons })
    this.#errors = errors
  }

  /** The error of the operation at that index, unless the operation was valid or only its condition failed. */
  errorOf(index: number): PartitaError | undefined {
    return this.#errors.get(index)
  }
}

/**
 * To be run within a transaction of the ordered store: nothing changes between the plans and their puts, which closes
 * the race between conditions and writes for all processes.
 * @throws TransactionFailedError, and `TokenReused`; nothing has been put then.
 */
export function transactWrite(
  kv: Kv,
  writes: readonly PreparedWrite[],
  token: Token | undefined,
  source: ChangeSource,
  planner: Planner,
): Capacity {
  const now = source.clock()
  if (token && isDone(kv, token, now)) return readAgain(kv, writes)
  const plans = planAll(writes, planner)
  const capacity = noCapacity()
  for (const plan of plans) applyPlan(kv, plan, capacity, 2, source)
  if (token) remember(kv, token, now)
  return capacity
}

/** What a transaction costs that was written before: its items are read, at twice the units as in any transaction. */
function readAgain(kv: Kv, writes: readonly PreparedWrite[]): Capacity {
  const capacity = noCapacity()
  for (const { table, place } of writes) {
    const size = kv.get(tableEntry(table.id, table.schema, place), recordSize) ?? 0
    addUnits(capacity, table.name, undefined, readUnits(size, true) * 2, 0)
  }
  return capacity
}

/** DynamoDB refuses two operations on one item, as their order would have no meaning. */
export function checkDistinct(items: readonly { readonly table: Table; readonly key: Item }[]): void {
  const seen = new Set<string>()
  items.forEach(({ table, key }, index) => {
    const entry = tableEntry(table.id, table.schema, key).toString('latin1')
    if (!seen.has(entry)) seen.add(entry)
    else {
      const text = keyText(pickKey(table.schema, key))
      throw invalid([index], `is a second operation on ${text}; a transaction takes one for each item`)
    }
  })
}

function planAll(writes: readonly PreparedWrite[], planner: Planner): Plan[] {
  const plans: Plan[] = []
  const errors = new Map<number, PartitaError>()
  const reasons = writes.map((write, index): TransactionReason => {
    try {
      const plan = planner(write)
      if (isRefusal(plan)) {
        return {
          index,
          code: 'ConditionFailed',
          message: 'its condition is false',
          ...(plan.item && { item: plan.item }),
        }
      }
      plans.push(plan)
      return { index, code: 'None' }
    } catch (error) {
      if (!(error instanceof ValidationError || error instanceof LimitExceededError)) throw error
      errors.set(index, error)
      return { index, code: error.code, message: error.message }
    }
  })
  if (plans.length < writes.length) throw new OperationsRefusedError(reasons, errors)
  return plans
}
