/** Batches of independent puts and deletes. */
import { invalid, valueText } from '../errors/errors.js'
import type { Capacity } from '../store/capacity.js'
import { checkOptions, within } from '../store/options.js'
import type { BatchWrite } from '../store/store.js'
import { primaryKey } from './attributes.js'
import type { SingleTableConfig } from './config.js'
import type { TableContext } from './context.js'
import { type AnyCreateParams, batchPut, type PutParams } from './create.js'
import type { ItemKey } from './parameters.js'

/** A put or a delete. DynamoDB's batches do not support conditions. */
export type BatchWriteItem<Config = SingleTableConfig> =
  | { readonly create: PutParams<Config>; readonly erase?: undefined }
  | { readonly erase: ItemKey; readonly create?: undefined }

/** A batch entry for a table whose configuration is not known. */
export interface AnyBatchWriteItem {
  readonly create?: AnyCreateParams | undefined
  readonly erase?: ItemKey | undefined
}

/**
 * Writes the entries in chunks of 25, several chunks at a time. Of several entries for one item the last one wins.
 *
 * @throws ThrottledError with the entries that were not written, after all retries.
 */
export async function batchWrite(
  context: TableContext,
  items: readonly (AnyBatchWriteItem | null | undefined)[],
): Promise<Capacity> {
  if (!Array.isArray(items)) throw invalid([], `is ${valueText(items)}; batchWrite takes a list of writes`)
  const now = context.now()
  const writes: BatchWrite[] = []
  items.forEach((item, i) => {
    if (item) writes.push(batchItem(context, item, i, now))
  })
  const { capacity } = await context.store.batchWrite({ writes })
  context.report('batchWrite', capacity)
  return capacity
}

function batchItem(context: TableContext, item: AnyBatchWriteItem, i: number, now: number): BatchWrite {
  checkOptions(item, ['create', 'erase'], [i])
  const { create } = item
  if (create && !item.erase) {
    const { kind, table, item: stored } = within([i, 'create'], () => batchPut(context, create, now))
    return { kind, table, item: stored }
  }
  if (item.erase && !item.create) {
    checkOptions(item.erase, ['partitionKey', 'rangeKey'], [i, 'erase'])
    const { layout } = context
    return { kind: 'delete', table: layout.table, key: primaryKey(layout, item.erase, [i, 'erase']) }
  }
  throw invalid([i], 'has neither create nor erase, or both')
}
