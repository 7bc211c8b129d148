/**
 * The runtime's own timers, also where a test has put fake ones into the global scope.
 *
 * A store's work has to go on while a program's time is held: an engine that yields by a fake `setImmediate` waits until
 * the test moves the time, and the test waits for the engine. So timers are taken from the runtime when this module is
 * loaded, and where there is Node's module of them, from there: globals may be fake by then. `Date` is left to tests on
 * purpose, see {@link systemClock}.
 */

type Builtin = <T>(name: string) => T | undefined

/** A builtin of Node, without an import that bundles for other runtimes would have to resolve. */
const builtin = (globalThis.process as { getBuiltinModule?: Builtin } | undefined)?.getBuiltinModule

const runtime = builtin?.<typeof import('node:timers')>('node:timers') ?? globalThis

/** The runtime's `setTimeout`. */
export const setTimeout = runtime.setTimeout
/** The runtime's `clearTimeout`. */
export const clearTimeout = runtime.clearTimeout
/** The runtime's `setInterval`. */
export const setInterval = runtime.setInterval
/** The runtime's `clearInterval`. */
export const clearInterval = runtime.clearInterval

/** The runtime's `clearImmediate`; undefined where it does not exist. */
export const clearImmediate = runtime.clearImmediate

/** Behind all that is ready to run now. Browsers and edge runtimes have no function of this name. */
export const setImmediate: (work: () => void) => unknown = runtime.setImmediate ?? (work => setTimeout(work, 0))

/** The runtime's monotonic clock, in milliseconds. */
export const performance: { now(): number } =
  builtin?.<typeof import('node:perf_hooks')>('node:perf_hooks')?.performance ?? globalThis.performance

/**
 * Epoch milliseconds: the default of every `clock`. It asks `Date` at each call, so a program that sets the date in a test
 * moves expiry, `createdAt` and tokens with it, whether the store was opened before or after.
 */
export function systemClock(): number {
  return Date.now()
}
