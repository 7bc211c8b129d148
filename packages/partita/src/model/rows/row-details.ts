/**
 * Identifies a row in errors: its key fields for programs and their users; physical keys and the tenant kept apart.
 */
import type { PhysicalDetails, RowFields } from '../../errors/errors.js'
import type { Item, Key, Value } from '../../value/value.js'
import { type CompiledModel, tenantOf, tenantPrefix } from '../compile/compiled-model.js'
import { keyIn, type PhysicalTable } from '../compile/layout.js'
import type { DatabaseContext } from '../connect/context.js'

/** Identifies a row in an error. */
export interface RowDetails {
  readonly model: string
  readonly key: RowFields
  readonly physical: PhysicalDetails
}

/** The details of an error about one row. */
export function rowDetails(model: CompiledModel, key: Key): RowDetails {
  const { name, table } = model
  const tenant = tenantOf(key[table.pk])
  const physical = { table: table.name, key, ...(tenant !== undefined && { tenant }) }
  return { model: name, key: keyFieldsOf(model, key), physical }
}

/**
 * The key fields of a row, in the program's form. A key that the model would not write, which another program may
 * have stored under the model's type name, is given as stored, without the tenant.
 */
export function keyFieldsOf(model: CompiledModel, key: Key): RowFields {
  return readKey(model, key) ?? tenantless(model.table, key)
}

/** The models whose rows are in a table. */
export function modelsIn({ models }: DatabaseContext, table: PhysicalTable): CompiledModel[] {
  return [...models.values()].filter(model => model.table === table)
}

/** The key fields of a row of any of the models. No two models of a table write the same key. */
export function keyFieldsAmong(models: Iterable<CompiledModel>, table: PhysicalTable, key: Key): RowFields {
  for (const model of models) {
    const fields = readKey(model, key)
    if (fields) return fields
  }
  return tenantless(table, key)
}

function readKey(model: CompiledModel, key: Key): RowFields | undefined {
  const values = model.readKey(tenantless(model.table, key), '')
  if (!values) return undefined
  return Object.fromEntries(
    model.keyFields.map(({ name, attribute, decode }) => [name, decodedOr(decode, values[attribute] as Value)]),
  )
}

function tenantless(table: PhysicalTable, key: Key): Key {
  const stored = String(key[table.pk])
  return { ...keyIn(table, key), [table.pk]: stored.slice(tenantPrefix(tenantOf(stored)).length) }
}

/** The readable fields of a row, in the program's form. */
export function readableFields(model: CompiledModel, row: Item): RowFields {
  const fields: { [name: string]: unknown } = {}
  for (const field of model.fields) {
    const stored = row[field.attribute]
    try {
      const value = stored === undefined ? field.missing() : field.decode(stored)
      if (value !== undefined) fields[field.name] = value
    } catch {
      // An error about the row must not fail because of one of its fields.
    }
  }
  return fields
}

function decodedOr(decode: (stored: Value) => unknown, stored: Value): unknown {
  try {
    return decode(stored)
  } catch {
    return stored
  }
}
