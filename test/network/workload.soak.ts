/** Runs 10,000 operations of eight writers under random faults: none is lost, won twice or counted twice. */
import { expect, it } from 'vitest'
import { seed, seeded } from '../seeded.js'
import { describeEachServer } from './servers.js'
import { hasAmbiguous, runWorkload } from './workload.js'

const OPERATIONS = Number(process.env.PARTITA_SOAK_OPERATIONS ?? 10_000)

describeEachServer('a random workload', side => {
  it('a random workload loses no update and no money, and never has two winners', async () => {
    const { wrong, tally, faults } = await runWorkload(side(), OPERATIONS, seeded(seed))
    console.log(`seed ${seed}`, tally, faults)
    expect(hasAmbiguous(faults)).toBe(true)
    expect(wrong, `seed ${seed}`).toEqual([])
  })
})
