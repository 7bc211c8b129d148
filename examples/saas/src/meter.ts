/** What each tenant uses, to bill it or to find who is loud. */
import type { Saas } from './database.js'

interface Usage {
  /** Calls of the store. */
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

/** What the calls of the store were, while a function ran. */
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
