/**
 * Updates of rows.
 *
 * If the changes determine everything that must be written, one conditional write suffices. If index keys, unique
 * markers or checks depend on other attributes, the row is read first (or taken from the record at hand), and the
 * write requires that those attributes are unchanged; otherwise it is retried with the stored row.
 */
import { ConditionFailedError, refusedItem } from '../../errors/errors.js'
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
import { matches } from '../../expression/evaluate/index.js'
import { isExpired, isPresent } from '../../keys/expiry.js'
import type { UpdateRequest } from '../../store/store.js'
import { type Item, isNumber } from '../../value/value.js'
import type { CompiledIndex, CompiledUnique } from '../compile/compiled-model.js'
import { calls } from '../connect/context.js'
import { copyAttributes, lacksKeys, missingMarkers, staleIndexes } from '../evolve/derived.js'
import { inPresentForm, isOfPresentForm, isOlder } from '../evolve/form.js'
import { refreshRow } from '../evolve/refresh.js'
import { checkChanges } from '../read/readable.js'
import { checkUpgraded } from '../read/row.js'
import type { RowChange, RowContext, RowKey } from '../rows/rows.js'
import { type Changes, checkBounds, isUnchanged, onlyCounts } from './changes.js'
import {
  ATTEMPTS_WITHOUT_DELAY,
  atAttempt,
  claimsOf,
  commit,
  keptClaimsOf,
  MAX_ATTEMPTS,
  waitBeforeRetry,
} from './commit.js'
import { isSame, isUnchangedSince, live } from './guard.js'
import { findOutcome } from './lost-answer.js'
import { attributesOf, needsRow, rowAfter, startsThere, updateTo } from './outcome.js'
import { markersOf, type UniqueMarker } from './unique.js'
import { brokenRule, conditionFailed, rowNotFound, tooManyConflicts } from './write-errors.js'

/** The derived data that changes affect. */
interface Touched {
  readonly indexes: readonly CompiledIndex[]
  readonly uniques: readonly CompiledUnique[]
  /** Whether the stored row must be known. */
  readonly needsRow: boolean
}

/**
 * Applies changes to a row.
 * @returns the row after the update.
 * @throws NotFoundError, ConflictError, ConditionFailedError, UniqueViolationError, ValidationError
 */
export async function updateRow(context: RowContext, change: RowChange): Promise<Item> {
  const { changes, row } = change
  if (isUnchanged(changes)) return unchangedRow(context, change)
  checkChanges(context.model, changes)
  const token = context.db.revision()
  addLibraryFields(context, changes, token)
  const touched = touchedBy(context, changes, row)
  const item =
    touched.needsRow || change.rules.exactlyOnce || isBehind(context, change.known)
      ? await updateKnown(context, change, touched, token)
      : await updateUnread(context, change, touched, token)
  context.scope.loader?.wrote(context.model.table, row.key, { item })
  return item
}

/** An empty update writes only missing keys and markers; the row must exist and satisfy the rules. */
async function unchangedRow(context: RowContext, { row: { key }, rules }: RowChange): Promise<Item> {
  const { model } = context
  const row = live(context, (await calls.get(context, { table: model.table.name, key, consistent: true })).item)
  if (!row) throw rowNotFound(model, key)
  const broken = brokenRule(model, key, rules, row)
  if (broken) throw broken
  return (await refreshRow(context, row)).row ?? row
}

/** Adds what every row write contains: revision, update time and version. */
export function addLibraryFields({ db, model }: RowContext, changes: Changes, token: string): void {
  const { revision } = model.table
  const isCounted = onlyCounts(changes)
  changes.set.push({ path: [revision], value: value(token) })
  for (const { attribute } of model.updatedAt) {
    const stored = new Date(db.sources.now()).toISOString()
    changes.set.push({ path: [attribute], value: value(stored) })
    changes.outcomes.set(attribute, { stored })
  }
  if (model.version && !isCounted) {
    const path: Path = [model.version.attribute]
    changes.set.push({ path, value: plus(ifNotExists(path, value(0)), value(1)) })
    changes.outcomes.set(model.version.attribute, 'depends')
  }
}

/** Whether the row may lack keys or markers because it is older than they are; they are then written with the change. */
function isBehind({ db, model, scope }: RowContext, known: Item | undefined): boolean {
  return db.parts.isBehind(model) || (known !== undefined && lacksKeys(model, known, scope.prefix))
}

function touchedBy({ model }: RowContext, changes: Changes, row: RowKey): Touched {
  const { outcomes } = changes
  const isTouched = ({ attributes }: { readonly attributes: readonly string[] }): boolean =>
    attributes.some(attribute => outcomes.has(attribute))
  const indexes = model.indexes.filter(isTouched)
  // Markers expire with their row.
  const uniques = model.ttl && outcomes.has(model.table.ttl) ? model.uniques : model.uniques.filter(isTouched)
  const dependent = indexes.some(index => !isDetermined(index, changes, row))
  return { indexes, uniques, needsRow: dependent || uniques.length > 0 || needsRow(changes) }
}

/** Whether the changes and the row's key determine its keys in an index. */
function isDetermined({ pk, sk, when, whenAttributes }: CompiledIndex, changes: Changes, row: RowKey): boolean {
  const known = [...pk.fields, ...sk.fields].map(({ attribute, fallback }) => {
    const result = outcomeOf(changes, row, attribute)
    return result === 'depends' ? result : (result.stored ?? fallback)
  })
  // If one of its fields is missing, the row is not in the index, whatever the others are.
  if (known.includes(undefined)) return true
  if (!when) return !known.includes('depends')
  const values: Item = {}
  for (const attribute of whenAttributes) {
    const outcome = outcomeOf(changes, row, attribute)
    if (outcome === 'depends') return false
    if (outcome.stored !== undefined) values[attribute] = outcome.stored
  }
  return !known.includes('depends') || !matches(when, values)
}

function outcomeOf({ outcomes }: Changes, { fields }: RowKey, attribute: string) {
  const outcome = outcomes.get(attribute)
  if (outcome) return outcome
  const stored = fields[attribute]
  return stored === undefined ? 'depends' : { stored }
}

async function updateUnread(context: RowContext, change: RowChange, touched: Touched, token: string): Promise<Item> {
  const { row, changes } = change
  const { indexes } = touched
  const { model, scope } = context
  const after: Item = {}
  if (indexes.length > 0) {
    Object.assign(after, row.fields)
    for (const [attribute, outcome] of changes.outcomes) {
      if (outcome !== 'depends' && outcome.stored !== undefined) after[attribute] = outcome.stored
    }
    model.setIndexKeys(after, scope.prefix, indexes)
  }
  const condition = allOf([...conditionsOf(context, change, token), ...startsThere(changes)])
  try {
    return await writeAlone(context, token, change.rules.isOnce ? change.known : undefined, {
      kind: 'update',
      table: model.table.name,
      key: row.key,
      update: withKeyAttributes(
        changes,
        indexes.flatMap(index => index.derivedAttributes),
        after,
      ),
      ...(condition && { condition }),
      returns: 'new',
      returnOldOnFailure: true,
    })
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error
    const known = inPresentForm(model, refusedItem(error))
    const own = ownOrThrow(context, change, known, token)
    if (own) return own
    // The row is of an older form, or lacks a value that the update builds on. It is written with its default, or as a new
    // map that holds the change, on the condition that the attribute is still as it was read: of two writers that find a
    // map absent, one makes it, and the other is refused and adds to the map that is there now.
    if (changes.starts.length > 0 || isOlder(model, known))
      return updateKnown(context, { ...change, known }, touched, token)
    throw conditionFailed(model, row.key, known)
  }
}

/**
 * Updates a row without other items.
 * @param replaced the row whose revision the update's condition requires; undefined if it requires none.
 * @returns the row after the update.
 */
async function writeAlone(
  context: RowContext,
  token: string,
  replaced: Item | undefined,
  write: UpdateRequest,
): Promise<Item> {
  const sent = { key: write.key, revision: token, replaces: replaced?.[context.model.table.revision] }
  const outcome = await findOutcome(context, sent, () => calls.write(context, write))
  return 'row' in outcome ? outcome.row : (outcome.answer.item as Item)
}

/** Conditions that every row update carries. */
function conditionsOf(context: RowContext, { changes, rules }: RowChange, token: string): (Condition | undefined)[] {
  return [
    isPresent(context.model.expiring, context.db.sources.now()),
    // Changes fit the present form alone: another program may have put a row of an older one, or of a newer.
    isOfPresentForm(context.model),
    isFirst(context, changes, token),
    rules.unchanged,
    rules.condition,
    ...changes.bounds.map(({ condition }) => condition),
  ]
}

async function updateKnown(context: RowContext, change: RowChange, requested: Touched, token: string): Promise<Item> {
  const { model, db, scope } = context
  const { row, changes, rules } = change
  const { name: table } = model.table
  let known = change.known
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const trying = atAttempt(context, attempt)
    let before = known
    if (!before) {
      before = (await calls.get(trying, { table, key: row.key, consistent: true })).item
      ownOrThrow(context, change, before, token)
    }
    const stored = isOlder(model, before) ? (await refreshRow(trying, before as Item)).row : (before as Item)
    if (!stored) {
      known = undefined
      await waitBeforeRetry(db, attempt)
      continue
    }
    const stale = staleIndexes(model, stored, scope.prefix)
    const touched = { ...requested, indexes: [...new Set([...requested.indexes, ...stale])] }
    const after = await resultOf(context, changes, touched, stored)
    const { claimed, renewed, released } = markerChanges(context, changes, touched, stored, after)
    const kept = [...renewed, ...(await missingOfKept(context, after, [...claimed, ...renewed]))]
    const isAlone = claimed.length + released.length + kept.length === 0 && !rules.exactlyOnce
    const guard = isAlone
      ? dependencies(changes, touched, stored).map(attribute => isSame(stored, attribute))
      : [isUnchangedSince(context, stored)]
    const condition = allOf([...conditionsOf(context, change, token), ...startsThere(changes, stored), ...guard])
    const write = {
      kind: 'update',
      table,
      key: row.key,
      update: withKeyAttributes(
        updateTo(changes, stored, after),
        keyAttributesOf(context, touched.indexes, stored),
        after,
      ),
      ...(condition && { condition }),
      returnOldOnFailure: true,
    } as const
    if (isAlone) {
      try {
        return await writeAlone(trying, token, rules.isOnce ? stored : undefined, { ...write, returns: 'new' })
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) throw error
        known = inPresentForm(model, refusedItem(error))
      }
    } else {
      const claims = [...claimsOf(claimed), ...keptClaimsOf(kept)]
      const result = await commit(trying, { write, item: after, claims, released })
      // The condition required the row that was read, so this is the stored result.
      if (result.kind === 'done') return after
      known = result.kind === 'refused' ? inPresentForm(model, result.item) : undefined
    }
    if (known) {
      const own = ownOrThrow(context, change, known, token)
      if (own) return own
    }
    await waitBeforeRetry(db, attempt)
    // After a back-off the row will have changed again.
    if (attempt >= ATTEMPTS_WITHOUT_DELAY) known = undefined
  }
  throw tooManyConflicts(model, row.key, MAX_ATTEMPTS)
}

/**
 * Examines the row that failed a write's condition.
 * @returns the row if this write already produced it, by an earlier delivery of the same request.
 * @throws NotFoundError, ConflictError, ConditionFailedError
 */
function ownOrThrow(
  { model, db, scope }: RowContext,
  { row: { key }, rules, changes }: RowChange,
  row: Item | undefined,
  token: string,
): Item | undefined {
  if (row?.[model.table.revision] === token) return row
  if (!row || !model.owns(row, scope.prefix) || isExpired(model.expiring, row, db.sources.now()))
    throw rowNotFound(model, key)
  checkUpgraded(model, row)
  const broken = brokenRule(model, key, rules, row)
  if (broken) throw broken
  checkBounds(changes, row)
  return undefined
}

/**
 * The row after the changes, with its index keys and iteration keys.
 * @throws ValidationError; UnreadableError for a row that cannot be upgraded.
 */
export async function resultOf(
  { model, scope }: RowContext,
  changes: Changes,
  { indexes }: Pick<Touched, 'indexes'>,
  before: Item,
): Promise<Item> {
  checkUpgraded(model, before)
  const after = await rowAfter(changes, before)
  model.setIndexKeys(after, scope.prefix, indexes)
  if (!model.isInIteration(after, scope.prefix)) model.setIterationKey(after, scope.prefix)
  return after
}

/** Attributes of the row's index keys, and of its iteration keys if it lacks them. */
function keyAttributesOf({ model, scope }: RowContext, indexes: readonly CompiledIndex[], stored: Item): string[] {
  const names = indexes.flatMap(index => index.derivedAttributes)
  const { pk, sk } = model.table.iteration
  return model.isInIteration(stored, scope.prefix) ? names : [...names, pk, sk]
}

function withKeyAttributes(changes: Update, names: readonly string[], after: Item): Update {
  if (names.length === 0) return changes
  const { set, remove, add, delete: removed } = changes
  const moved = copyAttributes(names, after)
  return update({ set: [...set, ...moved.set], remove: [...remove, ...moved.remove], add, delete: removed })
}

/** Markers of the row's unchanged values, if rows of the model may lack markers and this row does. */
async function missingOfKept(
  context: RowContext,
  after: Item,
  written: readonly UniqueMarker[],
): Promise<readonly UniqueMarker[]> {
  const { db, model, scope } = context
  if (!db.parts.lacksMarkers(model)) return []
  const others = new Set(written.map(({ id }) => id))
  const kept = markersOf(model, after, scope.prefix).filter(({ id }) => !others.has(id))
  return missingMarkers(context, kept, after)
}

interface MarkerChanges {
  /** Of values that are new to the row. */
  readonly claimed: readonly UniqueMarker[]
  /** Of unchanged values, if the row's expiry time changes. */
  readonly renewed: readonly UniqueMarker[]
  readonly released: readonly UniqueMarker[]
}

function markerChanges(
  { model, scope }: RowContext,
  changes: Changes,
  { uniques }: Touched,
  before: Item,
  after: Item,
): MarkerChanges {
  if (uniques.length === 0) return { claimed: [], renewed: [], released: [] }
  const old = markersOf(model, before, scope.prefix)
  const fresh = markersOf(model, after, scope.prefix)
  const oldIds = new Set(old.map(({ id }) => id))
  const newIds = new Set(fresh.map(({ id }) => id))
  const expiryChanged = model.ttl !== undefined && changes.outcomes.has(model.table.ttl)
  return {
    claimed: fresh.filter(({ id }) => !oldIds.has(id)),
    renewed: expiryChanged ? fresh.filter(({ id }) => oldIds.has(id)) : [],
    released: old.filter(({ id }) => !newIds.has(id)),
  }
}

/** Attributes from which the written values were computed. */
function dependencies(changes: Changes, { indexes, uniques }: Touched, before: Item): string[] {
  const keys = [...indexes, ...uniques].flatMap(({ attributes }) => attributes)
  return [...new Set([...keys, ...attributesOf(changes, before)])]
}

/** True until this write has been applied, so that a duplicate delivery of the request adds nothing. */
function isFirst({ model }: RowContext, { set, add }: Changes, token: string): Condition | undefined {
  const adds =
    add.some(action => isNumber(action.value)) ||
    set.some(({ value: { kind } }) => kind === 'plus' || kind === 'listAppend')
  return adds ? compare(path(model.table.revision), '<>', value(token)) : undefined
}
