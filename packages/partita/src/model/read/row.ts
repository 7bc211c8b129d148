/** Decodes stored rows into fields. */
import { type Issue, PartitaError, UnreadableError } from '../../errors/errors.js'
import type { Item } from '../../value/value.js'
import type { CompiledField, CompiledModel } from '../compile/compiled-model.js'
import { isTableAttribute } from '../compile/layout.js'
import { readValue } from '../define/codec.js'
import { asStored, upgradeFailure } from '../evolve/form.js'
import { rowDetails } from '../rows/row-details.js'
import { keyOf, type RowContext } from '../rows/rows.js'

type Fields = { [name: string]: unknown }

/**
 * Decodes the fields of a row into an object.
 * @returns the issues of fields that cannot be read, which are omitted; undefined if there are none.
 */
export function fillFields(fields: readonly CompiledField[], row: Item, target: Fields): Issue[] | undefined {
  let issues: Issue[] | undefined
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as CompiledField
    const stored = row[field.attribute]
    try {
      const decoded = readValue(field, stored)
      if (decoded !== undefined) target[field.name] = decoded
    } catch (error) {
      issues ??= []
      for (const { path, message } of issuesOf(error)) issues.push({ path: [field.name, ...path], message })
    }
  }
  return issues
}

/** As {@link fillFields}, for the fields of a stored row: none of a row that cannot be upgraded can be read. */
export function fillRow(
  model: CompiledModel,
  row: Item,
  target: Fields,
  fields: readonly CompiledField[] = model.fields,
): readonly Issue[] | undefined {
  return upgradeFailure(model, row)?.issues ?? fillFields(fields, row, target)
}

/** The fields of a row, without those that cannot be read, as in its record. A new object each time. */
export function fieldsOf(model: CompiledModel, row: Item): Fields {
  const target: Fields = {}
  fillRow(model, row, target)
  return target
}

/** Whether all fields of a row can be read. */
export function isReadable(model: CompiledModel, row: Item): boolean {
  return fillRow(model, row, {}) === undefined
}

/**
 * The selected fields of a row, as a plain object.
 * @throws UnreadableError
 */
export function selectedFields({ model }: RowContext, names: readonly string[], row: Item): object {
  const plain: Fields = {}
  const fields = names.map(name => model.byName.get(name) as CompiledField)
  const issues = fillRow(model, row, plain, fields)
  if (issues) throw unreadable(model, row, issues)
  return plain
}

/** The error of a row that does not fit its model. */
export function unreadable(model: CompiledModel, row: Item, issues: readonly Issue[]): UnreadableError {
  const details = rowDetails(model, keyOf(model, row))
  return new UnreadableError(
    {
      ...details,
      item: withoutTableAttributes(model, row),
      issues,
      physical: { ...details.physical, item: asStored(model, row) },
    },
    upgradeFailure(model, row)?.cause,
  )
}

/** @throws UnreadableError for a row that could not be upgraded, which a write must not build on. */
export function checkUpgraded(model: CompiledModel, row: Item): void {
  const failure = upgradeFailure(model, row)
  if (failure) throw unreadable(model, row, failure.issues)
}

/**
 * A stored row without the attributes that the library adds to the fields: keys of the table and its indexes contain
 * the tenant.
 */
function withoutTableAttributes({ fields, table }: CompiledModel, row: Item): Item {
  const known = new Set(fields.map(({ attribute }) => attribute))
  return Object.fromEntries(Object.entries(row).filter(([name]) => known.has(name) || !isTableAttribute(table, name)))
}

function issuesOf(error: unknown): readonly Issue[] {
  if (error instanceof PartitaError && 'issues' in error.details) return error.details.issues
  return [{ path: [], message: error instanceof Error ? error.message : String(error) }]
}
