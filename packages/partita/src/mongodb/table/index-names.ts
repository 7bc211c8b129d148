/** Names of indexes on the server. */
import {
  type IndexKeySchema,
  partitionAttributes,
  sortAttributes,
  type TableDefinition,
} from '../../store/definition.js'
import { keyPath } from '../document/names.js'

/** The index of the table's key. */
export const KEY_INDEX = 'key'
/** The index with which the server deletes expired documents. */
export const EXPIRY_INDEX_NAME = 'timeToLive'

/**
 * The name on the server of a secondary index: its key, such as `index:item.team:S,item.name:S`. MongoDB rejects a second
 * index on the same fields, so indexes that differ in their projections only are one on the server.
 */
export function indexHint(schema: IndexKeySchema): string {
  const attributes = [...partitionAttributes(schema), ...sortAttributes(schema)]
  return `index:${attributes.map(it => `${keyPath(it).replace(SEPARATORS, encodeURIComponent)}:${it.type}`).join()}`
}

const SEPARATORS = /[:,]/g

/** The names on the server of all secondary indexes of a table. */
export function indexHints({ globalIndexes = {}, localIndexes = {} }: TableDefinition): Set<string> {
  return new Set([...Object.values(globalIndexes), ...Object.values(localIndexes)].map(indexHint))
}
