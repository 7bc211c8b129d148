/** Explains queries: the request, and its cost by a sample of the rows. */
import { valueText } from '../../errors/errors.js'
import { printCondition, printKeyCondition } from '../../expression/print.js'
import { measureItem, readUnits } from '../../value/size.js'
import { calls, storeOf } from '../connect/context.js'
import type { RowContext } from '../rows/rows.js'
import { visible } from '../rules/hiding.js'
import type { Explanation } from '../types/query.js'
import { live } from '../write/guard.js'
import type { QueryPlan } from './query-plan.js'

const SAMPLE = 25
const EXPLAINED_ROWS = 1000

/**
 * Implements `explain` of queries.
 * @param limit the limit of the query; undefined if it has none.
 */
export async function explainQuery(
  context: RowContext,
  { request, filter, range }: QueryPlan,
  limit: number | undefined,
): Promise<Explanation> {
  const read = range.isEmpty ? [] : (await calls.query(context, { ...request, limit: SAMPLE })).items
  const sample = await visible(
    context,
    read.filter(item => live(context, item)),
  )
  const bytes = sample.reduce((sum, item) => sum + measureItem(item), 0)
  const bytesPerRow = sample.length === 0 ? 0 : Math.ceil(bytes / sample.length)
  const commands = range.isEmpty ? undefined : await storeOf(context.db, context.model.table).explain?.(request)
  const rows = limit ?? EXPLAINED_ROWS
  const asTheyAre = { name: (name: string) => name, value: valueText }
  return {
    model: context.model.name,
    index: request.index,
    keyCondition: printKeyCondition(request.key, asTheyAre),
    filter: filter && printCondition(filter, asTheyAre),
    projection: request.projection?.map(([name]) => name),
    order: request.order ?? 'asc',
    consistent: request.consistent ?? false,
    capacity: { read: readUnits(rows * bytesPerRow, request.consistent ?? false), rows, bytesPerRow },
    ...(commands && { commands }),
  }
}
