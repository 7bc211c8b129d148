/**
 * Rows made into records. The class of a model is made once; its fields are own properties of plain data, and all else
 * is private or on the prototype, so that spreading and `JSON.stringify` give the fields and nothing else.
 */
import { type Issue, invalid, keyText, PartitaError, ValidationFailed } from '../errors.js'
import { allOf, compare, notExists, path, value } from '../expression/ast.js'
import { Decimal } from '../value/number.js'
import { type Item, isSet, type Value } from '../value/value.js'
import { isUnchanged } from './changes.js'
import { readValue } from './codec.js'
import { compileChanges } from './compile-changes.js'
import type { CompiledField, CompiledModel } from './compiled.js'
import { compileWhere } from './condition.js'
import { differenceOf } from './difference.js'
import { rebased } from './rebase.js'
import type { SaveOptions } from './record.js'
import { rowsOf } from './rows/access.js'
import { isStill } from './rows/guard.js'
import { notThere } from './rows/refusal.js'
import { keyOf, type RowCaller, type RowKey, type Rules } from './rows/rows.js'
import { isStillSeen, type Seen, seenOf } from './seen.js'

/** Options of writes as they come, of any model. */
interface WriteOptions {
  readonly if?: unknown
}

/** A record as the library sees it: fields under their names. */
type Fields = { [name: string]: unknown }

export class ModelRecord {
  readonly #caller: RowCaller
  #row: Item
  /** What is under way on this record: each call begins when the one before has ended, and sees what that left. */
  #underWay: Promise<unknown> | undefined

  constructor(caller: RowCaller, row: Item) {
    this.#caller = caller
    this.#row = row
    fill(caller.model, row, this as unknown as Fields)
  }

  /** Who reads and writes for a record: the scope that it was read in, or after its transaction the one around that. */
  static callerOf(record: ModelRecord): RowCaller {
    const caller = record.#caller
    let { scope } = caller
    while (scope.overlay?.closed && scope.parent) scope = scope.parent
    return scope === caller.scope ? caller : { ...caller, scope }
  }

  save(options: SaveOptions = {}): Promise<this> {
    return this.#inTurn(() => this.#save(options))
  }

  update(input: unknown, options: WriteOptions = {}): Promise<this> {
    return this.#inTurn(() => this.#update(input, options))
  }

  delete(options: WriteOptions = {}): Promise<void> {
    return this.#inTurn(() => this.#delete(options))
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

  async #save({ ifUnchanged = false }: SaveOptions): Promise<this> {
    const caller = ModelRecord.callerOf(this)
    const { model } = caller
    const origin = this.#row
    const written = snapshotOf(model, this as unknown as Fields)
    const fields: Fields = Object.fromEntries(Object.entries(this))
    // What the program does to a value while validators run is no part of this save.
    for (const [{ name }, { value: now }] of written) if (Object.hasOwn(fields, name)) fields[name] = now
    const changes = await differenceOf(model, fields, origin)
    if (isUnchanged(changes)) return this
    const known = ifUnchanged ? isStill(caller, origin) : model.version && isVersion(origin, model.version)
    const rules: Rules = { condition: undefined, unchanged: allOf([known, ...changes.unchanged]) }
    this.#row = await rowsOf(caller).update(caller, { row: rowKey(model, origin), changes, rules, known: origin })
    this.#refresh(model, written)
    return this
  }

  async #update(input: unknown, options: WriteOptions): Promise<this> {
    const caller = ModelRecord.callerOf(this)
    const { model } = caller
    const origin = this.#row
    const changes = await compileChanges(model, input)
    const rules: Rules = { condition: compileWhere(model, options.if, ['if']) }
    this.#row = await rowsOf(caller).update(caller, { row: rowKey(model, origin), changes, rules, known: origin })
    this.#refresh(model, snapshotOf(model, fieldsOf(model, origin)))
    return this
  }

  async #delete(options: WriteOptions): Promise<void> {
    const caller = ModelRecord.callerOf(this)
    const rules: Rules = { condition: compileWhere(caller.model, options.if, ['if']) }
    await rowsOf(caller).remove(caller, rowKey(caller.model, this.#row), rules)
  }

  async #reload(): Promise<this> {
    const caller = ModelRecord.callerOf(this)
    const key = keyOf(caller.model, this.#row)
    const row = await rowsOf(caller).read(caller, key, true)
    if (!row) throw notThere(caller.model, key)
    this.#row = row
    this.#refresh(caller.model, undefined)
    return this
  }

  /**
   * Shows what is stored. Fields that are not as they were `since` were changed by the program meanwhile, and keep what
   * was done to them.
   */
  #refresh(model: CompiledModel, since: Snapshot | undefined): void {
    const fields = this as unknown as Fields
    const stored = fieldsOf(model, this.#row)
    for (const field of model.fields) {
      const { name, spec } = field
      const seen = since?.get(field)
      const it =
        !seen || isStillSeen(spec, fields[name], seen)
          ? stored[name]
          : rebased(spec, fields[name], seen.value, stored[name])
      // In the order of the model, as they were first.
      delete fields[name]
      if (it !== undefined) fields[name] = it
    }
  }
}

/** What the fields of a record held at some moment. */
type Snapshot = ReadonlyMap<CompiledField, Seen>

function snapshotOf(model: CompiledModel, fields: Fields): Snapshot {
  return new Map(model.fields.map(field => [field, seenOf(field.spec, fields[field.name])]))
}

function fieldsOf(model: CompiledModel, row: Item): Fields {
  const fields: Fields = {}
  fill(model, row, fields)
  return fields
}

/** The class of one model's records. */
export type RecordClass = new (caller: RowCaller, row: Item) => ModelRecord

export function recordOf(caller: RowCaller, row: Item): ModelRecord {
  const RecordOfModel = caller.db.classes.get(caller.model) as RecordClass
  return new RecordOfModel(caller, row)
}

/**
 * The fields of a row, as a program sees them.
 * @throws ValidationFailed naming the field whose stored value is not of its kind.
 */
function fill(model: CompiledModel, row: Item, target: Fields): void {
  const { fields } = model
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as CompiledField
    const stored = row[field.attribute]
    try {
      const it = readValue(field, stored)
      if (it !== undefined) target[field.name] = it
    } catch (error) {
      throw unreadable(model, row, field, error)
    }
  }
}

function unreadable(model: CompiledModel, row: Item, { name }: CompiledField, cause: unknown): Error {
  const message = cause instanceof PartitaError ? cause.message : String(cause)
  const of = keyText(keyOf(model, row))
  return new ValidationFailed([{ path: [model.name, name], message: `${message} (of the row ${of})` }], cause)
}

function rowKey(model: CompiledModel, row: Item): RowKey {
  const fields = Object.fromEntries(model.keyFields.map(({ attribute }) => [attribute, row[attribute] as Value]))
  return { key: keyOf(model, row), fields }
}

function isVersion(row: Item, { attribute }: CompiledField) {
  const stored = row[attribute]
  return stored === undefined ? notExists([attribute]) : compare(path(attribute), '=', value(stored))
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

/** The stored key of a row, from the fields that a program gives. */
export function encodeKey({ model, scope }: RowCaller, input: unknown): RowKey {
  const issues: Issue[] = []
  if (typeof input !== 'object' || input === null)
    throw invalid([], `the key of a ${model.name} is an object with its key fields`)
  const given = input as Fields
  for (const name of Object.keys(given)) {
    if (!model.byName.has(name) && !Object.hasOwn(model.relations, name)) {
      issues.push({ path: [name], message: `is no field of ${model.name}` })
    }
  }
  const fields: Item = {}
  for (const { name, attribute, plain } of model.keyFields) {
    const stored = plain(Object.hasOwn(given, name) ? given[name] : undefined, [name], issues)
    if (stored !== undefined) fields[attribute] = stored
  }
  if (issues.length > 0) throw new ValidationFailed(issues)
  return { key: model.primaryKey(fields, scope.prefix), fields }
}
