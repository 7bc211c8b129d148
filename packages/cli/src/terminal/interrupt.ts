/** Handles Ctrl-C: the first stops the command gracefully, a second ends the process as usual. */
import type { Context } from '../context.js'
import { Interrupted, reportOf } from '../failure.js'
import { type EndingSignal, endProcess, SIGNAL_EXIT_CODES } from './end-process.js'

const SIGNALS = Object.keys(SIGNAL_EXIT_CODES) as EndingSignal[]

/** Runs the work with a signal that is aborted when the user presses Ctrl-C or closes the terminal, or on SIGTERM. */
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

/**
 * Runs work that cannot stop gracefully. Ctrl-C prints the message and ends the process with exit code 130.
 * @param message what was stopped, and what state that leaves.
 */
export async function endedByInterrupt<T>(
  work: () => Promise<T>,
  message: string,
  json: boolean,
  { output, screen }: Context,
): Promise<T> {
  let isEnding = false
  const end = async (signal: EndingSignal) => {
    isEnding = true
    // Starts a new line after the progress and the ^C that the terminal shows.
    if (screen.isTTY) screen.write('\n')
    if (json) await output.failure(reportOf(new Interrupted(message))).catch(() => undefined)
    else output.talk(`error: ${message}`)
    await endProcess(signal)
  }
  for (const signal of SIGNALS) process.once(signal, end)
  try {
    return await work()
  } finally {
    for (const signal of SIGNALS) process.off(signal, end)
    // The work may end while the message is written. Its result must not be written too: one of them is the answer.
    if (isEnding) await new Promise<never>(() => undefined)
  }
}
