/**
 * A transaction's view of the table: the items as read, overlaid by the transaction's own writes.
 *
 * At the end every item that was read or written becomes one operation, on the condition that it is unchanged (same
 * revision) or still absent. This closes the race between reads and writes: the transaction is serializable. Unique
 * markers are items like others here.
 */
import { invalid, LimitExceededError } from '../../errors/errors.js'
import { isAbsent } from '../../keys/expiry.js'
import { MAX_TRANSACTION_OPERATIONS } from '../../store/limits.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledModel, CompiledUnique } from '../compile/compiled-model.js'
import type { PhysicalTable } from '../compile/layout.js'
import { type CallContext, calls } from '../connect/context.js'
import { withKeys } from '../evolve/derived.js'
import { identity } from '../read/loader.js'
import { type Counts, type QueryPlan, readRows } from '../read/query-plan.js'
import { rangeTest } from '../read/range-test.js'
import { checkChanges } from '../read/readable.js'
import { isReadable } from '../read/row.js'
import { overwriting } from '../rows/direct.js'
import { keyOf, type RowChange, type RowContext, type RowKey, type Rows, type WriteRules } from '../rows/rows.js'
import { isThere } from '../rules/guarded-refs.js'
import { visible } from '../rules/hiding.js'
import type { HookRuns } from '../rules/hook-runs.js'
import { existing } from '../rules/soft-delete.js'
import { isUnchanged } from '../write/changes.js'
import { inspectMarker } from '../write/claim.js'
import { live, withDeleted, withoutDeleted } from '../write/guard.js'
import { hasMarker, isSameMarker, ownerKey, type UniqueMarker } from '../write/unique.js'
import { addLibraryFields, resultOf } from '../write/update.js'
import { brokenRule, conditionFailed, rowNotFound } from '../write/write-errors.js'
import { type Commitment, changedSince, commitmentOf, type Entry, type Guarded } from './commitment.js'
import { CountChanges } from './count-changes.js'
import { orderOf, wholeRows } from './range.js'
import { ReturnedRecords } from './records.js'
import { TransactionRoot } from './root.js'
import { type RefGuard, RowGuards } from './row-guards.js'
import { wholly } from './savepoint.js'
import { settleMarkers } from './settle-markers.js'
import { WritesInFlight } from './writes.js'

/** The view of one transaction attempt. */
export class Overlay implements Rows {
  closed = false
  readonly writes = new WritesInFlight()
  readonly records = new ReturnedRecords()
  /** Checks that run right before the commit is sent. One that throws prevents it. */
  readonly finalChecks: (() => void)[] = []
  /** The hooks of the transaction, over all its attempts. */
  readonly hooks: HookRuns
  readonly #entries = new Map<string, Entry>()
  /** Reads in flight, so that each item is read once. */
  readonly #reads = new Map<string, Promise<Entry>>()
  /** Rows that must exist at the commit. */
  readonly #guards = new RowGuards()
  /** Items that were read without a guard. */
  readonly #glanced = new Map<string, Item | undefined>()
  readonly #countChanges = new CountChanges()
  readonly #root = new TransactionRoot()

  constructor(hooks: HookRuns) {
    this.hooks = hooks
    hooks.begin()
  }

  /** A table of the store that the transaction belongs to; undefined before its first read or write. */
  get table(): PhysicalTable | undefined {
    return this.#root.table
  }

  /** Ends the transaction without a write and restores its records. */
  async rollBack(isUnknown: boolean): Promise<void> {
    this.closed = true
    await this.records.restore(
      ({ context, key }) => live(context, this.#entries.get(identity(context.model.table, key))?.read),
      isUnknown,
    )
  }

  /** An item that has changed since it was read; undefined if all are unchanged. */
  changed(context: CallContext): Promise<Guarded | undefined> {
    return changedSince({ ...context, table: this.table }, [...this.#entries.values()])
  }

  async read(context: RowContext, key: Key): Promise<Item | undefined> {
    return live(context, (await this.#entry(context, key)).current)
  }

  async readMany(context: RowContext, keys: readonly Key[]): Promise<(Item | undefined)[]> {
    this.#checkOpen(context)
    const { table } = context.model
    const { isUnguarded } = context.scope
    const unread = new Map(keys.map(key => [identity(table, key), key]))
    for (const id of [...this.#entries.keys(), ...this.#reads.keys(), ...this.#glanced.keys()]) unread.delete(id)
    if (unread.size > 0) {
      const gets = [...unread.values()].map(key => ({ table: table.name, key, consistent: true }))
      const { items } = await calls.batchGet(context, { gets })
      for (const [i, id] of [...unread.keys()].entries()) this.#glanced.set(id, items[i])
    }
    return Promise.all(
      keys.map(async key => {
        const id = identity(table, key)
        if (isUnguarded && !this.#entries.has(id) && !this.#reads.has(id)) return live(context, this.#glanced.get(id))
        return this.read(context, key)
      }),
    )
  }

  /** The row that holds the value in this transaction, or else the row that the stored marker names. */
  async owner(context: RowContext, marker: UniqueMarker): Promise<Item | undefined> {
    const { model, scope } = context
    for (const { current, read, context: of } of this.#entries.values()) {
      if (of.model !== model || current === read || !live(context, current)) continue
      if (hasMarker(model, current as Item, scope.prefix, marker)) return current
    }
    const { current } = await this.#entry(context, marker.key, marker.unique)
    const key = current && ownerKey(model, current, scope.prefix)
    const row = key && (await this.read(context, key))
    return row && hasMarker(model, row, scope.prefix, marker) ? row : undefined
  }

  create(context: RowContext, row: Item): Promise<Item> {
    return this.inTurn(context, () => this.#create(context, row))
  }

  put(context: RowContext, row: Item, rules: WriteRules): Promise<Item> {
    return this.inTurn(context, () => this.#put(context, row, rules))
  }

  update(context: RowContext, change: RowChange): Promise<Item> {
    return this.inTurn(context, () => this.#update(context, change))
  }

  remove(context: RowContext, row: RowKey, rules: WriteRules): Promise<Item | undefined> {
    return this.inTurn(context, () => this.#remove(context, row, rules))
  }

  refresh(context: RowContext, row: Item): Promise<Item> {
    return this.inTurn(context, () => this.#refresh(context, row))
  }

  async #create(context: RowContext, row: Item): Promise<Item> {
    this.#checkOpen(context)
    const { model, db } = context
    const key = keyOf(model, row)
    const id = identity(model.table, key)
    const known = this.#entries.get(id) ?? (await this.#reads.get(id))
    if (!known) {
      const outside = { ...context, scope: { ...context.scope, overlay: undefined } }
      const failure = (met: Item | undefined) => existing(outside, key, met)
      const unread = { condition: isAbsent(model.expiring, db.sources.now()), failure }
      this.#add(id, { key, context, read: undefined, unread, current: row })
    } else if (live(withDeleted(context), known.current)) throw await existing(context, key, known.current)
    else known.current = row
    return row
  }

  async #put(context: RowContext, row: Item, rules: WriteRules): Promise<Item> {
    const key = keyOf(context.model, row)
    const before = await this.read(context, key)
    const broken = brokenRule(context.model, key, rules, before)
    if (broken) throw broken
    const after = overwriting(context, row, before)
    await this.replace(context, key, after)
    return after
  }

  async #update(context: RowContext, { row, changes, rules }: RowChange): Promise<Item> {
    const { model, db } = context
    checkChanges(model, changes)
    const before = await this.read(context, row.key)
    if (!before) throw rowNotFound(model, row.key)
    const broken = brokenRule(model, row.key, rules, before)
    if (broken) throw broken
    if (isUnchanged(changes)) return this.#refresh(context, before)
    addLibraryFields(context, changes, db.revision())
    const after = await resultOf(context, changes, model, before)
    await this.replace(context, row.key, after)
    return after
  }

  async #remove(context: RowContext, { key }: RowKey, rules: WriteRules): Promise<Item | undefined> {
    const { model } = context
    const before = await this.read(context, key)
    if (rules.condition && !before) throw conditionFailed(model, key, undefined)
    const broken = brokenRule(model, key, rules, before)
    if (broken) throw broken
    if (before) await this.replace(context, key, undefined)
    return before
  }

  /** A row that lacks derived keys is written with them. If it may lack markers, they are read first. */
  async #refresh(context: RowContext, row: Item): Promise<Item> {
    const { model, scope, db } = context
    const entry = await this.#entry(context, keyOf(model, row))
    const current = live(context, entry.current)
    if (!current) return row
    const { after, changed } = withKeys(model, current, scope.prefix)
    if (changed.length > 0 || db.parts.lacksMarkers(model)) entry.current = { ...after }
    return withKeys(model, row, scope.prefix).after
  }

  /**
   * The rows of a query, or the first `limit` rows, merged with the transaction's writes in their range and order.
   * Each returned row is guarded from now on, and the rows whose permissions it inherits. Those of other rows are only read.
   */
  async query(
    given: RowContext,
    plan: QueryPlan,
    limit: number | undefined,
    counts: Counts = () => true,
  ): Promise<Item[]> {
    this.#checkOpen(given)
    const context: RowContext = { ...given, scope: { ...given.scope, isUnguarded: true } }
    const { model } = context
    const written = [...this.#entries.values()].filter(
      entry => entry.context.model === model && entry.current !== entry.read,
    )
    // Rows written here may have left the range, so that many more are read.
    const wanted = limit === undefined ? undefined : limit + written.length
    const skipped: Item[] = []
    const { items } = await readRows(context, wholeRows(plan), wanted, Number.POSITIVE_INFINITY, undefined, row => {
      if (isReadable(model, row)) return true
      skipped.push(row)
      return false
    })
    const rows = new Map([...items, ...skipped].map(item => [identity(model.table, keyOf(model, item)), item]))
    for (const id of [...rows.keys()]) {
      const known = this.#entries.get(id)
      if (known) rows.delete(id)
      if (known?.current === known?.read && known?.current) rows.set(id, known.current)
    }
    for (const { key, current } of written) if (current) rows.set(identity(model.table, key), current)
    const isInRange = rangeTest(plan)
    const inRange = await visible(
      context,
      [...rows.values()].filter(row => live(context, row) && isInRange(row)),
    )
    const first: Item[] = []
    for (const row of inRange.sort(orderOf(plan))) {
      if (first.length === limit) break
      if (counts(row)) first.push(row)
    }
    for (const row of first) this.#enter(given, keyOf(model, row), row)
    await visible(given, first)
    return first
  }

  /**
   * The operations to send; empty if the transaction made only a single read. Unique values are settled here, from
   * the rows at the end of the transaction, so that rows may exchange values.
   * @throws UniqueViolationError
   */
  async commitments(): Promise<Commitment[]> {
    await this.#countChanges.settle(this.#entries, id => this.#guards.has(id))
    await settleMarkers({
      entries: this.#entries,
      entry: (context, key, unique) => this.#entry(context, key, unique),
      add: (id, entry) => this.#add(id, entry),
    })
    this.#checkSize()
    return this.#commitments()
  }

  /**
   * Overwrites the orphaned marker that a claim met: see `write/claim.ts`. The row that it names is guarded from now
   * on, like all reads.
   * @returns the operations to send instead; undefined if the marker is valid.
   */
  async takeOver({ context, key, unique }: Guarded): Promise<Commitment[] | undefined> {
    const { model } = context
    const id = identity(model.table, key)
    const entry = this.#entries.get(id)
    if (!unique || !entry?.unread?.failure) return undefined
    const { item: stored } = await calls.get(context, { table: model.table.name, key, consistent: true })
    const found = stored && (await inspectMarker(context, { unique, key, id }, stored))
    if (!found || !('orphan' in found)) return undefined
    const { marker, owner, row } = found.orphan
    const unread = { condition: isSameMarker(model, marker), failure: undefined }
    this.#entries.set(id, { ...entry, unread })
    this.#enter(context, owner, row)
    return this.#commitments()
  }

  #commitments(): Commitment[] {
    const entries = [...this.#entries.values()]
    const isWritten = entries.some(({ read, current, unread }) => read !== current || unread)
    if (!isWritten && entries.length < 2) return []
    const counts = this.#countChanges.commitments(id => this.#guards.get(id))
    const counted = new Set(this.#countChanges.ids())
    return [...entries.map(commitmentOf), ...counts, ...this.#guards.commitments(this.#entries, id => counted.has(id))]
  }

  /** The keys of rows that the transaction has not read and whose counts it changes. */
  counted(): ReturnType<CountChanges['keys']> {
    return this.#countChanges.keys()
  }

  /** The rows of a model as the transaction has left them so far; undefined for deleted ones. */
  writtenRows(model: CompiledModel): { readonly key: Key; readonly row: Item | undefined }[] {
    return [...this.#entries.values()].flatMap(({ key, unique, context, read, current }) =>
      context.model === model && !unique && read !== current ? [{ key, row: current }] : [],
    )
  }

  /** The items that the transaction has written, once it has succeeded. */
  written(): { readonly table: PhysicalTable; readonly key: Key; readonly item: Item | undefined }[] {
    return [...this.#entries.values()].flatMap(({ context, key, read, current }) =>
      read === current ? [] : [{ table: context.model.table, key, item: current }],
    )
  }

  /** Whether a row that a guarded ref refers to exists in this view. */
  async exists(context: RowContext, key: Key): Promise<boolean> {
    this.#checkOpen(context)
    const id = identity(context.model.table, key)
    const known = this.#entries.get(id)
    const get = { table: context.model.table.name, key, consistent: true }
    const row = known ? known.current : (this.#glanced.get(id) ?? (await calls.get(context, get)).item)
    if (row && !known) this.#glanced.set(id, row)
    return isThere(withoutDeleted(context), row)
  }

  /** Requires of the commit that the rows behind the refs of a row still exist. */
  hold(context: RowContext, key: Key, guards: readonly RefGuard[]): void {
    this.#guards.hold(identity(context.model.table, key), guards)
    this.#checkSize()
  }

  /** Ends the guards that the refs of a row hold, which is deleted. */
  release(context: RowContext, key: Key): void {
    this.#guards.release(identity(context.model.table, key))
  }

  /** Replaces a row as it is in this view; undefined deletes it. For a write that is in turn. */
  async replace(context: RowContext, key: Key, row: Item | undefined): Promise<void> {
    ;(await this.#entry(context, key)).current = row
  }

  /**
   * Runs the writes of one transaction one after another, each as a whole or not at all. A write that is part of another,
   * which is in turn, runs at once.
   */
  inTurn<T>({ scope, db }: RowContext, work: () => Promise<T>): Promise<T> {
    if (scope.isNested) return work()
    // It would wait for the write that waits for the hook.
    if (db.transactions.waiting === this) {
      const message = 'A hook wrote through the transaction that it runs in; use the database itself'
      return Promise.reject(invalid([], message))
    }
    const { hooks, finalChecks } = this
    const parts = { entries: this.#entries, guards: this.#guards, hooks, finalChecks }
    return this.writes.inTurn(() => wholly(parts, work))
  }

  async #entry(context: RowContext, key: Key, unique?: CompiledUnique): Promise<Entry> {
    this.#checkOpen(context)
    const id = identity(context.model.table, key)
    const known = this.#entries.get(id) ?? this.#reads.get(id)
    if (known) return known
    if (this.#glanced.has(id)) return this.#enter(context, key, this.#glanced.get(id), unique)
    const reading = calls
      .get(context, { table: context.model.table.name, key, consistent: true })
      .then(({ item }) => this.#enter(context, key, item, unique))
      .finally(() => this.#reads.delete(id))
    this.#reads.set(id, reading)
    return reading
  }

  /** The first read of an item is kept: the final write detects later changes. */
  #enter(context: RowContext, key: Key, read: Item | undefined, unique?: CompiledUnique): Entry {
    const id = identity(context.model.table, key)
    return this.#entries.get(id) ?? this.#add(id, { key, context, unique, read, current: read })
  }

  /** @throws LimitExceededError as soon as the transaction has more items than one request can carry. */
  #add(id: string, entry: Entry): Entry {
    this.#entries.set(id, entry)
    this.#checkSize()
    return entry
  }

  #checkSize(): void {
    const maximum = MAX_TRANSACTION_OPERATIONS
    let actual = this.#entries.size
    for (const id of new Set([...this.#guards.ids(), ...this.#countChanges.ids()])) if (!this.#entries.has(id)) actual++
    if (actual <= maximum) return
    const message = `The transaction reads and writes over ${maximum} items, including unique markers`
    throw new LimitExceededError(message, { limit: 'operations in a transaction', maximum, actual })
  }

  /** Whether the row can be part of the transaction. */
  #checkOpen(context: RowContext): void {
    if (this.closed) throw invalid([], 'The transaction has ended; use the database itself')
    this.#root.check(context)
  }
}
