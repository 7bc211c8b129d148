/** The sizes at which a part measures, and what it measures at each of them. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { embedded } from 'partita/embedded'
import type { Store } from '../../internals.mjs'
import { cpuCost, median, type Operation } from '../measure.js'

/** The powers of ten from a size on, and the end. */
export function sizesUpTo(first: number, end: number): number[] {
  const sizes: number[] = []
  for (let size = first; size < end; size *= 10) sizes.push(size)
  return [...sizes, end]
}

const ROUNDS = 5
const MILLISECONDS = 200

/** Median of the CPU time of an operation, in microseconds. */
export async function costOf(operation: Operation): Promise<number> {
  const costs: number[] = []
  await cpuCost(operation, 1, MILLISECONDS)
  for (let round = 0; round < ROUNDS; round++) costs.push(await cpuCost(operation, 1, MILLISECONDS))
  return median(costs)
}

/** Median of the CPU time of a long operation, in milliseconds. */
export async function longCostOf(operation: Operation): Promise<number> {
  const costs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    await operation()
    const { user, system } = process.cpuUsage(before)
    costs.push((user + system) / 1000)
  }
  return median(costs)
}

/** CPU time of opening a store and its first read, in milliseconds. */
export function openingCost(path: string, read: (store: Store) => Promise<unknown>): Promise<number> {
  return longCostOf(async () => {
    const store = embedded({ path, sweepInterval: 0 })
    await read(store)
    await store.close()
  })
}

export function fileBytes(path: string): number {
  return statSync(join(path, 'data.mdb')).size
}
