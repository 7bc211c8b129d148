/**
 * Bounds the part of the heap that new objects are made in. What a server allocates lives for one request, but V8 lets this part
 * grow to 32 MB and more under load, and returns little of it afterwards.
 */
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** Bytes. Half of it is in use at a time. With less, requests in flight survive collections and are copied. */
const ENOUGH = 8 * 2 ** 20

/**
 * Lets the young generation grow until it is large enough, and no further. V8 takes its maximum only when the process starts,
 * but the factor by which it grows also later. It grows when it is collected, so its size is looked at after each collection.
 * @returns a function that ends the observation.
 */
export function boundYoungGeneration(): () => void {
  const collections = new PerformanceObserver(() => {
    const size = getHeapSpaceStatistics().find(space => space.space_name === 'new_space')?.space_size ?? 0
    if (size < ENOUGH) return
    setFlagsFromString('--semi-space-growth-factor=1')
    collections.disconnect()
  })
  collections.observe({ type: 'gc' })
  return () => collections.disconnect()
}
