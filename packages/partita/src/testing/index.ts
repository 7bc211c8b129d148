/**
 * For tests: the store contract as a function of an engine, injected faults, and the
 * consistency check of a database.
 *
 * @module partita/testing
 */
export type { RequestFaults } from '../store/seeded-faults.js'
export { type ConsistencyOptions, consistency } from './consistency/consistency.js'
export type {
  ConsistencyReport,
  CountInconsistency,
  Inconsistency,
  KeyInconsistency,
  OrphanInconsistency,
  UniqueInconsistency,
} from './consistency/inconsistency.js'
export { describeStoreContract } from './contract/contract.js'
export type { TestRunner } from './contract/runner.js'
export type { Supports } from './contract/supports.js'
export type { TestedEngine } from './contract/tested-store.js'
export { withFaults } from './faults.js'
