/** Reads rows behind pairs: queries the pairs, and reads the far rows of each page in one batch. */
import { addCapacity, type Capacity, noCapacity } from '../../../store/capacity.js'
import type { Item, Key } from '../../../value/value.js'
import type { ResolvedThrough } from '../../compile/relations.js'
import type { ModelRecord } from '../../rows/record.js'
import type { RowContext } from '../../rows/rows.js'
import type { Overlay } from '../../transaction/overlay.js'
import { cursorOf, planQuery, positionOf, positionOfRow, type QueryPlan, readRows } from '../query-plan.js'
import type { RowReader } from '../unreadable.js'
import { loadKeys, type Shared } from './load-keys.js'

/** Options of reading the far rows of a `through` relation. */
export interface ThroughOptions {
  readonly order?: 'asc' | 'desc' | undefined
  /** Maximum number of far rows. Default: all. */
  readonly limit?: number | undefined
  readonly after?: string | undefined
  /** Maximum number of pages of pairs. Default: unlimited. */
  readonly maxPages?: number
}

interface FarRows {
  readonly items: ModelRecord[]
  /** The position to continue at; undefined at the end. */
  readonly cursor: string | undefined
  readonly capacity: Capacity
}

/** Reads far rows. Skips pairs whose row is missing and reads more pairs instead. */
export async function readThrough(
  context: RowContext,
  relation: ResolvedThrough,
  fields: object,
  { order, limit, after, maxPages = Number.POSITIVE_INFINITY }: ThroughOptions,
  reader: RowReader,
  shared: Shared = {},
): Promise<FarRows> {
  const pairs: RowContext = { ...context, model: relation.via }
  const plan = planQuery(pairs, relation.index, fields, { ...(order && { order }) })
  const { overlay } = context.scope
  if (overlay) return readInTransaction(pairs, overlay, relation, plan, limit, reader, shared)
  const counts = (): boolean => {
    shared.budget?.take()
    return true
  }
  const items: ModelRecord[] = []
  const capacity = noCapacity()
  let next = await positionOf(pairs, plan, after)
  for (let made = 0; made < maxPages; made++) {
    // Pairs with missing rows mean that more pairs than wanted rows must be read.
    const wanted = limit === undefined ? undefined : (limit - items.length) * (made === 0 ? 1 : GROWTH)
    const page = await readRows(pairs, plan, wanted, MAX_REQUESTS, next, counts)
    addCapacity(capacity, page.capacity)
    const last = take(plan, page.items, await farSide(pairs, relation, page.items, reader, shared), items, limit)
    next = last ?? page.next
    if (!next || items.length === limit) break
  }
  return { items, cursor: next && (await cursorOf(pairs, plan, next)), capacity }
}

/** Requests for one page of pairs. */
const MAX_REQUESTS = 100
const GROWTH = 8

/** Writes of the transaction belong to no page, so all pairs are read. */
async function readInTransaction(
  pairs: RowContext,
  overlay: Overlay,
  relation: ResolvedThrough,
  plan: QueryPlan,
  limit: number | undefined,
  reader: RowReader,
  shared: Shared,
): Promise<FarRows> {
  const found = await overlay.query(pairs, plan, undefined)
  const items: ModelRecord[] = []
  const last = take(plan, found, await farSide(pairs, relation, found, reader, shared), items, limit)
  return { items, cursor: last && (await cursorOf(pairs, plan, last)), capacity: noCapacity() }
}

/**
 * Adds the rows behind the pairs, up to the limit.
 * @returns the position of the pair at which the limit was reached, if later pairs have rows.
 */
function take(
  plan: QueryPlan,
  pairs: readonly Item[],
  far: readonly (ModelRecord | undefined)[],
  items: ModelRecord[],
  limit: number | undefined,
): Key | undefined {
  let last = 0
  for (let i = 0; i < far.length; i++) {
    const row = far[i]
    if (!row) continue
    if (items.length === limit) return positionOfRow(plan, pairs[last] as Item)
    items.push(row)
    last = i
  }
  return undefined
}

/** The row behind each pair; undefined if it is missing, or if the pair or the row is unreadable. */
async function farSide(
  pairs: RowContext,
  relation: ResolvedThrough,
  found: readonly Item[],
  reader: RowReader,
  shared: Shared,
): Promise<(ModelRecord | undefined)[]> {
  const records = found.map(item => reader.record(pairs, item))
  return loadKeys({ ...pairs, model: relation.target }, relation.to, records, reader, shared)
}
