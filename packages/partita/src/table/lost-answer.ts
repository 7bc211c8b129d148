/**
 * Single writes of items, and what became of them where the answer was lost.
 *
 * Items of a table carry nothing of the library's by which a write could be known again. So where an answer is lost only
 * the state tells: a put or a delete without conditions has come about if the item is as it was put, or is gone, no
 * matter by whom. Anything else is `OutcomeUnknownError`: to repeat a write could undo what others have written since, and of
 * one with conditions not even the state tells, as another program may have made it so. A transaction is known by its
 * token, so with `exactlyOnce` a write is made one.
 */
import { ConditionFailedError, ConflictError, OutcomeUnknownError, TransactionFailedError } from '../errors/errors.js'
import { backoff, realPace } from '../store/retry.js'
import type { CheckRequest, WriteRequest, WriteResult } from '../store/store.js'
import { equalValues, type Item, type Key, type Value } from '../value/value.js'
import type { TableContext } from './context.js'

/** Tries for a transaction that meets others. */
const MAX_ATTEMPTS = 10

/** Whether a write is made a transaction of its own. */
export interface Certainty {
  /**
   * Does the write in a transaction of its own, so that its outcome can be found out when the answer is lost, instead of
   * ending in `OutcomeUnknownError`. Costs twice the write units. Default false. Within a transaction it has no meaning.
   */
  readonly exactlyOnce?: boolean
}

/** @throws OutcomeUnknownError where the answer was lost and the state does not tell; what the store throws. */
export async function writeOne(
  context: TableContext,
  request: Exclude<WriteRequest, CheckRequest>,
  key: Key,
  { exactlyOnce = false }: Certainty,
): Promise<Partial<WriteResult>> {
  if (exactlyOnce) return transactOne(context, request, key)
  try {
    return await context.store.write(request)
  } catch (error) {
    if (!(error instanceof OutcomeUnknownError)) throw error
    if (await hasComeAbout(context, request, key)) return {}
    throw new OutcomeUnknownError(error.message, { ...error.details, key }, error.cause)
  }
}

async function hasComeAbout(context: TableContext, request: WriteRequest, key: Key): Promise<boolean> {
  if (request.condition || request.kind === 'update') return false
  const { table } = context.layout
  const read = await context.store.get({ table, key, consistent: true }).catch(() => undefined)
  if (!read) return false
  context.answered('get', read.capacity)
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
