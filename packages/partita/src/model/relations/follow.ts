/** Relations as methods of records. */

import { invalid } from '../../errors.js'
import { addCapacity, noCapacity } from '../../store/capacity.js'
import { checkParameters } from '../../table/parameters.js'
import type { CompiledModel } from '../compiled.js'
import { ModelQuery } from '../model-query.js'
import { ModelRecord } from '../model-record.js'
import type { Explanation, Page, Query } from '../query.js'
import type { AnyQueryOptions } from '../query-plan.js'
import type { RowCaller } from '../rows/rows.js'
import { loadKeys } from './load.js'
import { fieldsFrom, type ResolvedRelation, type ResolvedThrough } from './resolve.js'

/** The class of a model's records, with a method for each relation. */
export function recordClass({ name }: CompiledModel, relations: ReadonlyMap<string, ResolvedRelation>) {
  // The name is what a logged record is shown under.
  const { [name]: RecordOfModel } = { [name]: class extends ModelRecord {} }
  for (const [method, relation] of relations) {
    Object.defineProperty((RecordOfModel as typeof ModelRecord).prototype, method, {
      configurable: true,
      writable: true,
      value(this: ModelRecord, options?: AnyQueryOptions) {
        return follow(ModelRecord.callerOf(this), relation, this, options)
      },
    })
  }
  return RecordOfModel as typeof ModelRecord
}

function follow(caller: RowCaller, relation: ResolvedRelation, record: object, options: AnyQueryOptions = {}) {
  const target: RowCaller = { ...caller, model: relation.target }
  if (relation.kind === 'one') return loadKeys(target, relation, [record]).then(([row]) => row)
  const fields = fieldsFrom(relation.pairs, record)
  if (!fields) return new NoRows(caller.model.name)
  if (relation.kind === 'many') return new ModelQuery(target, relation.index, fields, options)
  return new ThroughQuery(caller, relation, fields, options)
}

const DEFAULT_LIMIT = 100
const MAX_PAGES = 100

/** Rows behind pairs: the pairs are queried, and of each page the rows are read in one batch. */
class ThroughQuery implements Query<object> {
  readonly #caller: RowCaller
  readonly #relation: ResolvedThrough
  readonly #fields: object
  readonly #options: AnyQueryOptions

  constructor(caller: RowCaller, relation: ResolvedThrough, fields: object, options: AnyQueryOptions) {
    checkParameters(options, ['limit', 'order', 'after'])
    this.#caller = caller
    this.#relation = relation
    this.#fields = fields
    this.#options = options
  }

  async page(): Promise<Page<object>> {
    const { limit = DEFAULT_LIMIT } = this.#options
    const items: object[] = []
    const capacity = noCapacity()
    let { after } = this.#options
    for (let made = 0; made < MAX_PAGES; made++) {
      const pairs = await this.#pairs({ after, limit: limit - items.length }).page()
      addCapacity(capacity, pairs.capacity)
      items.push(...(await this.#far(pairs.items)))
      after = pairs.cursor
      if (after === undefined) return { items, stopped: 'end', capacity }
      if (items.length === limit) return { items, cursor: after, stopped: 'limit', capacity }
    }
    return { items, cursor: after as string, stopped: 'budget', capacity }
  }

  async all(): Promise<object[]> {
    const items: object[] = []
    for await (const item of this) items.push(item)
    return items
  }

  async first(): Promise<object | undefined> {
    for await (const item of this) return item
    return undefined
  }

  /** Of the pairs: whether each has its row is not looked at. */
  count(): Promise<number> {
    return this.#pairs({}).count()
  }

  explain(): Promise<Explanation> {
    return this.#pairs({}).explain()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object, void, undefined> {
    let { limit: wanted = Number.POSITIVE_INFINITY, after } = this.#options
    if (this.#caller.scope.overlay) {
      yield* (await this.#far(await this.#pairs({}).all())).slice(0, wanted)
      return
    }
    do {
      const pairs = await this.#pairs({ after }).page()
      const rows = (await this.#far(pairs.items)).slice(0, wanted)
      wanted -= rows.length
      yield* rows
      after = pairs.cursor
    } while (after !== undefined && wanted > 0)
  }

  #pairs(more: AnyQueryOptions): ModelQuery {
    const { order } = this.#options
    const caller: RowCaller = { ...this.#caller, model: this.#relation.via }
    return new ModelQuery(caller, this.#relation.index, this.#fields, { ...(order && { order }), ...more })
  }

  async #far(pairs: readonly object[]): Promise<object[]> {
    const caller: RowCaller = { ...this.#caller, model: this.#relation.target }
    const rows = await loadKeys(caller, this.#relation.to, pairs)
    return rows.filter(row => row !== undefined)
  }
}

/** What a relation gives whose fields the row does not have. */
class NoRows implements Query<object> {
  readonly #model: string

  constructor(model: string) {
    this.#model = model
  }

  async page(): Promise<Page<object>> {
    return { items: [], stopped: 'end', capacity: noCapacity() }
  }

  async all(): Promise<object[]> {
    return []
  }

  async first(): Promise<undefined> {}

  async count(): Promise<number> {
    return 0
  }

  async explain(): Promise<Explanation> {
    throw invalid([], `The ${this.#model} lacks the fields that the relation goes by, so nothing is read`)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object, void, undefined> {}
}
