/**
 * For tests: the store contract as a function of an engine, and injected faults.
 *
 * @module partita/testing
 */
export type { RequestFaults } from '../store/seeded-faults.js'
export { describeStoreContract } from './contract/contract.js'
export type { TestRunner } from './contract/runner.js'
export type { Supports } from './contract/supports.js'
export type { TestedEngine } from './contract/tested-store.js'
export { withFaults } from './faults.js'
