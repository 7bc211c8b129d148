/** The static methods of classes of records. */
import { invalid, valueText } from '../errors/errors.js'
import { didYouMean } from '../errors/nearest.js'
import { add } from '../model/write/update-operators.js'
import { checkOptions } from '../store/options.js'
import type { ActiveRecord } from './active-record.js'
import { isInsideBatchContext, metered } from './batch-context.js'
import { type ClassModel, modelOf } from './class-model.js'
import type {
  ActiveDeleteOptions,
  ActiveIterationOptions,
  ActivePage,
  ActiveQueryOptions,
  ActiveWriteOptions,
  FindOptions,
  FoundRecords,
} from './class-types.js'
import { whereOf } from './filters.js'
import type { Group } from './group.js'
import { type ConsumedCapacity, Meter } from './meter.js'
import { ObjectNotFound } from './object-not-found.js'
import { type KeyFields, keyOfId, primaryIdOf } from './primary-id.js'
import { indexNamed, queryPage, relatedThrough } from './query.js'
import type { FieldValues } from './record-fields.js'
import { completeKeys, deleteRow, LoadedRow, notFound } from './row-access.js'
import { amountOf, fieldValue, specOf } from './values.js'

/** Limit of the keys of one `getMany`. */
const MOST_KEYS = 10_000

/** A class that makes records of rows. Derived classes pass the row on by `super(data)`. */
type Making = new (data: object) => ActiveRecord

/** The static methods of `ActiveRecordClass`, for the class of each model. */
export const CLASS_METHODS = {
  async create(this: Making, data: object): Promise<ActiveRecord> {
    return new this(data).save()
  },

  async find(this: Making, id: unknown, options: FindOptions = {}): Promise<ActiveRecord | ObjectNotFound> {
    const { group, shape } = modelOf(this)
    checkOptions(options, ['bypassCache', 'batchDelay'])
    const { bypassCache: consistent = false } = options
    if (typeof consistent !== 'boolean') throw invalid(['bypassCache'], `is ${valueText(consistent)}`)
    const key = keyOfId(shape, id)
    return found(this, group, scope => rowsOf(scope, shape.name).get(key, { consistent }))
  },

  async batchFind(this: Making, ids: unknown): Promise<FoundRecords<ActiveRecord>> {
    const { group, shape } = modelOf(this)
    if (ids !== undefined && ids !== null && !Array.isArray(ids)) {
      throw invalid([], `batchFind takes a list of ids, not ${valueText(ids)}`)
    }
    const entries: ConsumedCapacity[] = []
    const keys = new Map((ids ?? []).map((id: unknown) => keyOfId(shape, id)).map(key => [idText(shape, key), key]))
    const items: { [id: string]: ActiveRecord } = Object.create(null)
    const wanted = [...keys]
    for (let from = 0; from < wanted.length; from += MOST_KEYS) {
      const part = wanted.slice(from, from + MOST_KEYS)
      const own = new Meter()
      const { rows, scope } = await metered(own, () =>
        group.run(async scope => ({
          rows: await rowsOf(scope, shape.name).getMany(part.map(([, key]) => key)),
          scope,
        })),
      )
      entries.push(...own.entries)
      const found = rows.filter(row => row !== undefined).length
      part.forEach(([id], i) => {
        const row = rows[i]
        if (row) items[id] = new this(new LoadedRow(row, own.share(found), scope))
      })
    }
    return { items, ConsumedCapacity: entries }
  },

  async findByUniqueConstraint(
    this: Making,
    constraint: string,
    value: unknown,
  ): Promise<ActiveRecord | ObjectNotFound> {
    const { group, shape } = modelOf(this)
    const fields = shape.unique.get(constraint)
    if (!fields) {
      const known = [...shape.unique.keys()]
      const list = `${known.join(', ') || 'none'}${didYouMean(constraint, known)}`
      throw invalid([shape.name], `has no unique constraint ${valueText(constraint)}; it has ${list}`)
    }
    const given = fields.length === 1 ? { [fields[0] as string]: value } : (value as FieldValues)
    const values = Object.fromEntries(
      Object.entries(given ?? {}).map(([name, it]) => [name, fieldValue(specOf(shape.fields, shape.name, name), it)]),
    )
    return found(this, group, scope => rowsOf(scope, shape.name).findBy(values))
  },

  async update(this: Making, id: unknown, changes: object, options: ActiveWriteOptions = {}): Promise<ActiveRecord> {
    const model = modelOf(this)
    const { group, shape } = model
    checkOptions(options, ['condition', 'forceReindex'])
    const condition = whereOf(shape, options.condition, 'condition')
    const key = keyOfId(shape, id)
    const input = changesOf(model, key, changes)
    const meter = new Meter()
    return metered(meter, () =>
      group.run(async scope => {
        const rows = rowsOf(scope, shape.name)
        const isWritten = Object.keys(input).length > 0 || !options.forceReindex
        const row = isWritten
          ? await rows.update(key, input, condition ? { if: condition } : {})
          : await rows.get(key, { consistent: true })
        if (!row) throw notFound(shape, key)
        if (options.forceReindex) await completeKeys(row, key)
        return new this(new LoadedRow(row, meter, scope))
      }),
    )
  },

  async delete(this: Making, id: unknown, options: ActiveDeleteOptions = {}): Promise<ActiveRecord> {
    const { group, shape } = modelOf(this)
    checkOptions(options, ['condition'])
    const condition = whereOf(shape, options.condition, 'condition')
    const key = keyOfId(shape, id)
    const meter = new Meter()
    return metered(meter, () =>
      group.run(async scope => {
        const row = await deleteRow(shape, rowsOf(scope, shape.name), key, condition)
        return new this(new LoadedRow(row, meter, scope))
      }),
    )
  },

  async queryByIndex(
    this: Making,
    index: string,
    value: unknown,
    sort: unknown = null,
    options: ActiveQueryOptions | null = {},
  ): Promise<ActivePage<object>> {
    const model = modelOf(this)
    return queryPage(model, row => new this(row), { index: indexNamed(model, index), value, sort }, options)
  },

  async queryByPrimaryKey(
    this: Making,
    value: unknown,
    sort: unknown = null,
    options: ActiveQueryOptions | null = {},
  ): Promise<ActivePage<object>> {
    return queryPage(modelOf(this), row => new this(row), { index: 'key', value, sort }, options)
  },

  async getRelatedObjectsViaMap(
    this: Making,
    index: string,
    value: unknown,
    target: string,
    sort: unknown = null,
    limit: unknown = null,
    direction: unknown = null,
    startKey: unknown = null,
  ): Promise<ActivePage<object>> {
    const model = modelOf(this)
    const options = relatedThrough(model, target, { limit, direction, startKey })
    return queryPage(model, row => new this(row), { index: indexNamed(model, index), value, sort }, options)
  },

  iterateAll(this: Making, options: ActiveIterationOptions = {}): AsyncGenerator<ActiveRecord[], void, undefined> {
    const { group, shape } = modelOf(this)
    checkOptions(options, ['batchSize', 'parallel', 'filter'])
    const { batchSize, parallel, filter } = options
    const where = whereOf(shape, filter, 'filter')
    // The caller's tenant, also if the batches are read elsewhere.
    const call = group.caller()
    return batchesOf(this, () =>
      call(async scope => ({
        scope,
        batches: rowsOf(scope, shape.name).iterate({ batchSize, parallel, where }).batches(),
      })),
    )
  },

  getPrimaryId(this: Making, data: object): string {
    return primaryIdOf(modelOf(this).shape, data as KeyFields)
  },

  makePrimaryId(this: Making, ...values: unknown[]): string {
    const { shape } = modelOf(this)
    return primaryIdOf(shape, Object.fromEntries(shape.keyFields.map((name, i) => [name, values[i]])))
  },

  isInsideBatchContext(): boolean {
    return isInsideBatchContext()
  },
}

/** The part of a repository that is used, for models that only their names tell apart. */
interface AnyRepository {
  get(key: object, options: object): Promise<object | undefined>
  getMany(keys: readonly object[]): Promise<(object | undefined)[]>
  findBy(values: object): Promise<object | undefined>
  update(key: object, changes: object, options: object): Promise<object>
  delete(key: object, options: object): Promise<object | undefined>
  iterate(options: object): { batches(): AsyncIterable<{ readonly items: object[] }> }
}

function rowsOf(scope: object, name: string): AnyRepository {
  return (scope as { readonly [name: string]: AnyRepository })[name] as AnyRepository
}

async function found(
  make: Making,
  group: Group,
  read: (scope: object) => Promise<object | undefined>,
): Promise<ActiveRecord | ObjectNotFound> {
  const meter = new Meter()
  return metered(meter, () =>
    group.run(async scope => {
      const row = await read(scope)
      return row ? new make(new LoadedRow(row, meter, scope)) : new ObjectNotFound(meter)
    }),
  )
}

interface Batches {
  readonly scope: object
  readonly batches: AsyncIterable<{ readonly items: object[] }>
}

async function* batchesOf(
  make: Making,
  start: () => Promise<Batches>,
): AsyncGenerator<ActiveRecord[], void, undefined> {
  const { scope, batches } = await start()
  for await (const { items } of batches) {
    if (items.length > 0) yield items.map(row => new make(new LoadedRow(row, new Meter(), scope)))
  }
}

/** The changes as a model takes them. Key fields with the value that they have are left out. */
function changesOf({ shape }: ClassModel, key: KeyFields, changes: unknown): FieldValues {
  if (typeof changes !== 'object' || changes === null) throw invalid([], `The changes are ${valueText(changes)}`)
  const own = primaryIdOf(shape, key)
  const input: FieldValues = {}
  for (const [name, given] of Object.entries(changes)) {
    const spec = specOf(shape.fields, shape.name, name)
    if (given === undefined) continue
    if (shape.keyFields.includes(name) && primaryIdOf(shape, { ...key, [name]: given }) === own) continue
    const amount = amountOf(spec, given)
    input[name] = amount === undefined ? fieldValue(spec, given) : add(amount)
  }
  return input
}

function idText(shape: ClassModel['shape'], key: KeyFields): string {
  return primaryIdOf(shape, key)
}
