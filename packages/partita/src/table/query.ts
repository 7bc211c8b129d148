/** Reading the items of one partition, page by page. */
import { LimitExceeded } from '../errors.js'
import { addCapacity, type Capacity, noCapacity } from '../store/capacity.js'
import type { Item, Key, KeyValue } from '../value/value.js'
import type { IndexName, SingleTableConfig } from './config.js'
import type { TableContext } from './context.js'
import { type CursorScope, openCursor, sealCursor } from './cursor.js'
import type { AnyFilters, Filters } from './filters.js'
import type { KeyInput } from './key.js'
import type { AnyConfig } from './parameters.js'
import { makePlan, type Plan } from './plan.js'
import type { RangeCondition } from './range.js'

/** What a query takes besides where it looks and where it stops. */
interface ReadOptions<Name, Rules> {
  /** By the sort key. Default `ASC`. */
  readonly retrieveOrder?: 'ASC' | 'DESC'
  /** What the items must be like. Items that are read and left out are paid for all the same. */
  readonly filters?: Rules
  /** The only properties to return. */
  readonly propertiesToRetrieve?: readonly Name[]
  /** How many items one request may read. Default: as many as are wanted, more where filters leave some out. */
  readonly pageSize?: number
  /** How many requests may be made. Default 100 where there is a limit. */
  readonly maxRequests?: number
}

interface PageOptions {
  /** How many items are returned, after filters. Default: what one request reads, at most 1 MB. */
  readonly limit?: number
  /** Returns everything there is; `limit` goes before it. Default false. */
  readonly fullRetrieval?: boolean
  /** Where the page before ended. */
  readonly paginationToken?: string | undefined
}

interface QueryWhere<Config> {
  readonly partition: KeyInput
  readonly range?: RangeCondition
  /** Default: the table itself. */
  readonly index?: AnyConfig<Config> extends true ? string : IndexName<Config>
  /** Sees every write acknowledged before the call; not for indexes. Default false. */
  readonly consistentRead?: boolean
}

interface TypeWhere {
  readonly type: string
  /** Of the type index's sort key. */
  readonly range?: RangeCondition
}

/** The parameters of `iterate`. */
export type IterateParams<Entity, Name, Config = SingleTableConfig> = QueryWhere<Config> &
  ReadOptions<Name, Filters<Entity>>

/** The parameters of `queryAll`: those of `iterate`, and the most items to return. */
export type QueryAllParams<Entity, Name, Config = SingleTableConfig> = IterateParams<Entity, Name, Config> &
  Pick<PageOptions, 'limit'>

export type QueryParams<Entity, Name, Config = SingleTableConfig> = IterateParams<Entity, Name, Config> & PageOptions

export type ListTypeParams<Entity, Name> = TypeWhere & ReadOptions<Name, Filters<Entity>> & PageOptions

export interface QueryResult<Entity> {
  readonly items: Entity[]
  /** Present where there may be more. A page shorter than its limit that has one stopped at `maxRequests`. */
  readonly paginationToken?: string
  /** Units used by all requests together. */
  readonly capacity: Capacity
}

/** The parameters of any query, as this module reads them. */
export interface AnyQueryParams
  extends Partial<QueryWhere<SingleTableConfig>>,
    PageOptions,
    ReadOptions<string, AnyFilters> {
  readonly type?: string
}

const PAGE_PARAMETERS = ['limit', 'fullRetrieval', 'paginationToken', 'maxRequests']

const MAX_REQUESTS = 100
/** With filters, the first request reads at least so many items, and each one after it this many times as many. */
const FILTERED_PAGE_SIZE = 25
const GROWTH = 4
/** Pages beyond this are left to the store, which ends them at 1 MB. */
const LARGEST_PAGE_SIZE = 2000

/** One page, or as many items as are asked for. */
export async function query(
  context: TableContext,
  operation: string,
  params: AnyQueryParams,
): Promise<QueryResult<object>> {
  const plan = makePlan(context, params, PAGE_PARAMETERS)
  const { paginationToken } = params
  const after = paginationToken ? await openCursor(paginationToken, plan.scope) : undefined
  const read = await collect(context, operation, plan, params, after)
  const items = read.items.map(item => context.reader.returned(item, plan.names))
  const { next, capacity } = read
  return next ? { items, paginationToken: await sealCursor(next, plan.scope), capacity } : { items, capacity }
}

/**
 * All items, or the first so many.
 * @throws LimitExceeded when `maxRequests` did not suffice: an incomplete answer would look like a complete one.
 */
export async function queryAll(context: TableContext, operation: string, params: AnyQueryParams): Promise<object[]> {
  const plan = makePlan(context, params, ['limit', 'maxRequests'])
  const read = await collect(context, operation, plan, { ...params, fullRetrieval: true }, undefined)
  const wanted = params.limit ?? Number.POSITIVE_INFINITY
  if (read.next && read.items.length < wanted) {
    const maximum = params.maxRequests ?? MAX_REQUESTS
    throw new LimitExceeded(
      `${operation} made ${maximum} requests and did not come to the end; narrow the range, or raise maxRequests`,
      { limit: 'maxRequests', maximum, actual: maximum + 1 },
    )
  }
  return read.items.map(item => context.reader.returned(item, plan.names))
}

/** All items, one after the other, reading a page when the one before it is used up. */
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
    context.answered(operation, page.capacity)
    for (const item of page.items) yield context.reader.returned(item, plan.names)
    after = page.next
  } while (after)
}

interface Collected {
  readonly items: Item[]
  readonly next: Key | undefined
  readonly capacity: Capacity
}

async function collect(
  context: TableContext,
  operation: string,
  plan: Plan,
  { limit, pageSize, fullRetrieval, maxRequests }: AnyQueryParams,
  start: Key | undefined,
): Promise<Collected> {
  const items: Item[] = []
  const capacity = noCapacity()
  const onePage = limit === undefined && !fullRetrieval
  const requests = maxRequests ?? (onePage ? 1 : limit === undefined ? Number.POSITIVE_INFINITY : MAX_REQUESTS)
  let next = start
  for (let made = 0; made < requests; made++) {
    const wanted = limit === undefined ? undefined : limit - items.length
    const size = pageSize ?? requestSize(wanted, plan.filtered, made)
    const page = await context.store.query({ ...plan.request, limit: size, after: next })
    addCapacity(capacity, page.capacity)
    context.answered(operation, page.capacity)
    next = page.next
    if (limit !== undefined && items.length + page.items.length > limit) {
      const last = page.items[limit - items.length - 1] as Item
      items.push(...page.items.slice(0, limit - items.length))
      return { items, next: placeOf(last, plan.scope), capacity }
    }
    for (const item of page.items) items.push(item)
    if (!next || items.length === limit || onePage) break
  }
  return { items, next, capacity }
}

/** How many items to read for so many wanted; undefined for a page of 1 MB. */
function requestSize(wanted: number | undefined, filtered: boolean, made: number): number | undefined {
  if (wanted === undefined) return undefined
  // Only expired items are left out where there are no filters, so the first request mostly suffices.
  if (!filtered && made === 0) return wanted
  const size = Math.max(wanted, FILTERED_PAGE_SIZE) * GROWTH ** made
  return size > LARGEST_PAGE_SIZE ? undefined : size
}

function placeOf(item: Item, { names }: CursorScope): Key {
  return Object.fromEntries(names.map(name => [name, item[name] as KeyValue]))
}
