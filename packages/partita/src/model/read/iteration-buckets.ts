/**
 * Buckets of the iteration index. Rows never change bucket, so iteration visits the highest bucket count ever
 * configured. A count above the default is recorded in the table before a row is written under it.
 */
import { ConditionFailedError, OutcomeUnknownError } from '../../errors/errors.js'
import { compare, notExists, or, path, update, value } from '../../expression/ast.js'
import type { Key } from '../../value/value.js'
import { type CompiledModel, DEFAULT_BUCKETS } from '../compile/compiled-model.js'
import { sharedKey } from '../compile/layout.js'
import { type CallContext, calls, type DatabaseContext, storeOf } from '../connect/context.js'

const PARTITION = 'PARTITA#ITERATION'
const COUNT = 'buckets'

/** The number of buckets that a model's rows may be in. */
export async function bucketCount(context: CallContext & { readonly model: CompiledModel }): Promise<number> {
  const { model } = context
  const { item } = await calls.get(context, { table: model.table.name, key: countKey(model), consistent: true })
  return Math.max(Number(item?.[COUNT] ?? 0), model.buckets, DEFAULT_BUCKETS)
}

/**
 * Records the model's bucket count if it is above the default. Once per database connection, or a few times if
 * writes start concurrently: on an edge runtime one request must not wait for work started by another, which can be
 * canceled.
 */
export async function recordBuckets(db: DatabaseContext, model: CompiledModel): Promise<void> {
  if (db.recordedBuckets.has(model)) return
  await record(db, model)
  db.recordedBuckets.add(model)
}

/** Attempts if the outcome of a write is unknown. The count only grows, so the write is idempotent. */
const MAX_ATTEMPTS = 3

async function record(db: DatabaseContext, model: CompiledModel, attempt = 1): Promise<void> {
  const { pk, name: table } = model.table
  const count = value(model.buckets)
  try {
    // Counts are shared by all tenants, so this bypasses the scope.
    await storeOf(db, model.table).write({
      kind: 'update',
      table,
      key: countKey(model),
      update: update({ set: [{ path: [COUNT], value: count }] }),
      condition: or(notExists([pk]), compare(path(COUNT), '<', count)),
    })
  } catch (error) {
    if (error instanceof OutcomeUnknownError && attempt < MAX_ATTEMPTS) return record(db, model, attempt + 1)
    // An equal or higher count is already recorded.
    if (!(error instanceof ConditionFailedError)) throw error
  }
}

function countKey({ table, typeName }: CompiledModel): Key {
  return sharedKey(table, PARTITION, typeName)
}
