/** The indexes of a table's collection. The server maintains them, for every writer and whether or not it knows of them. */
import type { Collection, Document, IndexDescription } from 'mongodb'
import { PartitaError } from '../../errors/errors.js'
import {
  type IndexDefinition,
  type KeyAttribute,
  type KeySchema,
  partitionAttributes,
  sortAttributes,
  type TableDefinition,
} from '../../store/definition.js'
import type { MongoConnection } from '../connection/connection.js'
import { serverCode } from '../connection/errors.js'
import { type TimeLimit, UNLIMITED } from '../connection/time-limit.js'
import { keyPath } from '../document/names.js'
import { EXPIRY_INDEX_NAME, indexHint, KEY_INDEX } from './index-names.js'

/** BSON types of key attributes. Binary is stored as text, so that its order is that of its bytes. */
const BSON_TYPES: Readonly<Record<KeyAttribute['type'], string>> = { S: 'string', N: 'number', B: 'string' }

/** The error codes of an index that does not exist, or whose collection does not. */
const NOT_FOUND: ReadonlySet<number | undefined> = new Set([26, 27])
/** The error codes of an index that exists with another definition. */
const OTHER_DEFINITION: ReadonlySet<number | undefined> = new Set([85, 86])

/** The condition of an index: documents that have all its key attributes, with the right types. */
export function typeFilter(attributes: readonly KeyAttribute[]): Document {
  return Object.fromEntries(attributes.map(it => [keyPath(it), { $type: BSON_TYPES[it.type] }]))
}

/** Creates all indexes of a table that do not exist yet, and the collection with them. */
export async function createIndexes(connection: MongoConnection, definition: TableDefinition): Promise<void> {
  const { name: table, globalIndexes = {}, localIndexes = {} } = definition
  const secondary = [...Object.values(globalIndexes), ...Object.values(localIndexes)]
  const wanted = new Map(secondary.map(index => [indexHint(index), secondaryIndex(index)]))
  await create(connection, table, [keyIndex(definition.key), ...wanted.values()])
}

/** Creates the index with which the server deletes documents after their time of expiry. */
export async function createExpiryIndex(connection: MongoConnection, table: string): Promise<void> {
  await create(connection, table, [{ key: { expires: 1 }, name: EXPIRY_INDEX_NAME, expireAfterSeconds: 0 }])
}

/** Drops an index if it exists. @param hint its name on the server. */
export async function dropIndex(connection: MongoConnection, table: string, hint: string): Promise<void> {
  const collection = connection.collection(table)
  await connection.send({ operation: 'updateTable', table }, 'write', connection.limit(), async limits => {
    try {
      await collection.dropIndex(hint, limits)
    } catch (error) {
      if (!NOT_FOUND.has(serverCode(error))) throw error
    }
  })
}

/** Returns the indexes of a collection; undefined if it does not exist. */
export async function listIndexes(
  connection: MongoConnection,
  table: string,
  limit: TimeLimit,
): Promise<Document[] | undefined> {
  const collection = connection.collection(table)
  return connection.send({ operation: 'createTable', table }, 'read', limit, async limits => {
    try {
      return await collection.listIndexes(limits).toArray()
    } catch (error) {
      if (NOT_FOUND.has(serverCode(error))) return undefined
      throw error
    }
  })
}

function keyIndex({ partition, sort }: KeySchema): IndexDescription {
  return { key: keyOf(sort ? [partition, sort] : [partition]), name: KEY_INDEX }
}

/** The `_id` makes the order of entries with equal keys definite, so that pages can continue between them. */
function secondaryIndex(index: IndexDefinition): IndexDescription {
  const attributes = [...partitionAttributes(index), ...sortAttributes(index)]
  return {
    key: { ...keyOf(attributes), _id: 1 },
    name: indexHint(index),
    partialFilterExpression: typeFilter(attributes),
  }
}

function keyOf(attributes: readonly KeyAttribute[]): Readonly<Record<string, 1>> {
  return Object.fromEntries(attributes.map(it => [keyPath(it), 1 as const]))
}

/** Building an index of many documents can take hours, so it has no time limit. */
async function create(connection: MongoConnection, table: string, wanted: IndexDescription[]): Promise<void> {
  const collection: Collection<Document> = connection.collection(table)
  await connection.send({ operation: 'createIndex', table }, 'write', UNLIMITED, async limits => {
    try {
      await collection.createIndexes(wanted, limits)
    } catch (error) {
      if (OTHER_DEFINITION.has(serverCode(error))) throw otherLayout(table, error as Error)
      throw error
    }
  })
}

function otherLayout(table: string, cause: Error): PartitaError {
  const message = `The collection of table ${table} has an index that differs from its definition: ${cause.message}; drop that index and run updateTable with an empty change`
  return new PartitaError('StoreUnusable', message, {}, cause)
}
