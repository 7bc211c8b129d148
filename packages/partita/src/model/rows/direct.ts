/** Reads and writes rows directly, outside a transaction. */
import { ConditionFailedError, refusedItem } from '../../errors/errors.js'
import { allOf } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import { isAbsent, isExpired, isPresent, onLiveItem } from '../../keys/expiry.js'
import type { PutRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { calls } from '../connect/context.js'
import { outdatedMarkers } from '../evolve/derived.js'
import { asStored, inPresentForm } from '../evolve/form.js'
import { refreshRow } from '../evolve/refresh.js'
import { fillFields } from '../read/row.js'
import { atAttempt, claimsOf, commit, MAX_ATTEMPTS, waitBeforeRetry } from '../write/commit.js'
import { isUnchangedSince, live } from '../write/guard.js'
import { discardCachedOnFailure, findOutcome } from '../write/lost-answer.js'
import { hasMarker, isSameMarker, markersOf, ownerKey, type UniqueMarker } from '../write/unique.js'
import { updateRow } from '../write/update.js'
import { brokenRule, conditionFailed, rowExists, tooManyConflicts } from '../write/write-errors.js'
import { keyOf, type RowContext, type RowKey, type Rows, type WriteRules } from './rows.js'

/** Direct access: each call sends its own requests. */
export const direct: Rows = {
  read,
  readMany,
  owner,
  create: (context, row, rules) =>
    discardCachedOnFailure(context, keyOf(context.model, row), () => create(context, row, rules)),
  put: (context, row, rules) =>
    discardCachedOnFailure(context, keyOf(context.model, row), () => put(context, row, rules)),
  update: (context, change) => discardCachedOnFailure(context, change.row.key, () => updateRow(context, change)),
  remove: (context, row, rules) => discardCachedOnFailure(context, row.key, () => remove(context, row, rules)),
  refresh: (context, row) =>
    discardCachedOnFailure(context, keyOf(context.model, row), async () => (await refreshRow(context, row)).row ?? row),
}

async function read(context: RowContext, key: Key, consistent: boolean): Promise<Item | undefined> {
  const { model, scope } = context
  const request = { table: model.table.name, key, consistent }
  const item = scope.loader ? await scope.loader.read(context, request) : (await calls.get(context, request)).item
  return live(context, item)
}

async function readMany(context: RowContext, keys: readonly Key[], consistent: boolean): Promise<(Item | undefined)[]> {
  const { model, scope } = context
  const { loader } = scope
  if (loader) return Promise.all(keys.map(key => read(context, key, consistent)))
  if (keys.length === 0) return []
  const gets = keys.map(key => ({ table: model.table.name, key, consistent }))
  const { items } = await calls.batchGet(context, { gets })
  return items.map(item => live(context, item))
}

/** How often a unique value may move to another row between the read of its marker and the read of its row. */
const MAX_MOVES = 10

/**
 * Reads the marker, then the row. If the row does not hold the value, the two reads saw different moments, so both
 * are repeated with consistent reads that bypass the scope's cache. If the marker is unchanged and its row still
 * does not hold the value, a program without the constraint left it behind: the marker is an orphan and names no
 * row.
 */
async function owner(context: RowContext, marker: UniqueMarker, consistent: boolean): Promise<Item | undefined> {
  const { model, scope } = context
  let seen: Item | undefined
  for (let attempt = 0; attempt < MAX_MOVES; attempt++) {
    const isAnew = consistent || attempt > 0
    const request = { table: model.table.name, key: marker.key, consistent: isAnew }
    const { item } = await calls.get(atAttempt(context, attempt), request)
    const key = item && ownerKey(model, item, scope.prefix)
    if (!key || isExpired(model.expiring, item, context.db.sources.now())) return undefined
    // The marker did not change while its row was read, and the row did not hold the value: it is an orphan.
    if (seen && matches(isSameMarker(model, seen), item)) return undefined
    const row = await read(context, key, isAnew)
    if (row && hasMarker(model, row, scope.prefix, marker)) return row
    seen = isAnew ? item : undefined
  }
  return undefined
}

/** The condition closes the race: of several concurrent creates of one row, only one finds it absent. */
async function create(context: RowContext, row: Item, rules: WriteRules): Promise<Item> {
  const { db, model, scope } = context
  const key = keyOf(model, row)
  const claims = claimsOf(markersOf(model, row, scope.prefix))
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const condition = isAbsent(model.expiring, db.sources.now())
    const write = { kind: 'put', table: model.table.name, item: row, condition, returnOldOnFailure: true } as const
    if (claims.length === 0 && !rules.exactlyOnce) {
      const refused = await writeAlone(context, write, row, undefined)
      if (refused) throw rowExists(model, key)
      return wrote(context, key, row)
    }
    const outcome = await commit(atAttempt(context, attempt), { write, item: row, claims, released: [] })
    if (outcome.kind === 'done') return wrote(context, key, row)
    if (outcome.kind === 'refused') throw rowExists(model, key)
    await waitBeforeRetry(db, attempt)
  }
  throw tooManyConflicts(model, key, MAX_ATTEMPTS)
}

/**
 * A model without unique constraints and versions overwrites the stored row without reading it. Other models read
 * the row first and write on the condition that it is unchanged.
 */
async function put(context: RowContext, row: Item, rules: WriteRules): Promise<Item> {
  const { db, model, scope } = context
  const { table, version, createdAt } = model
  const key = keyOf(model, row)
  const isPlain = model.uniques.length === 0 && !version && createdAt.length === 0 && isDecidedByStore(model, rules)
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const now = db.sources.now()
    if (isPlain) {
      const condition = onLiveItem(model.expiring, rules.condition, now)
      const write = {
        kind: 'put',
        table: table.name,
        item: row,
        ...(condition && { condition, returnOldOnFailure: true }),
      } as const
      const refused = await writeAlone(context, write, row, undefined)
      if (refused) throw conditionFailed(model, key, live(context, refused.item))
      return wrote(context, key, row)
    }
    const stored = (await calls.get(context, { table: table.name, key, consistent: true })).item
    const before = live(context, stored)
    const broken = brokenRule(model, key, rules, before)
    if (broken) throw broken
    const after = overwriting(context, row, before)
    const write = {
      kind: 'put',
      table: table.name,
      item: after,
      condition: isUnchangedSince(context, asStored(model, stored)),
      returnOldOnFailure: true,
    } as const
    const claimed = markersOf(model, after, scope.prefix)
    const kept = new Set(claimed.map(({ id }) => id))
    const released = before ? heldBy(context, before).filter(({ id }) => !kept.has(id)) : []
    if (claimed.length + released.length === 0 && !rules.exactlyOnce) {
      if (!(await writeAlone(context, write, after, stored))) return wrote(context, key, after)
    } else {
      const claims = claimsOf(claimed)
      const outcome = await commit(atAttempt(context, attempt), { write, item: after, claims, released })
      if (outcome.kind === 'done') return wrote(context, key, after)
    }
    await waitBeforeRetry(db, attempt)
  }
  throw tooManyConflicts(model, key, MAX_ATTEMPTS)
}

/**
 * The new row that overwrites another: it increments the version and keeps the creation time. Values of the old row
 * that cannot be read are not carried over.
 */
export function overwriting({ model }: RowContext, row: Item, before: Item | undefined): Item {
  if (!before) return row
  const after = { ...row }
  const { version, createdAt } = model
  const kept: { [name: string]: unknown } = {}
  fillFields(version ? [version, ...createdAt] : createdAt, before, kept)
  if (version) after[version.attribute] = Number(kept[version.name] ?? 0) + 1
  for (const { name, attribute } of createdAt) {
    const stored = before[attribute]
    if (stored !== undefined && stored !== null && name in kept) after[attribute] = stored
  }
  return after
}

/** Whether the store can decide on a write of a whole row. It compares conditions with the row as stored, of whatever form. */
function isDecidedByStore({ steps }: CompiledModel, { condition, unchanged, exactlyOnce }: WriteRules): boolean {
  return !exactlyOnce && !(steps && (condition || unchanged))
}

/** The unique markers of a stored row, with those of its older form. */
function heldBy({ model, scope: { prefix } }: RowContext, row: Item): readonly UniqueMarker[] {
  return [...markersOf(model, row, prefix), ...outdatedMarkers(model, row, prefix)]
}

/** Deletes the row and its unique markers, on the condition that the row is unchanged since it was read. */
async function remove(context: RowContext, { key }: RowKey, rules: WriteRules): Promise<Item | undefined> {
  const { db, model, scope } = context
  const { name: table } = model.table
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (model.uniques.length === 0 && isDecidedByStore(model, rules)) {
      const condition = allOf([
        rules.condition && isPresent(model.expiring, db.sources.now()),
        rules.condition,
        rules.unchanged,
      ])
      try {
        const guarded = condition && { condition, returnOldOnFailure: true }
        const { item } = await calls.write(context, { kind: 'delete', table, key, returns: 'old', ...guarded })
        scope.loader?.wrote(model.table, key, { item: undefined })
        return live(context, item)
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) throw error
        const before = live(context, inPresentForm(model, refusedItem(error)))
        throw brokenRule(model, key, rules, before) ?? conditionFailed(model, key, before)
      }
    }
    const stored = (await calls.get(context, { table, key, consistent: true })).item
    const before = live(context, stored)
    const broken =
      rules.condition && !before ? conditionFailed(model, key, undefined) : brokenRule(model, key, rules, before)
    if (broken) throw broken
    if (!stored) return undefined
    const condition = isUnchangedSince(context, asStored(model, stored))
    const write = { kind: 'delete', table, key, condition } as const
    const released = before ? heldBy(context, before) : []
    const outcome = await commit(atAttempt(context, attempt), { write, item: stored, claims: [], released })
    if (outcome.kind === 'done') {
      scope.loader?.wrote(model.table, key, { item: undefined })
      return before
    }
    await waitBeforeRetry(db, attempt)
  }
  throw tooManyConflicts(model, key, MAX_ATTEMPTS)
}

/**
 * Puts a row without other items. If the first attempt succeeded but was sent again, the row that fails the
 * condition is this row itself; its revision identifies it.
 * @param replaced the row that the put's condition requires; undefined if it does not require one.
 * @returns the stored item if the condition failed; undefined if the row was written.
 */
async function writeAlone(
  context: RowContext,
  write: PutRequest,
  row: Item,
  replaced: Item | undefined,
): Promise<{ readonly item: Item | undefined } | undefined> {
  const { revision } = context.model.table
  const sent = { key: keyOf(context.model, row), revision: row[revision], replaces: replaced?.[revision] }
  try {
    await findOutcome(context, sent, () => calls.write(context, write))
    return undefined
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error
    const item = refusedItem(error)
    return item?.[revision] === row[revision] ? undefined : { item }
  }
}

function wrote({ scope, model }: RowContext, key: Key, row: Item): Item {
  scope.loader?.wrote(model.table, key, { item: row })
  return row
}
