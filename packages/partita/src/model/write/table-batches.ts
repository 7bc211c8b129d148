/** Sends a batch of writes table by table, so that errors can name the rows by their models. */
import {
  type BatchProgress,
  OutcomeUnknownError,
  type RowFields,
  ThrottledError,
  UnavailableError,
} from '../../errors/errors.js'
import { addCapacity, type Capacity, noCapacity } from '../../store/capacity.js'
import type { BatchWrite } from '../../store/store.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { type CallContext, calls } from '../connect/context.js'
import { keyFieldsOf } from '../rows/row-details.js'
import { keyOf } from '../rows/rows.js'

/** One write of a batch. */
export interface ModelWrite {
  readonly model: CompiledModel
  readonly write: BatchWrite
}

/**
 * Sends one batch for each table, one after the other, in the order in which the tables are first written. If a table
 * fails, those after it are not written.
 * @throws the error of the table that failed; its counts and keys include the writes of the other tables.
 */
export async function sendByTable(context: CallContext, all: readonly ModelWrite[]): Promise<Capacity> {
  const total = noCapacity()
  const tables = [...new Set(all.map(({ model }) => model.table))]
  let done = 0
  for (const [i, table] of tables.entries()) {
    const own = all.filter(({ model }) => model.table === table)
    try {
      const writes = own.map(({ write }) => write)
      addCapacity(total, (await calls.batchWrite({ ...context, table }, { writes })).capacity)
      done += own.length
    } catch (error) {
      const left = all.filter(({ model }) => tables.indexOf(model.table) > i)
      throw tables.length === 1 ? error : withOtherTables(error, done, left.map(keyFields))
    }
  }
  return total
}

function keyFields({ model, write }: ModelWrite): RowFields {
  return keyFieldsOf(model, write.kind === 'put' ? keyOf(model, write.item) : write.key)
}

function withOtherTables(error: unknown, done: number, keys: readonly RowFields[]): unknown {
  if (error instanceof ThrottledError) {
    const { details } = error
    const counts = { done: details.done + done, undone: details.undone + keys.length }
    const message = `The store refused batchWrite because of load, and retries did not succeed: ${counts.done} done, ${counts.undone} not done; retry details.undoneKeys later`
    return new ThrottledError(message, { ...details, ...counts, undoneKeys: [...details.undoneKeys, ...keys] }, error)
  }
  const more = (batch: BatchProgress): { readonly batch: BatchProgress } => ({
    batch: { ...batch, done: batch.done + done, undoneKeys: [...batch.undoneKeys, ...keys] },
  })
  if (error instanceof UnavailableError && error.details.batch) {
    return new UnavailableError(error.message, { ...error.details, ...more(error.details.batch) }, error)
  }
  if (error instanceof OutcomeUnknownError && error.details.batch) {
    return new OutcomeUnknownError(error.message, { ...error.details, ...more(error.details.batch) }, error)
  }
  return error
}
