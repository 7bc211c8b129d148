/** Writes under network faults: the reported outcome is always true. This is a sample; `outcomes.soak.ts` runs all trials. */
import { expect, it } from 'vitest'
import { FAULTS, type Fault } from './fault-proxy.js'
import { Lanes, runTrials, type Trial } from './lanes.js'
import { describeEachServer } from './servers.js'
import { KINDS, type Other } from './writes.js'

const OTHERS: readonly Other[] = ['nothing', 'touch', 'remove']

/** @returns each kind of write with each fault, alone and with another writer, and some pairs of faults. */
function sample(): Trial[] {
  const trials: Trial[] = []
  KINDS.forEach((kind, k) => {
    FAULTS.forEach((fault, i) => {
      trials.push({ kind, faults: [fault], other: OTHERS[(i + k) % 3] as Other })
      if (OTHERS[(i + k) % 3] !== 'nothing') trials.push({ kind, faults: [fault], other: 'nothing' })
    })
    // Different pairs for each kind, so that all pairs occur.
    for (const i of [0, 1, 2]) {
      const [first, second] = [FAULTS[(k + i * 3) % 10], FAULTS[(Math.floor(k / 4) + i * 7) % 10]]
      trials.push({ kind, faults: [first as Fault, second as Fault], other: OTHERS[(i + k) % 3] as Other })
    }
  })
  return trials
}

describeEachServer('writes under one fault or two', (side, sentBy, server) => {
  // Everything on our own server by the store itself; every second trial by the SDK's client, the others on DynamoDB Local.
  const trials = sample().filter((_, i) => {
    if (server === 'partita' && sentBy === 'the store') return true
    return i % 2 === (server === 'partita' ? 0 : 1)
  })

  it('each write is reported as applied once, as refused, or as unknown, and truthfully', async () => {
    const { proxy, program, truth } = side()
    expect(await runTrials(new Lanes(proxy, program, truth), trials, 'trial')).toEqual([])
  })
})
