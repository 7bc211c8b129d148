import { expect, it } from 'vitest'
import { Dice } from '../models/random/dice.js'
import { seed } from '../seeded.js'
import { killUploads } from './asset-kills.js'

it(`no row loses its asset and no asset stays without a row while uploads are killed, from seed ${seed}`, async () => {
  const toll = await killUploads(3, new Dice(seed))
  expect(toll.swept).toBeGreaterThan(0)
})
