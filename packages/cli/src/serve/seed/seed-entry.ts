/**
 * Classifies the objects of a seed:
 *
 * - the input of CreateTable, as for the AWS CLI and SDKs, recognised by `KeySchema`: a table
 * - the input of PutItem, recognised by `TableName` and `Item`: an item, in DynamoDB's JSON
 * - an object with `category` and `key`: an item as `partita items export` writes it, for the table of such items
 */
import { BadLine } from '../../failure.js'
import type { Line } from '../../json/json-lines.js'

/** One object of a seed, classified. */
export type SeedEntry =
  | { readonly kind: 'table'; readonly table: string; readonly keys: readonly string[] }
  | { readonly kind: 'put'; readonly table: string; readonly item: Readonly<Record<string, unknown>> }
  | { readonly kind: 'exported' }
  /** An object without members. */
  | { readonly kind: 'nothing' }

/** The nesting that the server accepts in a request. */
const MAX_NESTING = 1000

const WAYS =
  'is not a seed entry, which is the input of CreateTable (with "KeySchema"), the input of PutItem (with "TableName" and "Item"), or an item as "partita items export" writes it (with "category" and "key")'

/** Classifies one line of a seed. @throws BadLine if it is not JSON, too deeply nested, or none of the kinds. */
export function seedEntry({ number, text }: Line): SeedEntry {
  const value = parse(number, text)
  if (!isObject(value)) throw new BadLine(number, WAYS)
  if (Object.keys(value).length === 0) return { kind: 'nothing' }
  const { TableName: name, KeySchema: schema, Item: item } = value
  if (typeof name === 'string' && Array.isArray(schema)) {
    return { kind: 'table', table: nameOf(name), keys: schema.map(element => String(element?.AttributeName)) }
  }
  if (typeof name === 'string' && isObject(item)) return { kind: 'put', table: nameOf(name), item }
  if (Object.hasOwn(value, 'category') && Object.hasOwn(value, 'key')) return { kind: 'exported' }
  throw new BadLine(number, WAYS)
}

function parse(number: number, text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new BadLine(number, `is not JSON: ${(error as Error).message}`, error)
  }
  if (isDeeperThan(value, MAX_NESTING)) throw new BadLine(number, `is nested deeper than ${MAX_NESTING} levels`)
  return value
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(member => isDeeperThan(member, levels - 1))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An ARN ends with the name of its table. */
function nameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn
}
