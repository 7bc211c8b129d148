/** A process of `processes.ts`: opens a store, reads when its parent says so, then writes, and reports. */
import { once } from 'node:events'
import { embedded } from 'partita/embedded'
import { keyOf, TABLE } from './rows.js'

export const ROWS = 10_000
export const PARTITION = 'USER#1'
const MILLISECONDS = 1000
/** Not measured: in a new process, most of the time of its first operations is the compiler's. */
const WARM_UP = 1000
const PER_LOOK = 8

export interface ProcessReport {
  /** The partition to which the process wrote. */
  readonly name: string
  /** Milliseconds of CPU for opening the store and the first read. */
  readonly opening: number
  /** Microseconds of CPU for one operation. */
  readonly getCost: number
  readonly putCost: number
  /** Operations a second. */
  readonly getRate: number
  readonly putRate: number
  readonly puts: number
  /** In milliseconds. */
  readonly slowestPut: number
}

const [path, name] = process.argv.slice(2)
if (path !== undefined && name !== undefined && process.send) await report(path, name)

async function report(folder: string, partition: string): Promise<void> {
  const before = process.cpuUsage()
  const store = embedded({ path: folder, sweepInterval: 0 })
  const get = () =>
    store.get({ table: TABLE, key: keyOf(Math.floor(Math.random() * ROWS), () => PARTITION), consistent: true })
  await get()
  const { user, system } = process.cpuUsage(before)
  await answer('open')
  const gets = await measure(get, PER_LOOK)
  await answer('read')
  let puts = 0
  let slowestPut = 0
  const put = async () => {
    const start = performance.now()
    await store.write({ kind: 'put', table: TABLE, item: { ...keyOf(puts++, () => partition), count: puts } })
    slowestPut = Math.max(slowestPut, performance.now() - start)
  }
  const written = await measure(put, 1)
  await store.close()
  const found: ProcessReport = {
    name: partition,
    opening: (user + system) / 1000,
    getCost: gets.cost,
    getRate: gets.rate,
    putCost: written.cost,
    putRate: written.rate,
    puts,
    slowestPut,
  }
  process.send?.(found)
  process.disconnect()
}

/** Answers the parent and waits for the next step. */
async function answer(message: string): Promise<void> {
  const next = once(process, 'message')
  process.send?.(message)
  await next
}

async function measure(operation: () => Promise<unknown>, perLook: number): Promise<{ cost: number; rate: number }> {
  for (const end = performance.now() + WARM_UP; performance.now() < end; ) await operation()
  const start = performance.now()
  const before = process.cpuUsage()
  let count = 0
  while (performance.now() - start < MILLISECONDS) for (let i = 0; i < perLook; i++, count++) await operation()
  const { user, system } = process.cpuUsage(before)
  return { cost: (user + system) / count, rate: (count / (performance.now() - start)) * 1000 }
}
