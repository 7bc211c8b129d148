/** What a write's condition says of the row that was read before. */
import { allOf, and, type Condition, compare, notExists, or, path, value } from '../../expression/ast.js'
import { isAbsent, isExpired } from '../../keys/expiry.js'
import type { Item } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import type { RowContext } from '../rows/rows.js'

/** The item where it is a row of the model that has not expired. */
export function live({ model, db, scope }: RowContext, item: Item | undefined): Item | undefined {
  return item && model.owns(item, scope.prefix) && !isExpired(model.expiring, item, db.sources.now()) ? item : undefined
}

/** True while the row is the one that was read, or is still absent. */
export function isStill({ model }: RowContext, read: Item | undefined): Condition {
  const { pk, revision } = model.table
  if (!read) return notExists([pk])
  const token = read[revision]
  if (token !== undefined) return compare(path(revision), '=', value(token))
  // A row that something else wrote carries no token; what the model knows of it must be as it was.
  const fields = model.fields.map(({ attribute }) => isSame(read, attribute))
  return and(notExists([revision]), ...fields)
}

/**
 * True while the row has the version that was read; undefined where the model counts none. A row that was deleted and
 * created anew has the versions of the first one again, so what else tells the two apart is asked as well: the revision,
 * which every write changes, or where some writes only count, the time of creation.
 */
export function isVersion({ version, createdAt, counts, table }: CompiledModel, read: Item): Condition | undefined {
  if (!version) return undefined
  const others = counts ? createdAt.map(({ attribute }) => attribute) : [table.revision]
  // An index that does not hold them gives rows without them.
  const known = others.filter(attribute => read[attribute] !== undefined)
  return allOf([isSame(read, version.attribute), ...known.map(attribute => isSame(read, attribute))])
}

/** The guard, but true as well where the row is gone: a delete has nothing left to do there. */
export function unlessGone({ model, db }: RowContext, guard: Condition | undefined): Condition | undefined {
  return guard && or(isAbsent(model.expiring, db.sources.now()), guard)
}

/** True while the attribute is as it was read. */
export function isSame(read: Item, attribute: string): Condition {
  const stored = read[attribute]
  return stored === undefined ? notExists([attribute]) : compare(path(attribute), '=', value(stored))
}
