/** Finds out what a record that is saved has changed. */
export { connectModels } from '../connect/connect.js'
export { differenceOf } from '../write/difference.js'
