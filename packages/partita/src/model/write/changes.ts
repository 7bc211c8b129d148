/** The changes of an update: the actions for the store, and what must be known of the row before or after it. */
import { invalid } from '../../errors/errors.js'
import {
  type Condition,
  compare,
  ifNotExists,
  listAppend,
  not,
  type Path,
  path as pathOperand,
  plus,
  type SetAction,
  type ValueAction,
  value,
} from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import { compareNumbers, type NumberValue } from '../../value/number.js'
import { type Item, isNumber, isSet, type Value } from '../../value/value.js'
import { conditionAsRead, defaultOf } from '../compile/missing.js'
import { isNullMissing } from '../define/codec.js'
import type { FieldSpec } from '../define/field.js'
import { isDefaultFilled } from '../define/field-kinds.js'
import { hasFixedPart } from '../define/readonly-parts.js'
import type { FieldPath, FieldPathStep } from './field-path.js'

/** The value of a changed attribute, as far as it is known without reading the row. */
type Outcome = { readonly stored: Value | undefined } | 'depends'

/** A stored value that a change builds on. */
export interface Start {
  readonly path: Path
  /** The default that replaces a missing value, if any. */
  readonly standIn: Value | undefined
  readonly isNullMissing: boolean
  /** Whether the update expression itself supplies a starting value if none is stored. */
  readonly mayBeMissing: boolean
  /** The map or record that the update makes if it is absent. */
  readonly made?: FieldPath
  /** Whether the update only removes parts of it, and so changes nothing in it if it is absent. */
  readonly isOnlyReduced?: boolean
}

/** Compiled changes of one row. */
export interface Changes {
  readonly set: SetAction[]
  readonly remove: Path[]
  readonly add: ValueAction[]
  readonly delete: ValueAction[]
  /** The number of actions that add to counters. */
  counted: number
  /** By attribute. */
  readonly outcomes: Map<string, Outcome>
  /** If one of these is not stored in the form that the update needs, its attribute is computed and written whole. */
  readonly starts: Start[]
  /** Values that depend on what is stored; their checks run once the resulting row is known. */
  readonly unchecked: Set<FieldPath>
  /** Fields with a validator that change in part; the validator runs once the whole value is known. */
  readonly validated: Set<FieldPath>
  /** Documents that are assigned whole and contain read-only parts, which must not change. */
  readonly fixed: Set<FieldPath>
  /** Conditions that keep whole numbers within the range of exact doubles. */
  readonly bounds: Bound[]
  /**
   * The values from which the program's changes were computed. If they have changed, the update ends in
   * `ConflictError`.
   */
  readonly unchanged: Condition[]
  /** Sets that gain and lose members, which one update expression cannot do: computed on the row, with a condition. */
  readonly mixed: { readonly path: Path; readonly change: (before: Value | undefined) => Value | undefined }[]
  /** Attributes that are computed and written whole, because one update cannot hold all their changes. */
  readonly whole: Set<string>
}

interface Bound {
  readonly target: FieldPath
  readonly condition: Condition
}

/** An empty set of changes. */
export function noChanges(): Changes {
  return {
    set: [],
    remove: [],
    add: [],
    delete: [],
    counted: 0,
    outcomes: new Map(),
    starts: [],
    unchecked: new Set(),
    validated: new Set(),
    fixed: new Set(),
    bounds: [],
    unchanged: [],
    mixed: [],
    whole: new Set(),
  }
}

/** Whether there is nothing to write. */
export function isUnchanged({ outcomes }: Changes): boolean {
  return outcomes.size === 0
}

/**
 * Whether the changes only add to counters. Such a write overwrites nothing, so it neither checks nor increments the
 * version: otherwise every count would conflict with concurrent edits of the row.
 */
export function onlyCounts({ set, remove, add, delete: removed, counted, mixed }: Changes): boolean {
  return remove.length + removed.length + mixed.length === 0 && set.length + add.length === counted
}

/** Overwrites the value at a path; `undefined` removes it. */
export function assign(changes: Changes, target: FieldPath, stored: Value | undefined): void {
  const { path, spec } = target
  if (stored === undefined) changes.remove.push(path)
  else changes.set.push({ path, value: value(stored) })
  if (hasFixedPart(spec)) changes.fixed.add(target)
  recordChange(changes, target, { stored })
}

/** Writes a value if none is stored; a default counts as stored. */
export function assignMissing(changes: Changes, target: FieldPath, stored: Value): void {
  const { path, steps } = target
  changes.set.push({ path, value: ifNotExists(path, value(defaultOf(last(steps)) ?? stored)) })
  startFromNull(changes, target)
  recordChange(changes, target, 'depends', false)
}

/** Adds to a number; a missing one counts as its default, or as 0. */
export function addNumber(changes: Changes, target: FieldPath, amount: NumberValue): void {
  const { path, steps, spec } = target
  const start = defaultOf(last(steps))
  if (isNumber(start) && compareNumbers(start, 0) !== 0) {
    changes.set.push({ path, value: plus(ifNotExists(path, value(start)), value(amount)) })
  } else changes.add.push({ path, value: amount })
  if (spec.kind === 'counter') changes.counted++
  startFromNull(changes, target)
  recordChange(changes, target, 'depends')
  // The sum of two doubles may need rounding, so it is checked; whole numbers are exact within bounds.
  if (spec.kind === 'number') changes.unchecked.add(target)
  else if (spec.kind === 'integer' || spec.kind === 'counter') {
    const condition = conditionAsRead(target, at => staysWhole(at, Number(amount)))
    changes.bounds.push({ target, condition })
  }
}

/** Also true of a missing number, which counts as 0. */
function staysWhole(path: Path, amount: number): Condition {
  const number = pathOperand(...path)
  return not(
    amount < 0
      ? compare(number, '<', value(Number.MIN_SAFE_INTEGER - amount))
      : compare(number, '>', value(Number.MAX_SAFE_INTEGER - amount)),
  )
}

/** @throws ValidationError if a whole number would exceed its bounds. */
export function checkBounds({ bounds }: Changes, row: Item): void {
  const passed = bounds.find(({ condition }) => !matches(condition, row))
  if (!passed) return
  throw invalid(
    passed.target.at,
    'would pass 2^53 - 1, or its negative, beyond which a double is not exact; make the field a bigint',
  )
}

/** Adds elements at one end of a list; a missing list counts as its default, or as empty. */
export function extendList(changes: Changes, target: FieldPath, stored: Value, end: 'append' | 'prepend'): void {
  const { path, steps } = target
  const there = ifNotExists(path, value(defaultOf(last(steps)) ?? []))
  const joined = end === 'append' ? listAppend(there, value(stored)) : listAppend(value(stored), there)
  changes.set.push({ path, value: joined })
  startFromNull(changes, target)
  recordChange(changes, target, 'depends')
}

/** Adds members to a set and deletes members from it. */
export function changeSet(
  changes: Changes,
  target: FieldPath,
  added: Value | undefined,
  deleted: Value | undefined,
): void {
  const { path, spec } = target
  // An empty set whose default has members is stored in a special form, and a store cannot add members to it.
  if ((added !== undefined && deleted !== undefined) || isDefaultFilled(spec)) {
    changes.starts.push(startOf(last(target.steps)))
    changes.mixed.push({ path, change: before => mixedSet(before, added, deleted, spec) })
  } else if (added !== undefined) changes.add.push({ path, value: added })
  else if (deleted !== undefined) changes.delete.push({ path, value: deleted })
  startFromNull(changes, target)
  recordChange(changes, target, 'depends')
}

/** The set after adding and deleting members; undefined if it is empty. */
function mixedSet(
  before: Value | undefined,
  added: Value | undefined,
  deleted: Value | undefined,
  spec: FieldSpec,
): Value | undefined {
  const members = new Map<string, unknown>()
  const id = (member: unknown): string => (member instanceof Uint8Array ? member.join() : `${typeof member} ${member}`)
  for (const member of (before ?? []) as Iterable<unknown>) members.set(id(member), member)
  for (const member of (added ?? []) as Iterable<unknown>) members.set(id(member), member)
  for (const member of (deleted ?? []) as Iterable<unknown>) members.delete(id(member))
  if (members.size === 0) return isDefaultFilled(spec) ? [] : undefined
  return new Set(members.values()) as ReadonlySet<string>
}

/** Update operators of stores reject NULL as a value of the wrong type. */
function startFromNull(changes: Changes, { steps }: FieldPath): void {
  const start = startOf(last(steps))
  if (start.isNullMissing) changes.starts.push({ ...start, mayBeMissing: true })
}

/**
 * Lets a change of a part start where the values around it are absent. Maps and records are made; a list is not, since
 * an element has no position in it. A removal has nothing to do.
 *
 * @param isRemoval whether the change removes the part, or members of it.
 */
export function startFromAbsent(changes: Changes, target: FieldPath, isRemoval: boolean): void {
  target.steps.slice(0, -1).forEach((step, i) => {
    const start = startOf(step)
    if (start.standIn !== undefined || !(step.spec.optional || step.isElement)) return
    if (isRemoval) changes.starts.push({ ...start, isOnlyReduced: true })
    else if (isNamed(step) && isNamed(target.steps[i + 1] as FieldPathStep)) {
      changes.starts.push({ ...start, standIn: {}, made: upTo(target, i) })
    }
  })
}

/** Whether it is a field, a member or an entry: not an element of a list. */
function isNamed({ path }: FieldPathStep): boolean {
  return typeof path[path.length - 1] === 'string'
}

function startOf(step: FieldPathStep): Start {
  const isNullable = !step.isElement && isNullMissing(step.spec)
  return { path: step.path, standIn: defaultOf(step), isNullMissing: isNullable, mayBeMissing: false }
}

/**
 * Records the change at a path.
 *
 * @param needsCheck whether the path's own checks and validator must run on the result.
 */
function recordChange(changes: Changes, target: FieldPath, outcome: Outcome, needsCheck = outcome === 'depends'): void {
  const { field, steps, spec } = target
  const isWhole = steps.length === 1
  changes.outcomes.set(field.attribute, isWhole ? outcome : 'depends')
  const above = steps.slice(0, -1)
  // A missing map that is read as its default is written together with the change.
  for (const step of above) {
    const start = startOf(step)
    // Parts of a large record arrive one after another and share the same map.
    if (start.standIn !== undefined && changes.starts.at(-1)?.path !== start.path) changes.starts.push(start)
  }
  const validated = above.findIndex(step => step.spec.schema !== undefined)
  if (validated >= 0) changes.validated.add(upTo(target, validated))
  else if (needsCheck && spec.schema) changes.validated.add(target)
  above.forEach((step, i) => {
    if (isChecked(step.spec)) changes.unchecked.add(upTo(target, i))
  })
  if (needsCheck && isChecked(spec)) changes.unchecked.add(target)
}

/** Whether a field has more checks than its kind. */
export function isChecked({ min, max, pattern, checks }: FieldSpec): boolean {
  return min !== undefined || max !== undefined || pattern !== undefined || checks.length > 0
}

/** A prefix of a path. */
function upTo(target: FieldPath, index: number): FieldPath {
  const { spec, path } = target.steps[index] as FieldPathStep
  return { field: target.field, spec, path, at: target.at.slice(0, index + 1), steps: target.steps.slice(0, index + 1) }
}

function last(steps: readonly FieldPathStep[]): FieldPathStep {
  return steps[steps.length - 1] as FieldPathStep
}

/** The members of a set that another lacks; undefined if there are none. A missing set counts as empty. */
export function membersMissingFrom(set: Value | undefined, other: Value | undefined): Value | undefined {
  const others = new Set(membersOf(other).map(String))
  const rest = membersOf(set).filter(member => !others.has(String(member)))
  return rest.length === 0 ? undefined : (new Set(rest) as ReadonlySet<string>)
}

function membersOf(set: Value | undefined): unknown[] {
  return isSet(set) ? [...set] : []
}
