/**
 * Compiles user filters to conditions. A filter often comes from outside the program, so anything that does not match
 * the grammar is rejected with its path and is never treated as "no filter".
 */
import { type IssuePath, invalid, withArticle } from '../../errors/errors.js'
import { didYouMean } from '../../errors/nearest.js'
import { isMap, isNumber, isPlainObject, type TypeName, typeOf, type Value } from '../../value/value.js'
import {
  allOf,
  and,
  beginsWith,
  between,
  type Comparator,
  type Condition,
  compare,
  contains,
  exists,
  hasType,
  isIn,
  not,
  notExists,
  type Operand,
  or,
  type Path,
  path as pathOperand,
  size,
  value,
} from '../ast.js'
import { MAX_OPERATORS } from '../limits.js'
import { parsePath } from '../path/parse.js'
import { checkCondition } from '../validate/condition.js'
import type { Filter } from './types.js'

export type { FieldOperators, Filter } from './types.js'

/** Maximum nesting of `$and`, `$or` and `$not`. */
const MAX_FILTER_DEPTH = 32

const COMPARATORS: { readonly [operator: string]: Comparator } = {
  $eq: '=',
  $ne: '<>',
  $gt: '>',
  $gte: '>=',
  $lt: '<',
  $lte: '<=',
}
const OPERAND_OPERATORS = [...Object.keys(COMPARATORS), '$between', '$in']
const FIELD_OPERATORS = [...OPERAND_OPERATORS, '$exists', '$beginsWith', '$contains', '$size', '$type']

/** The attribute that a filter path refers to. */
interface FilterTarget {
  readonly path: Path
  /** The stored form of an operand. Throws ValidationError if the attribute cannot be compared with it. */
  operand(input: unknown, operator: string, at: IssuePath): Value
  /** For attributes whose absence counts as a value: builds the condition from the one for a path. */
  build?(on: (path: Path) => Condition): Condition
}

/** Maps the paths of a filter to stored attributes, if they differ. */
export type Vocabulary = (path: Path, at: IssuePath) => FilterTarget

const STORED: Vocabulary = path => ({ path, operand: input => input as Value })

/**
 * Compiles a filter to a condition; undefined for `{}`, which every item satisfies.
 *
 * An empty `$in` matches nothing. An empty `$or` or `$and`, and an empty filter inside `$or` or `$not`, are rejected.
 *
 * @example
 * import { compileFilter, matches } from 'partita/store'
 *
 * const condition = compileFilter({ views: { $gt: 5, $lt: 9 } }) // views > 5 AND views < 9
 * condition && matches(condition, { views: 7 }) // true
 * @throws ValidationError with the path of an `undefined`, an unknown operator, an operand of the wrong type, a bare
 *   list or map, or nesting of more than 32 levels.
 * @throws LimitExceededError for over 300 operators.
 */
export function compileFilter(input: Filter, vocabulary: Vocabulary = STORED): Condition | undefined {
  const condition = allOf(conditionsOf(input, vocabulary, [], 0))
  if (condition) checkCondition(condition)
  return condition
}

function conditionsOf(input: unknown, vocabulary: Vocabulary, at: IssuePath, depth: number): Condition[] {
  if (depth > MAX_FILTER_DEPTH) {
    throw invalid(at.slice(0, 4), `the filter is nested over ${MAX_FILTER_DEPTH} levels deep`)
  }
  if (!isPlainObject(input)) throw invalid(at, `a filter is a plain object, not ${kindOf(input)}`)
  const conditions: Condition[] = []
  for (const key of Object.keys(input)) {
    // Each condition has at least one operator, so `checkCondition` rejects longer lists.
    if (conditions.length > MAX_OPERATORS) break
    const operand = input[key]
    const inner = [...at, key]
    if (operand === undefined) throw invalid(inner, UNDEFINED)
    if (key === '$and') for (const part of partsOf(operand, vocabulary, inner, depth)) conditions.push(...part)
    else if (key === '$or')
      conditions.push(or(...(partsOf(operand, vocabulary, inner, depth).map(all(inner)) as Several)))
    else if (key === '$not') conditions.push(not(all(inner)(conditionsOf(operand, vocabulary, inner, depth + 1))))
    else if (key.startsWith('$')) {
      throw invalid(
        inner,
        'is not an operator here; a filter has $and, $or, $not and paths (write \\$ for a name with $)',
      )
    } else {
      const path = fieldPath(key, inner)
      const inside = [...at, ...path]
      conditions.push(...fieldConditions(vocabulary(path, inside), operand, inside))
    }
  }
  return conditions
}

type Several = [Condition, ...Condition[]]

function partsOf(input: unknown, vocabulary: Vocabulary, at: IssuePath, depth: number): Condition[][] {
  if (!Array.isArray(input) || input.length === 0) {
    throw invalid(at, 'takes a list of at least one filter; omit it if you have none')
  }
  const parts: Condition[][] = []
  let count = 0
  for (let i = 0; i < input.length && count <= MAX_OPERATORS; i++) {
    const part = conditionsOf(input[i], vocabulary, [...at, i], depth + 1)
    count += part.length
    parts.push(part)
  }
  return parts
}

/** ANDs the conditions of one filter. An empty filter would make `$or` true, or `$not` false, for every item. */
function all(at: IssuePath): (conditions: Condition[]) => Condition {
  return conditions => {
    if (conditions.length === 0) throw invalid(at, 'contains an empty filter, which matches every item')
    return and(...(conditions as Several))
  }
}

function fieldPath(text: string, at: IssuePath): Path {
  const path = parsePath(text)
  if (path.includes('__proto__')) throw invalid(at, 'a filter cannot use __proto__')
  return path
}

function fieldConditions(target: FilterTarget, input: unknown, at: IssuePath): Condition[] {
  if (Array.isArray(input)) {
    throw invalid(at, 'is a list, which is ambiguous: use $in for one of its elements, $eq for the whole list')
  }
  const build = (name: string, operand: unknown, where: IssuePath): Condition => {
    const on = (path: Path): Condition => fieldCondition({ ...target, path }, name, operand, where)
    return target.build ? target.build(on) : on(target.path)
  }
  if (!isPlainObject(input)) return [build('$eq', input, at)]
  const operators = operatorsOf(input, at, FIELD_OPERATORS)
  if (!operators) {
    const [name = ''] = Object.keys(input)
    const hint = FIELD_OPERATORS.includes(`$${name}`) ? `; did you mean $${name}?` : ''
    const use = 'use a path such as "a.b" for a part, $eq for the whole map'
    throw invalid(at, `is a map, which is ambiguous: ${use}${hint}`)
  }
  return operators.map(name => build(name, input[name], [...at, name]))
}

/** The operators of an object; undefined if no key begins with `$`. */
function operatorsOf(input: object, at: IssuePath, known: readonly string[]): string[] | undefined {
  const names = Object.keys(input)
  if (!isPlainObject(input) || !names.some(name => name.startsWith('$'))) return undefined
  for (const name of names) {
    if (!known.includes(name)) {
      throw invalid([...at, name], `is not an operator here; use ${known.join(' ')}${didYouMean(name, known)}`)
    }
    if (input[name] === undefined) throw invalid([...at, name], UNDEFINED)
  }
  return names
}

function fieldCondition(target: FilterTarget, operator: string, input: unknown, at: IssuePath): Condition {
  const { path } = target
  switch (operator) {
    case '$exists':
      if (typeof input !== 'boolean') throw wrongOperand(at, 'true or false', input)
      return input ? exists(path) : notExists(path)
    case '$beginsWith':
      if (typeof input !== 'string' && !(input instanceof Uint8Array)) throw wrongOperand(at, 'text or binary', input)
      return beginsWith(pathOperand(...path), value(target.operand(input, operator, at)))
    case '$contains':
      return contains(pathOperand(...path), value(target.operand(input, operator, at)))
    case '$type':
      if (typeof input !== 'string') throw wrongOperand(at, 'the name of a type, such as S or N', input)
      return hasType(path, value(input as TypeName))
    case '$size': {
      const measured: FilterTarget = {
        path,
        operand: (bound, _, where) => sizeOf(target.operand(bound, '$size', where), where),
      }
      if (isNumber(input)) return comparison(measured, size(...path), '$eq', input, at)
      const operators = isMap(input) ? operatorsOf(input, at, OPERAND_OPERATORS) : undefined
      if (!operators) throw wrongOperand(at, `a number, or an object with ${OPERAND_OPERATORS.join(' ')}`, input)
      const bounds = input as { readonly [name: string]: unknown }
      const conditions = operators.map(name => comparison(measured, size(...path), name, bounds[name], [...at, name]))
      return and(...(conditions as Several))
    }
    default:
      return comparison(target, pathOperand(...path), operator, input, at)
  }
}

function sizeOf(input: Value, at: IssuePath): Value {
  if (!isNumber(input)) throw wrongOperand(at, 'numbers', input)
  return input
}

function comparison(
  target: FilterTarget,
  operand: Operand,
  operator: string,
  input: unknown,
  at: IssuePath,
): Condition {
  if (operator === '$in') {
    if (!Array.isArray(input)) throw wrongOperand(at, 'a list', input)
    const list = definedAll(input, at)
    return isIn(
      operand,
      list.map((element, i) => value(target.operand(element, operator, [...at, i]))),
    )
  }
  if (operator === '$between') {
    if (!Array.isArray(input) || input.length !== 2) throw wrongOperand(at, 'a list of two, low and high', input)
    const [low, high] = definedAll(input, at).map((end, i) => ordered(target, end, operator, [...at, i]))
    return between(operand, value(low as Value), value(high as Value))
  }
  const comparator = COMPARATORS[operator] as Comparator
  const equality = comparator === '=' || comparator === '<>'
  const right = equality ? target.operand(input, operator, at) : ordered(target, input, operator, at)
  return compare(operand, comparator, value(right))
}

function definedAll(input: readonly unknown[], at: IssuePath): readonly unknown[] {
  input.forEach((element, i) => {
    if (element === undefined) throw invalid([...at, i], UNDEFINED)
  })
  return input
}

function ordered(target: FilterTarget, operand: unknown, operator: string, at: IssuePath): Value {
  const input = target.operand(operand, operator, at)
  if (typeof input === 'string' || isNumber(input) || input instanceof Uint8Array) return input
  throw wrongOperand(at, 'text, a number or binary', input)
}

function wrongOperand(at: IssuePath, wanted: string, input: unknown): Error {
  return invalid(at, `takes ${wanted}, not ${kindOf(input)}`)
}

function kindOf(input: unknown): string {
  if (input === null) return 'null'
  if (Array.isArray(input)) return `a list of ${input.length}`
  if (typeof input === 'object') return isPlainObject(input) ? 'an object' : `a value of type ${typeOf(input as Value)}`
  return typeof input === 'string' ? 'text' : withArticle(typeof input)
}

const UNDEFINED = 'is undefined; omit it, or use null for the value null and $exists: false for a missing attribute'
