/** Transactions: up to 100 writes, all or nothing. */

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
import { pickKey } from '../../store/definition.js'
import { readUnits } from '../../value/size.js'
import type { Item } from '../../value/value.js'
import type { Table } from '../catalog.js'
import type { ChangeSource } from '../change.js'
import { recordSize } from '../storage/codec.js'
import { tableEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import type { Planner } from './plan-ahead.js'
import { type IdempotencyToken, isDone, saveToken } from './token.js'
import { applyPlan, isRefusal, type Plan, type PreparedWrite } from './write.js'

/** The embedded store's `TransactionFailedError`. It keeps the errors of the operations, for layers that word them anew. */
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
 * Writes a transaction. Call it within a transaction of the ordered store: nothing changes between the plans and the puts,
 * so there is no race between conditions and writes of any process.
 * @throws TransactionFailedError, or PartitaError `TokenReused`, before the first put.
 */
export function transactWrite(
  kv: Kv,
  writes: readonly PreparedWrite[],
  token: IdempotencyToken | undefined,
  source: ChangeSource,
  planner: Planner,
): Capacity {
  const now = source.clock()
  if (token && isDone(kv, token, now)) return replayCapacity(kv, writes)
  const plans = planAll(writes, planner)
  const capacity = noCapacity()
  for (const plan of plans) applyPlan(kv, plan, capacity, 2, source)
  if (token) saveToken(kv, token, now)
  return capacity
}

/** The capacity of a transaction that was already done: its items are read, at twice the units of single reads. */
function replayCapacity(kv: Kv, writes: readonly PreparedWrite[]): Capacity {
  const capacity = noCapacity()
  for (const { table, keyAttributes } of writes) {
    const size = kv.get(tableEntry(table.id, table.schema, keyAttributes), recordSize) ?? 0
    addUnits(capacity, table.name, undefined, readUnits(size, true) * 2, 0)
  }
  return capacity
}

/** Rejects two operations on one item, as DynamoDB does. @throws ValidationError */
export function checkDistinct(items: readonly { readonly table: Table; readonly key: Item }[]): void {
  const seen = new Set<string>()
  items.forEach(({ table, key }, index) => {
    const entry = tableEntry(table.id, table.schema, key).toString('latin1')
    if (!seen.has(entry)) seen.add(entry)
    else {
      const text = keyText(pickKey(table.schema, key))
      throw invalid([index], `is a second operation on ${text}; a transaction allows one operation per item`)
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
