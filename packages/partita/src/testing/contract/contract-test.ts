/** How the parts of the contract declare their tests. */
import type { TestRunner } from './runner.js'
import type { Supports } from './supports.js'
import { type TestedEngine, type TestedStore, testedStore } from './tested-store.js'

/** A store with the functions that declare its tests. */
export interface ContractTests extends TestedStore, Pick<TestRunner, 'describe' | 'beforeAll' | 'afterAll'> {
  it(title: string, body: () => Promise<void>): void
  /** Declares a test that is skipped if the engine does not support a detail. */
  itIf(detail: keyof Supports, title: string, body: () => Promise<void>): void
}

/** The tests of a group on one engine. */
export function contractTests(engine: TestedEngine, runner: TestRunner): ContractTests {
  const tested = testedStore(engine, runner)
  const { supports } = tested
  const it = (title: string, body: () => Promise<void>): void => {
    runner.it(title, supports.manyTables ? body : () => withTablesDeleted(tested, body))
  }
  const itIf = (detail: keyof Supports, title: string, body: () => Promise<void>): void => {
    if (supports[detail]) it(title, body)
    else runner.it.skip(`${title} (${detail} is not supported)`, body)
  }
  const { describe, beforeAll, afterAll } = runner
  return Object.defineProperties(
    { it, itIf, describe, beforeAll, afterAll },
    Object.getOwnPropertyDescriptors(tested),
  ) as ContractTests
}

/** Runs a test and deletes the tables that it created. */
async function withTablesDeleted(tested: TestedStore, body: () => Promise<void>): Promise<void> {
  const before = tested.tables()
  try {
    await body()
  } finally {
    await tested.deleteTables(before)
  }
}
