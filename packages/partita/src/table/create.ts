/** Putting whole items. */
import { AlreadyExistsError, ConditionFailedError, invalid, keyText } from '../errors/errors.js'
import { allOf } from '../expression/ast.js'
import { isAbsent, onLiveItem } from '../keys/expiry.js'
import { checkOptions } from '../store/options.js'
import type { PutRequest } from '../store/store.js'
import { equalValues, getAttribute, type Item, type Key, setAttribute, type Value } from '../value/value.js'
import { keyOf, type OwnAttributes, ownAttributes, primaryKey } from './attributes.js'
import { liveItem, refusal } from './condition-failed.js'
import type { SingleTableConfig } from './config.js'
import type { TableContext } from './context.js'
import { type AnyFilters, type Conditions, compileFilters } from './filters.js'
import { type Certainty, writeOne } from './lost-answer.js'
import type { ExpiryParameter, IndexKeys, ItemKey, TypeParameter } from './parameters.js'
import { storableItem } from './storable.js'

/** What `create` takes besides the item. */
interface CreateOptions<Config> {
  readonly key: ItemKey
  /** The item's places in the table's indexes; those left out it is not in. */
  readonly indexes?: IndexKeys<Config>
}

/** The parameters of `batchWrite`'s puts, which cannot have conditions. */
export type PutParams<Config = SingleTableConfig> = CreateOptions<Config> &
  TypeParameter<Config> &
  ExpiryParameter<Config> & { readonly item: object }

/** Parameters of `create`. */
export type CreateParams<
  Entity extends object,
  Config = SingleTableConfig,
  Rules = Conditions<NoInfer<Entity>>,
> = Certainty &
  Omit<PutParams<Config>, 'item'> & {
    /** The item's properties; those that are undefined are not stored. */
    readonly item: Entity
    /** Refuses to replace an item: throws `AlreadyExistsError` where there is one that has not expired. Default false. */
    readonly createOnly?: boolean
    /** What the item that is replaced must be like. */
    readonly conditions?: Rules
    /** Puts the item that is there into the `ConditionFailedError` error. Default false. */
    readonly returnOldOnFailure?: boolean
  }

/** Parameters of `create` for a table whose configuration is not known. */
export interface AnyCreateParams extends OwnAttributes, Certainty {
  readonly key: ItemKey
  readonly item: object
  readonly createOnly?: boolean
  readonly conditions?: AnyFilters
  readonly returnOldOnFailure?: boolean
}

const PUT_PARAMETERS = ['key', 'item', 'type', 'indexes', 'expiresAt']
const CREATE_PARAMETERS = [...PUT_PARAMETERS, 'createOnly', 'conditions', 'returnOldOnFailure', 'exactlyOnce']

/** Puts an item and returns it as a read would. */
export async function create(context: TableContext, params: AnyCreateParams): Promise<object> {
  const now = context.now()
  const request = createRequest(context, params, now)
  try {
    const { capacity } = await writeOne(context, request, keyOf(context.layout, request.item), params)
    if (capacity) context.answered('create', capacity)
  } catch (error) {
    throw error instanceof ConditionFailedError ? createRefusal(context, params, request, error, now) : error
  }
  return context.reader.returned(request.item)
}

/** @throws ValidationError naming the parameter that is wrong. */
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

/** A put without a condition, as batches take it. */
export function batchPut(context: TableContext, params: AnyCreateParams, now: number): PutRequest {
  checkOptions(params, PUT_PARAMETERS)
  return putRequest(context, params, now)
}

/** Why the item was not put. */
export function createRefusal(
  context: TableContext,
  params: AnyCreateParams,
  request: PutRequest,
  error: ConditionFailedError,
  now: number,
): Error {
  const key = keyOf(context.layout, request.item)
  if (params.createOnly && liveItem(context, error, now)) return alreadyThere(context, key, error)
  return refusal(context, key, error, params, now)
}

function alreadyThere(context: TableContext, key: Key, cause: Error): AlreadyExistsError {
  const { table } = context.layout
  return new AlreadyExistsError(`There is an item ${keyText(key)} in table ${table} already`, { table, key }, cause)
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
    // An item that was read with its place in the type's listing keeps it.
    const kept = name === layout.typeIndex?.rangeKey && getAttribute(item, name) !== undefined
    if (!kept) setAttribute(item, name, own[name] as Value)
  }
  return { kind: 'put', table: layout.table, item }
}

/** An index may be made of the table's own key attributes. */
function checkAgreement(own: Item, name: string, value: Value): void {
  const other = getAttribute(own, name)
  if (other !== undefined && !equalValues(other, value)) {
    throw invalid(['indexes'], `gives ${name} another value than the item's key does`)
  }
}

/** The table's own attributes may come with the item where they say the same, as in one that was read whole. */
function checkGiven({ layout }: TableContext, own: Item, name: string, value: Value): void {
  if (name === layout.typeIndex?.rangeKey) return
  const written = getAttribute(own, name)
  if (written !== undefined && equalValues(written, value)) return
  throw invalid(
    ['item', name],
    `is an attribute of the table itself; give it by key, indexes, type or expiresAt, or set blockInternalPropUpdate to false`,
  )
}
