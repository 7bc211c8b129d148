/** Real timers for LMDB while a test has installed fake ones. */
import {
  clearImmediate,
  setImmediate as runtimeSetImmediate,
  setTimeout as runtimeSetTimeout,
} from '../../store/timers.js'

type Timers = Pick<typeof globalThis, 'setTimeout' | 'setImmediate' | 'clearImmediate' | 'queueMicrotask'>

const scope: Timers = globalThis
const runtimeQueueMicrotask = scope.queueMicrotask

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

/** Every read asks this, and a global variable takes less time than a property of `globalThis`. */
function isFaked(): boolean {
  return (
    setTimeout !== runtimeSetTimeout || setImmediate !== runtimeSetImmediate || queueMicrotask !== runtimeQueueMicrotask
  )
}

const REAL = {
  setTimeout: (work: () => void, milliseconds?: number) => runtimeSetTimeout(() => withRealTimers(work), milliseconds),
  setImmediate: (work: () => void) => runtimeSetImmediate(() => withRealTimers(work)),
  clearImmediate,
  queueMicrotask: (work: () => void) => void Promise.resolve().then(work),
}
