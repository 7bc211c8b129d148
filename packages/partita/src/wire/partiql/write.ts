/** Converts INSERT, UPDATE, DELETE and EXISTS to writes of one item. */
import type { KnownTable } from '../../embedded/catalog.js'
import { ConditionFailedError } from '../../errors/errors.js'
import { allOf, exists, notExists, or } from '../../expression/ast.js'
import { updatedParts } from '../../expression/evaluate/index.js'
import { keyNames } from '../../store/definition.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import type { Wire } from '../dispatch.js'
import { checkItemIndexKeys } from '../operations/item/key.js'
import { checkScalarKeys } from '../operations/item/scalar-keys.js'
import { AwsError, validation } from '../protocol/aws-error.js'
import { awsErrorOf, awsUpdateErrorOf } from '../protocol/translate-error.js'
import { conditionOf } from './condition.js'
import { checkKey, type Selection, selectionOf } from './key.js'
import type { Returning, WriteStatement } from './statement.js'
import { namedTable } from './table.js'
import type { Term } from './term.js'
import { updateOf } from './update.js'
import { itemOf, type Parameters } from './value.js'

/** A write of one item, planned from a statement. */
export interface Write {
  readonly statement: WriteStatement['kind']
  readonly table: KnownTable
  /** The item or its key. The key's values are not checked yet. */
  readonly key: Item
  readonly request: WriteRequest
  readonly returning: Returning | undefined
}

const NO_KEY = 'Where clause does not contain a mandatory equality on all key attributes'
const NO_CONDITION = 'EXISTS() must contain a single item read with additional condition'

/** Plans the write of a statement. @throws AwsError unless it addresses one item of an existing table. */
export function planWrite(wire: Wire, statement: WriteStatement, parameters: Parameters): Write {
  const name = statement.kind === 'exists' ? statement.select.table : statement.table
  switch (statement.kind) {
    case 'insert': {
      const item = itemOf(statement.item, parameters)
      const table = namedTable(wire, name)
      const condition = notExists([table.definition.key.partition.name])
      const request = { kind: 'put', table: table.definition.name, item, condition } as const
      return { statement: 'insert', table, key: item, request, returning: undefined }
    }
    case 'update': {
      const { table, key, rest } = findItem(wire, name, statement.where, parameters, NO_KEY)
      const update = updateOf(statement, keyNames(table.definition.key), parameters)
      checkScalarKeys(table.definition, update)
      const { returning } = statement
      const request: WriteRequest = {
        kind: 'update',
        table: table.definition.name,
        key: key as Key,
        update,
        condition: allOf([exists([table.definition.key.partition.name]), rest])!,
        ...(returning && { returns: returning.when }),
      }
      return { statement: 'update', table, key, request, returning }
    }
    case 'delete': {
      const { table, key, rest } = findItem(wire, name, statement.where, parameters, NO_KEY)
      const { returning } = statement
      const request: WriteRequest = {
        kind: 'delete',
        table: table.definition.name,
        key: key as Key,
        // Deleting a missing item succeeds, whatever the other conditions are.
        ...(rest && { condition: or(notExists([table.definition.key.partition.name]), rest) }),
        ...(returning && { returns: 'old' }),
      }
      return { statement: 'delete', table, key, request, returning }
    }
    case 'exists': {
      const { table, key, rest } = findItem(wire, name, statement.select.where, parameters, NO_CONDITION)
      if (!rest || statement.select.index !== undefined) throw validation(NO_CONDITION)
      const condition = allOf([exists([table.definition.key.partition.name]), rest])!
      const request = { kind: 'check', table: table.definition.name, key: key as Key, condition } as const
      return { statement: 'exists', table, key, request, returning: undefined }
    }
  }
}

function findItem(
  wire: Wire,
  name: string,
  where: Term | undefined,
  parameters: Parameters,
  otherwise: string,
): Selection & { readonly table: KnownTable } {
  const condition = where && conditionOf(where, parameters)
  const table = namedTable(wire, name)
  checkScalarKeys(table.definition, condition)
  const selection = selectionOf(table, condition)
  if (!selection) throw validation(otherwise)
  return { table, ...selection }
}

/** @throws AwsError for an invalid key, and for invalid index keys of an item to insert. */
export function checkWrite({ table, key, statement }: Write): void {
  checkKey(table.definition.key, key)
  if (statement === 'insert') checkItemIndexKeys(table, key)
}

/** The part of the store's item that the statement returns. */
export function returnedItem({ request, returning }: Write, item: Item | undefined): Item | undefined {
  if (!item || returning?.what !== 'modified' || request.kind !== 'update') return item
  return updatedParts(request.update, item)
}

/** AWS's message for an `INSERT` of an item that exists. */
export const DUPLICATE = 'Duplicate primary key exists in table'

/** The AWS error for an error of the store. */
export function writeError({ statement }: Write, error: unknown): AwsError {
  if (statement === 'insert' && error instanceof ConditionFailedError)
    return new AwsError('DuplicateItemException', DUPLICATE)
  return statement === 'update' ? awsUpdateErrorOf(error) : awsErrorOf(error)
}
