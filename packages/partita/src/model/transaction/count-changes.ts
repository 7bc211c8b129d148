/**
 * The counts that a transaction changes: see `rules/counts.ts`. They are settled at its end, from the rows as they are then.
 *
 * A row whose count changes and that the transaction has not read is updated without being read whole: the update adds to
 * the count on the condition that the row exists, so creates of rows that refer to one row do not disturb each other. The
 * update changes the revision, so a transaction that has read the row, such as one that deletes it, does not miss the change.
 * The revision also changes if one row takes the turn of another and the number stays: `evolve/wrong-counts.ts` relies on it.
 */

import { RuleViolationError } from '../../errors/errors.js'
import { exists, update, value } from '../../expression/ast.js'
import type { Item, Key, Value } from '../../value/value.js'
import type { PhysicalTable } from '../compile/layout.js'
import { calls } from '../connect/context.js'
import { identity } from '../read/loader.js'
import { rowDetails } from '../rows/row-details.js'
import type { RowContext } from '../rows/rows.js'
import { countedIn, countedRefs, countsFor, referredRow } from '../rules/counts.js'
import { COUNTED } from '../rules/own-attributes.js'
import type { Referrer } from '../rules/referrers.js'
import type { Commitment, Entry } from './commitment.js'
import { OutOfDate } from './out-of-date.js'

interface CountChange {
  readonly context: RowContext
  readonly key: Key
  /** By attribute of the count. */
  readonly by: Map<string, number>
}

/** A row that becomes, or ceases to be, included in a count. */
interface Move {
  readonly parent: { readonly context: RowContext; readonly key: Key }
  readonly count: string
  readonly by: 1 | -1
}

/** The changes of counts of one transaction attempt. */
export class CountChanges {
  readonly #changes = new Map<string, CountChange>()
  readonly #exists = new Map<string, Promise<boolean>>()

  /** Keys of the rows that only these changes write. */
  keys(): readonly { readonly table: PhysicalTable; readonly key: Key }[] {
    return [...this.#changes.values()].map(({ context, key }) => ({ table: context.model.table, key }))
  }

  /** The identities of these keys. */
  ids(): Iterable<string> {
    return this.#changes.keys()
  }

  /**
   * Works out the changes, and writes them into the rows that the transaction has read.
   * @param isGuarded whether the commit requires that a row exists.
   * @throws RuleViolationError if a row is deleted that other rows refer to; OutOfDate if they could not all be found yet.
   */
  async settle(entries: Map<string, Entry>, isGuarded: (id: string) => boolean): Promise<void> {
    this.#changes.clear()
    for (const entry of [...entries.values()]) {
      if (entry.unique || entry.current === entry.read) continue
      await this.#count(entry, entries, isGuarded)
    }
    for (const [id, { by }] of this.#changes) {
      const entry = entries.get(id)
      if (entry?.current) entry.current = counted(entry, by)
    }
    for (const [id, entry] of entries) checkReferrers(entry, this.#changes.get(id)?.by)
    // What is left are the changes of rows that the transaction has not read.
    for (const id of [...this.#changes.keys()]) if (entries.has(id)) this.#changes.delete(id)
  }

  /** The updates of rows that the transaction has not read. @param guard the check that it makes of such a row, if any. */
  commitments(guard: (id: string) => Commitment | undefined): Commitment[] {
    return [...this.#changes].map(([id, { context, key, by }]) => {
      const { db, model } = context
      const guarded = guard(id)
      const { name: table, pk, revision } = model.table
      const condition = (guarded?.write.kind === 'check' && guarded.write.condition) || exists([pk])
      const add = [...by]
        .filter(([, amount]) => amount !== 0)
        .map(([count, amount]) => ({ path: [count] as const, value: amount }))
      const set = [{ path: [revision] as const, value: value(db.revision()) }]
      return {
        write: { kind: 'update', table, key, update: update({ set, add }), condition },
        failure: guarded?.failure,
        of: { context, key },
      }
    })
  }

  /** Compares the counts that a row was included in with those that it should be in, and records the latter in the row. */
  async #count(entry: Entry, entries: Map<string, Entry>, isGuarded: (id: string) => boolean): Promise<void> {
    const { context, read, current } = entry
    const refs = countedRefs(context)
    if (refs.length === 0) return
    const before = countedIn(read)
    const after = countsFor(context, refs, current)
    for (const ref of refs) {
      const { attribute } = ref.field
      const [old, now] = [before[attribute], after[attribute]]
      if (old === now) continue
      for (const [stored, by] of [
        [old, -1],
        [now, 1],
      ] as const) {
        if (stored === undefined) continue
        const parent = referredRow(context, ref, stored)
        const isThere = parent && (await this.#isThere({ parent, by }, entries, isGuarded))
        if (isThere) this.#add({ parent, count: ref.count, by })
        // A row whose parent another program deleted is not counted.
        else if (by === 1) delete after[attribute]
      }
    }
    if (current) entry.current = withRecord(entry, current, after)
  }

  #isThere(
    { parent: { context, key }, by }: Pick<Move, 'parent' | 'by'>,
    entries: Map<string, Entry>,
    isGuarded: (id: string) => boolean,
  ): boolean | Promise<boolean> {
    const id = identity(context.model.table, key)
    const entry = entries.get(id)
    if (entry) {
      // The transaction may delete both rows.
      const row = entry.current ?? (by === -1 ? entry.read : undefined)
      return row !== undefined && context.model.owns(row, context.scope.prefix)
    }
    if (isGuarded(id)) return true
    let known = this.#exists.get(id)
    if (!known) {
      known = calls
        .get({ ...context, purpose: 'guards' }, { table: context.model.table.name, key, consistent: true })
        .then(({ item }) => item !== undefined && context.model.owns(item, context.scope.prefix))
      this.#exists.set(id, known)
    }
    return known
  }

  #add({ parent: { context, key }, count, by }: Move): void {
    const id = identity(context.model.table, key)
    const change = this.#changes.get(id) ?? { context, key, by: new Map<string, number>() }
    change.by.set(count, (change.by.get(count) ?? 0) + by)
    this.#changes.set(id, change)
  }
}

/** The row with the record of the counts that include it. Its revision changes if nothing else does. */
function withRecord({ context, read }: Entry, current: Item, counts: Readonly<Record<string, Value>>): Item {
  const { [COUNTED]: _, ...row } = current
  const { revision } = context.model.table
  const isSame = sameText(countedIn(read), counts)
  return {
    ...row,
    ...(Object.keys(counts).length > 0 && { [COUNTED]: counts }),
    ...(!isSame && read && read[revision] === row[revision] && { [revision]: context.db.revision() }),
  } as Item
}

function sameText(a: Readonly<Record<string, Value>>, b: Readonly<Record<string, Value>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}

/** The row with its counts changed, which is a write of the row. */
function counted({ context, read, current }: Entry, by: ReadonlyMap<string, number>): Item {
  const row: Item = { ...current }
  const { revision } = context.model.table
  for (const [count, amount] of by) if (amount !== 0) row[count] = Number(row[count] ?? 0) + amount
  if (read && read[revision] === row[revision]) row[revision] = context.db.revision()
  return row
}

/** @throws RuleViolationError, OutOfDate */
function checkReferrers(
  { context, key, unique, read, current }: Entry,
  by: ReadonlyMap<string, number> | undefined,
): void {
  if (unique || current === read || !read) return
  const { db, model } = context
  const referrers = db.rules.get(model)?.referrers ?? []
  if (referrers.length === 0 || (current && !model.isDeleted(current))) return
  // The counts of a row that is still stored have been changed already.
  const left = referrers.filter(({ ref: { count } }) => {
    const stored = Number((current ?? read)[count] ?? 0)
    return stored + (current ? 0 : (by?.get(count) ?? 0)) > 0
  })
  const restricting = left.filter(({ onDelete }) => onDelete === 'restrict')
  if (restricting.length > 0) throw stillReferred(context, key, restricting)
  // Not all rows that refer to the row were found: the index lists them with a delay.
  if (left.length > 0) throw new OutOfDate(undefined, { context, key })
}

/** The error of a delete of a row that other rows refer to. */
export function stillReferred({ model }: RowContext, key: Key, referrers: readonly Referrer[]): RuleViolationError {
  const violations = referrers.map(({ model: of, ref }) => ({
    rule: 'onDelete',
    path: [],
    message: `cannot be deleted while rows of ${of.name} refer to it by ${ref.field.name}`,
  }))
  return new RuleViolationError({ ...rowDetails(model, key), violations })
}
