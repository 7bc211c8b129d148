/** Finds out what a record that is saved has changed. */
export { differenceOf } from '../write/difference.js'
