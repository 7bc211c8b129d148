/** The number of kills is in `PARTITA_KILLS`. Default 300. */
import { expect, it } from 'vitest'
import { Dice } from '../models/random/dice.js'
import { seed } from '../seeded.js'
import { killOften } from './kills.js'

const kills = Number(process.env.PARTITA_KILLS ?? 300)

it(`three processes that change tables lose no acknowledged write through ${kills} kills (seed ${seed})`, async () => {
  const toll = await killOften(kills, new Dice(seed))
  console.log(toll)
  expect(toll.fillingsCut).toBeGreaterThan(kills / 50)
})
