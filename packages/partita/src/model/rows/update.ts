/**
 * Changing parts of a row.
 *
 * Where the changes tell all that the table must know, one conditional write does. Where keys of indexes, markers of
 * unique values or checks depend on the rest of the row, that is read first (or taken from the record at hand), and
 * the write is on the condition that what it depends on is still so; else it is done again with the row that is there.
 */
import { ConditionFailed } from '../../errors.js'
import {
  allOf,
  type Condition,
  compare,
  ifNotExists,
  type Path,
  path,
  plus,
  type Update,
  update,
  value,
} from '../../expression/ast.js'
import { isExpired, isPresent } from '../../table/expiry.js'
import { type Item, isNumber, type Value } from '../../value/value.js'
import { type Changes, checkBounds, isUnchanged } from '../changes.js'
import type { CompiledIndex, CompiledUnique } from '../compiled.js'
import { calls } from '../context.js'
import { attributesOf, needsRow, rowAfter, startsThere, updateTo } from '../outcome.js'
import { type Marker, markersOf } from '../unique.js'
import { again, commit, MAX_ATTEMPTS, TRIES_AT_ONCE, waitBeforeRetry } from './commit.js'
import { isSame, isStill, live } from './guard.js'
import { brokenRule, notThere, tooManyConflicts } from './refusal.js'
import type { RowCaller, RowChange, RowKey } from './rows.js'

/** What of a row's surroundings the changes touch. */
interface Touched {
  readonly indexes: readonly CompiledIndex[]
  readonly uniques: readonly CompiledUnique[]
  /** Whether the row itself must be known. */
  readonly needsRow: boolean
}

export async function updateRow(caller: RowCaller, change: RowChange): Promise<Item> {
  const { changes, row } = change
  if (isUnchanged(changes)) return unchangedRow(caller, change)
  const token = caller.db.revision()
  stamp(caller, changes, token)
  const touched = touchedBy(caller, changes, row)
  const item = touched.needsRow
    ? await updateKnown(caller, change, touched, token)
    : await updateUnread(caller, change, touched, token)
  caller.scope.loader?.wrote(row.key, { item })
  return item
}

/** An update of nothing writes nothing; the row must be there, and as the program's rules want it. */
async function unchangedRow(caller: RowCaller, { row: { key }, rules }: RowChange): Promise<Item> {
  const { model } = caller
  const row = live(caller, (await calls.get(caller, { table: model.table.name, key, consistent: true })).item)
  if (!row) throw notThere(model, key)
  const broken = brokenRule(model, key, rules, row)
  if (broken) throw broken
  return row
}

/** Adds what every write of a row writes. */
export function stamp({ db, model }: RowCaller, changes: Changes, token: string): void {
  const { revision } = model.table
  changes.set.push({ path: [revision], value: value(token) })
  for (const { attribute } of model.updatedAt) {
    const stored = new Date(db.sources.now()).toISOString()
    changes.set.push({ path: [attribute], value: value(stored) })
    changes.outcomes.set(attribute, { stored })
  }
  if (model.version) {
    const path: Path = [model.version.attribute]
    changes.set.push({ path, value: plus(ifNotExists(path, value(0)), value(1)) })
    changes.outcomes.set(model.version.attribute, 'depends')
  }
}

function touchedBy({ model }: RowCaller, changes: Changes, row: RowKey): Touched {
  const { outcomes } = changes
  const isTouched = ({ attributes }: { readonly attributes: readonly string[] }): boolean =>
    attributes.some(attribute => outcomes.has(attribute))
  const indexes = model.indexes.filter(isTouched)
  // Markers expire with their row.
  const uniques = model.ttl && outcomes.has(model.table.ttl) ? model.uniques : model.uniques.filter(isTouched)
  const dependent = indexes.some(({ attributes }) => {
    const known = attributes.map(attribute => outcomeOf(changes, row, attribute))
    // Without one of its fields a row is not in the index, whatever the others are.
    if (known.some(it => it !== 'depends' && it.stored === undefined)) return false
    return known.includes('depends')
  })
  return { indexes, uniques, needsRow: dependent || uniques.length > 0 || needsRow(changes) }
}

function outcomeOf({ outcomes }: Changes, { fields }: RowKey, attribute: string) {
  const outcome = outcomes.get(attribute)
  if (outcome) return outcome
  const stored = fields[attribute]
  return stored === undefined ? 'depends' : { stored }
}

async function updateUnread(caller: RowCaller, change: RowChange, touched: Touched, token: string): Promise<Item> {
  const { row, changes } = change
  const { indexes } = touched
  const { model, scope } = caller
  const after: Item = {}
  if (indexes.length > 0) {
    Object.assign(after, row.fields)
    for (const [attribute, outcome] of changes.outcomes) {
      if (outcome !== 'depends' && outcome.stored !== undefined) after[attribute] = outcome.stored
    }
    model.placeInIndexes(after, scope.prefix, indexes)
  }
  const condition = allOf([...conditionsOf(caller, change, token), ...startsThere(changes)])
  try {
    const { item } = await calls.write(caller, {
      kind: 'update',
      table: model.table.name,
      key: row.key,
      update: withIndexes(changes, indexes, after),
      ...(condition && { condition }),
      returns: 'new',
      returnOldOnFailure: true,
    })
    return item as Item
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error
    const { item: known } = error.details
    const own = ownOrThrow(caller, change, known, token)
    if (own) return own
    // The row lacks a value that the update builds on, which reads fill with a default.
    if (changes.starts.length > 0) return updateKnown(caller, { ...change, known }, touched, token)
    throw error
  }
}

/** What every update of a row is on condition of. */
function conditionsOf(caller: RowCaller, { changes, rules }: RowChange, token: string): (Condition | undefined)[] {
  return [
    isPresent(caller.model.expiring, caller.db.sources.now()),
    isFirst(caller, changes, token),
    rules.unchanged,
    rules.condition,
    ...changes.bounds.map(({ condition }) => condition),
  ]
}

async function updateKnown(caller: RowCaller, change: RowChange, touched: Touched, token: string): Promise<Item> {
  const { model, db } = caller
  const { row, changes } = change
  const { name: table } = model.table
  let known = change.known
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const trying = again(caller, attempt)
    let before = known
    if (!before) {
      before = (await calls.get(trying, { table, key: row.key, consistent: true })).item
      ownOrThrow(caller, change, before, token)
    }
    const stored = before as Item
    const after = await outcome(caller, changes, touched, stored)
    const [claimed, released] = markerChanges(caller, changes, touched, stored, after)
    const isAlone = claimed.length + released.length === 0
    const guard = isAlone
      ? dependencies(changes, touched, stored).map(it => isSame(stored, it))
      : [isStill(caller, stored)]
    const condition = allOf([...conditionsOf(caller, change, token), ...startsThere(changes, stored), ...guard])
    const write = {
      kind: 'update',
      table,
      key: row.key,
      update: withIndexes(updateTo(changes, stored, after), touched.indexes, after),
      ...(condition && { condition }),
      returnOldOnFailure: true,
    } as const
    if (isAlone) {
      try {
        const { item } = await calls.write(trying, { ...write, returns: 'new' })
        return item as Item
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error
        known = error.details.item
      }
    } else {
      const result = await commit(trying, write, claimed, released, after)
      // The condition was that the row is the one that was read, so this is what it has become.
      if (result.kind === 'done') return after
      known = result.kind === 'refused' ? result.item : undefined
    }
    if (known) {
      const own = ownOrThrow(caller, change, known, token)
      if (own) return own
    }
    await waitBeforeRetry(db, attempt)
    // After a wait the row will have changed once more.
    if (attempt >= TRIES_AT_ONCE) known = undefined
  }
  throw tooManyConflicts(model, row.key, MAX_ATTEMPTS)
}

/**
 * Looks at the row that a write met.
 * @returns the row where this very write made it: its answer was lost, and the SDK tried again.
 * @throws NotFound, Conflict, ConditionFailed
 */
function ownOrThrow(
  { model, db, scope }: RowCaller,
  { row: { key }, rules, changes }: RowChange,
  row: Item | undefined,
  token: string,
): Item | undefined {
  if (row?.[model.table.revision] === token) return row
  if (!row || !model.owns(row, scope.prefix) || isExpired(model.expiring, row, db.sources.now()))
    throw notThere(model, key)
  const broken = brokenRule(model, key, rules, row)
  if (broken) throw broken
  checkBounds(changes, row)
  return undefined
}

/**
 * The row after the changes, with its places in the indexes.
 * @throws ValidationFailed
 */
export async function outcome(
  { model, scope }: RowCaller,
  changes: Changes,
  { indexes }: Pick<Touched, 'indexes'>,
  before: Item,
): Promise<Item> {
  const after = await rowAfter(changes, before)
  model.placeInIndexes(after, scope.prefix, indexes)
  return after
}

function withIndexes(changes: Update, indexes: readonly CompiledIndex[], after: Item): Update {
  if (indexes.length === 0) return changes
  const { set, remove, add, delete: removed } = changes
  const moved = indexes.flatMap(({ places }) => places)
  return update({
    set: [
      ...set,
      ...moved.filter(it => it in after).map(it => ({ path: [it] as const, value: value(after[it] as Value) })),
    ],
    remove: [...remove, ...moved.filter(it => !(it in after)).map(it => [it] as const)],
    add,
    delete: removed,
  })
}

function markerChanges(
  { model, scope }: RowCaller,
  changes: Changes,
  { uniques }: Touched,
  before: Item,
  after: Item,
): [claimed: Marker[], released: Marker[]] {
  if (uniques.length === 0) return [[], []]
  const old = markersOf(model, before, scope.prefix)
  const fresh = markersOf(model, after, scope.prefix)
  const had = new Set(old.map(({ id }) => id))
  const has = new Set(fresh.map(({ id }) => id))
  const expiryChanged = model.ttl !== undefined && changes.outcomes.has(model.table.ttl)
  return [fresh.filter(({ id }) => expiryChanged || !had.has(id)), old.filter(({ id }) => !has.has(id))]
}

/** Attributes that what is written was worked out from. */
function dependencies(changes: Changes, { indexes, uniques }: Touched, before: Item): string[] {
  const keys = [...indexes, ...uniques].flatMap(({ attributes }) => attributes)
  return [...new Set([...keys, ...attributesOf(changes, before)])]
}

/**
 * True while this very write has not been done. The SDK tries again where an answer was lost; what adds to the stored
 * value would then be added twice.
 */
function isFirst({ model }: RowCaller, { set, add }: Changes, token: string): Condition | undefined {
  const adds =
    add.some(it => isNumber(it.value)) || set.some(({ value: { kind } }) => kind === 'plus' || kind === 'listAppend')
  return adds ? compare(path(model.table.revision), '<>', value(token)) : undefined
}
