/** An ordered store that fails after its nth commit, as for a process that is killed there. */
import type { Kv } from '../../packages/partita/src/embedded/storage/kv.js'

export interface StoppingKv {
  readonly kv: Kv
  /** Whether it was called after it had stopped, which means that the work had not ended before. */
  readonly wasMissed: () => boolean
}

/** The error of every call after the stop. */
export class Stopped extends Error {}

/** The store as a process sees it that lives for that many commits. Others may use `kv` at the same time. */
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
      keys: (range, limit, skipped) => whileAlive(() => kv.keys(range, limit, skipped)),
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
        // Checked within the transaction too: of several that share a commit, those after the last one fail.
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
