/** Changes that the store computes from the stored value, so that no concurrent change is lost. */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import {
  type Condition,
  ifNotExists,
  minus,
  path,
  plus,
  type SetAction,
  type ValueAction,
  value,
} from '../expression/ast.js'
import { checkOptions } from '../store/options.js'
import type { NumberValue } from '../value/number.js'
import { isNumber, isSet, type KeyValue, type Value } from '../value/value.js'
import { type AnyExpression, compileTest, type ItemExpression, type PropertyOf, type ValueTest } from './conditions.js'

/** The name of an operation, given as `operation` or as `type`. */
type Named<Name extends string> =
  | { readonly operation: Name; readonly type?: undefined }
  | { readonly type: Name; readonly operation?: undefined }

type SetMember<V> = V extends ReadonlySet<infer Member> ? Member : never

type OneOrMore<Member> = Member | readonly Member[] | ReadonlySet<Member>

/** A condition on the whole update. Without `property` it tests the property of the operation. */
type Guard<Entity> = ItemExpression<Entity> | OwnTest<Entity>

interface OwnTest<Entity> extends ValueTest<Entity, Value> {
  readonly property?: undefined
}

interface Guarded<Entity> {
  readonly if?: Guard<Entity>
}

/** `sum` and `subtract` require the property to exist; `add` treats a missing one as 0. */
interface Arithmetic<Entity> extends Guarded<Entity> {
  readonly property: PropertyOf<Entity, NumberValue>
  readonly value: NumberValue
}

type SetChange<Entity> = {
  [Name in PropertyOf<Entity, ReadonlySet<unknown>>]: Guarded<Entity> & {
    readonly property: Name
    readonly value: OneOrMore<SetMember<Exclude<Entity[Name & keyof Entity], undefined>>>
  }
}[PropertyOf<Entity, ReadonlySet<unknown>>]

type Initial<Entity> = {
  [Name in keyof Entity & string]-?: Guarded<Entity> & {
    readonly property: Name
    readonly value: Exclude<Entity[Name], undefined>
    /** The property that must be missing for the value to be set. Default: the property itself. */
    readonly refProperty?: keyof Entity & string
  }
}[keyof Entity & string]

/** Names of the atomic operations. */
export type AtomicName = 'sum' | 'subtract' | 'add' | 'add_to_set' | 'remove_from_set' | 'set_if_not_exists'

/** A change that the store computes from the stored value, so that no concurrent change is lost. */
export type AtomicOperation<Entity = Readonly<Record<string, Value>>> =
  | (Named<'sum' | 'subtract' | 'add'> & Arithmetic<Entity>)
  | (Named<'add_to_set' | 'remove_from_set'> & SetChange<Entity>)
  | (Named<'set_if_not_exists'> & Initial<Entity>)

/** Moves an item in a numeric index: adds a number to its sort key, or subtracts one. */
export type AtomicIndexOperation<Index extends string = string> = Named<'sum' | 'subtract' | 'add'> & {
  readonly index: Index
  readonly value: NumberValue
  readonly if?: Guard<Readonly<Record<string, Value>>>
}

type Numeric = 'sum' | 'subtract' | 'add'

/** The values after atomic operations. Typed as `number`, but a number over 2 ** 53 is returned as a bigint. */
export type AtomicResult<Operations> = Operations extends readonly (infer Operation extends {
  readonly property: string
})[]
  ? {
      readonly [It in Operation as It['property']]: It extends
        | { readonly operation: Numeric }
        | { readonly type: Numeric }
        ? number
        : Value
    }
  : unknown

/** Any atomic operation, as the code that compiles updates sees it. */
export interface AnyAtomicOperation {
  readonly operation?: string
  readonly type?: string
  readonly property: string
  readonly value: Value | readonly Value[]
  readonly refProperty?: string
  readonly if?: AnyExpression
}

/** The part of an update that one atomic operation becomes. */
export type AtomicEffect = { readonly condition: Condition | undefined } & (
  | { readonly clause: 'set'; readonly action: SetAction }
  | { readonly clause: 'add' | 'delete'; readonly action: ValueAction }
)

const KNOWN = ['operation', 'type', 'property', 'value', 'refProperty', 'if']

/** Compiles an atomic operation. @throws ValidationError with the path of the wrong parameter. */
export function compileAtomic(atomic: AnyAtomicOperation, at: IssuePath): AtomicEffect {
  checkOptions(atomic, KNOWN, at)
  const name = atomicName(atomic, at)
  const { property, refProperty } = atomic
  if (refProperty !== undefined && name !== 'set_if_not_exists') {
    throw invalid([...at, 'refProperty'], `is not supported by ${name}; only set_if_not_exists reads another property`)
  }
  if (typeof property !== 'string' || property === '')
    throw invalid([...at, 'property'], 'must be the name of a property')
  const condition = atomic.if && compileTest(atomic.if, property, [...at, 'if'])
  const steps = [property] as const
  const own = path(property)
  const valueAt = [...at, 'value']
  switch (name) {
    case 'sum':
      return {
        condition,
        clause: 'set',
        action: { path: steps, value: plus(own, value(number(atomic.value, valueAt))) },
      }
    case 'subtract':
      return {
        condition,
        clause: 'set',
        action: { path: steps, value: minus(own, value(number(atomic.value, valueAt))) },
      }
    case 'add':
      return { condition, clause: 'add', action: { path: steps, value: number(atomic.value, valueAt) } }
    case 'add_to_set':
      return { condition, clause: 'add', action: { path: steps, value: members(atomic.value, valueAt) } }
    case 'remove_from_set':
      return { condition, clause: 'delete', action: { path: steps, value: members(atomic.value, valueAt) } }
    case 'set_if_not_exists': {
      if (atomic.value === undefined) throw invalid(valueAt, 'is undefined')
      const initial = ifNotExists([refProperty ?? property], value(atomic.value as Value))
      return { condition, clause: 'set', action: { path: steps, value: initial } }
    }
  }
}

const NAMES: readonly string[] = ['sum', 'subtract', 'add', 'add_to_set', 'remove_from_set', 'set_if_not_exists']

function atomicName(atomic: AnyAtomicOperation, at: IssuePath): AtomicName {
  if (atomic.operation !== undefined && atomic.type !== undefined && atomic.operation !== atomic.type) {
    throw invalid(
      at,
      `has operation ${valueText(atomic.operation)} and type ${valueText(atomic.type)}; give one of them`,
    )
  }
  const name = atomic.operation ?? atomic.type
  if (name !== undefined && NAMES.includes(name)) return name as AtomicName
  throw invalid([...at, 'operation'], `${valueText(name)} is not an atomic operation; use one of ${NAMES.join(', ')}`)
}

function number(operand: unknown, at: IssuePath): NumberValue {
  if (isNumber(operand)) return operand
  throw invalid(at, 'is not a number')
}

/** The members to add or remove as a set, from one member, a list or a set. */
function members(operand: unknown, at: IssuePath): ReadonlySet<string> {
  const set = isSet(operand) ? operand : new Set((Array.isArray(operand) ? operand : [operand]) as KeyValue[])
  if (set.size === 0) throw invalid(at, 'has no members; omit the operation')
  // The store checks the members and their type.
  return set as ReadonlySet<string>
}
