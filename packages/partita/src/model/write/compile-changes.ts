/** Compiles the input of an update: new values and operators, for fields and for paths inside them. */
import { type Issue, invalid, LimitExceededError, ValidationError, withArticle } from '../../errors/errors.js'
import { parsePath } from '../../expression/path/parse.js'
import type { NumberValue } from '../../value/number.js'
import { isPlainObject, isSet } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { encoder } from '../define/codec.js'
import type { FieldKind, FieldSpec } from '../define/field.js'
import { KINDS } from '../define/field-kinds.js'
import { FIXED } from '../define/readonly-parts.js'
import { prepare } from '../define/validators.js'
import {
  addNumber,
  assign,
  assignMissing,
  type Changes,
  changeSet,
  extendList,
  noChanges,
  startFromAbsent,
} from './changes.js'
import { type FieldPath, findFieldPath, UNKNOWN } from './field-path.js'
import { Operator, type OperatorName } from './update-operators.js'

/** After this many issues the remaining entries are counted as issues without being checked. */
const MAX_ISSUES = 1000

/** Far more than an update expression can hold, and few enough to check. */
const MOST_CHANGES = 5000

function tooManyChanges(actual: number): LimitExceededError {
  return new LimitExceededError(
    `The update has ${actual} changes, over ${MOST_CHANGES}; write the values that hold them whole, or put the row`,
    { limit: 'changes of an update', maximum: MOST_CHANGES, actual },
  )
}

/**
 * Compiles the input of an update. Entries that are `undefined` are ignored.
 * @throws ValidationError listing every issue of the input, or for an input without any field.
 */
export async function compileChanges(model: CompiledModel, input: unknown): Promise<Changes> {
  const changes = noChanges()
  const issues: Issue[] = []
  if (!isPlainObject(input)) throw invalid([], 'changes must be an object with the new values of fields')
  if (Object.keys(input).length === 0) {
    throw invalid([], 'the update changes nothing; give the new value of a field')
  }
  const entries = Object.entries(input)
  for (const [i, [key, change]] of entries.entries()) {
    // Checking each would construct an error that is not listed.
    if (issues.length > MAX_ISSUES) throw new ValidationError(issues, undefined, entries.length - i)
    if (changes.set.length + changes.remove.length > MOST_CHANGES) throw tooManyChanges(entries.length)
    try {
      const path = parsePath(key)
      const target = findFieldPath(model, path, [...path])
      const problem = readonlyProblem(model, target)
      if (change === undefined) continue
      if (problem) issues.push({ path: target.at, message: problem })
      else await compileChange(changes, target, change, issues)
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      for (const issue of error.details.issues) issues.push(issue)
    }
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return changes
}

/** Kinds that only the library writes. */
const MANAGED: readonly FieldKind[] = ['version', 'updatedAt', 'deletedAt', 'count']

/** Why a path is read-only, or undefined if it is not. */
export function readonlyProblem(model: CompiledModel, { field, steps }: FieldPath): string | undefined {
  const { spec } = field
  if (model.keyFields.includes(field)) return `is of the key of ${model.name}, which never changes; create another row`
  if (MANAGED.includes(spec.kind)) return 'is written by the library; omit it'
  return steps.some(step => step.spec.fixed) ? FIXED : undefined
}

const REMOVALS: readonly OperatorName[] = ['unset', 'removeFrom']

async function compileChange(changes: Changes, target: FieldPath, change: unknown, issues: Issue[]): Promise<void> {
  const removed = changes.remove.length
  const problem =
    change instanceof Operator
      ? await applyOperator(changes, target, change, issues)
      : await compileValueChange(changes, target, change, issues)
  if (problem !== undefined) issues.push({ path: target.at, message: problem })
  const isCleared = change === null && changes.remove.length > removed
  startFromAbsent(changes, target, change instanceof Operator ? REMOVALS.includes(change.name) : isCleared)
}

async function compileValueChange(
  changes: Changes,
  target: FieldPath,
  change: unknown,
  issues: Issue[],
): Promise<string | undefined> {
  const { spec } = target
  if (change === null && spec.kind !== 'json' && spec.kind !== 'schema') return clear(changes, target)
  const found: Issue[] = []
  const stored = encoder(spec)(await prepare(spec, change, target.at, found), target.at, found)
  // If the validator of an optional field rejects null, null clears the field.
  if (found.length > 0 && change === null && spec.optional) return clear(changes, target)
  // Pushed one by one: there may be more issues than a call accepts arguments.
  for (const issue of found) issues.push(issue)
  if (found.length === 0) assign(changes, target, stored)
  return undefined
}

/** @returns the problem, if any. */
async function applyOperator(
  changes: Changes,
  target: FieldPath,
  { name, operands }: Operator,
  issues: Issue[],
): Promise<string | undefined> {
  const { spec, at } = target
  const before = issues.length
  switch (name) {
    case 'unset':
      return clear(changes, target)
    case 'ifNotExists': {
      const stored = encoder(spec)(await prepare(spec, operands[0], at, issues), at, issues)
      if (stored !== undefined && issues.length === before) assignMissing(changes, target, stored)
      return undefined
    }
    case 'append':
    case 'prepend': {
      if (!isList(spec)) return unfit(name, spec)
      // Bounds, checks and the validator of a whole list run on the resulting list.
      const elements = isUnknown(spec) ? UNKNOWN : { ...spec, min: undefined, max: undefined, checks: [] }
      const stored = encoder(elements)(await prepare(elements, operands, at, issues), at, issues)
      if (stored !== undefined && issues.length === before) extendList(changes, target, stored, name)
      return undefined
    }
    case 'add':
    case 'removeFrom': {
      if (spec.kind === 'set' && !spec.transform) {
        const members = KINDS.set.encode(spec)(operands, at, issues)
        if (issues.length > before) return undefined
        // An empty set changes nothing.
        const some = isSet(members) ? members : undefined
        changeSet(changes, target, name === 'add' ? some : undefined, name === 'add' ? undefined : some)
        return undefined
      }
      if (name === 'removeFrom' || !isArithmetic(spec)) return unfit(name, spec)
      if (operands.length !== 1) return `add takes one number here, not ${operands.length}`
      const amount = KINDS[isUnknown(spec) ? 'number' : spec.kind].encode(spec)(operands[0], at, issues)
      if (issues.length === before) addNumber(changes, target, amount as NumberValue)
      return undefined
    }
  }
}

/** The contents of JSON and of a validator's output are not described. */
function isUnknown({ kind }: FieldSpec): boolean {
  return kind === 'json' || kind === 'schema'
}

function isList(spec: FieldSpec): boolean {
  return !spec.transform && (spec.kind === 'list' || isUnknown(spec))
}

function isArithmetic(spec: FieldSpec): boolean {
  return (
    !spec.transform && (['number', 'integer', 'counter', 'bigint', 'decimal'].includes(spec.kind) || isUnknown(spec))
  )
}

function clear(changes: Changes, target: FieldPath): string | undefined {
  const { spec, steps } = target
  const { isElement } = steps[steps.length - 1] as FieldPath['steps'][number]
  if (!spec.optional && spec.kind !== 'set' && !isElement) return 'is required and cannot be cleared; give it a value'
  assign(changes, target, undefined)
  return undefined
}

function unfit(name: string, { kind, transform }: FieldSpec): string {
  if (transform) return `${name} is not supported on a field with a transform; give the new value`
  return `${name} cannot be done to ${withArticle(kind)}`
}
