/** Transactional writes: up to 100 writes of any tables, all or nothing. */
import {
  invalid,
  keyText,
  LimitExceededError,
  TransactionFailedError,
  type TransactionReason,
  ValidationError,
} from '../../errors/errors.js'
import { MAX_WRITE_STEPS, Work } from '../../expression/evaluate/index.js'
import { addUnits, type Capacity, noCapacity } from '../../store/capacity.js'
import { checkTransactionLength, checkTransactWrite, writeBytes } from '../../store/limits.js'
import type { TransactWriteRequest, TransactWriteResult } from '../../store/store.js'
import { readUnits } from '../../value/size.js'
import type { MongoConnection } from '../connection/connection.js'
import type { Attempt } from '../connection/errors.js'
import type { TimeLimit } from '../connection/time-limit.js'
import type { MongoCatalog, MongoTable } from '../table/catalog.js'
import { addWriteUnits } from '../write/capacity.js'
import { type DocumentPlan, type DocumentWrite, isRefused, planWrite, prepareWrite } from '../write/plan.js'
import { applyPlans } from './apply.js'
import { type Documents, readDocuments, tablesOf } from './documents.js'
import { inTransaction } from './session.js'
import { SentToken } from './token.js'

/** A write of a transaction, and its table. */
export interface TableWrite extends DocumentWrite {
  readonly table: MongoTable
}

/**
 * Writes a transaction. Everything it depends on is read in its snapshot and evaluated here; what it only depends on is
 * written to as well, since MongoDB detects conflicts of writes alone.
 */
export async function transactWrite(
  connection: MongoConnection,
  catalog: MongoCatalog,
  request: TransactWriteRequest,
): Promise<TransactWriteResult> {
  const limit = connection.limit(request)
  const writes = await transactionWrites(catalog, request, limit)
  const attempt = attemptOf(writes, request)
  const token = await SentToken.of(connection, request.token, writes, attempt, limit)
  return inTransaction(connection, attempt, 'write', limit, async session => {
    if (await token?.isDone(session)) return { capacity: await replayCapacity(connection, writes, limit) }
    const documents = await readDocuments(connection, writes, limit, session)
    const plans = planAll(writes, documents)
    await token?.save(session)
    await applyPlans(connection, writes, plans, documents, limit, session)
    return { capacity: capacityOf(writes, plans) }
  })
}

/** Checks a transaction as far as this does not depend on what is stored. */
export async function transactionWrites(
  catalog: MongoCatalog,
  request: TransactWriteRequest,
  limit: TimeLimit,
): Promise<TableWrite[]> {
  checkTransactionLength(request.writes.length)
  const tables = await tablesOf(catalog, request.writes, limit)
  const writes = request.writes.map((write): TableWrite => {
    const table = tables.get(write.table) as MongoTable
    return { ...prepareWrite(table, write), table }
  })
  checkTransactWrite(request, (write, i) => writes[i]?.document?.size ?? writeBytes(write))
  checkDistinct(writes)
  return writes
}

function attemptOf(writes: readonly TableWrite[], { token }: TransactWriteRequest): Attempt {
  const [first] = writes
  const isAlone = first !== undefined && writes.every(({ table }) => table.name === first.table.name)
  return {
    operation: 'transactWrite',
    ...(isAlone && { table: first.table.name }),
    ...(token !== undefined && { token }),
  }
}

/** Rejects two operations on one item, as DynamoDB does. @throws ValidationError */
export function checkDistinct(
  operations: readonly { readonly table: MongoTable; readonly id: string; readonly key: DocumentWrite['key'] }[],
): void {
  const seen = new Map<string, Set<string>>()
  operations.forEach(({ table, id, key }, index) => {
    const ids = seen.get(table.name) ?? new Set()
    seen.set(table.name, ids)
    if (ids.has(id)) {
      throw invalid([index], `is a second operation on ${keyText(key)}; a transaction allows one operation per item`)
    }
    ids.add(id)
  })
}

/** Evaluates all writes on what was read. @throws TransactionFailedError with the reason of every operation. */
function planAll(writes: readonly TableWrite[], documents: Documents): DocumentPlan[] {
  const work = new Work(MAX_WRITE_STEPS)
  const plans: DocumentPlan[] = []
  const reasons = writes.map((write, index): TransactionReason => {
    try {
      const plan = planWrite(write, documents.of(write), work)
      if (isRefused(plan)) {
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
      return { index, code: error.code, message: error.message }
    }
  })
  if (plans.length < writes.length) throw new TransactionFailedError({ reasons })
  return plans
}

function capacityOf(writes: readonly TableWrite[], plans: readonly DocumentPlan[]): Capacity {
  const capacity = noCapacity()
  plans.forEach(({ before, after }, i) => {
    addWriteUnits(capacity, (writes[i] as TableWrite).table, before, after, 2)
  })
  return capacity
}

/** The capacity of a transaction that was already done: its items are read, at twice the units of single reads. */
async function replayCapacity(
  connection: MongoConnection,
  writes: readonly TableWrite[],
  limit: TimeLimit,
): Promise<Capacity> {
  const capacity = noCapacity()
  const documents = await readDocuments(connection, writes, limit)
  for (const write of writes) {
    addUnits(capacity, write.table.name, undefined, readUnits(documents.sizeOf(write), true) * 2, 0)
  }
  return capacity
}
