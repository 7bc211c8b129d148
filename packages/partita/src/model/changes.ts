/** Changes of a row, compiled: the update for the store, and what it does to each field. */
import { type Issue, type IssuePath, invalid, ValidationFailed } from '../errors.js'
import {
  type Condition,
  compare,
  ifNotExists,
  listAppend,
  not,
  type Path,
  path as pathOperand,
  type SetAction,
  type ValueAction,
  value,
} from '../expression/ast.js'
import { matches } from '../expression/evaluate.js'
import { parsePath } from '../expression/path.js'
import { within } from '../table/parameters.js'
import type { NumberValue } from '../value/number.js'
import { type Item, isPlainObject, type Value } from '../value/value.js'
import type { CompiledField, CompiledModel } from './compiled.js'
import type { FieldSpec } from './field.js'
import { type Input, runValidators } from './input.js'
import { encoder, KINDS } from './kinds.js'
import { Operator } from './operator.js'
import { type FieldPlace, findPlace } from './place.js'

/** What is known of a changed attribute without reading the row. */
type Outcome = { readonly stored: Value | undefined } | 'depends'

export interface Changes {
  readonly set: SetAction[]
  readonly remove: Path[]
  readonly add: ValueAction[]
  readonly delete: ValueAction[]
  /** Those of `add` that are of counters. */
  readonly counted: Set<ValueAction>
  /** By attribute. */
  readonly outcomes: Map<string, Outcome>
  /** Fields whose new value must be checked once it is known. */
  readonly unchecked: Set<CompiledField>
  /** What the row must be like so that whole numbers stay within what a double holds exactly. */
  readonly bounds: Condition[]
  /** Sets that gain and lose members, which one expression cannot do; worked out on the row and guarded. */
  readonly mixed: Map<string, (before: Value | undefined) => Value | undefined>
}

export function noChanges(): Changes {
  return {
    set: [],
    remove: [],
    add: [],
    delete: [],
    counted: new Set(),
    outcomes: new Map(),
    unchecked: new Set(),
    bounds: [],
    mixed: new Map(),
  }
}

/**
 * What a program wants changed.
 * @throws ValidationFailed listing every fault of the input.
 */
export async function compileChanges(model: CompiledModel, input: unknown): Promise<Changes> {
  const changes = noChanges()
  const issues: Issue[] = []
  if (!isPlainObject(input)) throw invalid([], 'changes are an object with the new values of fields')
  const validated = model.validated.length > 0 ? await validateChanges(model, input, issues) : input
  for (const [key, change] of Object.entries(validated)) {
    if (change === undefined) continue
    let at: IssuePath = [key]
    try {
      const path = parsePath(key)
      at = path
      const place = findPlace(model, path, at)
      const fault = fixedFault(model, place.field)
      if (fault) issues.push({ path: at, message: fault })
      else compileChange(changes, place, change, at, issues)
    } catch (error) {
      if (!(error instanceof ValidationFailed)) throw error
      issues.push(...error.details.issues)
    }
  }
  if (issues.length === 0 && changes.outcomes.size === 0) {
    issues.push({ path: [], message: 'the update changes nothing; give the new value of a field' })
  }
  if (issues.length > 0) throw new ValidationFailed(issues)
  return changes
}

/** Puts what validators make of whole new values in their place. */
async function validateChanges(model: CompiledModel, input: Input, issues: Issue[]): Promise<Input> {
  const validated = model.validated.filter(({ name }) => {
    const change = Object.hasOwn(input, name) ? input[name] : undefined
    return change !== undefined && change !== null && !(change instanceof Operator)
  })
  return validated.length === 0 ? input : runValidators({ validated }, input, issues)
}

export function fixedFault(model: CompiledModel, field: CompiledField): string | undefined {
  const { spec } = field
  if (model.keyFields.includes(field)) return `is of the key of ${model.name}, which never changes; create another row`
  if (spec.fixed) return 'is read-only; it is given on create and never changed'
  if (spec.kind === 'version' || spec.kind === 'updatedAt') return 'is written by the library; leave it out'
  return undefined
}

/**
 * Whether nothing but counters is changed, by amounts. Such a write takes nothing away that another wrote, so it leaves
 * the version as it is and is not refused for it: else every count would get in the way of whoever edits the row.
 */
export function onlyCounts({ set, remove, add, delete: removed, counted, mixed }: Changes): boolean {
  return set.length + remove.length + removed.length + mixed.size === 0 && add.length === counted.size
}

/** Writes a value in the place of what is there. */
export function assign(changes: Changes, { path, field }: FieldPlace, stored: Value | undefined): void {
  if (stored === undefined) changes.remove.push(path)
  else changes.set.push({ path, value: value(stored) })
  note(changes, field, path, { stored })
}

export function addNumber(changes: Changes, { path, field, spec }: FieldPlace, amount: NumberValue): void {
  const action = { path, value: amount }
  changes.add.push(action)
  if (spec.kind === 'counter') changes.counted.add(action)
  note(changes, field, path, 'depends')
  const { kind } = field.spec
  // The sum of two doubles need not be one, so it is looked at; of whole numbers it is, within bounds.
  if (kind === 'number' || path.length > 1) changes.unchecked.add(field)
  else if (kind === 'integer' || kind === 'counter') changes.bounds.push(staysWhole(path, Number(amount)))
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

/** @throws ValidationFailed where a whole number would leave its bounds. */
export function checkBounds({ bounds }: Changes, row: Item): void {
  if (bounds.every(it => matches(it, row))) return
  throw invalid([], 'a whole number would pass 2^53 - 1, beyond which a double is not exact; make the field a bigint')
}

/** Members that go in and members that come out of a set. */
export function changeSet(
  changes: Changes,
  place: FieldPlace,
  added: Value | undefined,
  deleted: Value | undefined,
): void {
  const { path, field } = place
  if (added !== undefined && deleted !== undefined) {
    changes.mixed.set(field.attribute, before => mixedSet(before, added, deleted))
  } else if (added !== undefined) changes.add.push({ path, value: added })
  else if (deleted !== undefined) changes.delete.push({ path, value: deleted })
  note(changes, field, path, 'depends')
}

/** A set with members put in and taken out; undefined where none is left. */
export function mixedSet(before: Value | undefined, added: Value, deleted: Value): Value | undefined {
  const members = new Map<string, unknown>()
  const id = (member: unknown): string => (member instanceof Uint8Array ? member.join() : `${typeof member} ${member}`)
  for (const member of (before ?? []) as Iterable<unknown>) members.set(id(member), member)
  for (const member of added as Iterable<unknown>) members.set(id(member), member)
  for (const member of deleted as Iterable<unknown>) members.delete(id(member))
  return members.size === 0 ? undefined : (new Set(members.values()) as ReadonlySet<string>)
}

function note(changes: Changes, field: CompiledField, path: Path, outcome: Outcome): void {
  const isWhole = path.length === 1
  changes.outcomes.set(field.attribute, isWhole ? outcome : 'depends')
  const { min, max, pattern, checks, kind } = field.spec
  const isChecked = min !== undefined || max !== undefined || pattern !== undefined || checks.length > 0
  // What is assigned whole was checked already.
  if ((!isWhole || outcome === 'depends') && (isChecked || kind === 'schema')) changes.unchecked.add(field)
}

function compileChange(changes: Changes, place: FieldPlace, change: unknown, at: IssuePath, issues: Issue[]): void {
  const { spec } = place
  if (change instanceof Operator) {
    const fault = applyOperator(changes, place, change, at, issues)
    if (fault !== undefined) issues.push({ path: at, message: fault })
    return
  }
  if (change === null && spec.kind !== 'json' && spec.kind !== 'schema') {
    const fault = clear(changes, place)
    if (fault !== undefined) issues.push({ path: at, message: fault })
    return
  }
  const before = issues.length
  const stored = encoder(spec)(change, at, issues)
  if (issues.length === before) assign(changes, place, stored)
}

/** @returns what is wrong. */
function applyOperator(
  changes: Changes,
  place: FieldPlace,
  { name, operands }: Operator,
  at: IssuePath,
  issues: Issue[],
): string | undefined {
  const { spec, path, field } = place
  const before = issues.length
  switch (name) {
    case 'remove':
      return clear(changes, place)
    case 'ifNotExists': {
      const stored = encoder(spec)(operands[0], at, issues)
      if (stored === undefined || issues.length > before) return undefined
      changes.set.push({ path, value: ifNotExists(path, value(stored)) })
      note(changes, field, path, 'depends')
      return undefined
    }
    case 'append':
    case 'prepend': {
      if (spec.kind !== 'list') return unfit(name, spec)
      const list = encoder({ ...spec, min: undefined, max: undefined, checks: [] })
      const stored = list(operands, at, issues)
      if (stored === undefined || issues.length > before) return undefined
      const there = ifNotExists(path, value([]))
      const joined = name === 'append' ? listAppend(there, value(stored)) : listAppend(value(stored), there)
      changes.set.push({ path, value: joined })
      note(changes, field, path, 'depends')
      return undefined
    }
    case 'add':
    case 'deleteFrom': {
      if (spec.kind === 'set') {
        const members = KINDS.set.encode(spec)(operands, at, issues)
        // No members are no change.
        if (issues.length > before) return undefined
        changeSet(changes, place, name === 'add' ? members : undefined, name === 'add' ? undefined : members)
        return undefined
      }
      if (name === 'deleteFrom' || !isArithmetic(spec)) return unfit(name, spec)
      if (operands.length !== 1) return `add takes one number here, not ${operands.length}`
      const amount = KINDS[spec.kind === 'schema' ? 'number' : spec.kind].encode(spec)(operands[0], at, issues)
      if (issues.length === before) addNumber(changes, place, amount as NumberValue)
      return undefined
    }
  }
}

function isArithmetic({ kind, transform }: FieldSpec): boolean {
  return !transform && ['number', 'integer', 'counter', 'bigint', 'decimal', 'schema'].includes(kind)
}

function clear(changes: Changes, place: FieldPlace): string | undefined {
  const { spec, field, path } = place
  const isElement = path.length > 1 && spec === field.spec.element
  if (!spec.optional && spec.kind !== 'set' && !isElement) return 'is required and cannot be cleared; give it a value'
  assign(changes, place, undefined)
  return undefined
}

function unfit(name: string, spec: FieldSpec): string {
  return `${name} cannot be done to a ${spec.kind}`
}

/** @throws ValidationFailed where a changed field's new value, now that it is known, is not valid. */
export function checkOutcome(changes: Changes, row: Item): void {
  const issues: Issue[] = []
  for (const { name, attribute, decode, encode, required } of changes.unchecked) {
    const stored = row[attribute]
    if (stored !== undefined) within([name], () => encode(decode(stored), [], issues))
    else if (required) issues.push({ path: [name], message: 'would be missing' })
  }
  if (issues.length > 0) throw new ValidationFailed(issues)
}
