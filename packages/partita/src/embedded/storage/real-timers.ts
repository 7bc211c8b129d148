/** LMDB's timers, where a test has put fake ones into the global scope. */
import { clearImmediate, setImmediate, setTimeout } from '../../store/timers.js'

type Timers = Pick<typeof globalThis, 'setTimeout' | 'setImmediate' | 'clearImmediate' | 'queueMicrotask'>

const scope: Timers = globalThis
const { queueMicrotask } = scope

/**
 * Runs synchronous work with the runtime's timers in the global scope, where `lmdb` looks for them at each call: it begins
 * a commit in a `setImmediate` and lets go of a snapshot in a `setTimeout`, and neither would come while time is held.
 * What it schedules runs in the same way. Costs three comparisons where nothing is fake.
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
