/**
 * Rows made into records. The class of a model is made once; its fields are own properties of plain data, and all else
 * is private or on the prototype, so that spreading and `JSON.stringify` give the fields and nothing else.
 */
import { type Issue, type Unreadable, ValidationFailed } from '../errors.js'
import type { Condition } from '../expression/ast.js'
import { addNumbers, Decimal } from '../value/number.js'
import { equalValues, type Item, isSet, setHas, type Value } from '../value/value.js'
import {
  addNumber,
  assign,
  type Changes,
  changeSet,
  compileChanges,
  fixedFault,
  mixedSet,
  noChanges,
  onlyCounts,
} from './changes.js'
import type { CompiledField, CompiledModel } from './compiled.js'
import { compileWhere } from './condition.js'
import { runValidators } from './input.js'
import type { FieldPlace } from './place.js'
import type { SaveOptions } from './record.js'
import { rowsOf, writing } from './rows/access.js'
import { isStill, isVersion, unlessGone } from './rows/guard.js'
import { fillFields, isMissing, unreadable } from './rows/read-row.js'
import { notThere } from './rows/refusal.js'
import { keyOf, type RowCaller, type RowKey, type Rules } from './rows/rows.js'

/** Options of writes as they come, of any model. */
interface WriteOptions {
  readonly if?: unknown
  readonly exactlyOnce?: boolean
}

/** A record as the library sees it: fields under their names. */
type Fields = { [name: string]: unknown }

/** The stored form of each field at some moment. */
type Snapshot = ReadonlyMap<CompiledField, Value | undefined>

/** A field that the program changed, in its stored forms. */
interface Edit {
  readonly field: CompiledField
  /** What it holds. */
  readonly given: unknown
  readonly now: Value | undefined
  readonly isFaulty: boolean
  readonly then: Value | undefined
}

export class ModelRecord {
  readonly #caller: RowCaller
  #row: Item
  /** What is under way on this record: each call begins when the one before has ended, and sees what that left. */
  #underWay: Promise<unknown> | undefined
  /** What was saved in the transaction that the record is of, and is unsaved again where that is given up. */
  #saved: Edit[] = []
  /** Whether the row was never written, as the transaction that made it was given up. */
  #isUnwritten = false
  /** Whether a transaction may have written the row: nobody knows. */
  #isUncertain = false

  /** @param onUnreadable is told of fields that cannot be read, which the record lacks then. Default: throws it. */
  constructor(caller: RowCaller, row: Item, onUnreadable: (error: Unreadable) => void = raise) {
    this.#caller = caller
    this.#row = row
    const { model } = caller
    const issues = fillFields(model.fields, row, this as unknown as Fields)
    if (issues) onUnreadable(unreadable(model, row, issues))
    caller.scope.overlay?.records.add(caller, row, (before, isUnknown) =>
      this.#inTurn(async () => this.#undo(before, isUnknown)),
    )
  }

  /** Who reads and writes for a record: the scope that it was read in, or after its transaction the one around that. */
  static callerOf(record: ModelRecord): RowCaller {
    const caller = record.#caller
    let { scope } = caller
    while (scope.overlay?.closed && scope.parent) scope = scope.parent
    return scope === caller.scope ? caller : { ...caller, scope }
  }

  /** Another record of the same row, with fields of its own. */
  static copyOf(record: ModelRecord): ModelRecord {
    return recordOf(record.#caller, record.#row)
  }

  save(options: SaveOptions = {}): Promise<this> {
    return this.#write(caller => this.#save(caller, options))
  }

  update(input: unknown, options: WriteOptions = {}): Promise<this> {
    return this.#write(caller => this.#update(caller, input, options))
  }

  delete(options: WriteOptions = {}): Promise<void> {
    return this.#write(caller => this.#delete(caller, options))
  }

  reload(): Promise<this> {
    return this.#inTurn(() => this.#reload())
  }

  toJSON(): object {
    return Object.fromEntries(Object.entries(this).map(([name, it]) => [name, jsonOf(it)]))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#underWay ? this.#underWay.then(work, work) : work()
    this.#underWay = turn
    return turn
  }

  #write<T>(work: (caller: RowCaller) => Promise<T>): Promise<T> {
    return writing(ModelRecord.callerOf(this), caller =>
      this.#inTurn(async () => {
        if (this.#isUnwritten) throw notThere(caller.model, keyOf(caller.model, this.#row))
        return work(caller)
      }),
    )
  }

  async #save(caller: RowCaller, { ifUnchanged = false, exactlyOnce }: SaveOptions): Promise<this> {
    const { model } = caller
    const origin = this.#row
    const edits = caller.scope.overlay ? this.#edits(model) : []
    const { changes, written } = await this.#difference(model)
    if (changes.outcomes.size === 0) {
      this.#row = await rowsOf(caller).refresh(caller, origin)
      return this
    }
    const unchanged = ifUnchanged ? isStill(caller, origin) : this.#guard(caller, onlyCounts(changes))
    const rules: Rules = { condition: undefined, unchanged, exactlyOnce }
    this.#row = await rowsOf(caller).update(caller, { row: rowKey(model, origin), changes, rules, known: origin })
    this.#saved.push(...edits)
    this.#refresh(model, written)
    return this
  }

  async #update(caller: RowCaller, input: unknown, options: WriteOptions): Promise<this> {
    const { model } = caller
    const origin = this.#row
    const changes = await compileChanges(model, input)
    const { exactlyOnce } = options
    const unchanged = this.#guard(caller, onlyCounts(changes))
    const rules: Rules = { condition: compileWhere(model, options.if, ['if']), unchanged, exactlyOnce }
    const before = storedFields(model, origin)
    this.#row = await rowsOf(caller).update(caller, { row: rowKey(model, origin), changes, rules, known: origin })
    this.#refresh(model, before)
    return this
  }

  async #delete(caller: RowCaller, options: WriteOptions): Promise<void> {
    const { exactlyOnce } = options
    const condition = compileWhere(caller.model, options.if, ['if'])
    const unchanged = unlessGone(caller, this.#guard(caller, false))
    const rules: Rules = { condition, unchanged, exactlyOnce }
    await rowsOf(caller).remove(caller, rowKey(caller.model, this.#row), rules)
  }

  /** What is asked of the row besides the program's own condition: that it has the version that was read. */
  #guard(caller: RowCaller, isCounted: boolean): Condition | undefined {
    if (this.#isUncertain) return isStill(caller, this.#row)
    return isCounted ? undefined : isVersion(caller.model, this.#row)
  }

  async #reload(): Promise<this> {
    const caller = ModelRecord.callerOf(this)
    const key = keyOf(caller.model, this.#row)
    const row = await rowsOf(caller).read(caller, key, true)
    if (!row) throw notThere(caller.model, key)
    const issues = fillFields(caller.model.fields, row, {})
    if (issues) throw unreadable(caller.model, row, issues)
    this.#row = row
    this.#isUnwritten = false
    this.#refresh(caller.model, undefined)
    return this
  }

  /**
   * Makes the record as it was before its transaction, where the row was as given: what the program changed meanwhile is
   * unsaved. Where the transaction may have been written all the same, the next write asks for the row as it was.
   */
  #undo(before: Item | undefined, isUnknown: boolean): void {
    const { model } = this.#caller
    this.#isUncertain = isUnknown
    if (!before) {
      this.#isUnwritten = !isUnknown
      return
    }
    const edits = [...this.#saved, ...this.#edits(model)]
    this.#saved = []
    this.#row = before
    this.#show(model, edits)
  }

  /** What differs from the row as it was read, and what the fields hold now. */
  async #difference(model: CompiledModel): Promise<{ changes: Changes; written: Snapshot }> {
    const issues: Issue[] = []
    const changes = noChanges()
    const fields = this as unknown as Fields
    for (const name of Object.keys(fields)) {
      if (!model.byName.has(name) && !Object.hasOwn(model.relations, name)) {
        issues.push({ path: [name], message: `is no field of ${model.name}` })
      }
    }
    const before = storedFields(model, this.#row)
    const written = new Map<CompiledField, Value | undefined>()
    const changed = model.fields.filter(field => {
      const now = plainForm(field, fields[field.name])
      written.set(field, now.stored)
      return now.isFaulty || !sameValue(now.stored, before.get(field))
    })
    const validated = changed.some(({ spec }) => spec.schema)
      ? await runValidators({ validated: changed.filter(({ spec }) => spec.schema) }, { ...fields }, issues)
      : fields
    for (const field of changed) {
      const fault = fixedFault(model, field)
      if (fault) issues.push({ path: [field.name], message: fault })
      else compareField(changes, field, validated[field.name], before.get(field), issues)
    }
    if (issues.length > 0) throw new ValidationFailed(issues)
    return { changes, written }
  }

  /**
   * Shows what is stored. Fields that differ from `since` were changed by the program meanwhile and keep what they hold;
   * counters and sets keep what was done to them.
   */
  #refresh(model: CompiledModel, since: Snapshot | undefined): void {
    this.#isUncertain = false
    this.#show(model, since ? this.#edits(model, since) : [])
  }

  /** Fields that differ from what was stored. */
  #edits(model: CompiledModel, since: Snapshot = storedFields(model, this.#row)): Edit[] {
    const fields = this as unknown as Fields
    return model.fields.flatMap(field => {
      const given = fields[field.name]
      const { stored: now, isFaulty } = plainForm(field, given)
      const then = since.get(field)
      return isFaulty || !sameValue(now, then) ? [{ field, given, now, isFaulty, then }] : []
    })
  }

  /** Shows the row, and on top of it what the program changed, in its order. */
  #show(model: CompiledModel, edits: readonly Edit[]): void {
    const fields = this as unknown as Fields
    const stored = storedFields(model, this.#row)
    const shown = new Map<CompiledField, unknown>()
    for (const edit of edits) {
      const { field, isFaulty, given } = edit
      const it = isFaulty ? given : rebased(edit, stored.get(field))
      shown.set(field, it)
      stored.set(field, plainForm(field, it).stored)
    }
    for (const { name } of model.fields) delete fields[name]
    const issues = fillFields(model.fields, this.#row, fields)
    // The write is done: what is wrong in the row was there before.
    if (issues) warnOf(this.#caller, unreadable(model, this.#row, issues))
    for (const [{ name }, it] of shown) {
      if (it === undefined) delete fields[name]
      else fields[name] = it
    }
  }
}

/** What a field that was changed from `then` to `now` holds on top of what is stored. */
function rebased({ field, given, now, then }: Edit, stored: Value | undefined): unknown {
  const { spec, decode, missing } = field
  if (spec.kind === 'counter') {
    const added = addNumbers((now as number) ?? 0, (then as number) ?? 0, -1)
    return decode(addNumbers((stored as number) ?? 0, added))
  }
  if (spec.kind !== 'set') return given
  const set = mixedSet(stored, without(now, then) ?? [], without(then, now) ?? [])
  return set === undefined ? missing() : decode(set)
}

/** The class of one model's records. */
export type RecordClass = new (...parameters: ConstructorParameters<typeof ModelRecord>) => ModelRecord

/** @throws Unreadable */
export function recordOf(caller: RowCaller, row: Item): ModelRecord {
  const RecordOfModel = caller.db.classes.get(caller.model) as RecordClass
  return new RecordOfModel(caller, row)
}

/**
 * The record of a row after a write. The write is done, so a field at fault that was there before is no reason to throw:
 * the record lacks it, and the `warning` event tells.
 */
export function writtenRecordOf(caller: RowCaller, row: Item): ModelRecord {
  const RecordOfModel = caller.db.classes.get(caller.model) as RecordClass
  return new RecordOfModel(caller, row, error => warnOf(caller, error))
}

export function warnOf({ db, model }: RowCaller, error: Unreadable): void {
  db.warnings.emit({ kind: 'unreadable', model: model.name, error })
}

function rowKey(model: CompiledModel, row: Item): RowKey {
  const fields = Object.fromEntries(model.keyFields.map(({ attribute }) => [attribute, row[attribute] as Value]))
  return { key: keyOf(model, row), fields }
}

/** What is stored of each field, or would be for the values that are read where nothing is. */
function storedFields(model: CompiledModel, row: Item): Map<CompiledField, Value | undefined> {
  return new Map(model.fields.map(field => [field, seenForm(field, row[field.attribute])]))
}

/** Of a value that cannot be read, none: the record lacks it. */
function seenForm(field: CompiledField, stored: Value | undefined): Value | undefined {
  try {
    if (isMissing(field.spec, stored)) return plainForm(field, field.missing()).stored
    field.decode(stored as Value)
    return stored
  } catch {
    return undefined
  }
}

function plainForm(field: CompiledField, given: unknown): { stored: Value | undefined; isFaulty: boolean } {
  if (given === undefined) return { stored: undefined, isFaulty: false }
  const issues: Issue[] = []
  const stored = field.plain(given, [], issues)
  return { stored, isFaulty: issues.length > 0 }
}

function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalValues(a, b)
}

function compareField(
  changes: Changes,
  field: CompiledField,
  given: unknown,
  before: Value | undefined,
  issues: Issue[],
): void {
  const { name, attribute, spec, encode, required } = field
  const place: FieldPlace = { field, spec, path: [attribute] }
  if (given === undefined && !required && spec.kind !== 'set') {
    assign(changes, place, undefined)
    return
  }
  const faults = issues.length
  const stored = encode(given ?? (spec.kind === 'set' ? [] : given), [name], issues)
  if (issues.length > faults) return
  if (spec.kind === 'counter') addNumber(changes, place, addNumbers(stored as number, (before as number) ?? 0, -1))
  else if (spec.kind === 'set') changeSet(changes, place, without(stored, before), without(before, stored))
  else assign(changes, place, stored)
}

/** The members of one set that another does not have; undefined where there is none. A missing set is an empty one. */
function without(set: Value | undefined, other: Value | undefined): Value | undefined {
  const [members, others] = [set ?? new Set(), other ?? new Set()] as [ReadonlySet<string>, ReadonlySet<string>]
  const rest = [...members].filter(member => !setHas(others, member))
  return rest.length === 0 ? undefined : new Set(rest)
}

function jsonOf(it: unknown): unknown {
  if (typeof it === 'bigint') return it.toString()
  if (it instanceof Uint8Array) return btoa(Array.from(it, byte => String.fromCharCode(byte)).join(''))
  if (isSet(it)) return [...it].map(jsonOf)
  if (Array.isArray(it)) return it.map(jsonOf)
  const isPlain = typeof it === 'object' && it !== null && !(it instanceof Date) && !(it instanceof Decimal)
  if (!isPlain || it instanceof ModelRecord) return it
  return Object.fromEntries(Object.entries(it).map(([name, part]) => [name, jsonOf(part)]))
}

function raise(error: unknown): never {
  throw error
}
