/** Applies changes to a known row: computes and validates the result, and builds the update and its conditions. */
import { type Issue, invalid, ValidationError } from '../../errors/errors.js'
import {
  and,
  type Condition,
  exists,
  not,
  type Path,
  type SetAction,
  type Update,
  update,
  value,
} from '../../expression/ast.js'
import { applyUpdate } from '../../expression/evaluate/index.js'
import { equalValues, type Item, type Value } from '../../value/value.js'
import { isNull, partAt } from '../compile/missing.js'
import { codecOf, isNullMissing, plainDefault } from '../define/codec.js'
import { ask, prepare } from '../define/validators.js'
import { type Changes, checkBounds, type Start } from './changes.js'
import { type FieldPath, UNKNOWN } from './field-path.js'
import { checkReadonlyParts } from './readonly-check.js'

/**
 * The row after the changes, with the output of validators for fields that change in part.
 * @throws ValidationError if a resulting value is not valid or exceeds its bounds.
 */
export async function rowAfter(changes: Changes, before: Item): Promise<Item> {
  checkBounds(changes, before)
  const start = started(changes, before)
  let after = applyUpdate(unmixed(changes, start), start)
  const issues: Issue[] = []
  for (const target of changes.validated) after = await validated(target, start, after, issues)
  for (const target of changes.unchecked) checkTarget(target, after, issues)
  for (const target of changes.fixed) {
    checkReadonlyParts(target.spec, readAt(target, start), readAt(target, after), target.at, issues)
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return after
}

/**
 * The update that turns the known row into the result. It requires that the attributes of {@link attributesOf} are
 * unchanged.
 */
export function updateTo(changes: Changes, before: Item, after: Item): Update {
  const whole = wholeAttributes(changes, before)
  if (whole.size === 0) return changes
  const isPart = ({ path: [attribute] }: { readonly path: Path }): boolean => !whole.has(attribute)
  const set: SetAction[] = changes.set.filter(isPart)
  const remove: Path[] = changes.remove.filter(([attribute]) => !whole.has(attribute))
  for (const attribute of whole) {
    const stored = after[attribute]
    if (stored === undefined) remove.push([attribute])
    else set.push({ path: [attribute], value: value(stored) })
  }
  return update({ set, remove, add: changes.add.filter(isPart), delete: changes.delete.filter(isPart) })
}

/** Attributes from which the written values were computed. */
export function attributesOf(changes: Changes, before: Item): string[] {
  const targets = [...changes.unchecked, ...changes.fixed]
  return [...new Set([...wholeAttributes(changes, before), ...targets.map(({ field }) => field.attribute)])]
}

/** Conditions that the stored values have the form that the update builds on, except for attributes written whole. */
export function startsThere(changes: Changes, before?: Item): Condition[] {
  const whole = before ? wholeAttributes(changes, before) : changes.whole
  return changes.starts.filter(({ path: [attribute] }) => !whole.has(attribute)).map(isStarted)
}

/** Whether the changes require the row to be read first. */
export function needsRow({ unchecked, validated, fixed, mixed, whole }: Changes): boolean {
  return unchecked.size + validated.size + fixed.size + mixed.length + whole.size > 0
}

function isStarted({ path, mayBeMissing, isNullMissing }: Start): Condition {
  if (mayBeMissing) return not(isNull(path))
  return isNullMissing ? and(exists(path), not(isNull(path))) : exists(path)
}

/** Attributes that are written whole, because their parts cannot be updated alone or a validator changes them. */
function wholeAttributes(changes: Changes, before: Item): Set<string> {
  const paths = [...changes.mixed.map(({ path }) => path), ...[...changes.validated].map(({ path }) => path)]
  const start = started(changes, before)
  const unmet = changes.starts.map(({ path: [attribute] }) => attribute).filter(name => start[name] !== before[name])
  return new Set([...changes.whole, ...paths.map(([attribute]) => attribute), ...unmet])
}

/** The row with defaults for the missing values that changes build on. */
function started({ starts }: Changes, before: Item): Item {
  let row = before
  // Maps precede their members.
  for (const start of [...starts].sort((a, b) => a.path.length - b.path.length)) {
    const { path, standIn, isNullMissing, mayBeMissing } = start
    const stored = partAt(row, path)
    const isNullThere = stored === null && isNullMissing
    if (!isNullThere && (stored !== undefined || mayBeMissing)) continue
    // A path through a missing value fails when the change itself is applied.
    if (path.length > 1 && partAt(row, path.slice(0, -1)) === undefined) continue
    const change = standIn === undefined ? { remove: [path] } : { set: [{ path, value: value(standIn) }] }
    row = applyUpdate(update(change), row)
  }
  return row
}

/** The changes, with each set that gains and loses members replaced by its new value. */
function unmixed(changes: Changes, start: Item): Update {
  if (changes.mixed.length === 0) return changes
  const set: SetAction[] = [...changes.set]
  const remove: Path[] = [...changes.remove]
  for (const { path, change } of changes.mixed) {
    const stored = change(partAt(start, path))
    if (stored === undefined) remove.push(path)
    else set.push({ path, value: value(stored) })
  }
  return { ...changes, set, remove }
}

/**
 * The row with the validator's output for a field that changed in part. The unchanged part has been through the
 * validator before, so a second pass must not change it.
 */
async function validated(target: FieldPath, start: Item, after: Item, issues: Issue[]): Promise<Item> {
  const { spec, path, at } = target
  const stored = partAt(after, path)
  if (stored === undefined) return after
  const found: Issue[] = []
  const { decode, encode } = codecOf(spec)
  await checkRepeatable(target, partAt(start, path))
  const prepared = await prepare(spec, decode(stored), at, found)
  const valid = encode(prepared, at, found)
  for (const issue of found) issues.push(issue)
  if (found.length > 0 || valid === undefined) return after
  return applyUpdate(update({ set: [{ path, value: value(valid) }] }), after)
}

/** @throws ValidationError if the validator changes its own earlier output. */
async function checkRepeatable({ spec, at }: FieldPath, stored: Value | undefined): Promise<void> {
  if (stored === undefined || !spec.schema || typeof stored !== 'object') return
  const result = await ask(spec.schema, codecOf(spec).decode(stored))
  // The stored value may have become invalid; the change may make it valid again.
  if (result.issues) return
  const again = codecOf(UNKNOWN).encode(result.value, at, [])
  if (again !== undefined && equalValues(again, stored)) return
  throw invalid(
    at,
    'has a validator that changes its own output, so its parts cannot be updated alone; write the whole value',
  )
}

function checkTarget({ spec, path, at, steps }: FieldPath, after: Item, issues: Issue[]): void {
  const stored = partAt(after, path)
  const { encode, decode, required } = codecOf(spec)
  if (stored !== undefined) encode(decode(stored), at, issues)
  else if (required && !steps[steps.length - 1]?.isElement) issues.push({ path: at, message: 'would be missing' })
}

function readAt({ spec, path }: FieldPath, row: Item): unknown {
  const stored = partAt(row, path)
  const isMissing = stored === undefined || (stored === null && isNullMissing(spec))
  const read = isMissing ? plainDefault(spec) : stored
  return read === undefined ? undefined : codecOf(spec).decode(read)
}
