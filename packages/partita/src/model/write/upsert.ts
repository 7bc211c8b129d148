/** Upserts: the row that is there is changed, or created if it is missing. */
import { AlreadyExistsError, invalid, NotFoundError, valueText } from '../../errors/errors.js'
import { checkOptions, whileWithin, within } from '../../store/options.js'
import type { Item } from '../../value/value.js'
import { encodeKey } from '../compile/row-key.js'
import { rowsOf } from '../rows/access.js'
import { rowKey } from '../rows/record.js'
import { newRow, type RowContext, type WriteRules } from '../rows/rows.js'
import { inTurn } from '../transaction/turn.js'
import { type Changes, noChanges } from './changes.js'
import { atAttempt, MAX_ATTEMPTS, waitBeforeRetry } from './commit.js'
import { compileChanges } from './compile-changes.js'
import { withoutDeleted } from './guard.js'
import { isAbout, tooManyConflicts } from './write-errors.js'

/** An upsert whose parts are checked. */
export interface PreparedUpsert {
  readonly created: Item
  /** The changes, compiled for one update: it adds the library's own fields to them. */
  readonly changes: () => Promise<Changes>
  readonly rules: WriteRules
}

/** @throws ValidationError for a wrong key, or a wrong part, whichever of the two will be written. */
export async function prepareUpsert(
  context: RowContext,
  key: unknown,
  parts: { readonly create?: unknown; readonly update?: unknown },
  options: { readonly exactlyOnce?: boolean },
): Promise<PreparedUpsert> {
  const { model } = context
  checkOptions(options, ['exactlyOnce'])
  encodeKey(context, key)
  checkParts(context, parts)
  const changes = async () =>
    parts.update === undefined ? noChanges() : whileWithin(['update'], compileChanges(model, parts.update))
  await changes()
  const given = key as { readonly [name: string]: unknown }
  const keyInput = Object.fromEntries(model.keyFields.map(({ name }) => [name, given[name]]))
  const created = await whileWithin(['create'], newRow(context, { ...(parts.create as object), ...keyInput }))
  return { created, changes, rules: { condition: undefined, exactlyOnce: options.exactlyOnce } }
}

function checkParts({ model }: RowContext, parts: unknown): void {
  const what = 'pass { create, update }: the fields of a new row without its key, and the changes of an existing one'
  if (typeof parts !== 'object' || parts === null) throw invalid([], `is ${valueText(parts)}; ${what}`)
  checkOptions(parts, ['create', 'update'])
  const { create } = parts as { readonly create?: unknown }
  if (typeof create !== 'object' || create === null || Array.isArray(create)) {
    throw invalid(['create'], `is ${valueText(create)}; ${what}`)
  }
  if ('update' in parts && parts.update === undefined) {
    throw invalid(['update'], 'is undefined; omit it to return an existing row as it is')
  }
  for (const { name } of model.keyFields) {
    within(['create'], () => {
      if (Object.hasOwn(create, name)) throw invalid([name], 'is a field of the key, which is given already; omit it')
    })
  }
}

/**
 * Updates the row, or creates it. The key is that of the row to create, as validators of key fields leave it.
 *
 * Outside a transaction an update finds the row missing, and then a create finds it present, only if another writer created it
 * in between; the next update finds that row unless another writer has deleted it again. So each round more needs two writes
 * of others, and the attempts are bounded like those of other contended writes. The conditions of the two writes close the
 * race: an update requires the row, a create requires that there is none, so of several upserts of a missing row one creates
 * it and the others update it.
 */
export async function upsertRow(context: RowContext, upsert: PreparedUpsert): Promise<Item> {
  if (context.scope.overlay) return upsertInTurn(context, upsert)
  const { db, model } = context
  const { created, rules } = upsert
  const row = rowKey(model, created)
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const inner = atAttempt(context, attempt)
    const rows = rowsOf(inner)
    try {
      return await rows.update(inner, { row, changes: await upsert.changes(), rules })
    } catch (error) {
      if (!(error instanceof NotFoundError && isAbout(model, row.key, error))) throw error
    }
    try {
      return await rows.create(inner, created, rules)
    } catch (error) {
      if (!(error instanceof AlreadyExistsError && isAbout(model, row.key, error))) throw error
    }
    await waitBeforeRetry(db, attempt)
  }
  throw tooManyConflicts(model, row.key, MAX_ATTEMPTS)
}

/**
 * In a transaction the row is read first, and the commit requires that it is unchanged or still missing. A row that the scope
 * may not see is created like a missing one, which fails as any create of it.
 */
function upsertInTurn(context: RowContext, { created, changes, rules }: PreparedUpsert): Promise<Item> {
  return inTurn(context, async inner => {
    const rows = rowsOf(inner)
    const row = rowKey(inner.model, created)
    const before = await rows.read(withoutDeleted(inner), row.key, true)
    return before ? rows.update(inner, { row, changes: await changes(), rules }) : rows.create(inner, created, rules)
  })
}
