/** Every kind of write with every sequence of two faults, alone and with another writer between attempts. */
import { expect, it } from 'vitest'
import { FAULTS } from './fault-proxy.js'
import { Lanes, runTrials, type Trial } from './lanes.js'
import { describeEachServer } from './servers.js'
import { KINDS, type Other } from './writes.js'

const OTHERS: readonly Other[] = ['nothing', 'touch', 'remove']

describeEachServer('writes under two faults', side => {
  it.each(FAULTS)('the outcome of each write is reported truthfully if the first fault is %s', async first => {
    const { proxy, program, truth } = side()
    const trials = KINDS.flatMap(kind =>
      FAULTS.flatMap(second => OTHERS.map((other): Trial => ({ kind, faults: [first, second], other }))),
    )
    expect(await runTrials(new Lanes(proxy, program, truth), trials, `trial-${first}`)).toEqual([])
  })
})
