/**
 * Ends the process at a signal, or at an error that no code catches. When a process exits, Node waits for the threads of
 * lmdb, and a thread in the middle of a write waits for JavaScript, which does not run any more. So the library kills a
 * process that exits then. Here the writes of this process end first, so that its exit code is right.
 */
import { setTimeout as sleep } from 'node:timers/promises'

/** The exit codes that a shell reports for a process ended by a signal. Closing a terminal sends SIGHUP. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
/** A signal that ends a command. */
export type EndingSignal = keyof typeof SIGNAL_EXIT_CODES

/** A write waits longer only for another process that has stopped in the middle of its own. */
const PATIENCE_MS = 2000

const stores = new Set<{ close(): Promise<void> }>()
let isEnding = false

/** Runs work on an embedded store. It does not return while the process ends, whose reason is then the outcome of the command. */
export async function endingBefore<T>(store: { close(): Promise<void> }, work: () => Promise<T>): Promise<T> {
  stores.add(store)
  try {
    return await work()
  } finally {
    stores.delete(store)
    if (isEnding) await new Promise<never>(() => undefined)
  }
}

/** Waits for the writes in flight, and ends the process with the exit code of the signal. */
export async function endProcess(signal: EndingSignal): Promise<void> {
  if (await areWritesEnded()) process.exit(SIGNAL_EXIT_CODES[signal])
  // Without listeners the system ends the process at once, and the write lock is free.
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

/** Waits for the writes in flight, and ends the process with this exit code. */
export async function endWith(exitCode: number): Promise<void> {
  if (await areWritesEnded()) process.exit(exitCode)
  process.kill(process.pid, 'SIGKILL')
}

function areWritesEnded(): Promise<boolean> {
  isEnding = true
  const closed = Promise.allSettled([...stores].map(store => store.close())).then(() => true)
  return Promise.race([closed, sleep(PATIENCE_MS, false)])
}
