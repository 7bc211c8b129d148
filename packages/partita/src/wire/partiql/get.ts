/** SELECT of one item by its key, in batches and transactions. */
import type { KnownTable } from '../../embedded/catalog.js'
import type { GetRequest } from '../../store/store.js'
import type { Item } from '../../value/value.js'
import type { Wire } from '../dispatch.js'
import { checkScalarKeys } from '../operations/item/scalar-keys.js'
import { validation } from '../protocol/aws-error.js'
import { conditionOf } from './condition.js'
import { checkKey, selectionOf } from './key.js'
import { type Selected, selectedOf } from './projection.js'
import { refuseSeveralAttributes } from './source.js'
import type { SelectStatement } from './statement.js'
import { namedTable } from './table.js'
import type { Parameters } from './value.js'

/** A `SELECT` of one item by its key, planned. */
export interface Get {
  readonly table: KnownTable
  /** Its values are not checked yet. */
  readonly key: Item
  readonly selected: readonly Selected[] | undefined
}

/**
 * @param operation the operation whose messages are used.
 * @throws AwsError unless the statement reads one item of a table, without further conditions.
 */
export function planGet(wire: Wire, statement: SelectStatement, parameters: Parameters, operation: string): Get {
  refuseSeveralAttributes(wire, statement)
  const selected = statement.paths && selectedOf(statement.paths)
  const where = statement.where && conditionOf(statement.where, parameters)
  const table = namedTable(wire, statement.table)
  const selection = statement.index === undefined ? selectionOf(table, where) : undefined
  if (!selection || selection.rest) {
    throw validation(`Select statements within ${operation} must specify the primary key in the where clause.`)
  }
  checkScalarKeys(
    table.definition,
    selected?.map(({ path }) => path),
  )
  return { table, key: selection.key, selected }
}

/** @throws AwsError for an invalid key. */
export function getRequest({ table: { definition }, key, selected }: Get, consistent: boolean): GetRequest {
  const names = new Set(selected?.map(({ path }) => path[0]))
  return {
    table: definition.name,
    key: checkKey(definition.key, key),
    consistent,
    ...(selected && { projection: [...names].map(name => [name] as const) }),
  }
}
