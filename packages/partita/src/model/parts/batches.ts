/** Batch writes, and many creates. */
export { writeBatch } from '../write/batch.js'
export { createMany } from '../write/create-many.js'
