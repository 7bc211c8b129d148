/** Reads the items of one partition, page by page. */
import { LimitExceededError } from '../errors/errors.js'
import type { Capacity } from '../store/capacity.js'
import { openCursor, sealCursor } from '../store/cursor.js'
import { type Collected, collect } from '../store/paginate.js'
import type { Key } from '../value/value.js'
import type { IndexName, SingleTableConfig } from './config.js'
import type { TableContext } from './context.js'
import type { AnyFilters, Filters } from './filters.js'
import type { KeyInput } from './key.js'
import type { AnyConfig } from './parameters.js'
import { type ItemQueryPlan, makePlan } from './plan.js'
import type { RangeCondition } from './range.js'

/** The parameters of a query, without its range and its limit. */
interface ReadOptions<Name, Rules> {
  /** The order of the sort keys. Default `ASC`. */
  readonly retrieveOrder?: 'ASC' | 'DESC'
  /** Conditions on the items. Items that are read and do not match consume capacity too. */
  readonly filters?: Rules
  /** The only properties to return. */
  readonly propertiesToRetrieve?: readonly Name[]
  /** Maximum items that one request reads. Default: `limit`, and more if there are filters. */
  readonly pageSize?: number
  /** Maximum number of requests. Default 100 if there is a `limit`. */
  readonly maxRequests?: number
}

interface PageOptions {
  /** Maximum items to return, after filters. Default: the items of one request, which reads at most 1 MB. */
  readonly limit?: number
  /** Returns all items; `limit` takes precedence. Default false. */
  readonly fullRetrieval?: boolean
  /** The token of the previous page. */
  readonly paginationToken?: string | undefined
}

interface QueryWhere<Config> {
  readonly partition: KeyInput
  readonly range?: RangeCondition
  /** Default: the table itself. */
  readonly index?: AnyConfig<Config> extends true ? string : IndexName<Config>
  /** A strongly consistent read: it sees every write acknowledged before the call. Not for indexes. Default false. */
  readonly consistentRead?: boolean
}

interface TypeWhere {
  readonly type: string
  /** A range of the type index's sort key. */
  readonly range?: RangeCondition
}

/** Parameters of `iterate`. */
export type IterateParams<Entity, Name, Config = SingleTableConfig> = QueryWhere<Config> &
  ReadOptions<Name, Filters<Entity>>

/** Parameters of `queryAll`: those of `iterate`, and a limit. */
export type QueryAllParams<Entity, Name, Config = SingleTableConfig> = IterateParams<Entity, Name, Config> &
  Pick<PageOptions, 'limit'>

/** Parameters of `query`: the partition, a range, filters and paging. */
export type QueryParams<Entity, Name, Config = SingleTableConfig> = IterateParams<Entity, Name, Config> & PageOptions

/** Parameters of `listType`: the type, filters and paging. */
export type ListTypeParams<Entity, Name> = TypeWhere & ReadOptions<Name, Filters<Entity>> & PageOptions

/** A page of items, and the token of the next page if there may be more. */
export interface QueryResult<Entity> {
  readonly items: Entity[]
  /** Present if there may be more items. A page with a token and fewer items than `limit` stopped at `maxRequests`. */
  readonly paginationToken?: string
  /** Capacity consumed by all requests together. */
  readonly capacity: Capacity
}

/** The parameters of any query, as this module sees them. */
export interface AnyQueryParams
  extends Partial<QueryWhere<SingleTableConfig>>,
    PageOptions,
    ReadOptions<string, AnyFilters> {
  readonly type?: string
}

const PAGE_PARAMETERS = ['limit', 'fullRetrieval', 'paginationToken', 'maxRequests']

const MAX_REQUESTS = 100

/** Reads one page, or as many items as requested. */
export async function query(
  context: TableContext,
  operation: string,
  params: AnyQueryParams,
): Promise<QueryResult<object>> {
  const plan = makePlan(context, params, PAGE_PARAMETERS)
  const { paginationToken } = params
  const after = paginationToken === undefined ? undefined : await openCursor(paginationToken, plan.scope)
  const read = await readAll(context, operation, plan, params, after)
  const items = read.items.map(item => context.reader.returned(item, plan.names))
  const { next, capacity } = read
  return next ? { items, paginationToken: await sealCursor(next, plan.scope), capacity } : { items, capacity }
}

/**
 * Reads all items, or the first `limit` of them.
 *
 * @throws LimitExceededError after `maxRequests`: an incomplete result would look like a complete one.
 */
export async function queryAll(context: TableContext, operation: string, params: AnyQueryParams): Promise<object[]> {
  const plan = makePlan(context, params, ['limit', 'maxRequests'])
  const read = await readAll(context, operation, plan, { ...params, fullRetrieval: true }, undefined)
  const wanted = params.limit ?? Number.POSITIVE_INFINITY
  if (read.next && read.items.length < wanted) {
    const maximum = params.maxRequests ?? MAX_REQUESTS
    throw new LimitExceededError(
      `${operation} did not finish within ${maximum} requests; narrow the range, or raise maxRequests`,
      { limit: 'maxRequests', maximum, actual: maximum + 1 },
    )
  }
  return read.items.map(item => context.reader.returned(item, plan.names))
}

/** Yields all items. Reads the next page when the previous one is used up. */
export async function* iterate(
  context: TableContext,
  operation: string,
  params: AnyQueryParams,
): AsyncGenerator<object, void, undefined> {
  const plan = makePlan(context, params, [])
  const { pageSize } = params
  let after: Key | undefined
  do {
    const page = await context.store.query({ ...plan.request, limit: pageSize, after })
    context.report(operation, page.capacity)
    for (const item of page.items) yield context.reader.returned(item, plan.names)
    after = page.next
  } while (after)
}

function readAll(
  context: TableContext,
  operation: string,
  plan: ItemQueryPlan,
  { limit, pageSize, fullRetrieval, maxRequests }: AnyQueryParams,
  start: Key | undefined,
): Promise<Collected> {
  const onePage = limit === undefined && !fullRetrieval
  const requests = onePage ? 1 : limit === undefined ? Number.POSITIVE_INFINITY : MAX_REQUESTS
  const wanted = {
    limit,
    pageSize,
    maxRequests: maxRequests ?? requests,
    filtered: plan.filtered,
    names: plan.scope.names,
  }
  const read = async (size: number | undefined, after: Key | undefined) => {
    const page = await context.store.query({ ...plan.request, limit: size, after })
    context.report(operation, page.capacity)
    return page
  }
  return collect(read, start, onePage ? { ...wanted, maxRequests: 1 } : wanted)
}
