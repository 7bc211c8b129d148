/** A job whose process dies after any of its commits is completed by another process, with the same result. */
import { describe, expect, it } from 'vitest'
import { dieEverywhere, diskMachine, memoryMachine, SURVIVORS } from './crash-points.js'
import { longJobs } from './long-jobs.js'

describe.each(longJobs)('$name', job => {
  it.each(SURVIVORS)('the job ends with the same result wherever its process dies, completed by %s', async survivor => {
    expect(await dieEverywhere(job, memoryMachine, survivor), 'points to die at').toBeGreaterThan(1)
  })

  it('the job ends with the same result on disk', async () => {
    expect(await dieEverywhere(job, diskMachine, 'both at once'), 'points to die at').toBeGreaterThan(1)
  })
})
