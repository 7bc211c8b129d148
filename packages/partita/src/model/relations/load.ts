/** Relations loaded with rows: for all rows of a level together, in one batch of reads by key, or one query for each. */
import { invalid, valueText } from '../../errors.js'
import { checkParameters } from '../../table/parameters.js'
import { type Item, isPlainObject } from '../../value/value.js'
import { encodeKey, type ModelRecord, recordOf } from '../model-record.js'
import { planQuery, readAllRows } from '../query-plan.js'
import { rowsOf } from '../rows/access.js'
import type { RowCaller } from '../rows/rows.js'
import {
  fieldsFrom,
  type ResolvedMany,
  type ResolvedOne,
  type ResolvedRelation,
  type ResolvedThrough,
} from './resolve.js'

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
const DEFAULT_LIMIT = 100
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
      const loaded = await loadOne(caller, records, relation, loading, level)
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
  return how as Loading
}

/** What a relation gives for each record, in their order. */
async function loadOne(
  caller: RowCaller,
  records: readonly ModelRecord[],
  relation: ResolvedRelation,
  loading: Loading,
  level: number,
): Promise<unknown[]> {
  const target: RowCaller = { ...caller, model: relation.target }
  const loaded =
    relation.kind === 'one'
      ? await loadKeys(target, relation, records)
      : await loadLists(caller, relation, records, loading)
  if (loading.with !== undefined) {
    await loadRelations(
      target,
      loaded.flat().filter(it => it !== undefined),
      loading.with,
      level + 1,
    )
  }
  return loaded
}

/** One batch for all. */
export async function loadKeys(
  caller: RowCaller,
  { pairs }: ResolvedOne,
  records: readonly object[],
): Promise<(ModelRecord | undefined)[]> {
  const keys = records.map(record => {
    const fields = fieldsFrom(pairs, record)
    return fields && encodeKey(caller, fields).key
  })
  const present = keys.filter(key => key !== undefined)
  const [first] = present
  const rows =
    first && present.length === 1
      ? [await rowsOf(caller).read(caller, first, false)]
      : await rowsOf(caller).readMany(caller, present, false)
  let read = 0
  return keys.map(key => {
    const row = key && rows[read++]
    return row && recordOf(caller, row)
  })
}

/** Of rows that share what the relation goes by, one query serves all. */
async function loadLists(
  caller: RowCaller,
  relation: ResolvedMany | ResolvedThrough,
  records: readonly ModelRecord[],
  loading: Loading,
): Promise<ModelRecord[][]> {
  const listed: RowCaller = { ...caller, model: relation.kind === 'many' ? relation.target : relation.via }
  const fields = records.map(record => fieldsFrom(relation.pairs, record))
  const ids = fields.map(it => it && identityOf(it))
  const distinct = [...new Set(ids)].filter(id => id !== undefined)
  const lists = await inTurn(distinct, id => queryList(listed, relation, fields[ids.indexOf(id)] as object, loading))
  return Promise.all(
    ids.map(async id => {
      const rows = id === undefined ? [] : (lists[distinct.indexOf(id)] as Item[])
      const found = rows.map(row => recordOf(listed, row))
      if (relation.kind === 'many') return found
      const far = await loadKeys({ ...caller, model: relation.target }, relation.to, found)
      return far.filter(it => it !== undefined)
    }),
  )
}

function identityOf(fields: object): string {
  return JSON.stringify(Object.values(fields), (_, it) => (typeof it === 'bigint' ? it.toString() : it))
}

function queryList(
  listed: RowCaller,
  relation: ResolvedMany | ResolvedThrough,
  fields: object,
  { where, order, limit = DEFAULT_LIMIT }: Loading,
): Promise<Item[]> {
  const options = { where, limit, ...(order !== undefined && { order }) }
  return readAllRows(listed, planQuery(listed, relation.index, fields, options), limit)
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
