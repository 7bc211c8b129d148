import { expect, it } from 'vitest'
import { CapacityPace } from './capacity-pace.js'

/** A clock that only waiting moves. */
function clock() {
  const state = { now: 0, waits: [] as number[] }
  const waiting = {
    now: () => state.now,
    sleep: async (milliseconds: number) => {
      state.waits.push(milliseconds)
      state.now += milliseconds
    },
  }
  return { state, waiting }
}

it('units that were spent are waited for at the rate', async () => {
  const { state, waiting } = clock()
  const pace = new CapacityPace(100, waiting)
  await pace.ready()
  pace.spend(50)
  await pace.ready()
  pace.spend(200)
  await pace.ready()
  expect(state.waits).toEqual([500, 2000])
})

it('time that passes without units is not saved for a burst', async () => {
  const { state, waiting } = clock()
  const pace = new CapacityPace(10, waiting)
  state.now = 60_000
  pace.spend(10)
  await pace.ready()
  expect(state.waits).toEqual([1000])
})

it('without a rate nothing waits', async () => {
  const { state, waiting } = clock()
  const pace = new CapacityPace(undefined, waiting)
  pace.spend(1_000_000)
  await pace.ready()
  expect(state.waits).toEqual([])
})

it('an abort ends a wait', async () => {
  const controller = new AbortController()
  const pace = new CapacityPace(1)
  pace.spend(1_000_000)
  setTimeout(() => controller.abort(), 10)
  await expect(pace.ready(controller.signal)).resolves.toBeUndefined()
})
