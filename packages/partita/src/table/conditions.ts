/**
 * Conditions as lists of expressions on an item's properties:
 *
 *     [{ property: 'status', operation: 'equal', value: 'draft' },
 *      { property: 'pinned', operation: 'equal', value: true, joinAs: 'or' }]
 *
 * `joinAs` joins an expression to the one before it, with `and` by default. `and` binds tighter than `or`. `nested`
 * adds a group: `a` with nested `b`, `c` is `a and (b and c)`. In a group, the `joinAs` of the first member is the
 * default for the other members. `nestedJoinAs` joins the group to its expression. So `a` with nested
 * `[{ ...b, joinAs: 'or' }, c]` is `a and (b or c)`.
 */
import { type IssuePath, invalid, valueText } from '../errors/errors.js'
import {
  and,
  beginsWith,
  between,
  type Comparator,
  type Condition,
  compare,
  contains,
  exists,
  isIn,
  not,
  notExists,
  type Operand,
  or,
  type Path,
  path,
  value,
} from '../expression/ast.js'
import { checkOptions } from '../store/options.js'
import type { NumberValue } from '../value/number.js'
import type { Value } from '../value/value.js'

type Orderable = string | NumberValue | Uint8Array
type Order = 'lower_than' | 'lower_or_equal_than' | 'bigger_than' | 'bigger_or_equal_than'
/** How an expression is joined to the one before it. */
export type Join = 'and' | 'or'
type Comparison = 'equal' | 'not_equal' | Order
type Operation =
  | Comparison
  | 'in'
  | 'not_in'
  | 'between'
  | 'begins_with'
  | 'contains'
  | 'not_contains'
  | 'exists'
  | 'not_exists'

/** The path of a property inside a document: `['address', 'lines', 0]`. */
export type PropertyPath = readonly [string, ...(string | number)[]]

/** Names of an entity's properties whose type includes the given one. */
export type PropertyOf<Entity, Type = unknown> = {
  [Name in keyof Entity & string]-?: Extract<Exclude<Entity[Name], undefined>, Type> extends never ? never : Name
}[keyof Entity & string]

/** The operand of `contains`: a part of a string or binary, a member of a set, or an element of a list. */
type MemberOf<V> = V extends string
  ? string
  : V extends Uint8Array
    ? Uint8Array
    : V extends ReadonlySet<infer M> | readonly (infer M)[]
      ? M
      : never

interface Joined<Entity> {
  /** How this expression is joined to the one before it. Default `and`. */
  readonly joinAs?: Join
  /** A group in parentheses, joined to this expression. */
  readonly nested?: readonly ItemExpression<Entity>[]
  /** How the group is joined to this expression. Default `and`. */
  readonly nestedJoinAs?: Join
}

// One interface for each form: TypeScript then checks only the forms that a call uses.

interface Equality<Entity, Name, V> extends Joined<Entity> {
  readonly property: Name
  readonly operation: 'equal' | 'not_equal'
  readonly value: V | null
}

interface Membership<Entity, Name, V> extends Joined<Entity> {
  readonly property: Name
  readonly operation: 'in' | 'not_in'
  /** An empty list matches nothing with `in`, and everything with `not_in`. */
  readonly values: readonly (V | null)[]
}

interface Ordering<Entity, Name, V> extends Joined<Entity> {
  readonly property: Name
  readonly operation: Order
  readonly value: V
}

interface Between<Entity, Name, V> extends Joined<Entity> {
  readonly property: Name
  readonly operation: 'between'
  /** Both ends are included. */
  readonly start: V
  readonly end: V
}

interface Containment<Entity, Name, V> extends Joined<Entity> {
  readonly property: Name
  readonly operation: 'contains' | 'not_contains'
  readonly value: V
}

interface Prefix<Entity> extends Joined<Entity> {
  readonly property: PropertyOf<Entity, string | Uint8Array>
  readonly operation: 'begins_with'
  readonly value: string | Uint8Array
}

interface Existence<Entity> extends Joined<Entity> {
  readonly property: (keyof Entity & string) | PropertyPath
  readonly operation: 'exists' | 'not_exists'
}

interface PropertyComparison<Entity> extends Joined<Entity> {
  readonly property: (keyof Entity & string) | PropertyPath
  readonly operation: Comparison
  readonly otherProperty: (keyof Entity & string) | PropertyPath
}

/** A test of a property that is named elsewhere: by the key of a filter, or by an atomic operation. */
export interface ValueTest<Entity, V> extends Joined<Entity> {
  readonly operation: Operation
  readonly value?: V | MemberOf<V> | null
  readonly values?: readonly (V | null)[]
  readonly start?: V
  readonly end?: V
}

/** A test of a path inside a document. The type of its value is not known. */
interface PathTest<Entity> extends ValueTest<Entity, Value> {
  readonly property: PropertyPath
}

type TestOf<Entity, Name, V> =
  | Equality<Entity, Name, V>
  | Membership<Entity, Name, V>
  | ([Extract<V, Orderable>] extends [never]
      ? never
      : Ordering<Entity, Name, Extract<V, Orderable>> | Between<Entity, Name, Extract<V, Orderable>>)
  | ([MemberOf<V>] extends [never] ? never : Containment<Entity, Name, MemberOf<V>>)

/** A test of one property, and how it is joined to others. */
export type ItemExpression<Entity = Readonly<Record<string, Value>>> =
  | { [Name in keyof Entity & string]-?: TestOf<Entity, Name, Exclude<Entity[Name], undefined>> }[keyof Entity & string]
  | Prefix<Entity>
  | Existence<Entity>
  | PropertyComparison<Entity>
  | PathTest<Entity>

/** Any expression, as the code that compiles conditions sees it. */
export interface AnyExpression {
  readonly property?: string | PropertyPath
  readonly operation: string
  readonly value?: Value
  readonly values?: readonly Value[]
  readonly start?: Value
  readonly end?: Value
  readonly otherProperty?: string | PropertyPath
  readonly joinAs?: Join
  readonly nested?: readonly AnyExpression[]
  readonly nestedJoinAs?: Join
}

const COMPARATORS: Readonly<Record<string, Comparator>> = Object.assign(Object.create(null), {
  equal: '=',
  not_equal: '<>',
  lower_than: '<',
  lower_or_equal_than: '<=',
  bigger_than: '>',
  bigger_or_equal_than: '>=',
})

const JOINING = ['property', 'operation', 'joinAs', 'nested', 'nestedJoinAs']

/** Maximum depth of nested groups, so that they cannot exhaust the stack. */
const MAX_NESTING = 32

/**
 * Compiles a list of expressions to a condition; undefined for an empty list.
 *
 * @throws ValidationError with the path of an unknown operation, or of a missing or unexpected operand.
 */
export function compileConditions(list: readonly AnyExpression[], at: IssuePath): Condition | undefined {
  return compileGroup(list, at, 0, undefined)
}

/** Joins conditions by their `joinAs`; `and` binds tighter than `or`. Undefined conditions are skipped. */
export function joinAll(
  parts: readonly { readonly condition: Condition | undefined; readonly joinAs: Join | undefined }[],
): Condition | undefined {
  // Each inner list is joined by `and`, the lists by `or`.
  const alternatives: Condition[][] = []
  for (const { condition, joinAs } of parts) {
    if (!condition) continue
    const last = alternatives.at(-1)
    if (last && joinAs !== 'or') last.push(condition)
    else alternatives.push([condition])
  }
  const joined = alternatives.map(conditions => and(...(conditions as [Condition, ...Condition[]])))
  return joined.length === 0 ? undefined : or(...(joined as [Condition, ...Condition[]]))
}

/** Compiles one expression. It tests the given property if it names none. */
export function compileTest(expression: AnyExpression, property: string, at: IssuePath): Condition {
  if (expression.joinAs !== undefined)
    throw invalid([...at, 'joinAs'], 'is not allowed here: there is no expression before this one')
  return compileExpression({ property, ...expression }, at, 0)
}

function compileGroup(
  list: readonly AnyExpression[],
  at: IssuePath,
  depth: number,
  defaultJoin: Join | undefined,
): Condition | undefined {
  if (depth > MAX_NESTING) throw invalid(at.slice(0, 3), `is nested over ${MAX_NESTING} levels deep`)
  return joinAll(
    list.map((expression, i) => {
      const inside = [...at, i]
      if (typeof expression !== 'object' || expression === null) throw invalid(inside, 'is not an expression')
      checkJoin(expression.joinAs, [...inside, 'joinAs'])
      return { condition: compileExpression(expression, inside, depth), joinAs: expression.joinAs ?? defaultJoin }
    }),
  )
}

function compileExpression(expression: AnyExpression, at: IssuePath, depth: number): Condition {
  const leaf = compileLeaf(expression, at)
  const nested = expression.nested
  if (!nested) return leaf
  const group = compileGroup(nested, [...at, 'nested'], depth + 1, nested[0]?.joinAs)
  if (!group) return leaf
  checkJoin(expression.nestedJoinAs, [...at, 'nestedJoinAs'])
  return expression.nestedJoinAs === 'or' ? or(leaf, group) : and(leaf, group)
}

function checkJoin(join: unknown, at: IssuePath): void {
  if (join === undefined || join === 'and' || join === 'or') return
  throw invalid(at, `is ${valueText(join)}; use 'and' or 'or'`)
}

function compileLeaf(expression: AnyExpression, at: IssuePath): Condition {
  const { operation } = expression
  const steps = pathOf(expression.property, [...at, 'property'])
  const property = path(...steps)
  const comparator = COMPARATORS[operation]
  if (comparator && expression.otherProperty !== undefined) {
    checkOptions(expression, [...JOINING, 'otherProperty'], at)
    return compare(property, comparator, path(...pathOf(expression.otherProperty, [...at, 'otherProperty'])))
  }
  if (comparator) return compare(property, comparator, operand(expression, 'value', at))
  switch (operation) {
    case 'between': {
      checkOptions(expression, [...JOINING, 'start', 'end'], at)
      return between(property, present(expression.start, [...at, 'start']), present(expression.end, [...at, 'end']))
    }
    case 'in':
    case 'not_in': {
      const member = isIn(property, listOperand(expression, at))
      return operation === 'in' ? member : not(member)
    }
    case 'begins_with':
      return beginsWith(property, operand(expression, 'value', at))
    case 'contains':
      return contains(property, operand(expression, 'value', at))
    case 'not_contains':
      return not(contains(property, operand(expression, 'value', at)))
    case 'exists':
    case 'not_exists':
      checkOptions(expression, JOINING, at)
      return operation === 'exists' ? exists(steps) : notExists(steps)
    default:
      throw invalid([...at, 'operation'], `${valueText(operation)} is not an operation on a property`)
  }
}

function operand(expression: AnyExpression, name: 'value', at: IssuePath): Operand {
  checkOptions(expression, [...JOINING, name], at)
  return present(expression[name], [...at, name])
}

function listOperand(expression: AnyExpression, at: IssuePath): Operand[] {
  checkOptions(expression, [...JOINING, 'values'], at)
  const { values } = expression
  if (!Array.isArray(values)) throw invalid([...at, 'values'], 'is not a list; in and not_in need a list of values')
  return values.map((member, i) => present(member, [...at, 'values', i]))
}

function present(operand: Value | undefined, at: IssuePath): Operand {
  if (operand === undefined) throw invalid(at, 'is undefined; give a value, or omit the expression')
  return value(operand)
}

function pathOf(property: string | PropertyPath | undefined, at: IssuePath): Path {
  if (typeof property === 'string' && property !== '') return [property]
  if (Array.isArray(property) && property.length > 0) return property as unknown as Path
  throw invalid(at, 'must be the name or the path of a property')
}
