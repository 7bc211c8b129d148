/** Plans queries and reads their rows: the request to the store, and the scope of its cursors. */
import { invalid, LimitExceededError, valueText } from '../../errors/errors.js'
import { allOf, type Condition, not, or } from '../../expression/ast.js'
import { noCapacity } from '../../store/capacity.js'
import type { CursorScope, PageEnds } from '../../store/cursor.js'
import { checkCount, checkOptions } from '../../store/options.js'
import { type Collected, collect } from '../../store/paginate.js'
import { isPositionOf } from '../../store/position.js'
import type { ItemPage, QueryRequest } from '../../store/store.js'
import type { Item, Key, KeyValue } from '../../value/value.js'
import type { CompiledIndex, CompiledModel } from '../compile/compiled-model.js'
import { compileWhere } from '../compile/condition.js'
import { keyNames } from '../compile/layout.js'
import { DELETED_AT } from '../compile/soft-delete.js'
import { calls } from '../connect/context.js'
import { isOfPresentForm } from '../evolve/form.js'
import { longReads, upgrades } from '../on-demand.js'
import type { RowContext } from '../rows/rows.js'
import { hidesRows, visible } from '../rules/hiding.js'
import type { UnreadableOptions } from '../types/unreadable.js'
import { live } from '../write/guard.js'
import { cursorEncryption } from './cursor-encryption.js'
import { compileKeyRange, type KeyRange } from './key-range.js'
import { UNREADABLE_OPTIONS } from './unreadable.js'

/** Query options of any model, before they are checked. */
export interface AnyQueryOptions extends UnreadableOptions {
  readonly where?: unknown
  readonly limit?: number
  readonly pageSize?: number
  readonly maxRequests?: number
  readonly order?: 'asc' | 'desc'
  readonly after?: string | undefined
  readonly before?: string | undefined
  readonly consistent?: boolean
  readonly withDeleted?: boolean
  readonly select?: readonly PropertyKey[]
  readonly with?: unknown
  readonly maxRelated?: number
}

/** The options of queries. */
export const QUERY_OPTIONS: readonly string[] = [
  ...['where', 'limit', 'pageSize', 'maxRequests', 'order', 'after', 'before', 'consistent', 'withDeleted', 'select'],
  ...['with', 'maxRelated'],
  ...UNREADABLE_OPTIONS,
]

/** The request to the store, without its start position and limit. */
export interface QueryPlan {
  readonly index: CompiledIndex
  readonly request: Omit<QueryRequest, 'after' | 'limit'>
  readonly range: KeyRange
  readonly filter: Condition | undefined
  readonly cursor: CursorScope
  readonly pageSize: number | undefined
}

/**
 * Checks and compiles a query.
 * @param compiled the condition of `where`, if it was compiled before.
 * @throws ValidationError naming the option, field or operator that is wrong.
 */
export function planQuery(
  context: RowContext,
  index: CompiledIndex,
  key: unknown,
  options: AnyQueryOptions,
  compiled?: Condition,
): QueryPlan {
  checkQueryOptions(index, options)
  const { scope, model, db } = context
  const { order = 'asc', consistent, select, where, pageSize } = options
  const range = compileKeyRange(model, index, key, scope.prefix)
  const filter = allOf([compiled ?? compileWhere(model, where, ['where']), range.filter])
  const { pk, sk, name: table } = model.table
  const names = [...new Set([pk, sk, index.pkAttribute, index.skAttribute])].filter(it => it !== undefined)
  const own = { partition: pk, sort: sk }
  const queried = { partition: index.pkAttribute, sort: index.skAttribute }
  // Permissions need fields that the program did not select.
  const projection = hidesRows(context)
    ? undefined
    : select && projectionOf(context, select as readonly string[], names)
  return {
    index,
    range,
    filter,
    pageSize,
    request: {
      table,
      index: index.on,
      key: range.key,
      order,
      filter: sentFilter(model, filter),
      consistent,
      ...(projection && { projection }),
    },
    cursor: {
      query: [model.name, index.name, scope.prefix, order, range.key, filter ?? null],
      names,
      known: { [index.pkAttribute]: range.key.partition.value as KeyValue },
      isPosition: position => isPositionOf(withTenant(context, index, position), own, queried, range.key),
      secret: db.cursorSecret,
      encryption: cursorEncryption(context),
    },
  }
}

/** The filter for the store, which compares rows as they are stored: those of other forms pass, and are filtered when read. */
function sentFilter(model: CompiledModel, filter: Condition | undefined): Condition | undefined {
  const isPresent = filter && isOfPresentForm(model)
  return isPresent ? or(not(isPresent), filter) : filter
}

/** Whether a row counts towards the limit of a read. Unreadable rows do not. */
export type Counts = (row: Item) => boolean

/** Reads up to `limit` rows from a position, or all. Rows of other models and expired rows do not count. */
export async function readRows(
  context: RowContext,
  plan: QueryPlan,
  limit: number | undefined,
  maxRequests: number,
  start: Key | undefined,
  counts?: Counts,
): Promise<Collected> {
  if (plan.range.isEmpty) return { items: [], next: undefined, capacity: noCapacity(), requests: 0 }
  const { steps } = context.model
  const isHiding = hidesRows(context)
  const request = (size: number | undefined, after: Key | undefined): Promise<ItemPage> =>
    calls.query(context, { ...plan.request, limit: size, after })
  const read = async (size: number | undefined, after: Key | undefined): Promise<ItemPage> => {
    const page = await request(size, after)
    const own = page.items.filter(item => live(context, item) !== undefined)
    const found = steps ? own.filter(upgrades.loaded.belongsTo(context, plan)) : own
    return { ...page, items: await visible(context, found) }
  }
  return collect(isHiding || steps ? read : request, start, {
    limit,
    pageSize: plan.pageSize,
    maxRequests,
    filtered: isHiding || plan.filter !== undefined,
    names: plan.cursor.names,
    accepts: item => live(context, item) !== undefined,
    ...(counts && { counts }),
  })
}

/**
 * Reads all rows, or the first `limit`; in a transaction merged with its writes.
 * @throws LimitExceededError if `maxRequests` is reached: an incomplete result would look complete.
 */
export async function readAllRows(
  context: RowContext,
  plan: QueryPlan,
  limit: number | undefined,
  { maxRequests = Number.POSITIVE_INFINITY, after }: Pick<AnyQueryOptions, 'maxRequests' | 'after'> = {},
  counts?: Counts,
): Promise<Item[]> {
  const { scope } = context
  if (scope.overlay) return scope.overlay.query(context, plan, limit, counts)
  const { items, next } = await readRows(
    context,
    plan,
    limit,
    maxRequests,
    await positionOf(context, plan, after),
    counts,
  )
  if (!next || items.length === limit) return items
  throw overBudget(context, plan, maxRequests)
}

/** The error of a query that reached `maxRequests`. */
export function overBudget({ model }: RowContext, { index }: QueryPlan, maxRequests: number): LimitExceededError {
  return new LimitExceededError(
    `The query of ${model.name}.${index.name} made ${maxRequests} requests without reaching the end; narrow it, or raise maxRequests`,
    { limit: 'maxRequests', maximum: maxRequests, actual: maxRequests + 1 },
  )
}

/** The position of a row in the results of a query. */
export function positionOfRow({ cursor }: QueryPlan, row: Item): Key {
  return Object.fromEntries(cursor.names.map(name => [name, row[name] as KeyValue]))
}

/**
 * The position at the end of the page of a cursor; undefined if the page precedes all rows.
 * @throws InvalidCursorError if this query did not produce the cursor.
 */
export async function positionOf(
  context: RowContext,
  plan: QueryPlan,
  cursor: string | undefined,
): Promise<Key | undefined> {
  if (cursor === undefined) return undefined
  const { last } = await pageOf(context, plan, cursor)
  return last === 'start' ? undefined : last
}

/**
 * Both ends of the page of a cursor.
 * @throws InvalidCursorError if this query did not produce the cursor.
 */
export async function pageOf(context: RowContext, plan: QueryPlan, cursor: string): Promise<PageEnds> {
  const { openPage } = await longReads.load()
  return mapEnds(await openPage(cursor, plan.cursor), position => withTenant(context, plan.index, position))
}

/**
 * The cursor for a position. It reveals the row's key but not its tenant; opening the cursor restores the tenant's
 * prefix.
 */
export async function cursorOf(context: RowContext, plan: QueryPlan, position: Key): Promise<string> {
  return (await longReads.load()).sealCursor(withoutTenant(context, plan.index, position), plan.cursor)
}

/** The cursor of a page, for the pages behind it and before it. As with {@link cursorOf}, it does not reveal the tenant. */
export async function cursorOfPage(context: RowContext, plan: QueryPlan, ends: PageEnds): Promise<string> {
  const { sealPage } = await longReads.load()
  return sealPage(
    mapEnds(ends, position => withoutTenant(context, plan.index, position)),
    plan.cursor,
  )
}

function mapEnds({ first, last }: PageEnds, map: (position: Key) => Key): PageEnds {
  return {
    first: typeof first === 'object' ? map(first) : first,
    last: typeof last === 'object' ? map(last) : last,
  }
}

function withoutTenant({ model, scope }: RowContext, index: CompiledIndex, position: Key): Key {
  const { pk } = model.table
  if (index.pkAttribute === pk) return position
  return { ...position, [pk]: (position[pk] as string).slice(scope.prefix.length) }
}

/** The position with the tenant's prefix restored in the table key, if the query reads an index. */
function withTenant({ model, scope }: RowContext, index: CompiledIndex, position: Key): Key {
  const { pk } = model.table
  const shown = position[pk]
  const isKey = typeof shown === 'string' && shown !== ''
  return index.pkAttribute === pk || !isKey ? position : { ...position, [pk]: scope.prefix + shown }
}

function checkQueryOptions(index: CompiledIndex, options: AnyQueryOptions): void {
  checkOptions(options, QUERY_OPTIONS)
  for (const name of ['limit', 'pageSize', 'maxRequests', 'maxRelated'] as const) checkCount(name, options[name])
  const { order, consistent, after, before } = options
  if (after !== undefined && before !== undefined) {
    throw invalid(['before'], 'cannot be given together with after; a page lies behind one cursor or before one')
  }
  if (order !== undefined && order !== 'asc' && order !== 'desc') {
    throw invalid(['order'], `is ${valueText(order)}; use asc or desc`)
  }
  if (consistent && index.on !== undefined) {
    throw invalid(['consistent'], `is not supported on a global secondary index; its reads are eventually consistent`)
  }
  checkSelection(options)
}

/** @throws ValidationError if fields are selected together with relations. */
export function checkSelection({ select, with: wanted }: Pick<AnyQueryOptions, 'select' | 'with'>): void {
  if (select === undefined) return
  if (!Array.isArray(select) || select.length === 0) throw invalid(['select'], 'takes a list of at least one field')
  if (wanted !== undefined) throw invalid(['with'], 'loads relations of whole rows; omit select')
}

/**
 * The projection for selected fields, plus the attributes that identify the row's model, tenant, expiry and soft delete.
 * Undefined for a model with upgrade steps, which need whole rows.
 */
export function projectionOf({ model }: RowContext, names: readonly string[], keys: readonly string[]) {
  const fields = names.map(name => model.field(name, ['select']).attribute)
  if (model.steps) return undefined
  const { type } = model.table
  const { expiresAt } = model.expiring
  const own = [
    ...(model.type === null ? [] : [type]),
    ...(expiresAt === undefined ? [] : [expiresAt]),
    ...(model.softDelete ? [DELETED_AT] : []),
  ]
  return [...new Set([...fields, ...keys, ...keyNames(model.table), ...own])].map(name => [name] as const)
}
