/**
 * A transaction's view of the table: what was read, as it was read, and over it what the transaction writes.
 *
 * At the end every item that was read or written becomes one operation, on the condition that it is still the one that
 * was read, known by its revision, or still absent. So the whole is as if it had run alone at that moment: that is
 * what closes the race between the reads and the writes. Markers of unique values are items like others here.
 */
import { ConditionFailed, invalid } from '../../errors.js'
import type { Condition, SortCondition } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate.js'
import type { WriteRequest } from '../../store/store.js'
import { compareValues, type Item, type Key, type Value } from '../../value/value.js'
import { calls } from '../context.js'
import { isAbsent } from '../expiry.js'
import { identity } from '../loader.js'
import { type Plan, readRows } from '../query-plan.js'
import { succeed } from '../rows/direct.js'
import { isStill, live } from '../rows/guard.js'
import { alreadyThere, brokenRule, notThere, violation } from '../rows/refusal.js'
import { keyOf, type RowCaller, type RowChange, type RowKey, type Rows, type Rules } from '../rows/rows.js'
import { outcome, stamp } from '../rows/update.js'
import { isOwner, type Marker, markerItem, markersOf, ownerKey } from '../unique.js'

/** One item of the table in the transaction. */
interface Entry {
  readonly key: Key
  readonly caller: RowCaller
  /** As it was read, expired or not; undefined where it was absent. Of a create it was not read, only required absent. */
  readonly read: Item | undefined
  readonly isCreate: boolean
  current: Item | undefined
}

/** An operation at the end, and what its refusal means where that is no reason to try again. */
export interface Commitment {
  readonly write: WriteRequest
  readonly refusal: (() => Error) | undefined
}

export class Overlay implements Rows {
  closed = false
  readonly #entries = new Map<string, Entry>()
  /** Reads under way, so that one item is read once. */
  readonly #reads = new Map<string, Promise<Entry>>()

  async read(caller: RowCaller, key: Key): Promise<Item | undefined> {
    return live(caller, (await this.#entry(caller, key)).current)
  }

  async readMany(caller: RowCaller, keys: readonly Key[]): Promise<(Item | undefined)[]> {
    this.#checkOpen()
    const unread = new Map(keys.map(key => [identity(key), key]))
    for (const id of [...this.#entries.keys(), ...this.#reads.keys()]) unread.delete(id)
    if (unread.size > 0) {
      const wanted = [...unread.values()]
      const gets = wanted.map(key => ({ table: caller.model.table.name, key, consistent: true }))
      const { items } = await calls.batchGet(caller, { gets })
      wanted.forEach((key, i) => {
        this.#enter(caller, key, items[i])
      })
    }
    return Promise.all(keys.map(key => this.read(caller, key)))
  }

  async owner(caller: RowCaller, marker: Key): Promise<Item | undefined> {
    const { current } = await this.#entry(caller, marker)
    const key = current && ownerKey(caller.model, current, caller.scope.prefix)
    return key && this.read(caller, key)
  }

  async create(caller: RowCaller, row: Item): Promise<Item> {
    this.#checkOpen()
    const key = keyOf(caller.model, row)
    const id = identity(key)
    const known = this.#entries.get(id) ?? (await this.#reads.get(id))
    if (known && live(caller, known.current)) throw alreadyThere(caller.model, key)
    if (!known) this.#entries.set(id, { key, caller, read: undefined, isCreate: true, current: undefined })
    await this.#replace(caller, key, undefined, row)
    return row
  }

  async put(caller: RowCaller, row: Item, rules: Rules): Promise<Item> {
    const key = keyOf(caller.model, row)
    const before = await this.read(caller, key)
    const broken = brokenRule(caller.model, key, rules, before)
    if (broken) throw broken
    const after = succeed(caller, row, before)
    await this.#replace(caller, key, before, after)
    return after
  }

  async update(caller: RowCaller, { row, changes, rules }: RowChange): Promise<Item> {
    const { model, db } = caller
    const before = await this.read(caller, row.key)
    if (!before) throw notThere(model, row.key)
    const broken = brokenRule(model, row.key, rules, before)
    if (broken) throw broken
    stamp(caller, changes, db.revision())
    const after = outcome(caller, changes, model, before)
    await this.#replace(caller, row.key, before, after)
    return after
  }

  async remove(caller: RowCaller, { key }: RowKey, rules: Rules): Promise<Item | undefined> {
    const { model } = caller
    const before = await this.read(caller, key)
    if (rules.condition && !before) throw new ConditionFailed({ table: model.table.name, key })
    const broken = brokenRule(model, key, rules, before)
    if (broken) throw broken
    if (before) await this.#replace(caller, key, before, undefined)
    return before
  }

  /**
   * The rows of a query, or the first so many, with what the transaction wrote in their range and in their order. Each
   * row that is given is guarded from now on.
   */
  async query(caller: RowCaller, plan: Plan, limit: number | undefined): Promise<Item[]> {
    this.#checkOpen()
    const { model } = caller
    const written = [...this.#entries.values()].filter(it => it.caller.model === model && it.current !== it.read)
    // What was written here may have left the range, so as many more are read.
    const wanted = limit === undefined ? undefined : limit + written.length
    const { items } = await readRows(caller, wholeRows(plan), wanted, Number.POSITIVE_INFINITY, undefined)
    const rows = new Map(items.map(item => [identity(keyOf(model, item)), item]))
    for (const id of rows.keys()) {
      const known = this.#entries.get(id)
      if (known) rows.delete(id)
      if (known?.current === known?.read && known?.current) rows.set(id, known.current)
    }
    for (const { key, current } of written) if (current) rows.set(identity(key), current)
    const inRange = [...rows.values()].filter(row => live(caller, row) && isInRange(plan, row))
    const first = inRange.sort(orderOf(plan)).slice(0, limit)
    for (const row of first) this.#enter(caller, keyOf(model, row), row)
    return first
  }

  /** What is to be sent: nothing where a single read is all there was. */
  commitments(): Commitment[] {
    const entries = [...this.#entries.values()]
    const isWritten = entries.some(({ read, current }) => read !== current)
    return isWritten || entries.length > 1 ? entries.map(commitmentOf).filter(it => it !== undefined) : []
  }

  /** The items that the transaction has written, once it is done. */
  written(): { readonly key: Key; readonly item: Item | undefined }[] {
    return [...this.#entries.values()].flatMap(({ key, read, current }) =>
      read === current ? [] : [{ key, item: current }],
    )
  }

  /** Writes a row and settles its markers: those of values that it no longer has go, those of new ones are claimed. */
  async #replace(caller: RowCaller, key: Key, before: Item | undefined, after: Item | undefined): Promise<void> {
    const { model, scope } = caller
    const old = before ? markersOf(model, before, scope.prefix) : []
    const fresh = after ? markersOf(model, after, scope.prefix) : []
    const had = new Set(old.map(({ id }) => id))
    const has = new Set(fresh.map(({ id }) => id))
    const isRenewed = before?.[model.table.ttl] !== after?.[model.table.ttl]
    const claimed = fresh.filter(({ id }) => isRenewed || !had.has(id))
    // All claims are looked at before anything is changed, so that a program may go on after a refusal.
    for (const marker of claimed) await this.#checkClaim(caller, marker, after as Item)
    for (const marker of old) {
      const entry = has.has(marker.id) ? undefined : await this.#entry(caller, marker.key)
      // A marker of another row stays: rows from before a constraint may share a value.
      if (entry?.current && isOwner(model, entry.current, before as Item, scope.prefix)) entry.current = undefined
    }
    for (const marker of claimed) {
      ;(await this.#entry(caller, marker.key)).current = markerItem(model, marker, after as Item, scope.prefix)
    }
    ;(await this.#entry(caller, key)).current = after
  }

  async #checkClaim(caller: RowCaller, { key, unique }: Marker, row: Item): Promise<void> {
    const { model, db, scope } = caller
    const { current } = await this.#entry(caller, key)
    if (!current || model.isExpired(current, db.sources.now()) || isOwner(model, current, row, scope.prefix)) return
    throw violation(model, unique)
  }

  async #entry(caller: RowCaller, key: Key): Promise<Entry> {
    this.#checkOpen()
    const id = identity(key)
    const known = this.#entries.get(id) ?? this.#reads.get(id)
    if (known) return known
    const reading = calls
      .get(caller, { table: caller.model.table.name, key, consistent: true })
      .then(({ item }) => this.#enter(caller, key, item))
      .finally(() => this.#reads.delete(id))
    this.#reads.set(id, reading)
    return reading
  }

  /** What was read first holds: the end finds out whether it has changed since. */
  #enter(caller: RowCaller, key: Key, read: Item | undefined): Entry {
    const id = identity(key)
    const known = this.#entries.get(id)
    if (known) return known
    const entry: Entry = { key, caller, read, isCreate: false, current: read }
    this.#entries.set(id, entry)
    return entry
  }

  #checkOpen(): void {
    if (this.closed) throw invalid([], 'The transaction has ended; use the database itself')
  }
}

function commitmentOf({ key, caller, read, isCreate, current }: Entry): Commitment | undefined {
  const { model, db } = caller
  const table = model.table.name
  const condition: Condition = isCreate ? isAbsent(model, db.sources.now()) : isStill(caller, read)
  const refusal = isCreate ? () => alreadyThere(model, key) : undefined
  if (current === read) return isCreate ? undefined : { write: { kind: 'check', table, key, condition }, refusal }
  if (current) return { write: { kind: 'put', table, item: current, condition }, refusal }
  return { write: { kind: 'delete', table, key, condition }, refusal }
}

/** Rows that are guarded are read whole, as their revision is wanted and what is written takes their place. */
function wholeRows(plan: Plan): Plan {
  const { projection: _, ...request } = plan.request
  return { ...plan, request }
}

function isInRange({ request: { key }, filter }: Plan, row: Item): boolean {
  if (row[key.partition.name] !== key.partition.value) return false
  if (key.sort && !isInSort(key.sort, row[key.sort.name])) return false
  return !filter || matches(filter, row)
}

function isInSort(sort: SortCondition, stored: Value | undefined): boolean {
  if (typeof stored !== 'string') return false
  switch (sort.kind) {
    case 'beginsWith':
      return stored.startsWith(sort.prefix as string)
    case 'between':
      return (compareValues(stored, sort.low) ?? -1) >= 0 && (compareValues(stored, sort.high) ?? 1) <= 0
    case 'compare': {
      const order = compareValues(stored, sort.value) ?? Number.NaN
      return { '=': order === 0, '<': order < 0, '<=': order <= 0, '>': order > 0, '>=': order >= 0 }[sort.comparator]
    }
  }
}

function orderOf({ request, index }: Plan): (a: Item, b: Item) => number {
  const sign = request.order === 'desc' ? -1 : 1
  return (a, b) => sign * (compareValues(a[index.skAttribute] as Value, b[index.skAttribute] as Value) ?? 0)
}
