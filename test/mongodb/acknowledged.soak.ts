/** Thousands of writes under random faults. */
import { expect, it } from 'vitest'
import { seed } from '../seeded.js'
import { contradictions, type Ledger, writeUnderFaults } from './acknowledged.js'
import { openFaultStore } from './fault-store.js'

const OPERATIONS = Number(process.env.PARTITA_SOAK_OPERATIONS ?? 10_000)

it(`Acknowledged writes are there once under ${OPERATIONS} operations with faults, with seed ${seed}`, async () => {
  const tested = await openFaultStore(1_500)
  const ledger = await writeUnderFaults(tested, { operations: OPERATIONS, seed })
  for (const [kind, all] of Object.entries(ledger as unknown as Record<string, Ledger['additions']>)) {
    const count = (wanted: string) => all.filter(({ outcome }) => outcome === wanted).length
    console.log(`${kind}: ${count('done')} done, ${count('failed')} failed, ${count('unknown')} unknown`)
  }
  expect(await contradictions(tested, ledger)).toEqual([])
  await tested.close()
})
