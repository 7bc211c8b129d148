/** Reads items by their keys. */
import { invalid, valueText } from '../errors/errors.js'
import type { Projection } from '../expression/ast.js'
import { checkOptions } from '../store/options.js'
import type { GetRequest } from '../store/store.js'
import { primaryKey } from './attributes.js'
import type { TableContext } from './context.js'
import type { ItemKey } from './parameters.js'

interface ReadOptions<Name> {
  /** A strongly consistent read: sees every write acknowledged before the call; costs twice as much. Default false. */
  readonly consistentRead?: boolean
  /** The only properties to return. */
  readonly propertiesToRetrieve?: readonly Name[]
}

/** Parameters of `get`. */
export interface GetParams<Name> extends ItemKey, ReadOptions<Name> {}

/** Parameters of `batchGet`. */
export interface BatchGetParams<Name> extends ReadOptions<Name> {
  /** Any number of keys. Equal keys are read once. */
  readonly keys: readonly ItemKey[]
}

/** Parameters of `transactGet`: at most 100 keys. */
export type TransactGetParams<Name> = Omit<BatchGetParams<Name>, 'consistentRead'>

/** Reads an item; undefined if it does not exist or has expired. */
export async function get(context: TableContext, params: GetParams<string>): Promise<object | undefined> {
  checkOptions(params, ['partitionKey', 'rangeKey', 'consistentRead', 'propertiesToRetrieve'])
  const { item, capacity } = await context.store.get({
    table: context.layout.table,
    key: primaryKey(context.layout, params),
    consistent: params.consistentRead,
    projection: projectionOf(context, params.propertiesToRetrieve),
  })
  context.report('get', capacity)
  return context.reader.read(item, context.now(), params.propertiesToRetrieve)
}

/** Reads items, in the order of the keys; undefined for an item that does not exist or has expired. */
export async function batchGet(context: TableContext, params: BatchGetParams<string>): Promise<(object | undefined)[]> {
  checkOptions(params, ['keys', 'consistentRead', 'propertiesToRetrieve'])
  const gets = requests(context, params).map(request => ({ ...request, consistent: params.consistentRead }))
  if (gets.length === 0) return []
  const { items, capacity } = await context.store.batchGet({ gets })
  context.report('batchGet', capacity)
  const now = context.now()
  return items.map(item => context.reader.read(item, now, params.propertiesToRetrieve))
}

/** Reads items in one snapshot, in the order of the keys. */
export async function transactGet(
  context: TableContext,
  params: TransactGetParams<string>,
): Promise<(object | undefined)[]> {
  checkOptions(params, ['keys', 'propertiesToRetrieve'])
  const gets = requests(context, params)
  if (gets.length === 0) return []
  // DynamoDB rejects a key that is requested twice.
  const ids = gets.map(({ key }) => JSON.stringify(key))
  const distinct = [...new Set(ids)]
  const { items, capacity } = await context.store.transactGet({
    gets: distinct.map(id => gets[ids.indexOf(id)] as GetRequest),
  })
  context.report('transactGet', capacity)
  const now = context.now()
  const found = distinct.map((_, i) => context.reader.read(items[i], now, params.propertiesToRetrieve))
  return ids.map(id => found[distinct.indexOf(id)])
}

function requests(context: TableContext, params: TransactGetParams<string>): GetRequest[] {
  const { layout } = context
  if (!Array.isArray(params.keys)) throw invalid(['keys'], `is ${valueText(params.keys)}; expected a list of keys`)
  const projection = projectionOf(context, params.propertiesToRetrieve)
  return params.keys.map((key, i) => ({ table: layout.table, key: primaryKey(layout, key, ['keys', i]), projection }))
}

function projectionOf(context: TableContext, names: readonly string[] | undefined): Projection | undefined {
  const { partitionKey, rangeKey } = context.layout
  return names && context.reader.needed(names, [partitionKey, rangeKey])
}
