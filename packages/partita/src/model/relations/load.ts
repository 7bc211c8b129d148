/** Relations loaded with rows: for all rows of a level together, in one batch of reads by key, or one query for each. */
import { invalid, valueText } from '../../errors.js'
import { checkCount, checkParameters, within } from '../../table/parameters.js'
import { type Item, isPlainObject } from '../../value/value.js'
import { ModelRecord } from '../model-record.js'
import { cursorOf, placeOfRow, planQuery, readAllRows } from '../query-plan.js'
import type { RowCaller } from '../rows/rows.js'
import type { RowReader } from '../unreadable.js'
import { loadKeys } from './load-keys.js'
import { fieldsFrom, type ResolvedMany, type ResolvedRelation, type ResolvedThrough } from './resolve.js'
import { readThrough } from './through.js'

/** How one relation is loaded. */
interface Loading {
  readonly with?: unknown
  readonly where?: unknown
  readonly order?: 'asc' | 'desc'
  readonly limit?: number
}

const LOADING = {
  one: ['with'],
  many: ['with', 'where', 'order', 'limit'],
  through: ['with', 'order', 'limit'],
}
/** Relations may lead back and forth. */
const MAX_LEVELS = 8
/** Queries that are under way at once. */
const AT_ONCE = 16

/**
 * Puts what relations give in their place, under their names.
 * @throws ValidationFailed for a relation that there is not, or over 8 levels.
 */
export async function loadRelations(
  caller: RowCaller,
  records: readonly ModelRecord[],
  wanted: unknown,
  reader: RowReader,
  level = 1,
): Promise<void> {
  if (!isPlainObject(wanted))
    throw invalid(['with'], `is ${valueText(wanted)}; it names relations, as { author: true }`)
  if (level > MAX_LEVELS) throw invalid(['with'], `goes over ${MAX_LEVELS} levels deep`)
  const relations = Object.entries(wanted).map(([name, how]) => {
    const relation = findRelation(caller, name)
    return [name, relation, loadingOf(name, relation, how)] as const
  })
  await Promise.all(
    relations.map(async ([name, relation, loading]) => {
      const loaded = await loadOne(caller, records, relation, loading, reader, level)
      records.forEach((record, i) => {
        ;(record as unknown as { [name: string]: unknown })[name] = loaded[i]
      })
    }),
  )
}

/** @throws ValidationFailed listing the relations that there are. */
function findRelation({ db, model }: RowCaller, name: string): ResolvedRelation {
  const relation = db.relations.get(model)?.get(name)
  if (relation) return relation
  const known = Object.keys(model.relations).join(', ') || 'none'
  throw invalid(['with', name], `is no relation of ${model.name}; it has ${known}`)
}

function loadingOf(name: string, { kind }: ResolvedRelation, how: unknown): Loading {
  if (how === true) return {}
  if (!isPlainObject(how)) throw invalid(['with', name], `is ${valueText(how)}; it is true, or how to load it`)
  checkParameters(how, LOADING[kind], ['with', name])
  const loading = how as Loading
  within(['with', name], () => checkCount('limit', loading.limit))
  return loading
}

/** What a relation gives for each record, in their order. */
async function loadOne(
  caller: RowCaller,
  records: readonly ModelRecord[],
  relation: ResolvedRelation,
  loading: Loading,
  reader: RowReader,
  level: number,
): Promise<unknown[]> {
  const target: RowCaller = { ...caller, model: relation.target }
  const loaded =
    relation.kind === 'one'
      ? await loadKeys(target, relation, records, reader)
      : await loadLists(caller, relation, records, loading, reader)
  if (loading.with !== undefined) {
    await loadRelations(
      target,
      loaded.flat().filter(it => it !== undefined),
      loading.with,
      reader,
      level + 1,
    )
  }
  return loaded
}

/** Of rows that share what the relation goes by, one query serves all. */
async function loadLists(
  caller: RowCaller,
  relation: ResolvedMany | ResolvedThrough,
  records: readonly ModelRecord[],
  loading: Loading,
  reader: RowReader,
): Promise<ModelRecord[][]> {
  const fields = records.map(record => fieldsFrom(relation.pairs, record))
  const ids = fields.map(it => it && identityOf(it))
  const distinct = [...new Set(ids)].filter(id => id !== undefined)
  const first = new Map(ids.map((id, i) => [id, fields[i] as object]).reverse() as [string, object][])
  const lists = await inTurn(distinct, id => {
    const of = first.get(id) as object
    return relation.kind === 'many'
      ? queryList({ ...caller, model: relation.target }, relation, of, loading, reader)
      : readThrough(caller, relation, of, loading, reader)
  })
  const byId = new Map(distinct.map((id, i) => [id, lists[i] as Listed]))
  const given = new Set<string>()
  return ids.map(id => {
    if (id === undefined) return []
    const { items, cursor } = byId.get(id) as Listed
    // Records are their holder's own, to change as it likes.
    const own = given.has(id) ? items.map(record => ModelRecord.copyOf(record)) : [...items]
    given.add(id)
    return cursor === undefined ? own : Object.assign(own, { cursor })
  })
}

/** The rows that a relation gives for one row, and where to go on behind its limit. */
interface Listed {
  readonly items: readonly ModelRecord[]
  readonly cursor: string | undefined
}

function identityOf(fields: object): string {
  return JSON.stringify(Object.values(fields), (_, it) => (typeof it === 'bigint' ? it.toString() : it))
}

/** All rows, page after page; with a limit at most that many, and a cursor if there are more. */
async function queryList(
  listed: RowCaller,
  relation: ResolvedMany,
  fields: object,
  { where, order, limit }: Loading,
  reader: RowReader,
): Promise<Listed> {
  const plan = planQuery(listed, relation.index, fields, { where, limit, ...(order !== undefined && { order }) })
  const made = new Map<Item, ModelRecord>()
  const counts = (row: Item): boolean => {
    const record = reader.record(listed, row)
    if (record) made.set(row, record)
    return record !== undefined
  }
  // One more than is wanted tells whether there are more.
  const items = await readAllRows(listed, plan, limit === undefined ? undefined : limit + 1, {}, counts)
  const records = items.slice(0, limit).map(item => made.get(item) as ModelRecord)
  if (limit === undefined || items.length <= limit) return { items: records, cursor: undefined }
  return { items: records, cursor: await cursorOf(listed, plan, placeOfRow(plan, items[limit - 1] as Item)) }
}

/** Some at a time, each result in its place. */
async function inTurn<In, Out>(inputs: readonly In[], work: (input: In) => Promise<Out>): Promise<Out[]> {
  const outcomes: Out[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < inputs.length) {
      const i = next++
      outcomes[i] = await work(inputs[i] as In)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, inputs.length) }, worker))
  return outcomes
}
