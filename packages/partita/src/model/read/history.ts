/** Reads the history of a row. */
import { invalid } from '../../errors/errors.js'
import { noCapacity } from '../../store/capacity.js'
import { checkOptions } from '../../store/options.js'
import type { Item, Key, Value } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { lookUpKey } from '../compile/row-key.js'
import { readValue } from '../define/codec.js'
import type { AnyModel } from '../define/definition.js'
import { rowsOf } from '../rows/access.js'
import type { RowContext } from '../rows/rows.js'
import { CONTENTS, historyKey, type StoredChange } from '../rules/audit.js'
import { hidesRows } from '../rules/hiding.js'
import type { FieldChange, History, HistoryEntry, HistoryOptions } from '../types/history.js'
import type { Page } from '../types/query.js'
import type { RuleOperation } from '../types/rules.js'
import { seeing } from '../write/guard.js'
import { HISTORY_OPTIONS } from './deferred.js'
import { cursorOf, planQuery, positionOf, readRows } from './query-plan.js'

type Entry = HistoryEntry<AnyModel>

const DEFAULT_LIMIT = 100

/** The history of one row. */
export class RowHistory implements History<AnyModel> {
  readonly #context: RowContext
  readonly #key: unknown
  readonly #options: HistoryOptions

  constructor(context: RowContext, key: unknown, options: HistoryOptions) {
    this.#context = context
    this.#key = key
    this.#options = options
  }

  async page(): Promise<Page<Entry>> {
    const { limit = DEFAULT_LIMIT, after } = this.#options
    return this.#read(limit, after)
  }

  async all(): Promise<Entry[]> {
    const entries: Entry[] = []
    for await (const entry of this) entries.push(entry)
    return entries
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry, void, undefined> {
    let { limit: wanted = Number.POSITIVE_INFINITY, after } = this.#options
    do {
      const { items, cursor } = await this.#read(Math.min(wanted, DEFAULT_LIMIT), after)
      wanted -= items.length
      yield* items
      after = cursor
    } while (after !== undefined && wanted > 0)
  }

  async #read(limit: number, after: string | undefined): Promise<Page<Entry>> {
    checkOptions(this.#options, HISTORY_OPTIONS)
    const { consistent = false, withDeleted } = this.#options
    const context = seeing(this.#context, withDeleted)
    const entries = entriesOf(context)
    const key = lookUpKey(context, this.#key)
    const of: RowContext = { ...context, model: entries }
    if (!key) return nothing()
    const plan = planQuery(of, entries.key, historyKey(context, key), { order: 'desc', consistent, limit })
    const start = await positionOf(of, plan, after)
    if (!(await isReadable(context, key, consistent))) return nothing()
    const { items, next, capacity } = await readRows(of, plan, limit, Number.POSITIVE_INFINITY, start)
    const page = { items: items.map(item => entryOf(context.model, item)), unreadable: [], capacity }
    return next ? { ...page, cursor: await cursorOf(of, plan, next), stopped: 'limit' } : { ...page, stopped: 'end' }
  }
}

function nothing(): Page<Entry> {
  return { items: [], unreadable: [], stopped: 'end', capacity: noCapacity() }
}

/** The model of the entries. @throws ValidationError for a model without audit, and in a transaction. */
function entriesOf({ db, model, scope }: RowContext): CompiledModel {
  const audit = db.rules.get(model)?.audit
  if (!audit) throw invalid([model.name, 'history'], 'is not recorded; define the model with rules: { audit: true }')
  if (scope.overlay) throw invalid([model.name, 'history'], 'cannot be read in a transaction; read it before')
  return audit.entries
}

/** Whoever may read the row may read its history. Rows that are gone are read only where permissions hide none. */
async function isReadable(context: RowContext, key: Key, consistent: boolean): Promise<boolean> {
  return !hidesRows(context) || (await rowsOf(context).read(context, key, consistent)) !== undefined
}

function entryOf(model: CompiledModel, item: Item): Entry {
  const contents = item[CONTENTS] as unknown as {
    readonly at: string
    readonly operation: RuleOperation
    readonly actor?: Value
    readonly system?: string
    readonly changes: readonly StoredChange[]
  }
  const { at, operation, actor, system, changes } = contents
  return {
    id: item._entry as string,
    at: new Date(at),
    operation,
    actor,
    system,
    changes: Object.fromEntries(changes.map(change => changeOf(model, change))),
  }
}

/** A change in the program's form. Values of fields that the model no longer has, or that do not fit, are as stored. */
function changeOf(model: CompiledModel, stored: StoredChange): [string, FieldChange<unknown>] {
  const field = model.fields.find(({ attribute }) => attribute === stored.attribute)
  const read = (value: Value | undefined): unknown => {
    if (!field || value === undefined) return value
    try {
      return readValue(field, value)
    } catch {
      return value
    }
  }
  const { from, to, isOmitted } = stored
  return [field?.name ?? stored.attribute, { from: read(from), to: read(to), ...(isOmitted && { isOmitted }) }]
}
