/** Executes a page of a SELECT, by queries or by a scan. */

import { ItemFilter } from '../../embedded/read/filter.js'
import type { KeyCondition } from '../../expression/ast.js'
import { pathsOf } from '../../expression/path/walk.js'
import { addCapacity, type Capacity, noCapacity } from '../../store/capacity.js'
import { keyNames } from '../../store/definition.js'
import type { ItemPage, ScanRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import type { Wire } from '../dispatch.js'
import { checkScalarKeys } from '../operations/item/scalar-keys.js'
import { checkSource, type Source } from '../operations/item/source.js'
import { validation } from '../protocol/aws-error.js'
import { mapInSteps } from '../protocol/long-response.js'
import { conditionOf } from './condition.js'
import { digestOf, type Position, readToken, writeToken } from './next-token.js'
import { type Selected, Selector, selectedOf } from './projection.js'
import { planRead, type ReadPlan } from './read-plan.js'
import { checkProjected, refuseSeveralAttributes, selectSource } from './source.js'
import type { SelectStatement } from './statement.js'
import type { Parameters } from './value.js'

/** Options of one page of a `SELECT`. */
export interface SelectOptions {
  readonly text: string
  readonly limit: number | undefined
  readonly token: string | undefined
  readonly consistent: boolean
}

/** One page of a `SELECT`. */
export interface SelectedPage {
  readonly source: Source
  readonly items: readonly Item[]
  readonly next: string | undefined
  /** The key of the last item read; undefined at the end, and if the next page begins with a new partition. */
  readonly last: Key | undefined
  readonly capacity: Capacity
}

/** Read units of 1 MB, strongly consistent. A request over several partitions ends once it has read this much. */
const MAX_UNITS = 256

/** Reads one page. @throws AwsError for an invalid statement or `NextToken`. */
export async function runSelect(
  wire: Wire,
  statement: SelectStatement,
  parameters: Parameters,
  options: SelectOptions,
): Promise<SelectedPage> {
  refuseSeveralAttributes(wire, statement)
  const selected = statement.paths && selectedOf(statement.paths)
  const where = statement.where && conditionOf(statement.where, parameters)
  const source = selectSource(wire, statement)
  if (options.consistent && source.index !== undefined && !source.isLocal) {
    throw validation('Strongly consistent read is not supported on Global Secondary Indexes')
  }
  const plan = planRead(source.schema, source.table.definition.key, where, statement.orderings)
  checkScalarKeys(
    source.table.definition,
    selected?.map(({ path }) => path),
    where,
  )
  checkSource(
    source,
    {},
    selected?.map(({ path }) => path),
  )
  checkProjected(source, where)
  const digest = digestOf(source, options.text, parameters)
  const start = options.token === undefined ? undefined : readToken(options.token, digest, source, plan)
  const read = new Reading(wire, source, plan, selected, options)
  const next = await read.run(start ?? { query: 0, after: undefined })
  const selector = selected && new Selector(selected)
  return {
    source,
    items: selector ? await mapInSteps(read.items, item => selector.of(item)) : read.items,
    next: next && writeToken(digest, next),
    last: next?.after,
    capacity: read.capacity,
  }
}

class Reading {
  readonly items: Item[] = []
  readonly capacity = noCapacity()
  readonly #wire: Wire
  readonly #plan: ReadPlan
  readonly #request: ScanRequest
  /** The filter, if a query may not have it because it names attributes of the key that is queried. */
  readonly #own: ItemFilter | undefined
  #left: number

  constructor(
    wire: Wire,
    source: Source,
    plan: ReadPlan,
    selected: readonly Selected[] | undefined,
    options: SelectOptions,
  ) {
    this.#wire = wire
    this.#plan = plan
    this.#left = options.limit ?? Number.POSITIVE_INFINITY
    const { filter } = plan
    const keys = keyNames(source.schema)
    const own = plan.queries && pathsOf(filter).some(([name]) => keys.includes(name)) ? filter : undefined
    this.#own = own && new ItemFilter(own)
    const names = new Set([...(selected ?? []).map(({ path }) => path), ...pathsOf(own)].map(([name]) => name))
    this.#request = {
      table: source.table.definition.name,
      ...(source.index !== undefined && { index: source.index }),
      ...(filter && !own && { filter }),
      ...(selected && { projection: [...names].map(name => [name] as const) }),
      consistent: options.consistent,
    }
  }

  /** Where the next page begins; undefined at the end. */
  async run(start: Position): Promise<Position | undefined> {
    const { queries = [] } = this.#plan
    let { query, after } = start
    for (;;) {
      const { next, items, scanned, capacity } = await this.#page(queries[query], after)
      addCapacity(this.capacity, capacity)
      this.#left -= scanned
      for (const item of items) if (!this.#own || (await this.#own.passes(item))) this.items.push(item)
      if (next) return { query, after: next }
      query++
      after = undefined
      if (query >= queries.length) return undefined
      if (this.#left <= 0 || this.#units() >= MAX_UNITS) return { query, after }
    }
  }

  #page(key: KeyCondition | undefined, after: Position['after']): Promise<ItemPage> {
    const request = {
      ...this.#request,
      ...(Number.isFinite(this.#left) && { limit: this.#left }),
      ...(after && { after }),
    }
    const { store } = this.#wire
    return key ? store.query({ ...request, key, order: this.#plan.order }) : store.scan(request)
  }

  /** Units read, as if all reads were strongly consistent. */
  #units(): number {
    return this.capacity.read * (this.#request.consistent ? 1 : 2)
  }
}
