/** Random faults of the network, the service, its clock and its tokens, for many seeds. */
import { expect, it } from 'vitest'
import { seed as first } from '../seeded.js'
import { runUnderFaults } from './fault-run.js'

const OPERATIONS = Number(process.env.PARTITA_SOAK_OPERATIONS ?? 10_000)
const RUNS = 10

it('a program under random faults loses no acknowledged write and does nothing twice, for every seed', async () => {
  for (let seed = first; seed < first + RUNS; seed++) {
    const { wrong, ends, faults } = await runUnderFaults(seed, OPERATIONS / RUNS)
    console.log(`seed ${seed}`, ends, faults)
    expect(wrong, `seed ${seed}`).toEqual([])
  }
})
