/** Relations as methods of records. */

import { invalid } from '../../../errors/errors.js'
import { noCapacity } from '../../../store/capacity.js'
import { checkCount, checkOptions } from '../../../store/options.js'
import { fieldsFrom, type ResolvedRelation, type ResolvedThrough } from '../../compile/relations.js'
import { ModelRecord, type RecordClass } from '../../rows/record.js'
import type { RowContext } from '../../rows/rows.js'
import type { Explanation, Page, Query } from '../../types/query.js'
import { checkArguments, ModelQuery, noPages } from '../query.js'
import type { AnyQueryOptions } from '../query-plan.js'
import { RowReader, UNREADABLE_OPTIONS } from '../unreadable.js'
import { loadKeys } from './load-keys.js'
import { readThrough, type ThroughOptions } from './through.js'

/** Gives the class of a model's records one method per relation. */
export function addRelations(RecordOfModel: RecordClass, relations: ReadonlyMap<string, ResolvedRelation>): void {
  for (const [method, relation] of relations) {
    Object.defineProperty(RecordOfModel.prototype, method, {
      configurable: true,
      writable: true,
      value(this: ModelRecord, options?: AnyQueryOptions) {
        return follow(ModelRecord.callerOf(this), relation, this, options)
      },
    })
  }
}

function follow(context: RowContext, relation: ResolvedRelation, record: object, options: AnyQueryOptions = {}) {
  const target: RowContext = { ...context, model: relation.target }
  // A single row is read as by `get`, which throws if it cannot be read.
  if (relation.kind === 'one') {
    return loadKeys(target, relation, [record], new RowReader({ strict: true })).then(([row]) => row)
  }
  const fields = fieldsFrom(relation.pairs, record)
  if (!fields) return new NoRows(context.model.name)
  if (relation.kind === 'many') return new ModelQuery(target, relation.index, fields, options)
  return new ThroughQuery(context, relation, fields, options)
}

const OPTIONS = ['limit', 'order', 'after', ...UNREADABLE_OPTIONS]
const DEFAULT_LIMIT = 100
const MAX_PAGES = 100

/** The rows behind pairs, as a query. */
class ThroughQuery implements Query<object> {
  readonly #context: RowContext
  readonly #relation: ResolvedThrough
  readonly #fields: object
  readonly #options: AnyQueryOptions

  constructor(context: RowContext, relation: ResolvedThrough, fields: object, options: AnyQueryOptions) {
    checkOptions(options, OPTIONS)
    checkCount('limit', options.limit)
    this.#context = context
    this.#relation = relation
    this.#fields = fields
    this.#options = options
  }

  async page(...given: readonly unknown[]): Promise<Page<object>> {
    checkArguments('page', given, OPTIONS)
    if (this.#context.scope.overlay) throw noPages()
    const { limit = DEFAULT_LIMIT, after } = this.#options
    const reader = new RowReader(this.#options)
    const { items, cursor, capacity } = await this.#read({ limit, after, maxPages: MAX_PAGES }, reader)
    const { unreadable } = reader
    if (cursor === undefined) return { items, unreadable, stopped: 'end', capacity }
    return { items, unreadable, cursor, stopped: items.length === limit ? 'limit' : 'budget', capacity }
  }

  async all(...given: readonly unknown[]): Promise<object[]> {
    checkArguments('all', given, OPTIONS)
    const { limit, after } = this.#options
    return (await this.#read({ limit, after }, new RowReader(this.#options))).items
  }

  async first(...given: readonly unknown[]): Promise<object | undefined> {
    checkArguments('first', given, OPTIONS)
    const [first] = (await this.#read({ limit: 1, after: this.#options.after }, new RowReader(this.#options))).items
    return first
  }

  /** Counts the rows that `all()` returns, not the pairs, and therefore reads them. */
  async count(...given: readonly unknown[]): Promise<number> {
    checkArguments('count', given, OPTIONS)
    let count = 0
    for await (const _ of this) count++
    return count
  }

  async explain(...given: readonly unknown[]): Promise<Explanation> {
    checkArguments('explain', given, OPTIONS)
    const { order } = this.#options
    const pairs: RowContext = { ...this.#context, model: this.#relation.via }
    return new ModelQuery(pairs, this.#relation.index, this.#fields, { ...(order && { order }) }).explain()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object, void, undefined> {
    if (this.#context.scope.overlay) {
      yield* await this.all()
      return
    }
    const reader = new RowReader(this.#options)
    let { limit: wanted = Number.POSITIVE_INFINITY, after } = this.#options
    do {
      const { items, cursor } = await this.#read({ limit: Math.min(wanted, DEFAULT_LIMIT), after }, reader)
      wanted -= items.length
      yield* items
      after = cursor
    } while (after !== undefined && wanted > 0)
  }

  #read(options: ThroughOptions, reader: RowReader): ReturnType<typeof readThrough> {
    const { order } = this.#options
    return readThrough(this.#context, this.#relation, this.#fields, { ...(order && { order }), ...options }, reader)
  }
}

/** The result of a relation if the row lacks the fields that the relation needs. */
class NoRows implements Query<object> {
  readonly #model: string

  constructor(model: string) {
    this.#model = model
  }

  async page(): Promise<Page<object>> {
    return { items: [], unreadable: [], stopped: 'end', capacity: noCapacity() }
  }

  async all(): Promise<object[]> {
    return []
  }

  async first(): Promise<undefined> {}

  async count(): Promise<number> {
    return 0
  }

  async explain(): Promise<Explanation> {
    throw invalid([], `The ${this.#model} lacks fields that the relation needs`)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object, void, undefined> {}
}
