import { expect, it } from 'vitest'
import { Dice } from '../models/random/dice.js'
import { seed } from '../seeded.js'
import { killOften } from './kills.js'

it(`three processes that change tables and are killed lose no acknowledged write (seed ${seed})`, async () => {
  const toll = await killOften(6, new Dice(seed))
  expect(toll.acknowledged).toBeGreaterThan(6)
})
