/**
 * For tests: the store contract as a function of an engine.
 *
 * @module partita/testing
 */
export { describeStoreContract } from './contract/contract.js'
export type { TestRunner } from './contract/runner.js'
export type { Supports } from './contract/supports.js'
export type { TestedEngine } from './contract/tested-store.js'
