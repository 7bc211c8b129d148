/**
 * Conditions on missing values. Reads return the default of a missing field, and treat NULL in an optional field as missing.
 * The compiled conditions give the same answers, on every engine.
 */
import { and, type Condition, exists, hasType, not, notExists, or, type Path, value } from '../../expression/ast.js'
import { MAX_PAGE_STEPS, PreparedCondition, Work } from '../../expression/evaluate/index.js'
import { isPlainObject, type Value } from '../../value/value.js'
import { isNullMissing, plainDefault } from '../define/codec.js'
import type { FieldPath, FieldPathStep } from '../write/field-path.js'

/** The path at which a condition is evaluated on a single value. */
const ALONE: Path = ['value']

/**
 * A condition on a path that treats a missing value as the value that a read returns. If a map on the path is missing, the
 * part of that map's default counts. Where DynamoDB's own evaluation is already right, the condition is not changed.
 *
 * @param on returns the condition for a path.
 */
export function conditionAsRead({ path, steps }: FieldPath, on: (path: Path) => Condition): Condition {
  // If every value on the path is required and has no default, the store's own evaluation is right.
  if (steps.every(isAlwaysThere)) return on(path)
  let condition = on(path)
  // A condition on a whole attribute is its own trial.
  const [alone] = path.length === 1 ? path : ALONE
  const trial = new PreparedCondition(path.length === 1 ? condition : on(ALONE), new Work(MAX_PAGE_STEPS))
  const answer = (stored: Value | undefined): boolean => trial.test(stored === undefined ? {} : { [alone]: stored })
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

/** A row that lacks a required value cannot be read, so the condition need not handle it. */
function isAlwaysThere(step: FieldPathStep): boolean {
  return !step.spec.optional && !step.isElement && defaultOf(step) === undefined
}

/** A part of a default. What it lacks takes its own default: an empty set, for example, is not stored. */
function readPart(standIn: Value | undefined, below: readonly FieldPathStep[]): Value | undefined {
  let part = standIn
  for (const step of below) {
    if (part === undefined) return undefined
    const stored = partAt(part, step.path.slice(-1))
    part = stored === undefined ? defaultOf(step) : stored
  }
  return part
}

/** The default of a missing value on the path; elements of lists and entries of records have none. */
export function defaultOf({ spec, isElement }: FieldPathStep): Value | undefined {
  return isElement ? undefined : plainDefault(spec)
}

/** A condition that a stored value is NULL. */
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
