/** Batch writes. */
export { connectModels } from '../connect/connect.js'
export { writeBatch } from '../write/batch.js'
