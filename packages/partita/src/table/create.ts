/** Puts whole items. */
import { AlreadyExistsError, ConditionFailedError, invalid, keyText } from '../errors/errors.js'
import { allOf } from '../expression/ast.js'
import { isAbsent, onLiveItem } from '../keys/expiry.js'
import { checkOptions } from '../store/options.js'
import type { PutRequest } from '../store/store.js'
import { equalValues, getAttribute, type Item, type Key, setAttribute, type Value } from '../value/value.js'
import { keyOf, type OwnAttributes, ownAttributes, primaryKey } from './attributes.js'
import { conditionFailed, liveItem } from './condition-failed.js'
import type { SingleTableConfig } from './config.js'
import type { TableContext } from './context.js'
import { type AnyFilters, type Conditions, compileFilters } from './filters.js'
import { type ExactlyOnce, writeOne } from './lost-answer.js'
import type { ExpiryParameter, IndexKeys, ItemKey, TypeParameter } from './parameters.js'
import { storableItem } from './storable.js'

/** The parameters of `create`, without the item. */
interface CreateOptions<Config> {
  readonly key: ItemKey
  /** The item's keys in the table's indexes. The item is not in an index that is omitted. */
  readonly indexes?: IndexKeys<Config>
}

/** The parameters of a put in `batchWrite`, which cannot have conditions. */
export type PutParams<Config = SingleTableConfig> = CreateOptions<Config> &
  TypeParameter<Config> &
  ExpiryParameter<Config> & { readonly item: object }

/** Parameters of `create`. */
export type CreateParams<
  Entity extends object,
  Config = SingleTableConfig,
  Rules = Conditions<NoInfer<Entity>>,
> = ExactlyOnce &
  Omit<PutParams<Config>, 'item'> & {
    /** The item's properties. Properties that are undefined are not stored. */
    readonly item: Entity
    /** Does not overwrite: throws `AlreadyExistsError` if the item exists and has not expired. Default false. */
    readonly createOnly?: boolean
    /** Conditions on the item that is overwritten. */
    readonly conditions?: Rules
    /** Adds the existing item to `ConditionFailedError`. Default false. */
    readonly returnOldOnFailure?: boolean
  }

/** Parameters of `create` for a table whose configuration is not known. */
export interface AnyCreateParams extends OwnAttributes, ExactlyOnce {
  readonly key: ItemKey
  readonly item: object
  readonly createOnly?: boolean
  readonly conditions?: AnyFilters
  readonly returnOldOnFailure?: boolean
}

const PUT_PARAMETERS = ['key', 'item', 'type', 'indexes', 'expiresAt']
const CREATE_PARAMETERS = [...PUT_PARAMETERS, 'createOnly', 'conditions', 'returnOldOnFailure', 'exactlyOnce']

/** Puts an item and returns it in the form that reads return. */
export async function create(context: TableContext, params: AnyCreateParams): Promise<object> {
  const now = context.now()
  const request = createRequest(context, params, now)
  try {
    const { capacity } = await writeOne(context, request, keyOf(context.layout, request.item), params)
    if (capacity) context.report('create', capacity)
  } catch (error) {
    throw error instanceof ConditionFailedError ? createError(context, params, request, error, now) : error
  }
  return context.reader.returned(request.item)
}

/** @throws ValidationError with the path of the wrong parameter. */
export function createRequest(context: TableContext, params: AnyCreateParams, now: number): PutRequest {
  checkOptions(params, CREATE_PARAMETERS)
  const { layout } = context
  const condition = allOf([
    params.createOnly ? isAbsent(layout, now) : undefined,
    onLiveItem(layout, compileFilters(params.conditions, ['conditions']), now),
  ])
  const put = putRequest(context, params, now)
  return condition ? { ...put, condition, returnOldOnFailure: true } : put
}

/** A put without a condition, for batches. */
export function batchPut(context: TableContext, params: AnyCreateParams, now: number): PutRequest {
  checkOptions(params, PUT_PARAMETERS)
  return putRequest(context, params, now)
}

/** The error for a create whose condition failed. */
export function createError(
  context: TableContext,
  params: AnyCreateParams,
  request: PutRequest,
  error: ConditionFailedError,
  now: number,
): Error {
  const key = keyOf(context.layout, request.item)
  if (params.createOnly && liveItem(context, error, now)) return alreadyExists(context, key, error)
  return conditionFailed(context, key, error, params, now)
}

function alreadyExists(context: TableContext, key: Key, cause: Error): AlreadyExistsError {
  const { table } = context.layout
  return new AlreadyExistsError(`Item ${keyText(key)} already exists in table ${table}`, { table, key }, cause)
}

function putRequest(context: TableContext, params: AnyCreateParams, now: number): PutRequest {
  const { layout, config } = context
  const key = primaryKey(layout, params.key ?? {}, ['key'])
  const item = storableItem(params.item)
  const own = ownAttributes(layout, item, params, now)
  for (const [name, value] of Object.entries(key)) checkAgreement(own, name, value)
  Object.assign(own, key)
  for (const name of layout.attributes) {
    const value = getAttribute(item, name)
    if (value !== undefined && config.blockInternalPropUpdate !== false) checkGiven(context, own, name, value)
  }
  for (const name of Object.keys(own)) {
    // An item that was read with its sort key of the type index keeps it.
    const kept = name === layout.typeIndex?.rangeKey && getAttribute(item, name) !== undefined
    if (!kept) setAttribute(item, name, own[name] as Value)
  }
  return { kind: 'put', table: layout.table, item }
}

/** An index can use the table's key attributes. Then its values must agree. */
function checkAgreement(own: Item, name: string, value: Value): void {
  const other = getAttribute(own, name)
  if (other !== undefined && !equalValues(other, value)) {
    throw invalid(['indexes'], `sets ${name} to another value than the item's key does`)
  }
}

/** The item can contain the table's own attributes with equal values, as an item that was read whole does. */
function checkGiven({ layout }: TableContext, own: Item, name: string, value: Value): void {
  if (name === layout.typeIndex?.rangeKey) return
  const written = getAttribute(own, name)
  if (written !== undefined && equalValues(written, value)) return
  throw invalid(
    ['item', name],
    `is an attribute of the table itself; use key, indexes, type or expiresAt, or set blockInternalPropUpdate to false`,
  )
}
