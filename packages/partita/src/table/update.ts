/** Changing parts of an item. */
import {
  ConditionFailedError,
  invalid,
  keyText,
  NotFoundError,
  OutcomeUnknownError,
  refusedItem,
} from '../errors/errors.js'
import { allOf, compare, path, value } from '../expression/ast.js'
import { isExpired, isPresent, notExpired } from '../keys/expiry.js'
import { checkOptions } from '../store/options.js'
import type { UpdateRequest } from '../store/store.js'
import { getAttribute, type Item, type Key, type Value } from '../value/value.js'
import type { AnyAtomicOperation, AtomicIndexOperation, AtomicOperation, AtomicResult } from './atomic.js'
import { keyOf, type OwnAttributes, primaryKey } from './attributes.js'
import { compileChanges } from './changes.js'
import { liveItem, refusal } from './condition-failed.js'
import type { IndexName, SingleTableConfig, TableAttribute } from './config.js'
import type { TableContext } from './context.js'
import { type AnyFilters, type Conditions, compileFilters } from './filters.js'
import { type Certainty, writeOne } from './lost-answer.js'
import type { AnyConfig, ExpiryParameter, IndexKeys, ItemKey } from './parameters.js'

/** Properties that an entity may be without. */
type OptionalProperty<Entity> = string extends keyof Entity
  ? string
  : {
      [Name in keyof Entity & string]-?: Partial<Pick<Entity, Name>> extends Pick<Entity, Name> ? Name : never
    }[keyof Entity & string]

/** Parameters of `update`. */
export type UpdateParams<
  Entity,
  Config = SingleTableConfig,
  Operations = readonly AtomicOperation<Entity>[],
  Rules = Conditions<Entity>,
> = ItemKey &
  Certainty & {
    /** New values of properties. Those that are undefined are left as they are; null is a value. */
    readonly values?: Partial<Entity> & { readonly [Name in TableAttribute<Config>]?: never }
    /** Properties to take away. */
    readonly remove?: readonly OptionalProperty<Entity>[]
    readonly atomicOperations?: Operations
    /** Changes of the sort keys of numeric indexes. */
    readonly atomicIndexes?: readonly AtomicIndexOperation<
      AnyConfig<Config> extends true ? string : IndexName<Config>
    >[]
    /** What the item must be like. */
    readonly conditions?: Rules
    /** New keys in indexes; null takes the item out of one. */
    readonly indexes?: IndexKeys<Config, null>
    /**
     * Whether there must be such an item; one that has expired is none. With false the update makes the item where there
     * is none, and needs its `type` where the table has a type index. Default true: a deleted item is not brought back
     * as a fragment of itself.
     */
    readonly mustExist?: boolean
    /** Whether the new values of the properties that the update names are returned. Default false. */
    readonly returnUpdatedProperties?: boolean
    /** Puts the item that is there into the `ConditionFailedError` error. Default false. */
    readonly returnOldOnFailure?: boolean
    /** Writes the item's type. An item that the update creates also gets its key in the type's listing. */
    readonly type?: string
  } & ExpiryParameter<Config, null>

/** The new values that an update returns. Without a type for the item, what atomic operations give is still known. */
export type Updated<Entity, Operations> = string extends keyof Entity
  ? Readonly<Record<string, Value>> & AtomicResult<Operations>
  : Partial<Entity>

/** Parameters of `update` for a table whose configuration is not known. */
export interface AnyUpdateParams extends ItemKey, OwnAttributes, Certainty {
  readonly values?: { readonly [name: string]: Value | undefined }
  readonly remove?: readonly string[]
  readonly atomicOperations?: readonly AnyAtomicOperation[]
  readonly atomicIndexes?: readonly (Omit<AnyAtomicOperation, 'property'> & { readonly index: string })[]
  readonly conditions?: AnyFilters
  readonly mustExist?: boolean
  readonly returnUpdatedProperties?: boolean
  readonly returnOldOnFailure?: boolean
}

const PARAMETERS = [
  'partitionKey',
  'rangeKey',
  'values',
  'remove',
  'atomicOperations',
  'atomicIndexes',
  'conditions',
  'indexes',
  'mustExist',
  'returnUpdatedProperties',
  'returnOldOnFailure',
  'type',
  'expiresAt',
  'exactlyOnce',
]

/** An expired item may be replaced by another that expires before the second try. */
const MAX_ATTEMPTS = 3

/**
 * Updates an item.
 * @returns its updated properties, if requested.
 * @throws ConditionFailedError, NotFoundError, OutcomeUnknownError.
 */
export async function update(context: TableContext, params: AnyUpdateParams): Promise<Item | undefined> {
  if (params.exactlyOnce && params.returnUpdatedProperties) {
    throw invalid(['returnUpdatedProperties'], 'is not offered with exactlyOnce: a transaction returns nothing')
  }
  for (let attempt = 1; ; attempt++) {
    const now = context.now()
    const request = updateRequest(context, params, now)
    try {
      const { item, capacity } = await writeOne(context, request, request.key, params)
      if (capacity) context.answered('update', capacity)
      return params.returnUpdatedProperties ? context.reader.part(item ?? {}) : undefined
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) throw error
      const mayReplace = params.mustExist === false && attempt < MAX_ATTEMPTS
      if (mayReplace && (await clearExpired(context, refusedItem(error), now))) continue
      throw updateRefusal(context, params, request.key, error, now)
    }
  }
}

/**
 * Deletes an item that has expired and that the store has not deleted yet, so that an update can make a new one
 * instead of going on with what was left of the old.
 * @returns whether it was such an item.
 */
export async function clearExpired(context: TableContext, item: Item | undefined, now: number): Promise<boolean> {
  const { layout, store } = context
  if (!item || layout.expiresAt === undefined || !isExpired(layout, item, now)) return false
  const expiry = getAttribute(item, layout.expiresAt) as Value
  try {
    const { capacity } = await store.write({
      kind: 'delete',
      table: layout.table,
      key: keyOf(layout, item),
      condition: compare(path(layout.expiresAt), '=', value(expiry)),
    })
    context.answered('delete', capacity)
  } catch (error) {
    // Somebody else has deleted or renewed it; or the answer was lost, and the next try finds out.
    if (!(error instanceof ConditionFailedError || error instanceof OutcomeUnknownError)) throw error
  }
  return true
}

/** Why the item was not updated. */
export function updateRefusal(
  context: TableContext,
  params: AnyUpdateParams,
  key: Key,
  error: ConditionFailedError,
  now: number,
): Error {
  if (params.mustExist === false || liveItem(context, error, now)) return refusal(context, key, error, params, now)
  const { table } = context.layout
  return new NotFoundError(
    `There is no item ${keyText(key)} in table ${table} to update; create it, or allow the update to with mustExist: false`,
    { table, key },
  )
}

/** @throws ValidationError naming the parameter or property that is wrong, or when nothing would be changed. */
export function updateRequest(context: TableContext, params: AnyUpdateParams, now: number): UpdateRequest {
  checkOptions(params, PARAMETERS)
  const { layout } = context
  const { update, conditions } = compileChanges(context, params, now)
  const condition = allOf([
    params.mustExist === false ? notExpired(layout, now) : isPresent(layout, now),
    compileFilters(params.conditions, ['conditions']),
    ...conditions,
  ])
  return {
    kind: 'update',
    table: layout.table,
    key: primaryKey(layout, params),
    update,
    ...(condition ? { condition, returnOldOnFailure: true } : {}),
    ...(params.returnUpdatedProperties ? { returns: 'updatedNew' } : {}),
  }
}
