/**
 * The runtime's own timers, even if a test has installed fake ones in the global scope.
 *
 * A store must make progress while a test has stopped time: an engine that yields with a fake `setImmediate` would wait
 * until the test advances the time, and the test would wait for the engine. So this module takes the timers from Node's
 * module if there is one, since globals may already be fake; otherwise from the globals when it is loaded. Tests can
 * fake `Date`: see {@link systemClock}.
 */

type Builtin = <T>(name: string) => T | undefined

/** Loads a builtin of Node without an import, which bundles for other runtimes could not resolve. */
const builtin = (globalThis.process as { getBuiltinModule?: Builtin } | undefined)?.getBuiltinModule

const runtime = builtin?.<typeof import('node:timers')>('node:timers') ?? globalThis

/** Maximum delay of the timers in milliseconds. They fire immediately for a longer one. */
export const MAX_TIMEOUT = 2 ** 31 - 1

/** The runtime's `setTimeout`. */
export const setTimeout = runtime.setTimeout
/** The runtime's `clearTimeout`. */
export const clearTimeout = runtime.clearTimeout
/** The runtime's `setInterval`. */
export const setInterval = runtime.setInterval
/** The runtime's `clearInterval`. */
export const clearInterval = runtime.clearInterval

/** The runtime's `clearImmediate`; undefined if it does not exist. */
export const clearImmediate = runtime.clearImmediate

/** Runs work after everything that is ready now. Browsers and edge runtimes have no `setImmediate`; a timer replaces it. */
export const setImmediate: (work: () => void) => unknown = runtime.setImmediate ?? (work => setTimeout(work, 0))

/** The runtime's monotonic clock, in milliseconds. */
export const performance: { now(): number } =
  builtin?.<typeof import('node:perf_hooks')>('node:perf_hooks')?.performance ?? globalThis.performance

/**
 * Epoch milliseconds: the default of every `clock`. It calls `Date` each time, so a test that fakes the date also
 * changes expiry, `createdAt` and tokens, whether the store was opened before or after.
 */
export function systemClock(): number {
  return Date.now()
}
