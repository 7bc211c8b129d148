/** An ordered store that stops for good after its nth commit, as it does for a process that is killed there. */
import type { Kv } from '../../packages/partita/src/embedded/storage/kv.js'

export interface StoppingKv {
  readonly kv: Kv
  /** Whether something was asked of it after it had stopped: whoever used it did not end before. */
  readonly wasMissed: () => boolean
}

/** What a dead process would have done next does not happen: every call fails. */
export class Stopped extends Error {}

/** The same state, seen and changed by a process that lives for that many commits; others may use `kv` beside it. */
export function stoppingKv(kv: Kv, commits: number): StoppingKv {
  let left = commits
  let isMissed = false
  const whileAlive = <T>(work: () => T): T => {
    if (left > 0) return work()
    isMissed = true
    throw new Stopped(`stopped after ${commits} commits`)
  }
  return {
    kv: {
      get: (key, read) => whileAlive(() => kv.get(key, read)),
      each: (range, visit) => whileAlive(() => kv.each(range, visit)),
      keys: (range, limit) => whileAlive(() => kv.keys(range, limit)),
      count: range => whileAlive(() => kv.count(range)),
      put: (key, value) => whileAlive(() => kv.put(key, value)),
      remove: key => whileAlive(() => kv.remove(key)),
      refresh: () => whileAlive(() => kv.refresh()),
      snapshot: () => whileAlive(() => kv.snapshot()),
      copyTo: (folder, compact) => whileAlive(() => kv.copyTo(folder, compact)),
      dataFile: kv.dataFile,
      clearDeadReaders: () => whileAlive(() => kv.clearDeadReaders()),
      hold: () => whileAlive(() => kv.hold()),
      async transact(work) {
        // Asked within the transaction, too: of several that share a commit, those behind the last come too late.
        return whileAlive(() =>
          kv.transact(() =>
            whileAlive(() => {
              const result = work()
              left--
              return result
            }),
          ),
        )
      },
      close: async () => undefined,
    },
    wasMissed: () => isMissed,
  }
}
