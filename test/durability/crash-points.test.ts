/** A job that dies after any of its commits is ended by whoever has the store open, as if nothing had happened. */
import { describe, expect, it } from 'vitest'
import { dieEverywhere, diskMachine, memoryMachine, SURVIVORS } from './crash-points.js'
import { longJobs } from './long-jobs.js'

describe.each(longJobs)('$name', job => {
  it.each(SURVIVORS)('ends as if nothing had happened, wherever it dies, by %s', async survivor => {
    expect(await dieEverywhere(job, memoryMachine, survivor), 'points to die at').toBeGreaterThan(1)
  })

  it('does so on disk', async () => {
    expect(await dieEverywhere(job, diskMachine, 'both at once'), 'points to die at').toBeGreaterThan(1)
  })
})
