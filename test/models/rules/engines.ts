/**
 * The engines that the longer suites of rules run on: the embedded engine in memory and on disk, and DynamoDB Local. The
 * other suites of this folder run on every server.
 */
import { afterAll, beforeAll, describe } from 'vitest'
import { testedStore } from '../../../packages/partita/src/testing/contract/tested-store.js'
import { embeddedEngines, isSelected, mongoEngines, type StoreUnderTest, servedEngines } from '../../stores.js'

const OTHERS = ['wire', 'dynoxide']

/** Runs the same suite on each of the engines. */
export function describeEachEngine(title: string, body: (tested: StoreUnderTest) => void): void {
  for (const engine of [...embeddedEngines, ...servedEngines, ...mongoEngines.filter(isSelected)]) {
    if (OTHERS.includes(engine.name)) continue
    describe(`${title}, on ${engine.name}`, () => {
      const tested = testedStore(engine, { beforeAll, afterAll })
      body(Object.defineProperty(tested, 'name', { value: engine.name, enumerable: true }) as StoreUnderTest)
    })
  }
}
