import { describe, expect, it } from 'vitest'
import { realPace, sleepUnlessAborted } from './retry.js'

const timers = () => process.getActiveResourcesInfo().filter(it => it === 'Timeout').length

describe('a delay', () => {
  it('a delay that is aborted leaves no timer, which would keep the process running', async () => {
    const stop = new AbortController()
    const before = timers()
    const slept = sleepUnlessAborted(realPace, 60_000, stop.signal)
    expect(timers()).toBe(before + 1)
    stop.abort()
    expect(timers()).toBe(before)
    await slept
  })

  it('a delay resolves at once with a signal that is aborted already, and after its time without one', async () => {
    await sleepUnlessAborted(realPace, 60_000, AbortSignal.abort())
    const start = realPace.now()
    await sleepUnlessAborted(realPace, 20, new AbortController().signal)
    expect(realPace.now() - start).toBeGreaterThan(15)
  })
})
