/** Writes under faults of the network: a program is never told what is not so. A sample; all of it is in the soak. */
import { expect, it } from 'vitest'
import { FAULTS, type Fault } from './fault-proxy.js'
import { Lanes, runTrials, type Trial } from './lanes.js'
import { describeEachServer } from './servers.js'
import { KINDS, type Other } from './writes.js'

const OTHERS: readonly Other[] = ['nothing', 'touch', 'remove']

/** Each kind of write under each fault, alone and with another writer, and some of the pairs of faults. */
function sample(): Trial[] {
  const trials: Trial[] = []
  KINDS.forEach((kind, k) => {
    FAULTS.forEach((fault, i) => {
      trials.push({ kind, faults: [fault], other: OTHERS[(i + k) % 3] as Other })
      if (OTHERS[(i + k) % 3] !== 'nothing') trials.push({ kind, faults: [fault], other: 'nothing' })
    })
    // Another part of the pairs for each kind, so that together they are all there.
    for (const i of [0, 1, 2]) {
      const [first, second] = [FAULTS[(k + i * 3) % 10], FAULTS[(Math.floor(k / 4) + i * 7) % 10]]
      trials.push({ kind, faults: [first as Fault, second as Fault], other: OTHERS[(i + k) % 3] as Other })
    }
  })
  return trials
}

describeEachServer('writes under one fault or two', side => {
  it('each write is applied once or refused, and reported as such, or reported as unknown', {
    timeout: 240_000,
  }, async () => {
    const { proxy, program, truth } = side()
    expect(await runTrials(new Lanes(proxy, program, truth), sample(), 'trial')).toEqual([])
  })
})
