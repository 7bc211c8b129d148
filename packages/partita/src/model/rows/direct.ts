/** Rows read and written at once. */
import { ConditionFailedError, refusedItem } from '../../errors/errors.js'
import { allOf } from '../../expression/ast.js'
import { matches } from '../../expression/evaluate/index.js'
import { isAbsent, isExpired, isPresent, onLiveItem } from '../../keys/expiry.js'
import type { PutRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { calls } from '../connect/context.js'
import { refreshRow } from '../evolve/refresh.js'
import { fillFields } from '../read/row.js'
import { again, claimsOf, commit, MAX_ATTEMPTS, waitBeforeRetry } from '../write/commit.js'
import { isStill, live } from '../write/guard.js'
import { findingOut, forgetting } from '../write/lost-answer.js'
import { alreadyThere, brokenRule, conditionFailed, tooManyConflicts } from '../write/refusal.js'
import { implies, isSameMarker, type Marker, markersOf, ownerKey } from '../write/unique.js'
import { updateRow } from '../write/update.js'
import { keyOf, type RowCaller, type RowKey, type Rows, type Rules } from './rows.js'

export const direct: Rows = {
  read,
  readMany,
  owner,
  create: (caller, row, rules) => forgetting(caller, keyOf(caller.model, row), () => create(caller, row, rules)),
  put: (caller, row, rules) => forgetting(caller, keyOf(caller.model, row), () => put(caller, row, rules)),
  update: (caller, change) => forgetting(caller, change.row.key, () => updateRow(caller, change)),
  remove: (caller, row, rules) => forgetting(caller, row.key, () => remove(caller, row, rules)),
  refresh: (caller, row) =>
    forgetting(caller, keyOf(caller.model, row), async () => (await refreshRow(caller, row)).row ?? row),
}

async function read(caller: RowCaller, key: Key, consistent: boolean): Promise<Item | undefined> {
  const { model, scope } = caller
  const request = { table: model.table.name, key, consistent }
  const item = scope.loader ? await scope.loader.read(caller, request) : (await calls.get(caller, request)).item
  return live(caller, item)
}

async function readMany(caller: RowCaller, keys: readonly Key[], consistent: boolean): Promise<(Item | undefined)[]> {
  const { model, scope } = caller
  const { loader } = scope
  if (loader) return Promise.all(keys.map(key => read(caller, key, consistent)))
  if (keys.length === 0) return []
  const gets = keys.map(key => ({ table: model.table.name, key, consistent }))
  const { items } = await calls.batchGet(caller, { gets })
  return items.map(item => live(caller, item))
}

/** How often a value may move on to another row between the reads of its marker and of its row. */
const MAX_MOVES = 10

/**
 * The marker is read first and the row then. Where the row does not hold the value the two were not of one moment, so
 * both are read again, consistently, and not as a scope remembers them. A marker that stays while its row does not hold the
 * value was left behind by a program without the constraint, and names nothing.
 */
async function owner(caller: RowCaller, marker: Marker, consistent: boolean): Promise<Item | undefined> {
  const { model, scope } = caller
  let seen: Item | undefined
  for (let attempt = 0; attempt < MAX_MOVES; attempt++) {
    const isAnew = consistent || attempt > 0
    const request = { table: model.table.name, key: marker.key, consistent: isAnew }
    const { item } = await calls.get(again(caller, attempt), request)
    const key = item && ownerKey(model, item, scope.prefix)
    if (!key || isExpired(model.expiring, item, caller.db.sources.now())) return undefined
    // The row was read between two looks at one and the same marker, and did not hold the value: an orphan.
    if (seen && matches(isSameMarker(model, seen), item)) return undefined
    const row = await read(caller, key, isAnew)
    if (row && implies(model, row, scope.prefix, marker)) return row
    seen = isAnew ? item : undefined
  }
  return undefined
}

/** The condition closes the race: of several creates of one row, one finds it absent. */
async function create(caller: RowCaller, row: Item, rules: Rules): Promise<Item> {
  const { db, model, scope } = caller
  const key = keyOf(model, row)
  const claims = claimsOf(markersOf(model, row, scope.prefix))
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const condition = isAbsent(model.expiring, db.sources.now())
    const write = { kind: 'put', table: model.table.name, item: row, condition, returnOldOnFailure: true } as const
    if (claims.length === 0 && !rules.exactlyOnce) {
      const refused = await writeAlone(caller, write, row, undefined)
      if (refused) throw alreadyThere(model, key)
      return wrote(caller, key, row)
    }
    const outcome = await commit(again(caller, attempt), { write, item: row, claims, released: [] })
    if (outcome.kind === 'done') return wrote(caller, key, row)
    if (outcome.kind === 'refused') throw alreadyThere(model, key)
    await waitBeforeRetry(db, attempt)
  }
  throw tooManyConflicts(model, key, MAX_ATTEMPTS)
}

/**
 * Without markers and versions a put needs to know nothing of the row that it takes the place of. With them it reads
 * that row first, and its condition is that the row is still the one that was read.
 */
async function put(caller: RowCaller, row: Item, rules: Rules): Promise<Item> {
  const { db, model, scope } = caller
  const { table, version, createdAt } = model
  const key = keyOf(model, row)
  const isPlain = model.uniques.length === 0 && !version && createdAt.length === 0 && !rules.exactlyOnce
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
      const refused = await writeAlone(caller, write, row, undefined)
      if (refused) throw conditionFailed(model, key, live(caller, refused.item))
      return wrote(caller, key, row)
    }
    const stored = (await calls.get(caller, { table: table.name, key, consistent: true })).item
    const before = live(caller, stored)
    const broken = brokenRule(model, key, rules, before)
    if (broken) throw broken
    const after = succeed(caller, row, before)
    const write = {
      kind: 'put',
      table: table.name,
      item: after,
      condition: isStill(caller, stored),
      returnOldOnFailure: true,
    } as const
    const claimed = markersOf(model, after, scope.prefix)
    const kept = new Set(claimed.map(({ id }) => id))
    const released = before ? markersOf(model, before, scope.prefix).filter(({ id }) => !kept.has(id)) : []
    if (claimed.length + released.length === 0 && !rules.exactlyOnce) {
      if (!(await writeAlone(caller, write, after, stored))) return wrote(caller, key, after)
    } else {
      const claims = claimsOf(claimed)
      const outcome = await commit(again(caller, attempt), { write, item: after, claims, released })
      if (outcome.kind === 'done') return wrote(caller, key, after)
    }
    await waitBeforeRetry(db, attempt)
  }
  throw tooManyConflicts(model, key, MAX_ATTEMPTS)
}

/**
 * The new row that replaces another: it goes on counting versions, and was created when the other was. What cannot be
 * read of the other is not carried on.
 */
export function succeed({ model }: RowCaller, row: Item, before: Item | undefined): Item {
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

/** The row's markers go with it, on the condition that it is still the row that was read. */
async function remove(caller: RowCaller, { key }: RowKey, rules: Rules): Promise<Item | undefined> {
  const { db, model, scope } = caller
  const { name: table } = model.table
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (model.uniques.length === 0 && !rules.exactlyOnce) {
      const condition = allOf([
        rules.condition && isPresent(model.expiring, db.sources.now()),
        rules.condition,
        rules.unchanged,
      ])
      try {
        const guarded = condition && { condition, returnOldOnFailure: true }
        const { item } = await calls.write(caller, { kind: 'delete', table, key, returns: 'old', ...guarded })
        scope.loader?.wrote(key, { item: undefined })
        return live(caller, item)
      } catch (error) {
        if (!(error instanceof ConditionFailedError)) throw error
        const before = live(caller, refusedItem(error))
        throw brokenRule(model, key, rules, before) ?? conditionFailed(model, key, before)
      }
    }
    const stored = (await calls.get(caller, { table, key, consistent: true })).item
    const before = live(caller, stored)
    const broken =
      rules.condition && !before ? conditionFailed(model, key, undefined) : brokenRule(model, key, rules, before)
    if (broken) throw broken
    if (!stored) return undefined
    const write = { kind: 'delete', table, key, condition: isStill(caller, stored) } as const
    const released = before ? markersOf(model, before, scope.prefix) : []
    const outcome = await commit(again(caller, attempt), { write, item: stored, claims: [], released })
    if (outcome.kind === 'done') {
      scope.loader?.wrote(key, { item: undefined })
      return before
    }
    await waitBeforeRetry(db, attempt)
  }
  throw tooManyConflicts(model, key, MAX_ATTEMPTS)
}

/**
 * A put of a row alone. Where its first try was done and it was sent again all the same, the row that is in the way is
 * this very one, known by its revision.
 * @param replaced the row that the put's condition says is still there; undefined where it says no such thing.
 * @returns where it was refused, what was there.
 */
async function writeAlone(
  caller: RowCaller,
  write: PutRequest,
  row: Item,
  replaced: Item | undefined,
): Promise<{ readonly item: Item | undefined } | undefined> {
  const { revision } = caller.model.table
  const sent = { key: keyOf(caller.model, row), revision: row[revision], replaces: replaced?.[revision] }
  try {
    await findingOut(caller, sent, () => calls.write(caller, write))
    return undefined
  } catch (error) {
    if (!(error instanceof ConditionFailedError)) throw error
    const item = refusedItem(error)
    return item?.[revision] === row[revision] ? undefined : { item }
  }
}

function wrote({ scope }: RowCaller, key: Key, row: Item): Item {
  scope.loader?.wrote(key, { item: row })
  return row
}
