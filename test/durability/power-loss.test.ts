/** An acknowledged write survives a power failure at any moment, and no write is kept in part. */
import { describe, expect, it } from 'vitest'
import { Dice } from '../models/random/dice.js'
import { seed } from '../seeded.js'
import { traceObstacle } from './disk-trace.js'
import { powerFailure, record, someMoment } from './power-loss.js'

const FAILURES = Number(process.env.PARTITA_POWER_FAILURES ?? 15)
/** Power failures made from one recording. */
const FAILURES_A_RECORDING = 500

const obstacle = traceObstacle()
if (obstacle) console.warn(`Power failures are not simulated: ${obstacle}`)

describe.skipIf(obstacle !== undefined)('power failures', () => {
  it(`a store keeps every acknowledged write through ${FAILURES} power failures, from seed ${seed}`, async () => {
    const dice = new Dice(seed)
    for (let left = FAILURES; left > 0; left -= FAILURES_A_RECORDING) {
      const recording = await record('durable')
      try {
        for (let i = 0; i < Math.min(left, FAILURES_A_RECORDING); i++) {
          const moment = someMoment(recording, dice)
          const survivors = dice.pick(['none', 'all', 'some', 'some', 'some'] as const)
          const problems = await powerFailure(recording, moment, survivors, dice)
          expect(problems, `failure ${i}, in line ${moment}, ${survivors} of the unflushed writes`).toEqual([])
        }
      } finally {
        recording.end()
      }
    }
  })

  it('the simulation shows that a relaxed store loses acknowledged writes', async () => {
    const recording = await record('relaxed')
    try {
      const problems = await powerFailure(recording, Number.MAX_SAFE_INTEGER, 'none', new Dice(seed))
      expect(problems.length).toBeGreaterThan(20)
    } finally {
      recording.end()
    }
  })
})
