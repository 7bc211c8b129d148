/** Runs queries. */
import { InvalidCursorError, invalid, type ValidationError } from '../../errors/errors.js'
import { allOf, beginsWith, type Condition, compare, not, path, value } from '../../expression/ast.js'
import { notExpired } from '../../keys/expiry.js'
import { checkNoArguments } from '../../store/options.js'
import type { Item } from '../../value/value.js'
import type { CompiledIndex } from '../compile/compiled-model.js'
import { keyNames } from '../compile/layout.js'
import { DELETED_AT } from '../compile/soft-delete.js'
import { calls } from '../connect/context.js'
import { explanation, relations } from '../on-demand.js'
import type { ModelRecord } from '../rows/record.js'
import type { RowContext } from '../rows/rows.js'
import { hidesRows } from '../rules/hiding.js'
import type { Explanation, Page, Query } from '../types/query.js'
import { notDeleted, seeing } from '../write/guard.js'
import {
  type AnyQueryOptions,
  type Counts,
  cursorOfPage,
  overBudget,
  pageOf,
  planQuery,
  positionOf,
  positionOfRow,
  QUERY_OPTIONS,
  type QueryPlan,
  readAllRows,
  readRows,
} from './query-plan.js'
import { RowReader } from './unreadable.js'

const ADVICE =
  'give options to the query itself, as in query.byRole(key, { limit: 20 }), or to the relation, as in user.posts({ limit: 20 })'
const DEFAULT_LIMIT = 100
const DEFAULT_REQUESTS = 100
/** The most rows that iteration of a query reads and holds at a time. */
const MOST_AT_ONCE = 1000

/** Rejects options of a query's methods, which a query takes itself. */
export function checkArguments(method: keyof Query<object>, given: readonly unknown[], known = QUERY_OPTIONS): void {
  checkNoArguments(String(method), given, ADVICE, known)
}

/** A query of one index of a model. */
export class ModelQuery implements Query<object> {
  readonly #context: RowContext
  readonly #index: CompiledIndex
  readonly #key: unknown
  readonly #options: AnyQueryOptions

  constructor(context: RowContext, index: CompiledIndex, key: unknown, options: AnyQueryOptions = {}) {
    this.#context = seeing(context, options?.withDeleted)
    this.#index = index
    this.#key = key
    this.#options = options
  }

  async page(...given: readonly unknown[]): Promise<Page<object>> {
    checkArguments('page', given)
    if (this.#context.scope.overlay) throw noPages()
    const { before } = this.#options
    const plan = planQuery(this.#context, this.#index, this.#key, this.#options)
    return before === undefined ? this.#pageAfter(plan) : this.#pageBefore(plan, before)
  }

  async #pageAfter(plan: QueryPlan): Promise<Page<object>> {
    const { limit = DEFAULT_LIMIT, maxRequests = DEFAULT_REQUESTS, after } = this.#options
    const start = await positionOf(this.#context, plan, after)
    const results = new Results(this.#context, this.#options)
    const { items, next, capacity } = await readRows(this.#context, plan, limit, maxRequests, start, results.counts)
    const rows = await results.of(items)
    const { unreadable } = results.reader
    const [head] = items
    const last = next ?? (items.length > 0 ? positionOfRow(plan, items.at(-1) as Item) : start)
    if (!last || !(start || next)) return { items: rows, unreadable, stopped: 'end', capacity }
    const first = head ? positionOfRow(plan, head) : (next ?? 'end')
    const token = await cursorOfPage(this.#context, plan, { first, last })
    return {
      items: rows,
      unreadable,
      ...(next && { cursor: token }),
      ...(start && { previous: token }),
      stopped: next ? limitOrBudget(rows, limit) : 'end',
      capacity,
    }
  }

  /**
   * Reads backwards from the first position of the page of `before`. It asks for one row more than the page holds: that row
   * tells whether another page lies before, and is neither decoded nor returned.
   */
  async #pageBefore(plan: QueryPlan, before: string): Promise<Page<object>> {
    const { limit = DEFAULT_LIMIT, maxRequests = DEFAULT_REQUESTS } = this.#options
    const { first: boundary } = await pageOf(this.#context, plan, before)
    if (boundary === undefined)
      throw new InvalidCursorError('it holds only the end of its page, which serves after alone')
    const start = boundary === 'end' ? undefined : boundary
    const results = new Results(this.#context, this.#options)
    let counted = 0
    const counts: Counts = row => {
      if (counted === limit) return true
      const isCounted = results.counts(row)
      if (isCounted) counted++
      return isCounted
    }
    const read = await readRows(this.#context, backwards(plan), limit + 1, maxRequests, start, counts)
    const items = read.items.slice(0, limit).reverse()
    const rows = (await results.of(items)).reverse()
    const unreadable = [...results.reader.unreadable].reverse()
    const { capacity } = read
    const isMore = read.items.length > limit || read.next !== undefined
    if (!isMore && !start) return { items: rows, unreadable, stopped: 'end', capacity }
    const [head] = items
    // With maxRequests made, no row between this position and the first of the page passed the filter.
    const further = read.items.length > limit ? undefined : read.next
    const first = further ?? (head ? positionOfRow(plan, head) : (start ?? 'end'))
    const last = head ? positionOfRow(plan, items.at(-1) as Item) : (further ?? 'start')
    const token = await cursorOfPage(this.#context, plan, { first, last })
    return {
      items: rows,
      unreadable,
      ...(start && { cursor: token }),
      ...(isMore && { previous: token }),
      stopped: isMore ? limitOrBudget(rows, limit) : 'end',
      capacity,
    }
  }

  async all(...given: readonly unknown[]): Promise<object[]> {
    checkArguments('all', given)
    return this.#all(this.#options.limit)
  }

  async first(...given: readonly unknown[]): Promise<object | undefined> {
    checkArguments('first', given)
    const [first] = await this.#all(1)
    return first
  }

  async count(...given: readonly unknown[]): Promise<number> {
    checkArguments('count', given)
    const { scope, model, db } = this.#context
    const plan = this.#plan()
    const { ttl, type } = model.table
    if (plan.range.isEmpty) return 0
    const { limit = Number.POSITIVE_INFINITY, maxRequests } = this.#options
    if (scope.overlay) return (await readAllRows(this.#context, plan, this.#options.limit)).length
    if (hidesRows(this.#context) || (model.steps && this.#dependsOnForm(plan)))
      return (await readAllRows(this.#context, plan, this.#options.limit, this.#options)).length
    if (model.type === null) {
      // Rows without a type name are identified by their keys, so the keys are read.
      const projection = [...keyNames(model.table), ttl, DELETED_AT].map(name => [name] as const)
      return (
        await readAllRows(
          this.#context,
          { ...plan, request: { ...plan.request, projection } },
          this.#options.limit,
          this.#options,
        )
      ).length
    }
    const filter = allOf([
      plan.filter,
      compare(path(type), '=', value(model.type)),
      this.#ofTenant(),
      model.softDelete && !scope.withDeleted ? notDeleted() : undefined,
      notExpired(model.expiring, db.sources.now()),
    ])
    let count = 0
    let requests = 0
    let after = await positionOf(this.#context, plan, this.#options.after)
    do {
      if (requests++ === maxRequests) throw overBudget(this.#context, plan, maxRequests)
      const page = await calls.query(this.#context, { ...plan.request, filter, countOnly: true, after })
      count += page.count
      after = page.next
    } while (after && count < limit)
    return Math.min(count, limit)
  }

  /** Whether the store cannot decide by rows of older forms: on a filter, or by keys in an index. */
  #dependsOnForm({ filter, index }: QueryPlan): boolean {
    return filter !== undefined || index.on !== undefined
  }

  /** The same test as `owns`, as a condition: an index with raw keys may list rows of others. */
  #ofTenant(): Condition | undefined {
    const { model, scope } = this.#context
    if (this.#index.on === undefined || !this.#index.pk.raw) return undefined
    const pk = path(model.table.pk)
    return scope.prefix === '' ? not(beginsWith(pk, value('T#'))) : beginsWith(pk, value(scope.prefix))
  }

  async explain(...given: readonly unknown[]): Promise<Explanation> {
    checkArguments('explain', given)
    const { explainQuery } = await explanation.load()
    return explainQuery(this.#context, this.#plan(), this.#options.limit)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object, void, undefined> {
    if (this.#context.scope.overlay) {
      yield* await this.all()
      return
    }
    const { limit = Number.POSITIVE_INFINITY, maxRequests = Number.POSITIVE_INFINITY, after: cursor } = this.#options
    const plan = this.#plan()
    const results = new Results(this.#context, this.#options)
    let wanted = limit
    let requests = maxRequests
    let after = await positionOf(this.#context, plan, cursor)
    do {
      if (requests === 0) throw overBudget(this.#context, plan, maxRequests)
      // A page at a time, or as many rows as are still wanted.
      const isBounded = wanted < MOST_AT_ONCE
      const most = isBounded ? wanted : undefined
      const read = await readRows(this.#context, plan, most, isBounded ? requests : 1, after, results.counts)
      requests -= read.requests
      const rows = read.items.slice(0, wanted)
      wanted -= rows.length
      yield* await results.of(rows)
      after = read.next
    } while (after && wanted > 0)
  }

  async #all(limit: number | undefined): Promise<object[]> {
    const results = new Results(this.#context, this.#options)
    return results.of(await readAllRows(this.#context, this.#plan(), limit, this.#options, results.counts))
  }

  #plan(): QueryPlan {
    if (this.#options.before !== undefined) throw invalid(['before'], 'reads one page; call page()')
    return planQuery(this.#context, this.#index, this.#key, this.#options)
  }
}

/** The plan that reads the same rows in the opposite order. Cursors are still those of the query. */
function backwards(plan: QueryPlan): QueryPlan {
  const order = plan.request.order === 'desc' ? 'asc' : 'desc'
  return { ...plan, request: { ...plan.request, order } }
}

/** Why a page ends before the last row. */
function limitOrBudget(rows: readonly object[], limit: number): 'limit' | 'budget' {
  return rows.length === limit ? 'limit' : 'budget'
}

/** The error of a query page in a transaction. */
export function noPages(): ValidationError {
  return invalid([], 'pages are not supported in a transaction; use all() or first()')
}

/**
 * Turns rows into the query's results, each once. It does so while rows are counted, since unreadable rows do not
 * count.
 */
class Results {
  readonly reader: RowReader
  readonly counts: Counts
  readonly #context: RowContext
  readonly #options: AnyQueryOptions
  /** In the order of the counted rows. */
  #made: object[] = []

  constructor(context: RowContext, options: AnyQueryOptions) {
    this.reader = new RowReader(options)
    this.#context = context
    this.#options = options
    const select = options.select as readonly string[] | undefined
    this.counts = row => {
      const result = this.reader.result(context, row, select)
      if (result) this.#made.push(result)
      return result !== undefined
    }
  }

  /** @param rows the rows that were counted since the last call, or the first of them. */
  async of(rows: readonly Item[]): Promise<object[]> {
    const results = this.#made.length > rows.length ? this.#made.slice(0, rows.length) : this.#made
    this.#made = []
    const { with: wanted, maxRelated } = this.#options
    if (wanted !== undefined) {
      const { loadRelations } = await relations.load()
      await loadRelations(this.#context, results as ModelRecord[], wanted, this.reader, maxRelated)
    }
    return results
  }
}
