import { expect, it } from 'vitest'
import { Dice } from '../models/random/dice.js'
import { seed } from '../seeded.js'
import { killCascades } from './cascade-kills.js'

it(`a delete that is killed and repeated leaves no row that refers to a missing row, from seed ${seed}`, async () => {
  const { kills } = await killCascades(1, new Dice(seed))
  expect(kills).toBeGreaterThan(0)
})
