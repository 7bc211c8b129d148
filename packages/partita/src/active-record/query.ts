/** Queries of active records, a page at a time. */
import { invalid, valueText } from '../errors/errors.js'
import { didYouMean } from '../errors/nearest.js'
import type { Query } from '../model/types/query.js'
import { checkOptions } from '../store/options.js'
import type { ActiveRecord } from './active-record.js'
import { metered } from './batch-context.js'
import type { ClassModel } from './class-model.js'
import type { ActivePage, ActiveQueryOptions } from './class-types.js'
import { queryKeyOf, whereOf } from './filters.js'
import { Meter } from './meter.js'
import { ObjectNotFound } from './object-not-found.js'
import type { FieldValues } from './record-fields.js'
import { loadRelated, targetOf } from './related.js'
import { LoadedRow } from './row-access.js'
import type { KeyShape } from './shape.js'

/** Makes the record of a row. */
export type MakeRecord = (row: LoadedRow) => ActiveRecord

const OPTIONS = [
  'filter',
  'limit',
  'direction',
  'startKey',
  'countOnly',
  'returnWrapped',
  'loadRelated',
  'relatedFields',
  'relatedOnly',
]
const FLAGS = ['countOnly', 'returnWrapped', 'loadRelated', 'relatedOnly'] as const

/** What a query reads: rows with this value of the partition key, that meet the condition on the sort key. */
export interface PageTarget {
  readonly index: string
  readonly value: unknown
  readonly sort: unknown
}

/** Reads one page. @throws ValidationError for an unknown index, field, operator or option. */
export async function queryPage(
  model: ClassModel,
  make: MakeRecord,
  target: PageTarget,
  options: ActiveQueryOptions | null | undefined,
): Promise<ActivePage<object>> {
  const given = options ?? {}
  checkQueryOptions(given)
  const { countOnly = false, returnWrapped = true } = given
  const meter = new Meter()
  const query = ({ query: queries }: { readonly query: FieldValues }): Query<object> =>
    queryOf(model, queries, target, given)
  if (countOnly) {
    const count = await metered(meter, () =>
      model.group.run(({ [model.shape.name]: rows }) => query(rows as never).count()),
    )
    return { items: [], count, lastEvaluatedKey: undefined, consumedCapacity: meter.entries }
  }
  const { page, scope } = await metered(meter, () =>
    model.group.run(async scope => ({ page: await query(scope[model.shape.name] as never).page(), scope })),
  )
  const rest = { lastEvaluatedKey: page.cursor, consumedCapacity: meter.entries }
  if (!returnWrapped) return { items: page.items.map(row => ({ ...row })), count: page.items.length, ...rest }
  const records = page.items.map(row => make(new LoadedRow(row, new Meter(), scope)))
  const items = await withRelated(model, records, given)
  return { items, count: items.length, ...rest }
}

function queryOf(
  { shape }: ClassModel,
  queries: FieldValues,
  { index, value, sort }: PageTarget,
  { filter, limit, direction, startKey }: ActiveQueryOptions,
): Query<object> {
  const key = shape.indexes.get(index) as KeyShape
  const run = queries[key.name] as (key: object, options: object) => Query<object>
  return run(queryKeyOf(shape, key, value, sort), {
    where: whereOf(shape, filter, 'filter'),
    limit: limit ?? undefined,
    order: direction?.toUpperCase() === 'DESC' ? 'desc' : 'asc',
    after: startKey ?? undefined,
  })
}

/** Loads related records. With `relatedOnly` they replace the rows, without those that are missing. */
async function withRelated(
  model: ClassModel,
  records: ActiveRecord[],
  { loadRelated: isLoaded, relatedFields, relatedOnly }: ActiveQueryOptions,
): Promise<object[]> {
  if (!isLoaded) return records
  await loadRelated(model, records, relatedFields)
  if (!relatedOnly) return records
  const [field] = relatedFields as [string]
  return records.flatMap(record => {
    const related = record.getRelated(field)
    return related && !(related instanceof ObjectNotFound) ? [related] : []
  })
}

function checkQueryOptions(options: ActiveQueryOptions): void {
  checkOptions(options, OPTIONS)
  for (const name of FLAGS) {
    const value = options[name]
    if (value !== undefined && typeof value !== 'boolean') {
      throw invalid([name], `is ${valueText(value)}; it must be true or false`)
    }
  }
  const { direction, loadRelated: isLoaded, relatedFields, relatedOnly, startKey } = options
  if (direction !== undefined && direction !== null && !/^(asc|desc)$/i.test(String(direction))) {
    throw invalid(['direction'], `is ${valueText(direction)}; use ASC or DESC`)
  }
  if (startKey !== undefined && startKey !== null && typeof startKey !== 'string') {
    throw invalid(['startKey'], `is ${valueText(startKey)}; pass the lastEvaluatedKey of a page`)
  }
  if (relatedOnly && !(isLoaded && relatedFields?.length === 1)) {
    throw invalid(['relatedOnly'], 'needs loadRelated and exactly one field in relatedFields')
  }
}

/** The name of an index of the model. @throws ValidationError for another name. */
export function indexNamed({ shape }: ClassModel, index: string): string {
  if (shape.indexes.has(index)) return index
  const known = [...shape.indexes.keys()]
  const hint = didYouMean(index, known)
  throw invalid([shape.name], `has no index ${valueText(index)}; it has ${known.join(', ')}${hint}`)
}

/** The pairs of a mapping, and the records at their other end. */
export function relatedThrough(
  model: ClassModel,
  target: string,
  page: { readonly limit?: unknown; readonly direction?: unknown; readonly startKey?: unknown },
): ActiveQueryOptions {
  targetOf(model.shape, target)
  return { ...page, loadRelated: true, relatedOnly: true, relatedFields: [target] } as ActiveQueryOptions
}
