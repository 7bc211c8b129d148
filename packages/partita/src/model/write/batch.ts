/** Batch writes: many independent writes in few requests. */
import { invalid } from '../../errors/errors.js'
import { type Capacity, noCapacity } from '../../store/capacity.js'
import type { BatchWrite } from '../../store/store.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import { encodeKey } from '../compile/row-key.js'
import type { DatabaseContext } from '../connect/context.js'
import type { ScopeState } from '../connect/scope.js'
import { keyOf, newRow, type RowContext } from '../rows/rows.js'
import { type ModelWrite, sendByTable } from './table-batches.js'

/** One requested write. */
type RequestedWrite =
  | { readonly context: RowContext; readonly put: unknown }
  | { readonly context: RowContext; readonly key: unknown }

/**
 * Writes all puts and deletes that `fill` requests. Not atomic: after an error some may have been written.
 * @throws ValidationError for an invalid row, or for a model with unique constraints or versions.
 */
export async function writeBatch(
  db: DatabaseContext,
  scope: ScopeState,
  fill: (writer: Record<string, object>) => void,
): Promise<{ readonly capacity: Capacity }> {
  const requests: RequestedWrite[] = []
  const writer: Record<string, object> = {}
  for (const [name, model] of db.models) {
    const context: RowContext = { db, scope, model }
    writer[name] = {
      put: (input: unknown) => {
        checkNoRules(db, model)
        checkPlain(model)
        requests.push({ context, put: input })
      },
      delete: (key: unknown) => {
        checkNoRules(db, model)
        checkNoUniques(model)
        requests.push({ context, key })
      },
    }
  }
  fill(writer)
  if (requests.length === 0) return { capacity: noCapacity() }
  const planned: ModelWrite[] = []
  for (const requested of requests) {
    planned.push({ model: requested.context.model, write: await writeOf(requested) })
  }
  const remember = (isKnown: boolean): void => {
    planned.forEach(({ model, write }) => {
      const [key, item] = write.kind === 'put' ? [keyOf(model, write.item), write.item] : [write.key, undefined]
      scope.loader?.wrote(model.table, key, isKnown ? { item } : undefined)
    })
  }
  try {
    const capacity = await sendByTable({ db, scope }, planned)
    remember(true)
    return { capacity }
  } catch (error) {
    // Some of the batch may have been written.
    remember(false)
    throw error
  }
}

async function writeOf(requested: RequestedWrite): Promise<BatchWrite> {
  const { context } = requested
  const table = context.model.table.name
  if ('key' in requested) return { kind: 'delete', table, key: encodeKey(context, requested.key).key }
  return { kind: 'put', table, item: await newRow(context, requested.put, true) }
}

function checkNoRules({ rules }: DatabaseContext, model: CompiledModel): void {
  if (!rules.has(model)) return
  throw invalid([model.name], 'has rules, which a batch would bypass; use create, put or delete')
}

/** Batch writes have no conditions, so constraints that need one cannot be enforced. */
function checkPlain(model: CompiledModel): void {
  checkNoUniques(model)
  if (model.version) throw invalid([model.name], 'has a version, which a batch cannot maintain; use put')
}

function checkNoUniques({ name, uniques }: CompiledModel): void {
  if (uniques.length === 0) return
  const constraints = uniques.map(unique => unique.name).join(', ')
  throw invalid(
    [name],
    `has unique constraints (${constraints}), which a batch cannot enforce; use create, put or delete`,
  )
}
