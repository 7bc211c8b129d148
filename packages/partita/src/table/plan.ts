/** Compiles the parameters of a query: the request to the store, and the scope of its pagination tokens. */
import { invalid, valueText } from '../errors/errors.js'
import { allOf } from '../expression/ast.js'
import { notExpired } from '../keys/expiry.js'
import type { CursorScope } from '../store/cursor.js'
import { checkCount, checkOptions } from '../store/options.js'
import { isPositionOf } from '../store/position.js'
import type { QueryRequest } from '../store/store.js'
import type { KeyValue } from '../value/value.js'
import type { TableContext } from './context.js'
import { compileFilters } from './filters.js'
import type { KeyInput } from './key.js'
import { findIndex, typeIndexOf } from './layout.js'
import type { AnyQueryParams } from './query.js'
import { compileKeyCondition, type QueriedKey } from './range.js'

const PARAMETERS = [
  'partition',
  'range',
  'index',
  'type',
  'consistentRead',
  'retrieveOrder',
  'filters',
  'propertiesToRetrieve',
  'pageSize',
]

/** A compiled query, without its start and its limit. */
export interface ItemQueryPlan {
  readonly request: Omit<QueryRequest, 'after' | 'limit'>
  readonly scope: CursorScope
  readonly filtered: boolean
  readonly names: readonly string[] | undefined
}

/**
 * Compiles the parameters of a query.
 *
 * @param also the parameters that this kind of query takes beside the common ones.
 * @throws ValidationError with the path of the wrong parameter, IndexNotFoundError for an unknown index.
 */
export function makePlan(context: TableContext, params: AnyQueryParams, also: readonly string[]): ItemQueryPlan {
  checkOptions(params, [...PARAMETERS, ...also])
  for (const name of ['limit', 'pageSize', 'maxRequests'] as const) checkCount(name, params[name])
  const { layout, config } = context
  const { queried, index, partition } = target(context, params)
  if (index !== undefined && params.consistentRead) {
    throw invalid(
      ['consistentRead'],
      `is not supported on index ${index}: reads of a global secondary index are eventually consistent`,
    )
  }
  const order = orderOf(params.retrieveOrder)
  const key = compileKeyCondition(queried, partition, params.range)
  const filter = compileFilters(params.filters, ['filters'])
  const condition = allOf([filter, notExpired(layout, context.now())])
  const names = [...new Set([layout.partitionKey, layout.rangeKey, queried.partition, queried.sort])]
  const wanted = params.propertiesToRetrieve
  return {
    request: {
      table: layout.table,
      key,
      order,
      index,
      filter: condition,
      consistent: params.consistentRead,
      projection: wanted && context.reader.needed(wanted, names),
    },
    scope: {
      query: [layout.table, index ?? null, key, order, filter ?? null],
      names,
      known: { [queried.partition]: key.partition.value as KeyValue },
      isPosition: position =>
        isPositionOf(position, { partition: layout.partitionKey, sort: layout.rangeKey }, queried, key),
      secret: config.cursorSecret,
    },
    filtered: filter !== undefined,
    names: wanted,
  }
}

interface Target {
  readonly queried: QueriedKey
  readonly index: string | undefined
  readonly partition: KeyInput
}

function target({ layout }: TableContext, { type, index: name, partition }: AnyQueryParams): Target {
  const { format } = layout
  if (type !== undefined) {
    if (partition !== undefined)
      throw invalid(['type'], 'cannot be combined with partition; a query reads one partition or one type')
    const index = typeIndexOf(layout)
    const queried = { partition: index.partitionKey, sort: index.rangeKey, numeric: false, format }
    return { queried, index: index.name, partition: type }
  }
  if (partition === undefined) throw invalid(['partition'], 'is undefined; a query needs a partition')
  if (name === undefined) {
    const queried = { partition: layout.partitionKey, sort: layout.rangeKey, numeric: false, format }
    return { queried, index: undefined, partition }
  }
  const { partitionKey, rangeKey, numeric } = findIndex(layout, name)
  return { queried: { partition: partitionKey, sort: rangeKey, numeric, format }, index: name, partition }
}

function orderOf(order: unknown): 'asc' | 'desc' {
  if (order === undefined || order === 'ASC') return 'asc'
  if (order === 'DESC') return 'desc'
  throw invalid(['retrieveOrder'], `is ${valueText(order)}; use ASC or DESC`)
}
