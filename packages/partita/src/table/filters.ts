/**
 * Filters of a query, in one of three forms:
 *
 *     { status: 'draft', kind: ['a', 'b'], views: { operation: 'bigger_than', value: 5 } }   by property
 *     { status: { $in: ['draft'] }, 'address.city': 'Lyon', $or: [{ .. }, { .. }] }          operators (type `Filter`)
 *     [{ property: 'status', operation: 'equal', value: 'draft' }]                           a list of expressions
 *
 * The first two can be mixed. A list of values matches any of them; an empty list matches nothing.
 */
import { type IssuePath, invalid } from '../errors/errors.js'
import { type Condition, isIn, path, value } from '../expression/ast.js'
import { compileFilter, type FieldOperators, type Filter } from '../expression/filter/compile.js'
import { parsePath } from '../expression/path/parse.js'
import { within } from '../store/options.js'
import type { Value } from '../value/value.js'
import { type AnyExpression, compileConditions, type ItemExpression, joinAll, type ValueTest } from './conditions.js'

type FilterOn<Entity, V> = V | null | readonly (V | null)[] | ValueTest<Entity, V> | FieldOperators

interface Combined {
  readonly $and?: readonly Filter[]
  readonly $or?: readonly Filter[]
  readonly $not?: Filter
  /** Paths inside documents. */
  readonly [path: `${string}.${string}` | `${string}[${string}]`]: FilterOn<unknown, Value>
}

/** Filters of a query: values by property, operators, or a list of expressions. */
export type Filters<Entity> =
  | readonly ItemExpression<Entity>[]
  | (string extends keyof Entity
      ? { readonly [path: string]: FilterOn<Entity, Value> | Filter | readonly Filter[] | undefined }
      : Combined & { readonly [Name in keyof Entity & string]?: FilterOn<Entity, Exclude<Entity[Name], undefined>> })

/** Conditions of a write, in the same forms as {@link Filters}. */
export type Conditions<Entity> = Filters<Entity>

/** Filters of any form, as the code that compiles them sees them. */
export type AnyFilters = readonly AnyExpression[] | { readonly [path: string]: unknown }

/**
 * Compiles filters to a condition; undefined if every item matches.
 *
 * @throws ValidationError with the path of a filter that is undefined or malformed.
 */
export function compileFilters(filters: AnyFilters | undefined, at: IssuePath): Condition | undefined {
  if (filters === undefined) return undefined
  if (isExpressionList(filters)) return compileConditions(filters, at)
  if (typeof filters !== 'object' || filters === null)
    throw invalid(at, 'is neither a list of expressions nor a filter')
  return joinAll(
    Object.keys(filters).map(key => {
      const input = filters[key]
      if (isTest(input)) return { condition: compileNamedTest(key, input, [...at, key]), joinAs: input.joinAs }
      return { condition: compileNamed(key, input, [...at, key]), joinAs: 'and' as const }
    }),
  )
}

function compileNamed(key: string, input: unknown, at: IssuePath): Condition | undefined {
  if (!Array.isArray(input) || key.startsWith('$'))
    return within(at.slice(0, -1), () => compileFilter({ [key]: input } as Filter))
  const members = input.map((member, i) => {
    if (member === undefined) throw invalid([...at, i], 'is undefined; omit it')
    return value(member as Value)
  })
  return isIn(path(...within(at, () => parsePath(key))), members)
}

function compileNamedTest(key: string, test: AnyExpression, at: IssuePath): Condition | undefined {
  if (test.property !== undefined)
    throw invalid([...at, 'property'], 'is not allowed here: the key of the filter is the property')
  return compileConditions([{ ...test, property: within(at, () => parsePath(key)), joinAs: undefined }], at)
}

function isExpressionList(filters: AnyFilters): filters is readonly AnyExpression[] {
  return Array.isArray(filters)
}

function isTest(input: unknown): input is AnyExpression {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, 'operation')
}
