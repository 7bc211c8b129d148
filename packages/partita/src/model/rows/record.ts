/**
 * Rows made into records. The class of a model is made once; its fields are own properties of plain data, and all else
 * is private or on the prototype, so that spreading and `JSON.stringify` give the fields and nothing else.
 */
import { OutcomeUnknownError, type UnreadableError } from '../../errors/errors.js'
import { allOf, type Condition } from '../../expression/ast.js'
import { checkOptions } from '../../store/options.js'
import { Decimal } from '../../value/number.js'
import { type Item, isSet, type Key, type Value } from '../../value/value.js'
import type { CompiledField, CompiledModel } from '../compile/compiled-model.js'
import { compileWhere } from '../compile/condition.js'
import { checkSize } from '../read/relations/budget.js'
import { fillFields, unreadable } from '../read/row.js'
import type { Overlay } from '../transaction/overlay.js'
import type { SaveOptions } from '../types/record.js'
import { isUnchanged, onlyCounts } from '../write/changes.js'
import { compileChanges } from '../write/compile-changes.js'
import { differenceOf } from '../write/difference.js'
import { isStill, isVersion, unlessGone } from '../write/guard.js'
import { rebased } from '../write/rebase.js'
import { notThere } from '../write/refusal.js'
import { isStillSeen, type Seen, seenOf } from '../write/seen.js'
import { rowsOf, writing } from './access.js'
import { keyOf, type RowContext, type RowKey, type Rules } from './rows.js'

/** Options of writes as they come, of any model. */
interface WriteOptions {
  readonly if?: unknown
  readonly exactlyOnce?: boolean
}
const WRITE_OPTIONS = ['if', 'exactlyOnce']

/** A record as the library sees it: fields under their names. */
type Fields = { [name: string]: unknown }

/** What the fields of a record held at some moment. */
type Snapshot = ReadonlyMap<CompiledField, Seen>

/** A field that the program changed, as it sees it. */
interface Edit {
  readonly field: CompiledField
  readonly before: unknown
  readonly now: unknown
}

export class ModelRecord {
  readonly #context: RowContext
  #row: Item
  /** What is under way on this record: each call begins when the one before has ended, and sees what that left. */
  #underWay: Promise<unknown> | undefined
  /** What was saved in the transaction that the record is of, and is unsaved again where that is given up. */
  #saved: readonly Edit[] | undefined
  /** Whether the row was never written, as the transaction that made it was given up. */
  #isUnwritten = false
  /** Whether a transaction may have written the row: nobody knows. */
  #isUncertain = false

  /** @param onUnreadable called if fields cannot be read, which the record then lacks. Default: throws the error. */
  constructor(context: RowContext, row: Item, onUnreadable: (error: UnreadableError) => void = raise) {
    this.#context = context
    this.#row = row
    const { model } = context
    const issues = fillFields(model.fields, row, this as unknown as Fields)
    if (issues) onUnreadable(unreadable(model, row, issues))
    if (context.scope.overlay) this.#join(context.scope.overlay)
  }

  /** Apart from the constructor, which would cost every record more with a function in it that knows the record. */
  #join({ records }: Overlay): void {
    records.add(this.#context, this.#row, (before, isUnknown) =>
      this.#inTurn(async () => this.#undo(before, isUnknown)),
    )
  }

  /** Who reads and writes for a record: the scope that it was read in, or after its transaction the one around that. */
  static callerOf(record: ModelRecord): RowContext {
    const context = record.#context
    let { scope } = context
    while (scope.overlay?.closed && scope.parent) scope = scope.parent
    return scope === context.scope ? context : { ...context, scope }
  }

  save(options: SaveOptions = {}): Promise<this> {
    return this.#write(context => this.#save(context, options))
  }

  update(input: unknown, options: WriteOptions = {}): Promise<this> {
    return this.#write(context => this.#update(context, input, options))
  }

  delete(options: WriteOptions = {}): Promise<void> {
    return this.#write(context => this.#delete(context, options))
  }

  reload(): Promise<this> {
    return this.#inTurn(() => this.#reload())
  }

  /** @throws LimitExceededError where relations that were loaded with it would be repeated without measure. */
  toJSON(): object {
    checkSize(this)
    return Object.fromEntries(Object.entries(this).map(([name, it]) => [name, jsonOf(it)]))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#underWay ? this.#underWay.then(work, work) : work()
    this.#underWay = turn
    return turn
  }

  #write<T>(work: (context: RowContext) => Promise<T>): Promise<T> {
    return writing(ModelRecord.callerOf(this), context =>
      this.#inTurn(async () => {
        if (this.#isUnwritten) throw notThere(context.model, keyOf(context.model, this.#row))
        return work(context)
      }),
    )
  }

  async #save(context: RowContext, options: SaveOptions): Promise<this> {
    checkOptions(options, ['ifUnchanged', 'exactlyOnce'])
    const { ifUnchanged = false, exactlyOnce } = options
    const { model } = context
    const origin = this.#row
    const written = snapshotOf(model, this as unknown as Fields)
    const fields: Fields = Object.fromEntries(Object.entries(this))
    // What the program does to a value while validators run is no part of this save.
    for (const [{ name }, { value: now }] of written) if (Object.hasOwn(fields, name)) fields[name] = now
    const read = fieldsOf(model, origin)
    const changes = await differenceOf(model, fields, read, origin)
    if (isUnchanged(changes)) {
      this.#row = await rowsOf(context).refresh(context, origin)
      return this
    }
    const known = ifUnchanged ? isStill(context, origin) : this.#guard(context, onlyCounts(changes))
    const unchanged = allOf([known, ...changes.unchanged])
    const rules: Rules = { condition: undefined, unchanged, isOnce: known !== undefined, exactlyOnce }
    this.#row = await rowsOf(context).update(context, { row: rowKey(model, origin), changes, rules, known: origin })
    if (context.scope.overlay)
      this.#saved = [...(this.#saved ?? []), ...editsOf(model, fields, snapshotOf(model, read))]
    this.#refresh(model, written)
    return this
  }

  async #update(context: RowContext, input: unknown, options: WriteOptions): Promise<this> {
    checkOptions(options, WRITE_OPTIONS)
    const { model } = context
    const origin = this.#row
    const changes = await compileChanges(model, input)
    const { exactlyOnce } = options
    const unchanged = this.#guard(context, onlyCounts(changes))
    const condition = compileWhere(model, options.if, ['if'])
    const rules: Rules = { condition, unchanged, isOnce: unchanged !== undefined, exactlyOnce }
    this.#row = await rowsOf(context).update(context, { row: rowKey(model, origin), changes, rules, known: origin })
    this.#refresh(model, snapshotOf(model, fieldsOf(model, origin)))
    return this
  }

  async #delete(context: RowContext, options: WriteOptions): Promise<void> {
    checkOptions(options, WRITE_OPTIONS)
    const { exactlyOnce } = options
    const condition = compileWhere(context.model, options.if, ['if'])
    const unchanged = unlessGone(context, this.#guard(context, false))
    const rules: Rules = { condition, unchanged, exactlyOnce }
    const row = rowKey(context.model, this.#row)
    try {
      await rowsOf(context).remove(context, row, rules)
    } catch (error) {
      if (condition || !(error instanceof OutcomeUnknownError) || !(await isGone(context, row.key))) throw error
    }
  }

  /** What is asked of the row besides the program's own condition: that it has the version that was read. */
  #guard(context: RowContext, isCounted: boolean): Condition | undefined {
    if (this.#isUncertain) return isStill(context, this.#row)
    return isCounted ? undefined : isVersion(context.model, this.#row)
  }

  async #reload(): Promise<this> {
    const context = ModelRecord.callerOf(this)
    const key = keyOf(context.model, this.#row)
    const row = await rowsOf(context).read(context, key, true)
    if (!row) throw notThere(context.model, key)
    const issues = fillFields(context.model.fields, row, {})
    if (issues) throw unreadable(context.model, row, issues)
    this.#row = row
    this.#isUnwritten = false
    this.#refresh(context.model, undefined)
    return this
  }

  /**
   * Makes the record as it was before its transaction, where the row was as given: what the program changed meanwhile is
   * unsaved. Where the transaction may have been written all the same, the next write asks for the row as it was.
   */
  #undo(before: Item | undefined, isUnknown: boolean): void {
    const { model } = this.#context
    this.#isUncertain = isUnknown
    if (!before) {
      this.#isUnwritten = !isUnknown
      return
    }
    const since = snapshotOf(model, fieldsOf(model, this.#row))
    const edits = [...(this.#saved ?? []), ...editsOf(model, this as unknown as Fields, since)]
    this.#saved = undefined
    this.#row = before
    this.#show(model, edits)
  }

  /**
   * Shows what is stored. Fields that are not as they were `since` were changed by the program meanwhile, and keep what
   * was done to them.
   */
  #refresh(model: CompiledModel, since: Snapshot | undefined): void {
    this.#isUncertain = false
    this.#show(model, since ? editsOf(model, this as unknown as Fields, since) : [])
  }

  /** Shows the row, and on top of it what the program changed, in its order. */
  #show(model: CompiledModel, edits: readonly Edit[]): void {
    const fields = this as unknown as Fields
    const shown: Fields = {}
    const issues = fillFields(model.fields, this.#row, shown)
    // The write is done: what is wrong in the row was there before.
    if (issues) warnOf(this.#context, unreadable(model, this.#row, issues))
    for (const { field, now, before } of edits) {
      shown[field.name] = rebased(field.spec, now, before, shown[field.name])
    }
    for (const { name } of model.fields) {
      // In the order of the model, as they were first.
      delete fields[name]
      if (shown[name] !== undefined) fields[name] = shown[name]
    }
  }
}

function snapshotOf(model: CompiledModel, fields: Fields): Snapshot {
  return new Map(model.fields.map(field => [field, seenOf(field.spec, fields[field.name], field.name)]))
}

function editsOf(model: CompiledModel, fields: Fields, since: Snapshot): Edit[] {
  return model.fields.flatMap(field => {
    const now = fields[field.name]
    const seen = since.get(field) as Seen
    return isStillSeen(field.spec, now, seen) ? [] : [{ field, now, before: seen.value }]
  })
}

/** The fields of a row; it lacks those that cannot be read, as records of it do. */
function fieldsOf(model: CompiledModel, row: Item): Fields {
  const fields: Fields = {}
  fillFields(model.fields, row, fields)
  return fields
}

/** The class of one model's records. */
export type RecordClass = new (...parameters: ConstructorParameters<typeof ModelRecord>) => ModelRecord

/** @throws UnreadableError */
export function recordOf(context: RowContext, row: Item): ModelRecord {
  const RecordOfModel = context.db.classes.get(context.model) as RecordClass
  return new RecordOfModel(context, row)
}

/**
 * The record of a row after a write. The write is done, so a field at fault that was there before is no reason to throw:
 * the record lacks it, and the `warning` event tells.
 */
export function writtenRecordOf(context: RowContext, row: Item): ModelRecord {
  const RecordOfModel = context.db.classes.get(context.model) as RecordClass
  return new RecordOfModel(context, row, error => warnOf(context, error))
}

export function warnOf({ db, model }: RowContext, error: UnreadableError): void {
  db.warnings.emit({ kind: 'unreadable', model: model.name, error })
}

function rowKey(model: CompiledModel, row: Item): RowKey {
  const fields = Object.fromEntries(model.keyFields.map(({ attribute }) => [attribute, row[attribute] as Value]))
  return { key: keyOf(model, row), fields }
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

/** Whether a row is gone, as far as can be told. */
async function isGone(context: RowContext, key: Key): Promise<boolean> {
  try {
    return (await rowsOf(context).read(context, key, true)) === undefined
  } catch {
    return false
  }
}
