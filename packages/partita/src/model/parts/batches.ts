/** Batch writes. */
export { writeBatch } from '../write/batch.js'
