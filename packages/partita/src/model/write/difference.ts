/**
 * The changes that a program made to a record: its fields now, compared with those that it read. Maps and records
 * are compared and written member by member at any depth, which preserves members that other programs write
 * concurrently and members that this version of the model does not know.
 */
import { type Issue, ValidationError } from '../../errors/errors.js'
import { type Condition, compare, exists, notExists, path as pathOperand, value } from '../../expression/ast.js'
import { MAX_PATH_STEPS } from '../../expression/limits.js'
import { addNumbers, type NumberValue } from '../../value/number.js'
import { checkItemBytes } from '../../value/size.js'
import { type Item, isPlainObject, type Value } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { partAt } from '../compile/missing.js'
import { codecOf } from '../define/codec.js'
import type { FieldSpec } from '../define/field.js'
import { unknownName } from '../define/input-issues.js'
import { encodeElements } from '../define/list-elements.js'
import { FIXED } from '../define/readonly-parts.js'
import { fallbackOf, prepare } from '../define/validators.js'
import {
  addNumber,
  assign,
  type Changes,
  changeSet,
  extendList,
  isChecked,
  membersMissingFrom,
  noChanges,
} from './changes.js'
import { readonlyProblem } from './compile-changes.js'
import { type FieldPath, fieldPath, partOf, UNKNOWN } from './field-path.js'
import { checkReadonlyParts } from './readonly-check.js'
import { isSameValue, plainForm } from './seen.js'

/** Values by field name, as a program holds them. */
export type Fields = { readonly [name: string]: unknown }

/** Above this an update approaches DynamoDB's limits of 300 operators and 4 KB, so fields are written whole. */
const MAX_PARTS = 40

/**
 * The changes that turn the stored row into the record.
 * @param seen the fields as the program read them, without those that could not be read.
 * @throws ValidationError listing every issue, including changes of key fields and read-only fields.
 */
export async function differenceOf(model: CompiledModel, fields: Fields, seen: Fields, row: Item): Promise<Changes> {
  const difference = new Difference(row)
  for (const name of Object.keys(fields)) {
    if (!model.byName.has(name) && !Object.hasOwn(model.relations, name)) {
      difference.issues.push({ path: [name], message: model.unknownField(name, difference.issues.length) })
    }
  }
  for (const field of model.fields) {
    const now = own(fields, field.name)
    const before = own(seen, field.name)
    if (isSameValue(field.spec, now, before)) continue
    const target = fieldPath(field)
    const problem = readonlyProblem(model, target)
    if (problem) difference.issues.push({ path: target.at, message: problem })
    else await difference.compare(target, now, before)
  }
  if (difference.issues.length > 0) throw new ValidationError(difference.issues)
  return difference.changes()
}

class Difference {
  readonly issues: Issue[] = []
  readonly #row: Item
  readonly #changes = noChanges()
  /** A lower bound for the size of the assigned members; the comparison stops once it exceeds the size of an item. */
  #bytes = 0

  constructor(row: Item) {
    this.#row = row
  }

  changes(): Changes {
    const { set, remove, add, delete: deleted, whole } = this.#changes
    const parts = [...set, ...add, ...deleted].map(({ path }) => path).concat(remove)
    if (parts.length > MAX_PARTS) for (const part of parts) if (part.length > 1) whole.add(part[0])
    return this.#changes
  }

  async compare(target: FieldPath, now: unknown, seen: unknown): Promise<void> {
    const { spec } = target
    if (isSameValue(spec, now, seen)) return
    const { isElement } = isLast(target)
    // A removed entry of a record has no default.
    const given = now === undefined && !isElement ? fallbackOf(spec) : now
    if (now === undefined && given !== undefined && isSameValue(spec, given, seen)) return
    if (given === undefined && (isElement || (spec.optional && spec.kind !== 'set'))) {
      checkReadonlyParts(spec, seen, undefined, target.at, this.issues)
      assign(this.#changes, target, undefined)
    } else if (spec.kind === 'counter' && !spec.transform) await this.#count(target, given, seen)
    else if (spec.kind === 'set' && !spec.transform && !(isElement && seen === undefined))
      await this.#compareSets(target, given, seen)
    else if (isDocument(spec, given, seen) && target.path.length < MAX_PATH_STEPS) {
      await this.#compareMembers(target, given, seen as Fields)
    } else if (isList(spec, given, seen)) await this.#compareLists(target, given, seen as readonly unknown[])
    else await this.#assign(target, given)
  }

  async #assign(target: FieldPath, given: unknown): Promise<void> {
    const stored = await this.#encode(target, given)
    if (stored === undefined) return
    assign(this.#changes, target, stored)
    // A validator may make the whole smaller than its members.
    if (!target.steps.some(({ spec }) => spec.schema)) this.#bytes += leastBytes(target, stored)
    checkItemBytes(this.#bytes)
  }

  /** Undefined if an issue was recorded. */
  async #encode({ spec, at }: FieldPath, given: unknown): Promise<Value | undefined> {
    const before = this.issues.length
    const stored = codecOf(spec).encode(await prepare(spec, given, at, this.issues), at, this.issues)
    return this.issues.length > before ? undefined : stored
  }

  async #count(target: FieldPath, given: unknown, seen: unknown): Promise<void> {
    const stored = await this.#encode(target, given)
    const amount = addNumbers((stored as NumberValue) ?? 0, (seen as NumberValue) ?? 0, -1)
    if (stored !== undefined) addNumber(this.#changes, target, amount)
  }

  async #compareSets(target: FieldPath, given: unknown, seen: unknown): Promise<void> {
    const before = this.issues.length
    const now = await this.#encode(target, given ?? [])
    const then = plainForm(target.spec, seen)
    if (this.issues.length === before)
      changeSet(this.#changes, target, membersMissingFrom(now, then), membersMissingFrom(then, now))
  }

  async #compareMembers(target: FieldPath, now: Fields, seen: Fields): Promise<void> {
    const { shape = {}, kind, element = UNKNOWN } = target.spec
    const isMap = kind === 'map'
    this.#keepThere(target)
    const names = isMap ? Object.keys(shape) : [...new Set([...Object.keys(seen), ...Object.keys(now)])]
    for (const name of names) {
      const member = partOf(target, name, isMap ? (shape[name] as FieldSpec) : element, !isMap)
      const [then, it] = [own(seen, name), own(now, name)]
      if (!member.spec.fixed) await this.compare(member, it, then)
      else if (!isSameValue(member.spec, it, then)) this.issues.push({ path: member.at, message: FIXED })
    }
    if (!isMap) return
    const before = this.issues.length
    for (const name of Object.keys(now)) {
      if (Object.hasOwn(shape, name)) continue
      this.issues.push({ path: [...target.at, name], message: unknownName(name, names, this.issues.length - before) })
    }
  }

  /**
   * Elements after the existing ones are appended, no matter what others append. Any other change of a list refers
   * to positions, so it requires the list that was read.
   */
  async #compareLists(target: FieldPath, now: readonly unknown[], seen: readonly unknown[]): Promise<void> {
    const { at, spec } = target
    const element = spec.element ?? UNKNOWN
    const isAppended = now.length > seen.length && seen.every((part, i) => isSameValue(element, now[i], part))
    if (isAppended) {
      const before = this.issues.length
      const added = await encodeElements(element, now.slice(seen.length), [], [], at, this.issues, seen.length)
      if (this.issues.length === before) extendList(this.#changes, target, added, 'append')
      return
    }
    const before = this.issues.length
    const stored = partAt(this.#row, target.path)
    const parts = await encodeElements(element, now, seen, Array.isArray(stored) ? stored : [], at, this.issues)
    if (this.issues.length > before) return
    this.#changes.unchanged.push(isStored(target, stored))
    assign(this.#changes, target, parts)
    // Each element was checked; the checks of the whole list run on the result.
    if (isChecked(spec)) this.#changes.unchecked.add(target)
    if (spec.schema) this.#changes.validated.add(target)
  }

  /** A map that was read and is missing when its members are written was changed by another writer. */
  #keepThere({ path }: FieldPath): void {
    const isThere = partAt(this.#row, path) !== undefined
    if (isThere) this.#changes.unchanged.push(exists(path))
  }
}

function leastBytes({ path }: FieldPath, stored: Value): number {
  return String(path.at(-1)).length + (typeof stored === 'string' ? stored.length : 1)
}

function isLast({ steps }: FieldPath): FieldPath['steps'][number] {
  return steps[steps.length - 1] as FieldPath['steps'][number]
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function isUnknown({ kind }: FieldSpec): boolean {
  return kind === 'json' || kind === 'schema'
}

function isDocument(spec: FieldSpec, now: unknown, seen: unknown): now is Fields {
  if (spec.transform || !isPlainObject(now) || !isPlainObject(seen)) return false
  return spec.kind === 'map' || spec.kind === 'record' || isUnknown(spec)
}

function isList(spec: FieldSpec, now: unknown, seen: unknown): now is readonly unknown[] {
  return !spec.transform && (spec.kind === 'list' || isUnknown(spec)) && Array.isArray(now) && Array.isArray(seen)
}

function isStored({ path }: FieldPath, stored: Value | undefined): Condition {
  return stored === undefined ? notExists(path) : compare(pathOperand(...path), '=', value(stored))
}
