import { expect, it } from 'vitest'
import { Dice } from '../models/random/dice.js'
import { killCascades } from './cascade-kills.js'

const seed = Number(process.env.PARTITA_RANDOM_SEED ?? Date.now() % 1_000_000)

it(`a delete that is killed and repeated leaves no row that refers to a missing row, from seed ${seed}`, async () => {
  const { kills } = await killCascades(1, new Dice(seed))
  expect(kills).toBeGreaterThan(0)
})
