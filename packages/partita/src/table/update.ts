/** Changing parts of an item. */
import { ConditionFailed, invalid, keyText, NotFound } from '../errors.js'
import {
  allOf,
  type Condition,
  compare,
  ifNotExists,
  type Path,
  path,
  type SetAction,
  update as updateNode,
  type ValueAction,
  value,
} from '../expression/ast.js'
import type { UpdateRequest } from '../store/store.js'
import { getAttribute, type Item, type Key, type Value } from '../value/value.js'
import {
  type AnyAtomicOperation,
  type AtomicIndexOperation,
  type AtomicOperation,
  type AtomicResult,
  compileAtomic,
} from './atomic.js'
import {
  expiryAttribute,
  indexAttributes,
  keyOf,
  type OwnAttributes,
  primaryKey,
  typeAttributes,
} from './attributes.js'
import type { IndexName, SingleTableConfig, TableAttribute } from './config.js'
import type { TableContext } from './context.js'
import { expirySeconds, isExpired, isPresent, notExpired } from './expiry.js'
import { type AnyFilters, type Conditions, compileFilters } from './filters.js'
import { findIndex } from './layout.js'
import { type AnyConfig, checkParameters, type ExpiryParameter, type IndexKeys, type ItemKey } from './parameters.js'
import { liveItem, refusal } from './refusal.js'
import { storableValue } from './storable.js'

/** Properties that an entity may be without. */
type OptionalProperty<Entity> = string extends keyof Entity
  ? string
  : {
      [Name in keyof Entity & string]-?: Partial<Pick<Entity, Name>> extends Pick<Entity, Name> ? Name : never
    }[keyof Entity & string]

export type UpdateParams<
  Entity,
  Config = SingleTableConfig,
  Operations = readonly AtomicOperation<Entity>[],
  Rules = Conditions<Entity>,
> = ItemKey & {
  /** New values of properties. Those that are undefined are left as they are; null is a value. */
  readonly values?: Partial<Entity> & { readonly [Name in TableAttribute<Config>]?: never }
  /** Properties to take away. */
  readonly remove?: readonly OptionalProperty<Entity>[]
  readonly atomicOperations?: Operations
  /** Changes of the sort keys of numeric indexes. */
  readonly atomicIndexes?: readonly AtomicIndexOperation<AnyConfig<Config> extends true ? string : IndexName<Config>>[]
  /** What the item must be like. */
  readonly conditions?: Rules
  /** New places in indexes; null takes the item out of one. */
  readonly indexes?: IndexKeys<Config, null>
  /**
   * Whether there must be such an item; one that has expired is none. With false the update makes the item where there
   * is none, and needs its `type` where the table has a type index. Default true: a deleted item is not brought back
   * as a fragment of itself.
   */
  readonly mustExist?: boolean
  /** Whether the new values of the properties that the update names are returned. Default false. */
  readonly returnUpdatedProperties?: boolean
  /** Puts the item that is there into the `ConditionFailed` error. Default false. */
  readonly returnOldOnFailure?: boolean
  /** Writes the item's type. An item that the update makes is also given its place in the type's listing. */
  readonly type?: string
} & ExpiryParameter<Config, null>

/** The new values that an update returns. Without a type for the item, what atomic operations give is still known. */
export type Updated<Entity, Operations> = string extends keyof Entity
  ? Readonly<Record<string, Value>> & AtomicResult<Operations>
  : Partial<Entity>

export interface AnyUpdateParams extends ItemKey, OwnAttributes {
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
]

/** An expired item may be replaced by another that expires before the second try. */
const MAX_ATTEMPTS = 3

export async function update(context: TableContext, params: AnyUpdateParams): Promise<Item | undefined> {
  for (let attempt = 1; ; attempt++) {
    const now = context.now()
    const request = updateRequest(context, params, now)
    try {
      const { item, capacity } = await context.store.write(request)
      context.answered('update', capacity)
      return params.returnUpdatedProperties ? context.reader.part(item ?? {}) : undefined
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error
      const mayReplace = params.mustExist === false && attempt < MAX_ATTEMPTS
      if (mayReplace && (await clearExpired(context, error.details.item, now))) continue
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
    // Somebody else has deleted or renewed it.
    if (!(error instanceof ConditionFailed)) throw error
  }
  return true
}

/** Why the item was not updated. */
export function updateRefusal(
  context: TableContext,
  params: AnyUpdateParams,
  key: Key,
  error: ConditionFailed,
  now: number,
): Error {
  if (params.mustExist === false || liveItem(context, error, now)) return refusal(context, key, error, params, now)
  const { table } = context.layout
  return new NotFound(
    `There is no item ${keyText(key)} in table ${table} to update; create it, or allow the update to with mustExist: false`,
    { table, key },
  )
}

/** @throws ValidationFailed naming the parameter or property that is wrong, or when nothing would be changed. */
export function updateRequest(context: TableContext, params: AnyUpdateParams, now: number): UpdateRequest {
  checkParameters(params, PARAMETERS)
  const { layout } = context
  const changes = new Changes()
  changeProperties(changes, params)
  checkProperties(context, changes.names)
  changeOwnAttributes(changes, context, params, now)
  if (changes.names.size === 0) throw invalid([], 'the update changes nothing; give values, remove or atomicOperations')
  for (const name of [layout.partitionKey, layout.rangeKey]) {
    if (changes.names.has(name)) throw invalid([name], 'is of the key of the item, which cannot be changed')
  }
  const condition = allOf([
    params.mustExist === false ? notExpired(layout, now) : isPresent(layout, now),
    compileFilters(params.conditions, ['conditions']),
    ...changes.conditions,
  ])
  return {
    kind: 'update',
    table: layout.table,
    key: primaryKey(layout, params),
    update: updateNode(changes),
    ...(condition ? { condition, returnOldOnFailure: true } : {}),
    ...(params.returnUpdatedProperties ? { returns: 'updatedNew' } : {}),
  }
}

/** What an update does so far; no attribute may be changed in two ways, which DynamoDB would refuse without a name. */
class Changes {
  readonly set: SetAction[] = []
  readonly remove: Path[] = []
  readonly add: ValueAction[] = []
  readonly delete: ValueAction[] = []
  readonly conditions: (Condition | undefined)[] = []
  readonly names = new Set<string>()

  take(name: string, at: readonly (string | number)[]): void {
    if (this.names.has(name)) throw invalid(at, `${name} is changed twice by this update; change it in one way`)
    this.names.add(name)
  }

  assign(name: string, assigned: Value, at: readonly (string | number)[]): void {
    this.take(name, at)
    this.set.push({ path: [name], value: value(assigned) })
  }

  takeAway(name: string, at: readonly (string | number)[]): void {
    this.take(name, at)
    this.remove.push([name])
  }

  apply(operation: AnyAtomicOperation, at: readonly (string | number)[]): void {
    const effect = compileAtomic(operation, at)
    this.take(operation.property, at)
    this.conditions.push(effect.condition)
    if (effect.clause === 'set') this.set.push(effect.action)
    else this[effect.clause].push(effect.action)
  }
}

function changeProperties(changes: Changes, params: AnyUpdateParams): void {
  for (const [name, assigned] of Object.entries(params.values ?? {})) {
    if (assigned !== undefined) changes.assign(name, storableValue(assigned), ['values', name])
  }
  for (const [i, name] of (params.remove ?? []).entries()) changes.takeAway(name, ['remove', i])
  for (const [i, operation] of (params.atomicOperations ?? []).entries()) {
    changes.apply(operation, ['atomicOperations', i])
  }
}

function checkProperties({ layout, config }: TableContext, names: ReadonlySet<string>): void {
  for (const name of names) {
    if (layout.attributes.has(name) && config.blockInternalPropUpdate !== false) {
      throw invalid(
        [name],
        'is an attribute of the table itself; use indexes, type or expiresAt, or set blockInternalPropUpdate to false',
      )
    }
  }
  const fault = config.badUpdateValidation?.(new Set(names))
  if (fault) throw invalid([], fault === true ? 'the update was refused by badUpdateValidation' : fault)
}

function changeOwnAttributes(changes: Changes, context: TableContext, params: AnyUpdateParams, now: number): void {
  const { layout } = context
  const { set, remove } = indexAttributes(layout, params.indexes)
  for (const [name, place] of Object.entries(set)) changes.assign(name, place, ['indexes'])
  for (const name of new Set(remove)) changes.takeAway(name, ['indexes'])
  for (const [i, { index: indexName, ...operation }] of (params.atomicIndexes ?? []).entries()) {
    const at = ['atomicIndexes', i]
    const index = findIndex(layout, indexName)
    if (!index.numeric) throw invalid([...at, 'index'], `${indexName} is not sorted by number`)
    changes.apply({ ...operation, property: index.rangeKey }, at)
  }
  if (params.expiresAt === null) changes.takeAway(expiryAttribute(layout), ['expiresAt'])
  else if (params.expiresAt !== undefined) {
    changes.assign(expiryAttribute(layout), expirySeconds(params.expiresAt, now), ['expiresAt'])
  }
  changeType(changes, context, params, now)
}

function changeType(changes: Changes, { layout }: TableContext, params: AnyUpdateParams, now: number): void {
  const makesItems = params.mustExist === false
  if (params.type === undefined && !(makesItems && layout.typeIndex)) return
  const item = Object.fromEntries(Object.entries(params.values ?? {}).filter(([, it]) => it !== undefined)) as Item
  for (const [name, it] of Object.entries(typeAttributes(layout, item, params.type, now))) {
    if (name !== layout.typeIndex?.rangeKey) changes.assign(name, it, ['type'])
    else if (makesItems) {
      // An item that is there keeps its place in the listing.
      changes.take(name, ['type'])
      changes.set.push({ path: [name], value: ifNotExists([name], value(it)) })
    }
  }
}
