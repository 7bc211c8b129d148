/** Corrects counts that other tools have made wrong: a part of `reindex` of the model whose rows hold them. */
import { ConditionFailedError, ConflictError, OutcomeUnknownError } from '../../errors/errors.js'
import { and, compare, exists, notExists, path, update, value } from '../../expression/ast.js'
import type { CallOptions } from '../../store/store.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { calls, type DatabaseContext } from '../connect/context.js'
import { countRow } from './count-row.js'
import { findWrongCounts, type WrongCounts } from './wrong-counts.js'

/** What a recount did. */
export interface Recount {
  /** Rows whose counts were corrected, and rows that were not counted as they should be. */
  readonly written: number
  /** The counted refs, such as `Comment.postId`, if programs wrote some rows too often to compare their counts. */
  readonly busy: readonly string[]
}

/**
 * Counts again what the rows of a model count. Programs may write meanwhile: a row is corrected on the condition that its
 * revision is the one for which the counted rows were added up.
 * @param rows about how many rows the model has.
 */
export async function recount(
  db: DatabaseContext,
  model: CompiledModel,
  rows: number,
  limits: CallOptions | undefined,
): Promise<Recount> {
  let written = 0
  const counted = (db.rules.get(model)?.referrers ?? []).map(({ model: of, ref }) => `${of.name}.${ref.field.name}`)
  if (counted.length === 0) return { written, busy: [] }
  const unsettled = await findWrongCounts(
    {
      db,
      models: [model],
      rows,
      limits,
      // Other tools may have written rows that no count includes.
      onCounted: async (context, row) => {
        if (await countRow(context, row)) written++
      },
    },
    async wrong => {
      // What refers to a missing row cannot be counted anywhere.
      if (!wrong.row) return true
      const isWritten = await correct(wrong)
      if (isWritten) written++
      return isWritten
    },
  )
  return { written, busy: unsettled > 0 ? counted : [] }
}

/** @returns false if the row has changed. The new revision tells transactions that have read the row. */
async function correct({ context, key, row, wrong }: WrongCounts): Promise<boolean> {
  const { db, model } = context
  const { name: table, pk, revision } = model.table
  const token = row?.[revision]
  const isSame = token === undefined ? notExists([revision]) : compare(path(revision), '=', value(token))
  const set = [
    ...wrong.map(({ referrer: { ref }, counted }) => ({ path: [ref.count] as const, value: value(counted) })),
    { path: [revision] as const, value: value(db.revision()) },
  ]
  try {
    await calls.write(context, {
      kind: 'update',
      table,
      key,
      update: update({ set }),
      condition: and(exists([pk]), isSame),
    })
    return true
  } catch (error) {
    const isAnew =
      error instanceof ConditionFailedError || error instanceof ConflictError || error instanceof OutcomeUnknownError
    if (isAnew) return false
    throw error
  }
}
