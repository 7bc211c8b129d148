/** A sample of the bodies that `bodies.soak.ts` sends: each is accepted or refused with a typed error, quickly and briefly. */
import { expect, it } from 'vitest'
import { attack } from './bodies.js'

it.each([1, 2, 3])('hostile bodies are accepted or refused with typed errors (seed %i)', async seed => {
  const { outcomes, worst, longestMessage, longestDetails } = await attack(seed, 600)
  expect(worst.seconds, worst.what).toBeLessThan(1)
  expect(longestMessage).toBeLessThan(20_000)
  expect(longestDetails).toBeLessThan(1_000_000)
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['done', 'ValidationFailed', 'InvalidCursor']))
})
