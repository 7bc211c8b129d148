/** The store contract: one suite that every engine passes. */
import { batchContract } from './batches.js'
import { capacityContract } from './capacity.js'
import { conditionContract } from './conditions.js'
import { type ContractTests, contractTests } from './contract-test.js'
import { explanationContract } from './explanations.js'
import { indexContract } from './indexes.js'
import { keyContract } from './keys.js'
import { pageContract } from './pages.js'
import { rejectionContract } from './rejections.js'
import type { TestRunner } from './runner.js'
import { allSupports } from './supports.js'
import { tableContract } from './tables.js'
import type { TestedEngine } from './tested-store.js'
import { transactionContract } from './transactions.js'
import { updateContract } from './updates.js'
import { valueContract } from './values.js'
import { writeContract } from './writes.js'

const PARTS: Readonly<Record<string, (tests: ContractTests) => void>> = {
  tables: tableContract,
  keys: keyContract,
  values: valueContract,
  writes: writeContract,
  updates: updateContract,
  conditions: conditionContract,
  batches: batchContract,
  transactions: transactionContract,
  pages: pageContract,
  indexes: indexContract,
  capacity: capacityContract,
  rejections: rejectionContract,
  explanations: explanationContract,
}

/**
 * Declares the tests of the store contract for an engine. Call it in a test file; it needs Node or a runtime with Node's
 * `assert`. Some tests write hundreds of items, or wait up to 15 seconds for a global index: set the runner's timeout of a
 * test to 60 seconds.
 *
 * @example
 * import { after, before, describe, it } from 'node:test'
 * import { memory } from 'partita/embedded'
 * import { describeStoreContract } from 'partita/testing'
 *
 * const engine = { name: 'my engine', open: async () => memory() }
 * describeStoreContract(engine, { describe, it, beforeAll: before, afterAll: after })
 * @throws ValidationError if `supports` names a detail that does not exist.
 */
export function describeStoreContract(engine: TestedEngine, runner: TestRunner): void {
  allSupports(engine.supports)
  for (const [part, declare] of Object.entries(PARTS)) {
    runner.describe(`The store contract for ${part}, on ${engine.name}`, () => declare(contractTests(engine, runner)))
  }
}
