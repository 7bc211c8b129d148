/** Real timers for LMDB while a test has installed fake ones. */
import { clearImmediate, setImmediate, setTimeout } from '../../store/timers.js'

type Timers = Pick<typeof globalThis, 'setTimeout' | 'setImmediate' | 'clearImmediate' | 'queueMicrotask'>

const scope: Timers = globalThis
const { queueMicrotask } = scope

/**
 * Runs synchronous work with the runtime's timers in the global scope, where `lmdb` looks them up at each call. It starts
 * commits with `setImmediate` and releases snapshots with `setTimeout`, which fake timers would hold back. Callbacks that
 * it schedules run in the same way. Without fake timers this costs three comparisons.
 */
export function withRealTimers<T>(work: () => T): T {
  if (!isFaked()) return work()
  const { setTimeout, setImmediate, clearImmediate, queueMicrotask } = scope
  Object.assign(scope, REAL)
  try {
    return work()
  } finally {
    Object.assign(scope, { setTimeout, setImmediate, clearImmediate, queueMicrotask })
  }
}

function isFaked(): boolean {
  return (
    scope.setTimeout !== setTimeout || scope.setImmediate !== setImmediate || scope.queueMicrotask !== queueMicrotask
  )
}

const REAL = {
  setTimeout: (work: () => void, milliseconds?: number) => setTimeout(() => withRealTimers(work), milliseconds),
  setImmediate: (work: () => void) => setImmediate(() => withRealTimers(work)),
  clearImmediate,
  queueMicrotask: (work: () => void) => void Promise.resolve().then(work),
}
