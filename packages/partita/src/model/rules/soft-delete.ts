/** Soft deletes and restores: the row as each stores it, and the error of a create that meets a soft-deleted row. */

import { isExpired } from '../../keys/expiry.js'
import { type Item, isNumber, type Key } from '../../value/value.js'
import { DELETED_AT } from '../compile/soft-delete.js'
import { inPresentForm } from '../evolve/form.js'
import type { RowContext } from '../rows/rows.js'
import { rowExists } from '../write/write-errors.js'
import { DELETING } from './own-attributes.js'
import { visibleRow } from './visibility.js'

/** The row after a soft delete. With `purgeAfter` it expires, and its kept unique markers with it. */
export function softDeleted(context: RowContext, before: Item): Item {
  const { model, scope, db } = context
  const now = db.sources.now()
  const after = written(context, { ...before, [DELETED_AT]: new Date(now).toISOString() })
  const { purgeAfter } = model.softDelete ?? {}
  // The delete is done: rows may refer to the row again once it is restored.
  delete after[DELETING]
  if (purgeAfter !== undefined) after[model.table.ttl] = Math.floor(now / 1000) + purgeAfter
  model.setIndexKeys(after, scope.prefix)
  return after
}

/** The row after a restore. */
export function restored(context: RowContext, before: Item): Item {
  const { model, scope } = context
  const after = written(context, { ...before })
  delete after[DELETED_AT]
  if (!model.ttl) delete after[model.table.ttl]
  model.setIndexKeys(after, scope.prefix)
  return after
}

/** Sets what every write of a row changes: revision, version and time of the write. */
function written({ model, db }: RowContext, row: Item): Item {
  row[model.table.revision] = db.revision()
  for (const { attribute } of model.updatedAt) row[attribute] = new Date(db.sources.now()).toISOString()
  if (model.version) {
    const { attribute } = model.version
    const stored = row[attribute]
    row[attribute] = (isNumber(stored) ? Number(stored) : 0) + 1
  }
  return row
}

/**
 * The error of a create whose key a row has. It says so if the row is soft-deleted, unless permissions hide the row.
 * @param met the stored row, if known.
 */
export async function existing(context: RowContext, key: Key, met: Item | undefined): Promise<Error> {
  const { model, db } = context
  const row = inPresentForm(model, met)
  const isDeleted = row !== undefined && model.isDeleted(row) && !isExpired(model.expiring, row, db.sources.now())
  return rowExists(model, key, isDeleted && (await visibleRow(context, row)) !== undefined)
}
