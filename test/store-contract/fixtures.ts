/** Tables and helpers of the store contract that other suites use too. */
export { eventually, failure, textKeys } from '../../packages/partita/src/testing/contract/fixtures.js'
