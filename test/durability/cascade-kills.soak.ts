/** The number of rounds is in `PARTITA_KILLS`. Default 50. */
import { expect, it } from 'vitest'
import { Dice } from '../models/random/dice.js'
import { seed } from '../seeded.js'
import { killCascades } from './cascade-kills.js'

const rounds = Number(process.env.PARTITA_KILLS ?? 50)

it(`${rounds} deletes that are killed and repeated leave no row that refers to a missing row, from seed ${seed}`, async () => {
  const toll = await killCascades(rounds, new Dice(seed))
  console.log(toll)
  expect(toll.kills).toBeGreaterThan(rounds)
  expect(toll.between).toBeGreaterThan(rounds / 2)
})
