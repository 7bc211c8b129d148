/**
 * Missing values. Reads give the default of a field where nothing is stored, and take NULL in an optional field for
 * nothing; what is asked of rows answers alike, on every engine, through the condition itself.
 */
import { and, type Condition, exists, hasType, not, notExists, or, type Path, value } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import { isPlainObject, type Value } from '../../value/value.js'
import { isNullMissing, plainDefault } from '../define/codec.js'
import type { FieldPath, FieldPathStep } from '../write/field-path.js'

/** Where a condition is tried on a value by itself. */
const ALONE: Path = ['value']

/**
 * A condition on a place, answered for a missing value as for what a read gives. Where a map on the way is missing, what
 * counts is the part of that map's default. DynamoDB's own answer is kept where it is the right one already.
 *
 * @param on makes the condition for a path.
 */
export function askedAsRead({ path, steps }: FieldPath, on: (path: Path) => Condition): Condition {
  // Where every value on the way must be there and has no default, the store's own answer is the right one.
  if (steps.every(isAlwaysThere)) return on(path)
  const trial = on(ALONE)
  const answer = (it: Value | undefined): boolean => matches(trial, it === undefined ? {} : { value: it })
  let condition = on(path)
  let whereMissing = answer(undefined)
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i] as FieldPathStep
    if (isAlwaysThere(step)) continue
    const standIn = defaultOf(step)
    const wanted = answer(readPart(standIn, steps.slice(i + 1)))
    const isNullable = isNullMissing(step.spec)
    const isNullWrong = isNullable && i === steps.length - 1 && answer(null) !== wanted
    if (wanted !== whereMissing || isNullWrong) {
      const there = isNullable ? and(exists(step.path), not(isNull(step.path))) : exists(step.path)
      condition = wanted ? or(isNullable ? not(there) : notExists(step.path), condition) : and(there, condition)
    }
    whereMissing = wanted
  }
  return condition
}

/** A row without a value that it must have cannot be read, so no answer is needed for it. */
function isAlwaysThere(step: FieldPathStep): boolean {
  return !step.spec.optional && !step.isElement && defaultOf(step) === undefined
}

/** A part of a default, with the defaults of what that lacks: an empty set is stored as nothing there too. */
function readPart(standIn: Value | undefined, below: readonly FieldPathStep[]): Value | undefined {
  let part = standIn
  for (const step of below) {
    if (part === undefined) return undefined
    const stored = partAt(part, step.path.slice(-1))
    part = stored === undefined ? defaultOf(step) : stored
  }
  return part
}

/** What a missing value on the way stands for; elements of lists and entries of records stand for nothing. */
export function defaultOf({ spec, isElement }: FieldPathStep): Value | undefined {
  return isElement ? undefined : plainDefault(spec)
}

export function isNull(path: Path): Condition {
  return hasType(path, value('NULL'))
}

/** A part of a document; undefined if it is absent. */
export function partAt(document: Value | undefined, path: readonly (string | number)[]): Value | undefined {
  let part = document
  for (const step of path) {
    if (typeof step === 'number') part = Array.isArray(part) ? (part[step] as Value | undefined) : undefined
    else part = isPlainObject(part) && Object.hasOwn(part, step) ? (part[step] as Value) : undefined
  }
  return part
}
