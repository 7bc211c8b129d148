/** Nothing that is acknowledged is lost or done twice, whatever the server does. */
import { expect, it } from 'vitest'
import { contradictions, writeUnderFaults } from './acknowledged.js'
import { openFaultStore } from './fault-store.js'

it('Acknowledged writes are there once under random faults, failed ones are not, and unknown ones at most once', async () => {
  const tested = await openFaultStore()
  const ledger = await writeUnderFaults(tested, { operations: 80, seed: 20 })
  expect(await contradictions(tested, ledger)).toEqual([])
  // The run is worth something only if most writes succeed.
  expect(ledger.additions.filter(({ outcome }) => outcome === 'done').length).toBeGreaterThan(5)
  expect(ledger.transfers.filter(({ outcome }) => outcome === 'done').length).toBeGreaterThan(5)
  await expect.poll(() => tested.server.open.transactions).toBe(0)
  await tested.close()
})
