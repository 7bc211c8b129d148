/** Names of indexes on the server. A colon cannot be part of a name of Partita, so they do not collide. */

/** The index of the table's key. */
export const KEY_INDEX = 'key'
/** The index with which the server deletes expired documents. */
export const EXPIRY_INDEX_NAME = 'timeToLive'

const PREFIX = 'index:'

/** The name on the server of a secondary index. */
export function indexHint(name: string): string {
  return `${PREFIX}${name}`
}

/** Whether an index of the server is a secondary index of a table. */
export function isIndexHint(hint: string): boolean {
  return hint.startsWith(PREFIX)
}
