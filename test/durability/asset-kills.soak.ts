/** The number of rounds is in `PARTITA_KILLS`. Default 50. */
import { expect, it } from 'vitest'
import { Dice } from '../models/random/dice.js'
import { seed } from '../seeded.js'
import { killUploads } from './asset-kills.js'

const rounds = Number(process.env.PARTITA_KILLS ?? 50)

it(`no row loses its asset and no asset stays without a row through ${rounds} rounds of kills, from seed ${seed}`, async () => {
  const toll = await killUploads(rounds, new Dice(seed))
  console.log(toll)
  expect(toll.swept).toBeGreaterThan(rounds)
  expect(toll.unfinished).toBeGreaterThan(rounds / 5)
})
