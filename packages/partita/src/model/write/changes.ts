/** Changes of a row: the update for the store, and what must be known of the row before or after it. */
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
import { askedAsRead, defaultOf } from '../compile/missing.js'
import { isNullMissing } from '../define/codec.js'
import type { FieldSpec } from '../define/field.js'
import { isDefaultFilled } from '../define/field-kinds.js'
import { hasFixedPart } from '../define/readonly-parts.js'
import type { FieldPath, FieldPathStep } from './field-path.js'

/** What is known of a changed attribute without reading the row. */
type Outcome = { readonly stored: Value | undefined } | 'depends'

/** A stored value that a change builds on. */
export interface Start {
  readonly path: Path
  /** The default of a missing value, or undefined. */
  readonly standIn: Value | undefined
  readonly isNullMissing: boolean
  /** Whether the update itself says what it starts from where nothing is stored. */
  readonly mayBeMissing: boolean
}

export interface Changes {
  readonly set: SetAction[]
  readonly remove: Path[]
  readonly add: ValueAction[]
  readonly delete: ValueAction[]
  /** How many of the actions add to counters. */
  counted: number
  /** By attribute. */
  readonly outcomes: Map<string, Outcome>
  /** Where one of these is not stored as the update needs it, its attribute is worked out and written whole. */
  readonly starts: Start[]
  /** What must be checked once it is known what the row becomes: values that depend on what is stored. */
  readonly unchecked: Set<FieldPath>
  /** Fields of validators that are changed in part: the validator is asked once the whole is known. */
  readonly validated: Set<FieldPath>
  /** Documents that are assigned whole and hold what is read-only: that must come out as it was. */
  readonly fixed: Set<FieldPath>
  /** What the row must be like so that whole numbers stay within what a double holds exactly. */
  readonly bounds: Bound[]
  /** What the program saw and its changes were worked out from; where it is no longer so, they end in `ConflictError`. */
  readonly unchanged: Condition[]
  /** Sets that gain and lose members, which one expression cannot do; worked out on the row and guarded. */
  readonly mixed: { readonly path: Path; readonly change: (before: Value | undefined) => Value | undefined }[]
  /** Attributes that are worked out and written whole, as a single update has no room for all their changes. */
  readonly whole: Set<string>
}

interface Bound {
  readonly place: FieldPath
  readonly condition: Condition
}

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
 * Whether nothing but counters is changed, by amounts. Such a write takes nothing away that another wrote, so it leaves
 * the version as it is and is not refused for it: else every count would get in the way of whoever edits the row.
 */
export function onlyCounts({ set, remove, add, delete: removed, counted, mixed }: Changes): boolean {
  return remove.length + removed.length + mixed.length === 0 && set.length + add.length === counted
}

/** Writes a value in the place of what is there. */
export function assign(changes: Changes, place: FieldPath, stored: Value | undefined): void {
  const { path, spec } = place
  if (stored === undefined) changes.remove.push(path)
  else changes.set.push({ path, value: value(stored) })
  if (hasFixedPart(spec)) changes.fixed.add(place)
  note(changes, place, { stored })
}

/** Writes a value if none is stored; a default counts as stored. */
export function assignMissing(changes: Changes, place: FieldPath, stored: Value): void {
  const { path, steps } = place
  changes.set.push({ path, value: ifNotExists(path, value(defaultOf(last(steps)) ?? stored)) })
  startFromNull(changes, place)
  note(changes, place, 'depends', false)
}

/** Adds to a number; a missing one counts as its default, or as 0. */
export function addNumber(changes: Changes, place: FieldPath, amount: NumberValue): void {
  const { path, steps, spec } = place
  const start = defaultOf(last(steps))
  if (isNumber(start) && compareNumbers(start, 0) !== 0) {
    changes.set.push({ path, value: plus(ifNotExists(path, value(start)), value(amount)) })
  } else changes.add.push({ path, value: amount })
  if (spec.kind === 'counter') changes.counted++
  startFromNull(changes, place)
  note(changes, place, 'depends')
  // The sum of two doubles need not be one, so it is looked at; of whole numbers it is, within bounds.
  if (spec.kind === 'number') changes.unchecked.add(place)
  else if (spec.kind === 'integer' || spec.kind === 'counter') {
    const condition = askedAsRead(place, at => staysWhole(at, Number(amount)))
    changes.bounds.push({ place, condition })
  }
}

/** True of a missing number too, which counts as 0. */
function staysWhole(path: Path, amount: number): Condition {
  const number = pathOperand(...path)
  return not(
    amount < 0
      ? compare(number, '<', value(Number.MIN_SAFE_INTEGER - amount))
      : compare(number, '>', value(Number.MAX_SAFE_INTEGER - amount)),
  )
}

/** @throws ValidationError where a whole number would leave its bounds. */
export function checkBounds({ bounds }: Changes, row: Item): void {
  const passed = bounds.find(({ condition }) => !matches(condition, row))
  if (!passed) return
  throw invalid(
    passed.place.at,
    'would pass 2^53 - 1, or its negative, beyond which a double is not exact; make the field a bigint',
  )
}

/** Puts elements at an end of a list; a missing one counts as its default, or as empty. */
export function extendList(changes: Changes, place: FieldPath, stored: Value, end: 'append' | 'prepend'): void {
  const { path, steps } = place
  const there = ifNotExists(path, value(defaultOf(last(steps)) ?? []))
  const joined = end === 'append' ? listAppend(there, value(stored)) : listAppend(value(stored), there)
  changes.set.push({ path, value: joined })
  startFromNull(changes, place)
  note(changes, place, 'depends')
}

/** Members that go in and members that come out of a set. */
export function changeSet(
  changes: Changes,
  place: FieldPath,
  added: Value | undefined,
  deleted: Value | undefined,
): void {
  const { path, spec } = place
  // A set whose default has members is stored in a form of its own when it is empty, which no store adds to.
  if ((added !== undefined && deleted !== undefined) || isDefaultFilled(spec)) {
    changes.starts.push(startOf(last(place.steps)))
    changes.mixed.push({ path, change: before => mixedSet(before, added, deleted, spec) })
  } else if (added !== undefined) changes.add.push({ path, value: added })
  else if (deleted !== undefined) changes.delete.push({ path, value: deleted })
  startFromNull(changes, place)
  note(changes, place, 'depends')
}

/** A set with members put in and taken out; undefined where none is left. */
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

/** Operators of stores take a NULL for a value of another type. */
function startFromNull(changes: Changes, { steps }: FieldPath): void {
  const start = startOf(last(steps))
  if (start.isNullMissing) changes.starts.push({ ...start, mayBeMissing: true })
}

function startOf(step: FieldPathStep): Start {
  const isNullable = !step.isElement && isNullMissing(step.spec)
  return { path: step.path, standIn: defaultOf(step), isNullMissing: isNullable, mayBeMissing: false }
}

/**
 * Notes a change of a path.
 *
 * @param needsCheck whether the path's own checks and validator must still run on the result.
 */
function note(changes: Changes, place: FieldPath, outcome: Outcome, needsCheck = outcome === 'depends'): void {
  const { field, steps, spec } = place
  const isWhole = steps.length === 1
  changes.outcomes.set(field.attribute, isWhole ? outcome : 'depends')
  const above = steps.slice(0, -1)
  // A map that is read as its default is written with the change.
  for (const step of above) {
    const start = startOf(step)
    // The parts of a large record come one after another, and start from the same map.
    if (start.standIn !== undefined && changes.starts.at(-1)?.path !== start.path) changes.starts.push(start)
  }
  const validated = above.findIndex(step => step.spec.schema !== undefined)
  if (validated >= 0) changes.validated.add(upTo(place, validated))
  else if (needsCheck && spec.schema) changes.validated.add(place)
  above.forEach((step, i) => {
    if (isChecked(step.spec)) changes.unchecked.add(upTo(place, i))
  })
  if (needsCheck && isChecked(spec)) changes.unchecked.add(place)
}

/** Whether a field adds checks to those of its kind. */
export function isChecked({ min, max, pattern, checks }: FieldSpec): boolean {
  return min !== undefined || max !== undefined || pattern !== undefined || checks.length > 0
}

/** A value on the way to a path. */
function upTo(place: FieldPath, index: number): FieldPath {
  const { spec, path } = place.steps[index] as FieldPathStep
  return { field: place.field, spec, path, at: place.at.slice(0, index + 1), steps: place.steps.slice(0, index + 1) }
}

function last(steps: readonly FieldPathStep[]): FieldPathStep {
  return steps[steps.length - 1] as FieldPathStep
}

/** The members of one set that another lacks; undefined if there are none. A missing set counts as empty. */
export function without(set: Value | undefined, other: Value | undefined): Value | undefined {
  const others = new Set(membersOf(other).map(String))
  const rest = membersOf(set).filter(member => !others.has(String(member)))
  return rest.length === 0 ? undefined : (new Set(rest) as ReadonlySet<string>)
}

function membersOf(set: Value | undefined): unknown[] {
  return isSet(set) ? [...set] : []
}
