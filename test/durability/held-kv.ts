/** An ordered store whose commits can be delayed, so that a test sees the middle of a job. */
import type { Kv } from '../../packages/partita/src/embedded/storage/kv.js'

export interface HeldKv {
  readonly kv: Kv
  /** Lets that many more commits through and delays those after them. */
  allow(commits: number): void
}

export function heldKv(kv: Kv): HeldKv {
  let allowed = Number.POSITIVE_INFINITY
  let waiting: (() => void)[] = []
  return {
    kv: {
      ...kv,
      async transact(work) {
        while (allowed <= 0) await new Promise<void>(resolve => waiting.push(resolve))
        allowed--
        return kv.transact(work)
      },
    },
    allow(commits) {
      allowed = commits
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
  }
}
