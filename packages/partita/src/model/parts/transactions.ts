/** Interactive transactions. */
export { connectModels } from '../connect/connect.js'
export { explain } from '../transaction/explain.js'
export { transact } from '../transaction/transact.js'
