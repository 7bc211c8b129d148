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
import { isAbsent, isExpired } from '../../table/expiry.js'
import { compareValues, type Item, type Key, type Value } from '../../value/value.js'
import { isUnchanged } from '../changes.js'
import { calls } from '../context.js'
import { identity } from '../loader.js'
import { type Plan, readRows } from '../query-plan.js'
import { succeed } from '../rows/direct.js'
import { isStill, live } from '../rows/guard.js'
import { alreadyThere, brokenRule, notThere, violation } from '../rows/refusal.js'
import { keyOf, type RowCaller, type RowChange, type RowKey, type Rows, type Rules } from '../rows/rows.js'
import { outcome, stamp } from '../rows/update.js'
import { implies, isFreeFor, isOwner, type Marker, markerItem, markersOf, ownerKey } from '../unique.js'

/** One item of the table in the transaction. */
interface Entry {
  readonly key: Key
  readonly caller: RowCaller
  /** As it was read, expired or not; undefined where it was absent. */
  readonly read: Item | undefined
  /** What is required of an item that was not read: that it is absent, or free to be taken. */
  readonly unread?: { readonly condition: Condition; readonly refusal: () => Error }
  current: Item | undefined
}

/** An operation at the end, and what its refusal means where that is no reason to try again. */
export interface Commitment {
  readonly write: WriteRequest
  readonly refusal: (() => Error) | undefined
}

/** A value that a row holds at the end, or held at the beginning. */
interface Holding {
  readonly caller: RowCaller
  readonly marker: Marker
  readonly row: Item
}

export class Overlay implements Rows {
  closed = false
  readonly #entries = new Map<string, Entry>()
  /** Reads under way, so that one item is read once. */
  readonly #reads = new Map<string, Promise<Entry>>()
  #lastWrite: Promise<unknown> = Promise.resolve()

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

  /** A row that holds the value in this transaction, or else the one whose marker is stored. */
  async owner(caller: RowCaller, marker: Marker): Promise<Item | undefined> {
    const { model, scope } = caller
    for (const { current, read, caller: of } of this.#entries.values()) {
      if (of.model !== model || current === read || !live(caller, current)) continue
      if (implies(model, current as Item, scope.prefix, marker)) return current
    }
    const { current } = await this.#entry(caller, marker.key)
    const key = current && ownerKey(model, current, scope.prefix)
    const row = key && (await this.read(caller, key))
    return row && implies(model, row, scope.prefix, marker) ? row : undefined
  }

  create(caller: RowCaller, row: Item): Promise<Item> {
    return this.#inTurn(() => this.#create(caller, row))
  }

  put(caller: RowCaller, row: Item, rules: Rules): Promise<Item> {
    return this.#inTurn(() => this.#put(caller, row, rules))
  }

  update(caller: RowCaller, change: RowChange): Promise<Item> {
    return this.#inTurn(() => this.#update(caller, change))
  }

  remove(caller: RowCaller, row: RowKey, rules: Rules): Promise<Item | undefined> {
    return this.#inTurn(() => this.#remove(caller, row, rules))
  }

  async #create(caller: RowCaller, row: Item): Promise<Item> {
    this.#checkOpen()
    const { model, db } = caller
    const key = keyOf(model, row)
    const id = identity(key)
    const known = this.#entries.get(id) ?? (await this.#reads.get(id))
    if (!known) {
      const unread = { condition: isAbsent(model.expiring, db.sources.now()), refusal: () => alreadyThere(model, key) }
      this.#entries.set(id, { key, caller, read: undefined, unread, current: row })
    } else if (live(caller, known.current)) throw alreadyThere(model, key)
    else known.current = row
    return row
  }

  async #put(caller: RowCaller, row: Item, rules: Rules): Promise<Item> {
    const key = keyOf(caller.model, row)
    const before = await this.read(caller, key)
    const broken = brokenRule(caller.model, key, rules, before)
    if (broken) throw broken
    const after = succeed(caller, row, before)
    await this.#write(caller, key, after)
    return after
  }

  async #update(caller: RowCaller, { row, changes, rules }: RowChange): Promise<Item> {
    const { model, db } = caller
    const before = await this.read(caller, row.key)
    if (!before) throw notThere(model, row.key)
    const broken = brokenRule(model, row.key, rules, before)
    if (broken) throw broken
    if (isUnchanged(changes)) return before
    stamp(caller, changes, db.revision())
    const after = await outcome(caller, changes, model, before)
    await this.#write(caller, row.key, after)
    return after
  }

  async #remove(caller: RowCaller, { key }: RowKey, rules: Rules): Promise<Item | undefined> {
    const { model } = caller
    const before = await this.read(caller, key)
    if (rules.condition && !before) throw new ConditionFailed({ table: model.table.name, key })
    const broken = brokenRule(model, key, rules, before)
    if (broken) throw broken
    if (before) await this.#write(caller, key, undefined)
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
    for (const id of [...rows.keys()]) {
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

  /**
   * What is to be sent: nothing where a single read is all there was. Unique values are settled here, by the rows as they
   * are at the end, so rows may exchange theirs.
   * @throws UniqueViolation
   */
  async commitments(): Promise<Commitment[]> {
    await this.#settleMarkers()
    const entries = [...this.#entries.values()]
    const isWritten = entries.some(({ read, current, unread }) => read !== current || unread)
    return isWritten || entries.length > 1 ? entries.map(commitmentOf) : []
  }

  /** The items that the transaction has written, once it is done. */
  written(): { readonly key: Key; readonly item: Item | undefined }[] {
    return [...this.#entries.values()].flatMap(({ key, read, current }) =>
      read === current ? [] : [{ key, item: current }],
    )
  }

  async #write(caller: RowCaller, key: Key, row: Item | undefined): Promise<void> {
    ;(await this.#entry(caller, key)).current = row
  }

  /** Markers of values that rows no longer hold go; those of new ones, or with another expiry, are written. */
  async #settleMarkers(): Promise<void> {
    const released = new Map<string, Holding>()
    const claimed = new Map<string, Holding>()
    for (const { caller, read, current } of [...this.#entries.values()]) {
      if (read === current || caller.model.uniques.length === 0) continue
      const before = holdings(caller, live(caller, read))
      const after = holdings(caller, current)
      const isRenewed = read?.[caller.model.table.ttl] !== current?.[caller.model.table.ttl]
      for (const [id, holding] of before) if (!after.has(id)) released.set(id, holding)
      for (const [id, holding] of after) {
        if (before.has(id) && !isRenewed) continue
        const other = claimed.get(id)
        if (other) throw violation(caller.model, holding.marker.unique)
        claimed.set(id, holding)
      }
    }
    await Promise.all([...released.values()].map(({ caller, marker }) => this.#entry(caller, marker.key)))
    for (const [id, { caller, row }] of released) {
      const entry = this.#entries.get(id) as Entry
      // A marker of another row stays: rows from before a constraint may share a value.
      if (entry.current && isOwner(caller.model, entry.current, row, caller.scope.prefix)) entry.current = undefined
    }
    for (const [id, holding] of claimed) this.#claim(id, holding)
  }

  #claim(id: string, { caller, marker, row }: Holding): void {
    const { model, db, scope } = caller
    const item = markerItem(model, marker, row, scope.prefix)
    const entry = this.#entries.get(id)
    const refusal = (): Error => violation(model, marker.unique)
    if (!entry) {
      const unread = { condition: isFreeFor(model, row, scope.prefix, db.sources.now()), refusal }
      this.#entries.set(id, { key: marker.key, caller, read: undefined, unread, current: item })
      return
    }
    const { current } = entry
    const isTaken =
      current && !isExpired(model.expiring, current, db.sources.now()) && !isOwner(model, current, row, scope.prefix)
    if (isTaken) throw refusal()
    entry.current = item
  }

  /** Writes of one transaction follow each other, also where a program does not wait for them: each sees the one before. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(work, work)
    this.#lastWrite = turn
    return turn
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
    const entry: Entry = { key, caller, read, current: read }
    this.#entries.set(id, entry)
    return entry
  }

  #checkOpen(): void {
    if (this.closed) throw invalid([], 'The transaction has ended; use the database itself')
  }
}

function holdings(caller: RowCaller, row: Item | undefined): Map<string, Holding> {
  const markers = row ? markersOf(caller.model, row, caller.scope.prefix) : []
  return new Map(markers.map(marker => [marker.id, { caller, marker, row: row as Item }]))
}

function commitmentOf({ key, caller, read, unread, current }: Entry): Commitment {
  const table = caller.model.table.name
  const condition = unread ? unread.condition : isStill(caller, read)
  const refusal = unread?.refusal
  if (current === read) return { write: { kind: 'check', table, key, condition }, refusal }
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
