/** Ctrl-C, taken as the wish to stop in order. A second one ends the process as usual. */
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
