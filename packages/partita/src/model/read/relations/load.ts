/**
 * Loads relations together with rows: for all rows of a level at once, in one batch of reads by key, or one query
 * for each.
 *
 * The results of one relation at one level are shared: a row is read once and is one record, and a list is one list,
 * no matter how many rows refer to it. Cyclic relations therefore load each row once per level.
 */
import type { Item } from '../../../value/value.js'
import { fieldsFrom, type ResolvedMany, type ResolvedThrough } from '../../compile/relations.js'
import type { ModelRecord } from '../../rows/record.js'
import type { RowContext } from '../../rows/rows.js'
import { mapConcurrently } from '../concurrently.js'
import { cursorOfPage, planQuery, positionOfRow, readAllRows } from '../query-plan.js'
import type { RowReader } from '../unreadable.js'
import { MAX_RELATED, RelatedBudget, recordSize, sizeOf } from './budget.js'
import { loadKeys, type Shared } from './load-keys.js'
import { type WantedRelation, wantedRelations } from './requested.js'
import { readThrough } from './through.js'

/**
 * Sets the results of relations on records, under the relations' names.
 * @param most the maximum number of rows and lists to load.
 * @throws ValidationError for an unknown relation or more than 8 levels; LimitExceededError for more than `most`.
 */
export async function loadRelations(
  context: RowContext,
  records: readonly ModelRecord[],
  wanted: unknown,
  reader: RowReader,
  most = MAX_RELATED,
): Promise<void> {
  const budget = new RelatedBudget(most)
  await loadLevel({ reader, budget }, context, records, wantedRelations(context.db, context.model, wanted))
  const all = records.reduce((sum, record) => sum + sizeOf(record), 0)
  // A list of records is one result.
  for (const record of records) recordSize(record, all, budget)
}

/** State of one call. */
interface Loading {
  readonly reader: RowReader
  readonly budget: RelatedBudget
}

async function loadLevel(
  loading: Loading,
  context: RowContext,
  records: readonly ModelRecord[],
  wanted: readonly WantedRelation[],
): Promise<void> {
  if (records.length === 0 || wanted.length === 0) return
  const loaded = await Promise.all(wanted.map(relation => loadOne(loading, context, records, relation)))
  const rows = new Map<unknown, number>()
  const rowsIn = (given: unknown): number => {
    let count = rows.get(given)
    if (count === undefined) {
      const list = (Array.isArray(given) ? given : [given]) as (ModelRecord | undefined)[]
      count = list.reduce((sum, record) => sum + (record ? sizeOf(record) : 0), 0)
      rows.set(given, count)
    }
    return count
  }
  records.forEach((record, i) => {
    let size = 1
    wanted.forEach(({ name }, j) => {
      const given = loaded[j]?.[i]
      ;(record as unknown as { [name: string]: unknown })[name] = given
      size += rowsIn(given)
    })
    recordSize(record, size, loading.budget)
  })
}

/** The result of a relation for each record, in their order. */
async function loadOne(
  loading: Loading,
  context: RowContext,
  records: readonly ModelRecord[],
  wanted: WantedRelation,
): Promise<readonly (ModelRecord | readonly ModelRecord[] | undefined)[]> {
  const { relation, inner } = wanted
  const target: RowContext = { ...context, model: relation.target }
  const { reader, budget } = loading
  const loaded =
    relation.kind === 'one'
      ? await loadKeys(target, relation, records, reader, { budget })
      : await loadLists(loading, context, wanted, relation, records)
  const distinct = new Set([...new Set<ModelRecord | readonly ModelRecord[] | undefined>(loaded)].flat())
  distinct.delete(undefined)
  await loadLevel(loading, target, [...distinct] as ModelRecord[], inner)
  return loaded
}

/** One query serves all rows that have the same values in the relation's fields. */
async function loadLists(
  loading: Loading,
  context: RowContext,
  wanted: WantedRelation,
  relation: ResolvedMany | ResolvedThrough,
  records: readonly ModelRecord[],
): Promise<(readonly ModelRecord[])[]> {
  const fields = records.map(record => fieldsFrom(relation.pairs, record))
  const ids = fields.map(field => field && identityOf(field))
  const first = new Map(ids.map((id, i) => [id, fields[i]] as const).reverse())
  first.delete(undefined)
  const shared: Shared = { budget: loading.budget, records: new Map() }
  const distinct = [...first.keys()] as string[]
  const lists = await mapConcurrently(distinct, id => {
    const of = first.get(id) as object
    loading.budget.take()
    return relation.kind === 'many'
      ? queryList(loading, { ...context, model: relation.target }, wanted, relation, of)
      : readThrough(context, relation, of, wanted, loading.reader, shared)
  })
  const byId = new Map(distinct.map((id, i) => [id, listOf(lists[i] as Listed)]))
  return ids.map(id => (id === undefined ? [] : (byId.get(id) as readonly ModelRecord[])))
}

/** The related rows of one row, and the position after its limit. */
interface Listed {
  readonly items: readonly ModelRecord[]
  readonly cursor: string | undefined
}

function listOf({ items, cursor }: Listed): readonly ModelRecord[] {
  return cursor === undefined ? items : Object.assign([...items], { cursor })
}

function identityOf(fields: object): string {
  return JSON.stringify(Object.values(fields), (_, value) => (typeof value === 'bigint' ? value.toString() : value))
}

/** All rows, page by page; with a limit at most that many, and a cursor if there are more. */
async function queryList(
  { reader, budget }: Loading,
  listed: RowContext,
  { filter, order, limit }: WantedRelation,
  relation: ResolvedMany,
  fields: object,
): Promise<Listed> {
  const plan = planQuery(listed, relation.index, fields, { limit, ...(order !== undefined && { order }) }, filter)
  const made = new Map<Item, ModelRecord>()
  const counts = (row: Item): boolean => {
    budget.take()
    const record = reader.record(listed, row)
    if (record) made.set(row, record)
    return record !== undefined
  }
  // Reads one more row to detect whether there are more.
  const items = await readAllRows(listed, plan, limit === undefined ? undefined : limit + 1, {}, counts)
  const records = items.slice(0, limit).map(item => made.get(item) as ModelRecord)
  if (limit === undefined || items.length <= limit) return { items: records, cursor: undefined }
  const first = positionOfRow(plan, items[0] as Item)
  const last = positionOfRow(plan, items[limit - 1] as Item)
  return { items: records, cursor: await cursorOfPage(listed, plan, { first, last }) }
}
