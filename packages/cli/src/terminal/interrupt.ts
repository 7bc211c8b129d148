/** Ctrl-C, taken as the wish to stop in order. A second one ends the process as usual. */
import type { Context } from '../context.js'
import { Interrupted, reportOf } from '../failure.js'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Runs the work with a signal that is aborted when the user wants to stop. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = () => controller.abort()
  for (const signal of SIGNALS) process.once(signal, stop)
  try {
    return await work(controller.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop)
  }
}

/** Exit codes as a shell gives them to a process that a signal has ended. */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * Runs work that cannot stop in order. Ctrl-C says what is left and ends the process, with 130.
 * @param says what was stopped, and what state that leaves.
 */
export async function endedByInterrupt<T>(
  work: () => Promise<T>,
  says: string,
  json: boolean,
  { output, screen }: Context,
): Promise<T> {
  const end = async (signal: keyof typeof SIGNAL_EXIT_CODES) => {
    // Below the progress, and what the terminal shows for Ctrl-C.
    if (screen.isTTY) screen.write('\n')
    if (json) await output.failure(reportOf(new Interrupted(says))).catch(() => undefined)
    else output.talk(`error: ${says}`)
    process.exit(SIGNAL_EXIT_CODES[signal])
  }
  for (const signal of SIGNALS) process.once(signal, end)
  try {
    return await work()
  } finally {
    for (const signal of SIGNALS) process.off(signal, end)
  }
}
