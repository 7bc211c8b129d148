/** Conditions that a row is unchanged since it was read. */
import { allOf, and, type Condition, compare, hasType, notExists, or, path, value } from '../../expression/ast.js'
import { isAbsent, isExpired } from '../../keys/expiry.js'
import type { Item } from '../../value/value.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { DELETED_AT } from '../compile/soft-delete.js'
import type { RowContext } from '../rows/rows.js'

/** The item, if it is an unexpired row of the model that is not soft-deleted. */
export function live({ model, db, scope }: RowContext, item: Item | undefined): Item | undefined {
  if (!item || !model.owns(item, scope.prefix)) return undefined
  // Most models have no expiry, and a page asks for each of its rows: the clock is not read for them.
  const { expiring } = model
  const isLive = expiring.expiresAt === undefined || !isExpired(expiring, item, db.sources.now())
  return isLive && (scope.withDeleted || !model.isDeleted(item)) ? item : undefined
}

/** The context in which soft-deleted rows are rows like others. */
export function withDeleted<Context extends RowContext>(context: Context): Context {
  return seeing(context, true)
}

/** The context in which soft-deleted rows are absent, whatever the scope. */
export function withoutDeleted<Context extends RowContext>(context: Context): Context {
  return seeing(context, false)
}

/** The context of a read with the option `withDeleted`. */
export function seeing<Context extends RowContext>(context: Context, isWith: boolean | undefined): Context {
  const { scope } = context
  return isWith === undefined || isWith === scope.withDeleted
    ? context
    : { ...context, scope: { ...scope, withDeleted: isWith } }
}

/** True for a row that is not soft-deleted. */
export function notDeleted(): Condition {
  return or(notExists([DELETED_AT]), hasType([DELETED_AT], value('NULL')))
}

/**
 * True while the row is unchanged since it was read, or still absent.
 * @param read the row as it is compared: as it is stored, or in the present form for a write that requires that form.
 */
export function isUnchangedSince({ model }: RowContext, read: Item | undefined): Condition {
  const { pk, revision } = model.table
  if (!read) return notExists([pk])
  const token = read[revision]
  if (token !== undefined) return compare(path(revision), '=', value(token))
  // A row written by another program has no revision, so all attributes that the model knows must be unchanged. Steps of an
  // upgrade read all attributes.
  const names = new Set(model.fields.map(({ attribute }) => attribute))
  if (model.steps) for (const name of Object.keys(read)) names.add(name)
  return and(notExists([revision]), ...[...names].map(name => isSame(read, name)))
}

/**
 * True while the row has the version that was read; undefined if the model has no version. A row that was deleted
 * and created again restarts its versions, so the condition also covers the revision, which every write changes, or
 * the creation time if counter updates may change the revision.
 */
export function isVersion({ version, createdAt, counts, table }: CompiledModel, read: Item): Condition | undefined {
  if (!version) return undefined
  const others = counts ? createdAt.map(({ attribute }) => attribute) : [table.revision]
  // An index that does not project them returns rows without them.
  const known = others.filter(attribute => read[attribute] !== undefined)
  return allOf([isSame(read, version.attribute), ...known.map(attribute => isSame(read, attribute))])
}

/** The guard, or true if the row is missing: a delete then has nothing to do. */
export function orMissing({ model, db }: RowContext, guard: Condition | undefined): Condition | undefined {
  return guard && or(isAbsent(model.expiring, db.sources.now()), guard)
}

/** True while the attribute is unchanged since it was read. */
export function isSame(read: Item, attribute: string): Condition {
  const stored = read[attribute]
  return stored === undefined ? notExists([attribute]) : compare(path(attribute), '=', value(stored))
}
