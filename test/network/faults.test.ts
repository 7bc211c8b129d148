/** A sample of `faults.soak.ts`: random faults of the network, the service, its clock and its tokens. */
import { expect, it } from 'vitest'
import { runUnderFaults } from './fault-run.js'

it('a program under random faults loses no acknowledged write and does nothing twice', async () => {
  const { wrong, ends, faults } = await runUnderFaults(7, 200)
  expect(wrong).toEqual([])
  expect(ends.done).toBeGreaterThan(0)
  const { InvalidSignatureException = 0, ExpiredTokenException = 0, ...others } = faults
  expect(InvalidSignatureException + ExpiredTokenException).toBeGreaterThan(0)
  expect(Object.values(others).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10)
})
