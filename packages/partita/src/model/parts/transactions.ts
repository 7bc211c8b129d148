/** Interactive transactions. */
export { explain } from '../transaction/explain.js'
export { transact } from '../transaction/transact.js'
