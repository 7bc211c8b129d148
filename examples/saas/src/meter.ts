/** Measures the usage of each tenant, for billing or to find the busiest one. */
import type { Saas } from './database.js'

interface Usage {
  /** Calls to the store. */
  readonly calls: number
  /** Capacity units. */
  readonly read: number
  readonly write: number
}

export interface Meter {
  readonly usage: ReadonlyMap<string, Usage>
  stop(): void
}

export function makeMeter(db: Saas): Meter {
  const usage = new Map<string, Usage>()
  const stop = db.on('operation', ({ tenant, capacity }) => {
    if (tenant === undefined) return
    const { calls, read, write } = usage.get(tenant) ?? { calls: 0, read: 0, write: 0 }
    usage.set(tenant, { calls: calls + 1, read: read + capacity.read, write: write + capacity.write })
  })
  return { usage, stop }
}

/** The operations of all calls to the store while a function runs. */
export async function callsOf(db: Saas, run: () => Promise<unknown>): Promise<string[]> {
  const calls: string[] = []
  const stop = db.on('operation', ({ operation }) => calls.push(operation))
  try {
    await run()
  } finally {
    stop()
  }
  return calls
}
