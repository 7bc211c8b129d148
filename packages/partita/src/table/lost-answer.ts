/**
 * Single writes of items, and the outcome of a write whose response was lost.
 *
 * Items contain nothing that identifies a write. So after a lost response, only the item's state can show the outcome:
 * a put or a delete without conditions is done if the item equals the put item, or is gone, whoever did it. Everything
 * else is an `OutcomeUnknownError`. A retry could undo later writes of others, and for a conditional write the state
 * proves nothing, because another program may have caused it. A transaction is identified by its token, so
 * `exactlyOnce` turns a write into one.
 */
import { ConditionFailedError, ConflictError, OutcomeUnknownError, TransactionFailedError } from '../errors/errors.js'
import { backoff, realPace } from '../store/retry.js'
import type { CheckRequest, WriteRequest, WriteResult } from '../store/store.js'
import { equalValues, type Item, type Key, type Value } from '../value/value.js'
import type { TableContext } from './context.js'

/** Attempts for a transaction in conflict with others. */
const MAX_ATTEMPTS = 10

/** The option that turns a write into a transaction. */
export interface ExactlyOnce {
  /**
   * Sends the write as a transaction. It can then be retried safely after a lost response, which otherwise may end in
   * `OutcomeUnknownError`. Costs twice the write units. Default false. Has no effect inside a transaction.
   */
  readonly exactlyOnce?: boolean
}

/**
 * @throws OutcomeUnknownError if the response was lost and the state does not show the outcome; errors of the store.
 */
export async function writeOne(
  context: TableContext,
  request: Exclude<WriteRequest, CheckRequest>,
  key: Key,
  { exactlyOnce = false }: ExactlyOnce,
): Promise<Partial<WriteResult>> {
  if (exactlyOnce) return transactOne(context, request, key)
  try {
    return await context.store.write(request)
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error
    if (await isDone(context, request, key)) return {}
    throw new OutcomeUnknownError(error.message, { ...error.details, key }, error.cause)
  }
}

async function isDone(context: TableContext, request: WriteRequest, key: Key): Promise<boolean> {
  if (request.condition || request.kind === 'update') return false
  const { table } = context.layout
  const read = await context.store.get({ table, key, consistent: true }).catch(() => undefined)
  if (!read) return false
  context.report('get', read.capacity)
  return request.kind === 'put' ? isSame(read.item, request.item) : read.item === undefined
}

function isSame(stored: Item | undefined, put: Item): boolean {
  return stored !== undefined && equalValues(stored as Value, put as Value)
}

async function transactOne(context: TableContext, request: WriteRequest, key: Key): Promise<Partial<WriteResult>> {
  const { store, layout, config } = context
  const { pace = realPace } = config
  for (let attempt = 0; ; attempt++) {
    try {
      const { capacity } = await store.transactWrite({ writes: [request] })
      return { capacity }
    } catch (error) {
      if (error instanceof TransactionFailedError && error.details.reasons[0]?.code === 'ConditionFailed') {
        const { item } = error.details.reasons[0]
        throw new ConditionFailedError({ table: layout.table, key, ...(item && { item }) }, error.cause)
      }
      if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS - 1) throw error
      await pace.sleep(backoff(attempt, pace))
    }
  }
}
