/** Brings existing rows to the present model. */
export { connectModels } from '../connect/connect.js'
export { reindex } from '../evolve/reindex.js'
