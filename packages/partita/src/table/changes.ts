/** Compiles the parameters of an update. */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import {
  type Condition,
  ifNotExists,
  type Path,
  type SetAction,
  type Update,
  update as updateNode,
  type ValueAction,
  value,
} from '../expression/ast.js'
import { expirySeconds } from '../keys/expiry.js'
import type { Item, Value } from '../value/value.js'
import { type AnyAtomicOperation, compileAtomic } from './atomic.js'
import { expiryAttribute, indexAttributes, typeAttributes } from './attributes.js'
import type { TableContext } from './context.js'
import { findIndex } from './layout.js'
import { isObject, storableValue } from './storable.js'
import type { AnyUpdateParams } from './update.js'

/** A compiled update. */
export interface CompiledChanges {
  readonly update: Update
  /** The conditions of the atomic operations. */
  readonly conditions: readonly (Condition | undefined)[]
}

/** @throws ValidationError for a property that cannot be changed in this way, or an update without changes. */
export function compileChanges(context: TableContext, params: AnyUpdateParams, now: number): CompiledChanges {
  const { layout } = context
  const changes = new Changes()
  changeProperties(changes, params)
  checkProperties(context, changes.names)
  changeOwnAttributes(changes, context, params, now)
  if (changes.names.size === 0) throw invalid([], 'the update changes nothing; give values, remove or atomicOperations')
  for (const name of [layout.partitionKey, layout.rangeKey]) {
    if (changes.names.has(name)) throw invalid([name], 'is a key attribute; the key of an item cannot be changed')
  }
  return { update: updateNode(changes), conditions: changes.conditions }
}

/** Collects changes. It rejects an attribute that is changed twice, because DynamoDB's error would not name it. */
class Changes {
  readonly set: SetAction[] = []
  readonly remove: Path[] = []
  readonly add: ValueAction[] = []
  readonly delete: ValueAction[] = []
  readonly conditions: (Condition | undefined)[] = []
  readonly names = new Set<string>()

  take(name: string, at: IssuePath): void {
    if (this.names.has(name)) throw invalid(at, `${name} is changed twice by this update; change it in one way`)
    this.names.add(name)
  }

  assign(name: string, assigned: Value, at: IssuePath): void {
    this.take(name, at)
    this.set.push({ path: [name], value: value(assigned) })
  }

  takeAway(name: string, at: IssuePath): void {
    this.take(name, at)
    this.remove.push([name])
  }

  apply(operation: AnyAtomicOperation, at: IssuePath): void {
    const effect = compileAtomic(operation, at)
    this.take(operation.property, at)
    this.conditions.push(effect.condition)
    if (effect.clause === 'set') this.set.push(effect.action)
    else this[effect.clause].push(effect.action)
  }
}

function changeProperties(changes: Changes, params: AnyUpdateParams): void {
  const { values = {} } = params
  if (!isObject(values)) {
    throw invalid(['values'], `is ${valueText(values)}; expected an object with the new values of properties`)
  }
  checkList('remove', params.remove, isText)
  checkList('atomicOperations', params.atomicOperations, isObject)
  checkList('atomicIndexes', params.atomicIndexes, isObject)
  for (const [name, assigned] of Object.entries(values)) {
    if (assigned !== undefined) changes.assign(name, storableValue(assigned), ['values', name])
  }
  for (const [i, name] of (params.remove ?? []).entries()) changes.takeAway(name, ['remove', i])
  for (const [i, operation] of (params.atomicOperations ?? []).entries()) {
    changes.apply(operation, ['atomicOperations', i])
  }
}

function checkList(name: string, list: unknown, isFine: (it: unknown) => boolean): void {
  if (list === undefined) return
  if (!Array.isArray(list)) throw invalid([name], `is ${valueText(list)}; expected a list`)
  const wrong = list.findIndex(it => !isFine(it))
  if (wrong >= 0) throw invalid([name, wrong], `is ${valueText(list[wrong])}, which is not allowed in this list`)
}

function isText(input: unknown): boolean {
  return typeof input === 'string'
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
  const problem = config.badUpdateValidation?.(new Set(names))
  if (problem) throw invalid([], problem === true ? 'badUpdateValidation rejected the update' : problem)
}

function changeOwnAttributes(changes: Changes, context: TableContext, params: AnyUpdateParams, now: number): void {
  const { layout } = context
  const { set, remove } = indexAttributes(layout, params.indexes)
  for (const [name, part] of Object.entries(set)) changes.assign(name, part, ['indexes'])
  for (const name of new Set(remove)) changes.takeAway(name, ['indexes'])
  for (const [i, { index: indexName, ...operation }] of (params.atomicIndexes ?? []).entries()) {
    const at = ['atomicIndexes', i]
    const index = findIndex(layout, indexName)
    if (!index.numeric) throw invalid([...at, 'index'], `the sort key of index ${indexName} is not a number`)
    changes.apply({ ...operation, property: index.rangeKey }, at)
  }
  if (params.expiresAt === null) changes.takeAway(expiryAttribute(layout), ['expiresAt'])
  else if (params.expiresAt !== undefined) {
    changes.assign(expiryAttribute(layout), expirySeconds(params.expiresAt, now), ['expiresAt'])
  }
  changeType(changes, context, params, now)
}

function changeType(changes: Changes, { layout }: TableContext, params: AnyUpdateParams, now: number): void {
  const mayCreate = params.mustExist === false
  if (params.type === undefined && !(mayCreate && layout.typeIndex)) return
  const item = Object.fromEntries(Object.entries(params.values ?? {}).filter(([, it]) => it !== undefined)) as Item
  for (const [name, it] of Object.entries(typeAttributes(layout, item, params.type, now))) {
    if (name !== layout.typeIndex?.rangeKey) changes.assign(name, it, ['type'])
    else if (mayCreate) {
      // An existing item keeps its sort key in the type index.
      changes.take(name, ['type'])
      changes.set.push({ path: [name], value: ifNotExists([name], value(it)) })
    }
  }
}
