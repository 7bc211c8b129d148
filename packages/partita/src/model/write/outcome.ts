/** Applies changes to a known row: computes and validates the result, and builds the update and its conditions. */
import { type Issue, type IssuePath, invalid, ValidationError } from '../../errors/errors.js'
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
import { equalValues, type Item, isPlainObject, setAttribute, type Value } from '../../value/value.js'
import { isNull, partAt } from '../compile/missing.js'
import { codecOf, isNullMissing, plainDefault } from '../define/codec.js'
import type { FieldSpec } from '../define/field.js'
import { ask, fallbackOf, prepare } from '../define/validators.js'
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
  for (const target of madeIn(changes, before)) after = await completed(target, after, issues)
  if (issues.length > 0) throw new ValidationError(issues)
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
  const starts = changes.starts.filter(({ path: [attribute] }) => !whole.has(attribute))
  // Several changes may start from the same map.
  const conditions = new Map(starts.map(start => [JSON.stringify([start.path, start.mayBeMissing]), isStarted(start)]))
  return [...conditions.values()]
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
  const unmet = changes.starts.filter(start => isUnmet(start, before)).map(({ path: [attribute] }) => attribute)
  return new Set([...changes.whole, ...paths.map(([attribute]) => attribute), ...unmet])
}

/** The row with defaults for the missing values that changes build on. */
function started({ starts }: Changes, before: Item): Item {
  let row = before
  // Maps precede their members.
  for (const start of [...starts].sort((a, b) => a.path.length - b.path.length)) {
    const { path, standIn } = start
    if (!isUnmet(start, row)) continue
    // A path through a missing value fails when the change itself is applied.
    if (path.length > 1 && partAt(row, path.slice(0, -1)) === undefined) continue
    const change = standIn === undefined ? { remove: [path] } : { set: [{ path, value: value(standIn) }] }
    row = applyUpdate(update(change), row)
  }
  return row
}

/** Whether a stored value lacks the form that the update builds on. */
function isUnmet({ path, isNullMissing, mayBeMissing }: Start, row: Item): boolean {
  const stored = partAt(row, path)
  return stored === undefined ? !mayBeMissing : stored === null && isNullMissing
}

/** The maps and records that the changes make, without those inside others. */
function madeIn({ starts }: Changes, before: Item): FieldPath[] {
  const unmet = starts.flatMap(start => (start.made && isUnmet(start, before) ? [start.made] : []))
  const made = new Map(unmet.map(target => [JSON.stringify(target.path), target]))
  return [...made.values()].filter(({ path }) => !made.has(JSON.stringify(path.slice(0, -1))))
}

/** The row with the defaults of a map that the changes made, as in a new row. Adds an issue if the map is not whole. */
async function completed({ spec, path, at }: FieldPath, after: Item, issues: Issue[]): Promise<Item> {
  const whole = await withDefaults(spec, partAt(after, path) as Value, at, issues)
  return applyUpdate(update({ set: [{ path, value: value(whole) }] }), after)
}

async function withDefaults(spec: FieldSpec, stored: Value, at: IssuePath, issues: Issue[]): Promise<Value> {
  const { kind, shape = {}, element, transform } = spec
  if (transform || !isPlainObject(stored)) return stored
  const whole: { [name: string]: Value } = {}
  for (const name of Object.keys(stored)) setAttribute(whole, name, stored[name] as Value)
  const names = kind === 'map' ? Object.keys(shape) : element ? Object.keys(stored) : []
  const lacking: string[] = []
  for (const name of names) {
    const member = kind === 'map' ? (shape[name] as FieldSpec) : (element as FieldSpec)
    const attribute = member.attribute ?? name
    const here = [...at, name]
    const given = partAt(stored, [attribute])
    const fallback = given === undefined ? fallbackOf(member) : undefined
    if (given !== undefined) setAttribute(whole, attribute, await withDefaults(member, given, here, issues))
    else if (fallback !== undefined) {
      const encoded = codecOf(member).encode(await prepare(member, fallback, here, issues), here, issues)
      if (encoded !== undefined) setAttribute(whole, attribute, encoded)
    } else if (codecOf(member).required) lacking.push(name)
  }
  if (lacking.length > 0) {
    const message = `is absent, and the update would make it without ${lacking.join(', ')}; set these too, or the whole`
    issues.push({ path: at, message })
  }
  return whole
}

/**
 * The changes as they apply to the row: each set that gains and loses members is replaced by its new value, and removals
 * from absent values are left out.
 */
function unmixed(given: Changes, start: Item): Update {
  const changes = withoutIdle(given, start)
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

/** The changes without removals from values that are absent. */
function withoutIdle(changes: Changes, start: Item): Changes {
  const absent = changes.starts.filter(it => it.isOnlyReduced && isUnmet(it, start))
  if (absent.length === 0) return changes
  const isThere = (path: Path): boolean =>
    !absent.some(({ path: above }) => above.length < path.length && above.every((step, i) => step === path[i]))
  return {
    ...changes,
    remove: changes.remove.filter(isThere),
    delete: changes.delete.filter(({ path }) => isThere(path)),
    mixed: changes.mixed.filter(({ path }) => isThere(path)),
  }
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
