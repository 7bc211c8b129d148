/** Changes parts of an item. */
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
import { conditionFailed, liveItem } from './condition-failed.js'
import type { IndexName, SingleTableConfig, TableAttribute } from './config.js'
import type { TableContext } from './context.js'
import { type AnyFilters, type Conditions, compileFilters } from './filters.js'
import { type ExactlyOnce, writeOne } from './lost-answer.js'
import type { AnyConfig, ExpiryParameter, IndexKeys, ItemKey } from './parameters.js'

/** Names of the optional properties of an entity. */
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
  ExactlyOnce & {
    /** New values of properties. Undefined ones are not changed; null is a value. */
    readonly values?: Partial<Entity> & { readonly [Name in TableAttribute<Config>]?: never }
    /** Properties to remove. */
    readonly remove?: readonly OptionalProperty<Entity>[]
    readonly atomicOperations?: Operations
    /** Changes of the sort keys of numeric indexes. */
    readonly atomicIndexes?: readonly AtomicIndexOperation<
      AnyConfig<Config> extends true ? string : IndexName<Config>
    >[]
    /** Conditions on the item. */
    readonly conditions?: Rules
    /** New keys in indexes; null removes the item from an index. */
    readonly indexes?: IndexKeys<Config, null>
    /**
     * Whether the item must exist; an expired item does not. With false, the update creates a missing item, and needs
     * its `type` if the table has a type index. Default true, so that an update does not restore a part of a deleted
     * item.
     */
    readonly mustExist?: boolean
    /** Whether to return the new values of the properties that the update names. Default false. */
    readonly returnUpdatedProperties?: boolean
    /** Adds the existing item to `ConditionFailedError`. Default false. */
    readonly returnOldOnFailure?: boolean
    /** Sets the item's type. An item that the update creates also gets its sort key in the type index. */
    readonly type?: string
  } & ExpiryParameter<Config, null>

/** The new values that an update returns. Without an item type, the results of atomic operations are still typed. */
export type Updated<Entity, Operations> = string extends keyof Entity
  ? Readonly<Record<string, Value>> & AtomicResult<Operations>
  : Partial<Entity>

/** Parameters of `update` for a table whose configuration is not known. */
export interface AnyUpdateParams extends ItemKey, OwnAttributes, ExactlyOnce {
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

/** Attempts to remove an expired item: after the first, another item may be written and expire. */
const MAX_ATTEMPTS = 3

/**
 * Updates an item.
 *
 * @returns its updated properties, if requested.
 * @throws ConditionFailedError, NotFoundError, OutcomeUnknownError.
 */
export async function update(context: TableContext, params: AnyUpdateParams): Promise<Item | undefined> {
  if (params.exactlyOnce && params.returnUpdatedProperties) {
    throw invalid(
      ['returnUpdatedProperties'],
      'is not supported with exactlyOnce: DynamoDB returns no attributes from a transaction',
    )
  }
  for (let attempt = 1; ; attempt++) {
    const now = context.now()
    const request = updateRequest(context, params, now)
    try {
      const { item, capacity } = await writeOne(context, request, request.key, params)
      if (capacity) context.report('update', capacity)
      return params.returnUpdatedProperties ? context.reader.part(item ?? {}) : undefined
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) throw error
      const mayReplace = params.mustExist === false && attempt < MAX_ATTEMPTS
      if (mayReplace && (await clearExpired(context, refusedItem(error), now))) continue
      throw updateError(context, params, request.key, error, now)
    }
  }
}

/**
 * Deletes an expired item that the store has not deleted yet, so that an update creates a new item instead of changing
 * the expired one.
 *
 * @returns whether the item had expired.
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
    context.report('delete', capacity)
  } catch (error) {
    // Another writer deleted or renewed it, or the response was lost. The next attempt finds out.
    if (!(error instanceof ConditionFailedError || error instanceof OutcomeUnknownError)) throw error
  }
  return true
}

/** The error for an update whose condition failed. */
export function updateError(
  context: TableContext,
  params: AnyUpdateParams,
  key: Key,
  error: ConditionFailedError,
  now: number,
): Error {
  if (params.mustExist === false || liveItem(context, error, now))
    return conditionFailed(context, key, error, params, now)
  const { table } = context.layout
  return new NotFoundError(
    `Item ${keyText(key)} does not exist in table ${table}; create it first, or set mustExist: false to let the update create it`,
    { table, key },
  )
}

/** @throws ValidationError with the path of the wrong parameter, or for an update without changes. */
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
