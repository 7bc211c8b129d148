/**
 * Buckets of the iteration index. A row stays in the bucket that it was first written to, under whatever count of
 * buckets that was, so a walk goes through as many as there have ever been: a count beyond the default is noted in the
 * table before a row is written under it.
 */
import { ConditionFailedError, OutcomeUnknownError } from '../../errors/errors.js'
import { compare, notExists, or, path, update, value } from '../../expression/ast.js'
import type { Key } from '../../value/value.js'
import { type CompiledModel, DEFAULT_BUCKETS } from '../compile/compiled-model.js'
import { type CallContext, calls, type DatabaseContext } from '../connect/context.js'

const NOTES = 'PARTITA#ITERATION'
const COUNT = 'buckets'

/** How many buckets a model's rows may be in. */
export async function bucketCount(context: CallContext & { readonly model: CompiledModel }): Promise<number> {
  const { model } = context
  const { item } = await calls.get(context, { table: model.table.name, key: noteKey(model), consistent: true })
  return Math.max(Number(item?.[COUNT] ?? 0), model.buckets, DEFAULT_BUCKETS)
}

/**
 * Notes the model's count where walks would not go so far anyway; once for a database, or a few times where writes begin
 * together: on an edge runtime none may wait for what another's request began, which can be cut off.
 */
export async function noteBuckets(db: DatabaseContext, model: CompiledModel): Promise<void> {
  if (db.noted.has(model)) return
  await note(db, model)
  db.noted.add(model)
}

/** Tries where answers are lost: the count only grows, so writing it again changes nothing. */
const MAX_NOTES = 3

async function note(db: DatabaseContext, model: CompiledModel, attempt = 1): Promise<void> {
  const { pk, name: table } = model.table
  const count = value(model.buckets)
  try {
    // Counts are of all tenants together, so no scope has a part in this.
    await db.store.write({
      kind: 'update',
      table,
      key: noteKey(model),
      update: update({ set: [{ path: [COUNT], value: count }] }),
      condition: or(notExists([pk]), compare(path(COUNT), '<', count)),
    })
  } catch (error) {
    if (error instanceof OutcomeUnknownError && attempt < MAX_NOTES) return note(db, model, attempt + 1)
    // As many were noted before.
    if (!(error instanceof ConditionFailedError)) throw error
  }
}

function noteKey({ table, mark }: CompiledModel): Key {
  return { [table.pk]: NOTES, [table.sk]: mark }
}
