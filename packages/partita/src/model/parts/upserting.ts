/** Upserts. */
export { prepareUpsert, upsertRow } from '../write/upsert.js'
