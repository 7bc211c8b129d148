/** Sends 100,000 hostile JSON bodies to models. PARTITA_TEST_SEED repeats a run; BODIES is the number. */
import { expect, it } from 'vitest'
import { seed } from '../seeded.js'
import { attack } from './bodies.js'

const bodies = Number(process.env.BODIES ?? 100_000)

it(`${bodies} hostile bodies are accepted or refused with typed errors (seed ${seed})`, async () => {
  const before = process.cpuUsage()
  const { outcomes, worst, longestMessage, longestDetails } = await attack(seed, bodies)
  const { user, system } = process.cpuUsage(before)
  const figures = { ...Object.fromEntries(outcomes), worst, longestMessage, longestDetails }
  console.log(`${bodies} bodies of seed ${seed} in ${(user + system) / 1e6} s of CPU`, figures)
  expect(worst.seconds, worst.what).toBeLessThan(1)
  expect(longestMessage).toBeLessThan(20_000)
  expect(longestDetails).toBeLessThan(1_000_000)
})
