/**
 * Records made from rows. Each model's class is made once. The fields are own properties with plain data; everything
 * else is private or on the prototype, so that spreading and `JSON.stringify` give only the fields.
 */
import { OutcomeUnknownError, type UnreadableError } from '../../errors/errors.js'
import { allOf, type Condition } from '../../expression/ast.js'
import { checkFunction, checkOptions } from '../../store/options.js'
import { Decimal } from '../../value/number.js'
import { type Item, isSet, type Key, type Value } from '../../value/value.js'
import type { CompiledField, CompiledModel } from '../compile/compiled-model.js'
import { compileWhere } from '../compile/condition.js'
import { saving } from '../on-demand.js'
import { checkSize } from '../read/relations/budget.js'
import { fieldsOf, fillRow, unreadable } from '../read/row.js'
import type { Overlay } from '../transaction/overlay.js'
import type { DeleteProgress, SaveOptions } from '../types/record.js'
import { isUnchanged, onlyCounts } from '../write/changes.js'
import { compileChanges } from '../write/compile-changes.js'
import { isUnchangedSince, isVersion, orMissing } from '../write/guard.js'
import { rebased } from '../write/rebase.js'
import { isStillSeen, type Seen, seenOf } from '../write/seen.js'
import { rowNotFound } from '../write/write-errors.js'
import { deleteRow, inOwnTransaction, needsTransaction, rowsOf, trackWrite } from './access.js'
import { keyOf, type RowContext, type RowKey, type WriteRules } from './rows.js'

/** Options of a write, before they are checked. */
interface WriteOptions {
  readonly if?: unknown
  readonly exactlyOnce?: boolean
}
interface DeleteOptions extends WriteOptions {
  readonly onProgress?: (progress: DeleteProgress) => void
}

const WRITE_OPTIONS = ['if', 'exactlyOnce']

/** A record as the library sees it: values by field name. */
type Fields = { [name: string]: unknown }

/** The values of a record's fields at one moment. */
type Snapshot = ReadonlyMap<CompiledField, Seen>

/** A field that the program changed, with its value in the program's form. */
interface Edit {
  readonly field: CompiledField
  readonly before: unknown
  readonly now: unknown
}

/** The implementation of every record: its fields, what was read, and the methods that write it. */
export class ModelRecord {
  readonly #context: RowContext
  #row: Item
  /**
   * The last call in progress on this record. Each call starts after the previous one has ended and sees its result.
   */
  #lastCall: Promise<unknown> | undefined
  /** Changes saved in the record's transaction. They become unsaved again if the transaction is not written. */
  #saved: readonly Edit[] | undefined
  /** Whether the row was never written because its transaction was not. */
  #isUnwritten = false
  /** Whether it is unknown if the transaction wrote the row. */
  #isUncertain = false

  /** @param onUnreadable called if fields cannot be read; the record then lacks them. Default: throws the error. */
  constructor(context: RowContext, row: Item, onUnreadable: (error: UnreadableError) => void = raise) {
    this.#context = context
    this.#row = row
    const { model } = context
    const issues = fillRow(model, row, this as unknown as Fields)
    if (issues) onUnreadable(unreadable(model, row, issues))
    if (context.scope.overlay) this.#join(context.scope.overlay)
  }

  /** Not in the constructor: a closure over the record would make every record more expensive. */
  #join({ records }: Overlay): void {
    records.add(this.#context, this.#row, (before, isUnknown) =>
      this.#inTurn(async () => this.#undo(before, isUnknown)),
    )
  }

  /** Joins the transaction that a write of a model with rules runs in. If it is not written, the record is as before. */
  #joinOwn(context: RowContext): void {
    const origin = this.#row
    this.#saved = undefined
    context.scope.overlay?.records.add(context, origin, async (_, isUnknown) => this.#undo(origin, isUnknown))
  }

  /**
   * The context for reads and writes: the scope that the record was read in, or the surrounding scope after its
   * transaction.
   */
  static callerOf(record: ModelRecord): RowContext {
    const context = record.#context
    let { scope } = context
    while (scope.overlay?.closed && scope.parent) scope = scope.parent
    return scope === context.scope ? context : { ...context, scope }
  }

  save(options: SaveOptions<never> = {}): Promise<this> {
    return this.#write(
      () => ({
        fields: Object.fromEntries(Object.entries(this)),
        written: snapshotOf(this.#context.model, this as unknown as Fields),
      }),
      (context, seen) => this.#save(context, options, seen),
    )
  }

  update(input: unknown, options: WriteOptions = {}): Promise<this> {
    return this.#write(nothing, context => this.#update(context, input, options))
  }

  delete(options: DeleteOptions = {}): Promise<void> {
    const context = ModelRecord.callerOf(this)
    const target = () =>
      this.#inTurn(async () => {
        const rules = this.#deleteRules(context, options)
        return { key: keyOf(context.model, this.#row), rules, onProgress: options.onProgress }
      })
    return deleteRow(context, target, () => this.#write(nothing, inner => this.#delete(inner, options)))
  }

  reload(): Promise<this> {
    return this.#inTurn(() => this.#reload())
  }

  /** @throws LimitExceededError if the JSON would repeat shared related rows too often. */
  toJSON(): object {
    checkSize(this)
    return Object.fromEntries(Object.entries(this).map(([name, value]) => [name, jsonOf(value)]))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastCall ? this.#lastCall.then(work, work) : work()
    this.#lastCall = turn
    return turn
  }

  /** @param prepare runs once, when the write's turn begins. */
  #write<T, Prepared>(
    prepare: () => Prepared,
    work: (context: RowContext, prepared: Prepared) => Promise<T>,
  ): Promise<T> {
    const caller = ModelRecord.callerOf(this)
    const start = ({ model }: RowContext): Prepared => {
      if (this.#isUnwritten) throw rowNotFound(model, keyOf(model, this.#row))
      return prepare()
    }
    if (!needsTransaction(caller)) {
      return trackWrite(caller, context => this.#inTurn(async () => work(context, start(context))))
    }
    return this.#inTurn(async () => {
      const prepared = start(caller)
      return inOwnTransaction(caller, context => {
        this.#joinOwn(context)
        return work(context, prepared)
      })
    })
  }

  async #save(
    context: RowContext,
    options: SaveOptions<never>,
    { fields, written }: { readonly fields: Fields; readonly written: Snapshot },
  ): Promise<this> {
    checkOptions(options, ['if', 'ifUnchanged', 'exactlyOnce'])
    const { ifUnchanged = false, exactlyOnce } = options
    const { model } = context
    const condition = compileWhere(model, options.if, ['if'])
    const origin = this.#row
    // Changes that the program makes to a value while validators run are not part of this save.
    for (const [{ name }, { value: now }] of written) if (Object.hasOwn(fields, name)) fields[name] = now
    const read = fieldsOf(model, origin)
    const { differenceOf } = await saving.load()
    const changes = await differenceOf(model, fields, read, origin)
    if (isUnchanged(changes)) {
      this.#row = await rowsOf(context).refresh(context, origin)
      return this
    }
    const known = ifUnchanged ? isUnchangedSince(context, origin) : this.#guard(context, onlyCounts(changes))
    const unchanged = allOf([known, ...changes.unchanged])
    const rules: WriteRules = { condition, unchanged, isOnce: known !== undefined, exactlyOnce }
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
    const rules: WriteRules = { condition, unchanged, isOnce: unchanged !== undefined, exactlyOnce }
    this.#row = await rowsOf(context).update(context, { row: rowKey(model, origin), changes, rules, known: origin })
    this.#refresh(model, snapshotOf(model, fieldsOf(model, origin)))
    return this
  }

  async #delete(context: RowContext, options: DeleteOptions): Promise<void> {
    const rules = this.#deleteRules(context, options)
    const row = rowKey(context.model, this.#row)
    try {
      await rowsOf(context).remove(context, row, rules)
    } catch (error) {
      if (rules.condition || !(error instanceof OutcomeUnknownError) || !(await isGone(context, row.key))) throw error
    }
  }

  #deleteRules(context: RowContext, options: DeleteOptions): WriteRules {
    checkOptions(options, [...WRITE_OPTIONS, 'onProgress'])
    if (options.onProgress !== undefined) checkFunction('onProgress', options.onProgress)
    const condition = compileWhere(context.model, options.if, ['if'])
    const unchanged = orMissing(context, this.#guard(context, false))
    return { condition, unchanged, exactlyOnce: options.exactlyOnce }
  }

  /** The condition that a write adds to the program's own: the row has the version that was read. */
  #guard(context: RowContext, isCounted: boolean): Condition | undefined {
    if (this.#isUncertain) return isUnchangedSince(context, this.#row)
    return isCounted ? undefined : isVersion(context.model, this.#row)
  }

  async #reload(): Promise<this> {
    const context = ModelRecord.callerOf(this)
    const key = keyOf(context.model, this.#row)
    const row = await rowsOf(context).read(context, key, true)
    if (!row) throw rowNotFound(context.model, key)
    const issues = fillRow(context.model, row, {})
    if (issues) throw unreadable(context.model, row, issues)
    this.#row = row
    this.#isUnwritten = false
    this.#refresh(context.model, undefined)
    return this
  }

  /**
   * Restores the record to its state before the transaction, in which the row was as given. Later changes of the
   * program become unsaved. If it is unknown whether the transaction was written, the next write requires the row to
   * be as it was.
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

  /** Refreshes the record from the stored row. Fields edited by the program after `since` keep those edits. */
  #refresh(model: CompiledModel, since: Snapshot | undefined): void {
    this.#isUncertain = false
    this.#show(model, since ? editsOf(model, this as unknown as Fields, since) : [])
  }

  /** Refreshes the record from the row, then reapplies the program's changes in their order. */
  #show(model: CompiledModel, edits: readonly Edit[]): void {
    const fields = this as unknown as Fields
    const shown: Fields = {}
    const issues = fillRow(model, this.#row, shown)
    // The write has succeeded: values that cannot be read were there before it.
    if (issues) warnOf(this.#context, unreadable(model, this.#row, issues))
    for (const { field, now, before } of edits) {
      shown[field.name] = rebased(field.spec, now, before, shown[field.name])
    }
    for (const { name } of model.fields) {
      // Keeps the order of the model, as in a new record.
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

/** The class of one model's records. */
export type RecordClass = new (...parameters: ConstructorParameters<typeof ModelRecord>) => ModelRecord

/** Makes the class of a model's records. */
export function recordClass({ name }: CompiledModel): RecordClass {
  // Consoles print a record under the class's name.
  const { [name]: RecordOfModel } = { [name]: class extends ModelRecord {} }
  return RecordOfModel as RecordClass
}

/**
 * Makes the record of a row.
 * @throws UnreadableError
 */
export function recordOf(context: RowContext, row: Item): ModelRecord {
  const RecordOfModel = context.db.classes.get(context.model) as RecordClass
  return new RecordOfModel(context, row)
}

/**
 * Makes the record of a row after a write. The write has succeeded, so a field that cannot be read does not throw:
 * the record lacks it, and a `warning` event reports it.
 */
export function writtenRecordOf(context: RowContext, row: Item): ModelRecord {
  const RecordOfModel = context.db.classes.get(context.model) as RecordClass
  return new RecordOfModel(context, row, error => warnOf(context, error))
}

/** Emits a `warning` event for a row that cannot be read. */
export function warnOf({ db, model }: RowContext, error: UnreadableError): void {
  db.warnings.emit({ kind: 'unreadable', model: model.name, error })
}

/** The key of a row, with the stored values of its fields. */
export function rowKey(model: CompiledModel, row: Item): RowKey {
  const fields = Object.fromEntries(model.keyFields.map(({ attribute }) => [attribute, row[attribute] as Value]))
  return { key: keyOf(model, row), fields }
}

/** A value of a field as JSON: sets as lists, bytes as base64, exact numbers as text. */
export function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Uint8Array) return btoa(Array.from(value, byte => String.fromCharCode(byte)).join(''))
  if (isSet(value)) return [...value].map(jsonOf)
  if (Array.isArray(value)) return value.map(jsonOf)
  const isPlain = typeof value === 'object' && value !== null && !(value instanceof Date) && !(value instanceof Decimal)
  if (!isPlain || value instanceof ModelRecord) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, jsonOf(part)]))
}

function nothing(): void {}

function raise(error: unknown): never {
  throw error
}

/** Whether a row is known to be deleted. */
async function isGone(context: RowContext, key: Key): Promise<boolean> {
  try {
    return (await rowsOf(context).read(context, key, true)) === undefined
  } catch {
    return false
  }
}
