/** Compares the stored keys of a row with those that its fields imply. */
import { ValidationError } from '../../errors/errors.js'
import type { CompiledIndex } from '../../model/compile/compiled-model.js'
import { isTableAttribute, keyNames } from '../../model/compile/layout.js'
import { asStored, isOlder, upgradeFailure } from '../../model/evolve/form.js'
import { unreadable } from '../../model/read/row.js'
import { type RowDetails, rowDetails } from '../../model/rows/row-details.js'
import { keyOf, type RowContext } from '../../model/rows/rows.js'
import { type Item, setAttribute, type Value } from '../../value/value.js'
import type { KeyInconsistency } from './inconsistency.js'

/** @param buckets the number of buckets that rows of the model may be in. */
export function checkKeys(context: RowContext, row: Item, buckets: number): KeyInconsistency[] {
  const { model, scope } = context
  const details = rowDetails(model, keyOf(model, row))
  const { table } = model
  const failure = upgradeFailure(model, row)
  if (failure) {
    const message = unreadable(model, row, failure.issues).message
    return [{ kind: 'unreadable', ...details, actual: pick(row, [table.upgrades]), message }]
  }
  return [
    ...olderForm(context, row, details),
    ...implied(details, row, 'key', undefined, () => model.primaryKey(row, scope.prefix)),
    ...model.indexes.flatMap(index => implied(details, row, 'index', index.name, () => indexKeys(context, index, row))),
    ...unusedIndexes(context, row, details),
    ...iteration(context, row, details, buckets),
  ]
}

/** A row that has not passed all steps of `upgrade`. Its other data are compared with its fields in the present form. */
function olderForm({ model }: RowContext, row: Item, details: RowDetails): KeyInconsistency[] {
  if (!isOlder(model, row)) return []
  const names = [model.table.upgrades]
  const message = `The row is of an older form; run db.${model.name}.reindex()`
  return [
    { kind: 'upgrade', ...details, expected: pick(row, names), actual: pick(asStored(model, row), names), message },
  ]
}

/** Compares attributes of a row. An expected value that is undefined means that the row lacks the attribute. */
function implied(
  details: RowDetails,
  row: Item,
  kind: 'key' | 'index',
  index: string | undefined,
  keys: () => Readonly<Record<string, Value | undefined>>,
): KeyInconsistency[] {
  const named = index === undefined ? {} : { index }
  try {
    const expected = keys()
    const names = Object.keys(expected).filter(name => row[name] !== expected[name])
    if (names.length === 0) return []
    const message = `${names.join(' and ')} of the row differ from what its fields imply`
    return [{ kind, ...named, ...details, expected: pick(expected, names), actual: pick(row, names), message }]
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    return [{ kind: 'unreadable', ...named, ...details, actual: {}, message: error.message }]
  }
}

/** Keys of the row in an index, without attributes that are fields themselves, which are always as the row has them. */
function indexKeys({ model, scope }: RowContext, index: CompiledIndex, row: Item): Record<string, string | undefined> {
  const keys = model.keysIn(index, row, scope.prefix)
  const both = { [index.pkAttribute]: keys?.pk, [index.skAttribute as string]: keys?.sk }
  const fields = new Set(model.fields.map(({ attribute }) => attribute))
  return Object.fromEntries(Object.entries(both).filter(([name]) => !fields.has(name)))
}

/** Key attributes of indexes that the model does not have: with them, the row would appear in the index of another model. */
function unusedIndexes({ model }: RowContext, row: Item, details: RowDetails): KeyInconsistency[] {
  const { table, fields, indexes } = model
  const used = new Set([
    ...[...keyNames(table), table.type, table.revision, table.upgrades, table.ttl],
    ...[table.iteration.pk, table.iteration.sk],
    ...fields.map(({ attribute }) => attribute),
    ...indexes.flatMap(({ pkAttribute, skAttribute }) => [pkAttribute, skAttribute]),
  ])
  const names = Object.keys(row).filter(name => isTableAttribute(table, name) && !used.has(name))
  if (names.length === 0) return []
  const message = `The row has ${names.join(' and ')}, but its model does not have that index`
  return [{ kind: 'index', ...details, expected: {}, actual: pick(row, names), message }]
}

function iteration(context: RowContext, row: Item, details: RowDetails, buckets: number): KeyInconsistency[] {
  const { model, scope } = context
  const names = [model.table.iteration.pk, model.table.iteration.sk]
  const actual = pick(row, names)
  const fail = (message: string): KeyInconsistency[] => [{ kind: 'iteration', ...details, actual, message }]
  if (model.buckets === 0) {
    return Object.keys(actual).length === 0 ? [] : fail('The row has iteration keys, but its model is not iterable')
  }
  if (!model.isInIteration(row, scope.prefix))
    return fail('The row is not in the iteration index of its model and tenant')
  const partition = String(row[model.table.iteration.pk])
  const bucket = Number(partition.slice(partition.lastIndexOf('#') + 1))
  const isBucket = bucket < buckets && model.iterationPartition(scope.prefix, bucket) === partition
  return isBucket ? [] : fail(`The row is in an iteration bucket that does not exist; there are ${buckets}`)
}

/** The given attributes of an item, without those that it lacks. */
function pick(item: Readonly<Record<string, Value | undefined>>, names: readonly string[]): Item {
  const picked: Item = {}
  for (const name of names) {
    const value = Object.hasOwn(item, name) ? item[name] : undefined
    if (value !== undefined) setAttribute(picked, name, value)
  }
  return picked
}
