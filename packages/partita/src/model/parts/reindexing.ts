/** Brings existing rows to the present model. */
export { reindex } from '../evolve/reindex.js'
