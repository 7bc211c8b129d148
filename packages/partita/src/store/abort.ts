/**
 * Listens to abort signals. Any number of calls may share a signal, such as that of a web request, but Node warns of a leak
 * from the eleventh listener on: so each signal gets one listener, for as long as a call needs it.
 */
const listeners = new WeakMap<AbortSignal, Shared>()

interface Shared {
  readonly runs: Set<() => void>
  readonly listener: () => void
}

/** Calls a function when a signal is aborted. @returns a function that ends this; it can be called again. */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const shared = listeners.get(signal) ?? listen(signal)
  shared.runs.add(run)
  return () => {
    // A signal that depends on another one is kept alive by its listener.
    if (shared.runs.delete(run) && shared.runs.size === 0) {
      signal.removeEventListener('abort', shared.listener)
      listeners.delete(signal)
    }
  }
}

function listen(signal: AbortSignal): Shared {
  const runs = new Set<() => void>()
  const listener = (): void => {
    for (const run of [...runs]) run()
  }
  signal.addEventListener('abort', listener)
  const shared = { runs, listener }
  listeners.set(signal, shared)
  return shared
}
