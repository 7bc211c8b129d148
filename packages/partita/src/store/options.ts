/** Validates the options of methods in all layers. */
import { type IssuePath, invalid, ValidationError, valueText } from '../errors/errors.js'
import { didYouMean } from '../errors/nearest.js'
import type { Store } from './store.js'
import { MAX_TIMEOUT } from './timers.js'

/** Names of the boolean options of all methods. */
const FLAGS: ReadonlySet<string> = new Set([
  'consistent',
  'consistentRead',
  'createOnly',
  'createTable',
  'exactlyOnce',
  'fullRetrieval',
  'ifUnchanged',
  'loader',
  'mustExist',
  'returnOldOnFailure',
  'returnUpdatedProperties',
  'strict',
  'withDeleted',
])

/**
 * Rejects unknown options, so that a misspelt condition never becomes no condition, and flags that are not booleans, so
 * that the text 'false' never counts as true. Options that are undefined count as omitted.
 *
 * @throws ValidationError naming the option.
 */
export function checkOptions(options: object, known: readonly string[], at: IssuePath = []): void {
  if (typeof options !== 'object' || options === null)
    throw invalid(at, `is ${valueText(options)}, not an object of options`)
  for (const name in options) {
    const value: unknown = options[name as keyof typeof options]
    if (value === undefined) continue
    if (!known.includes(name)) {
      const hint = didYouMean(name, known)
      throw invalid([...at, name], `is not an option here; the options are ${known.join(', ')}${hint}`)
    }
    if (FLAGS.has(name) && typeof value !== 'boolean') {
      throw invalid([...at, name], `is ${valueText(value)}; it must be true or false`)
    }
  }
}

/**
 * Rejects arguments of a method that takes none, since JavaScript would ignore them.
 * @param where how a program gives options instead. @param known the options that exist there.
 */
export function checkNoArguments(
  method: string,
  given: readonly unknown[],
  where: string,
  known: readonly string[],
): void {
  const [options] = given
  if (options === undefined) return
  const unknown = Object.keys(options ?? {}).find(name => !known.includes(name))
  const hint = unknown === undefined ? '' : didYouMean(unknown, known)
  throw invalid([], `${method}() takes no arguments; ${where}; the options are ${known.join(', ')}${hint}`)
}

/** Whether a value is a store, as far as its methods show. */
export function isStore(value: unknown): value is Store {
  return typeof (value as Partial<Store> | null | undefined)?.transactWrite === 'function'
}

/** @throws ValidationError if the argument of a method is not a function. */
export function checkFunction(method: string, given: unknown): void {
  if (typeof given !== 'function') throw invalid([], `${method} takes a function, not ${valueText(given)}`)
}

/** @throws ValidationError naming the first time that is defined and is not a number of milliseconds for a timer. */
export function checkMilliseconds(times: Readonly<Record<string, number | undefined>>): void {
  for (const [name, it] of Object.entries(times)) {
    if (it === undefined || (typeof it === 'number' && it > 0 && it <= MAX_TIMEOUT)) continue
    throw invalid([name], `is ${valueText(it)}; it must be a number of milliseconds from 1 to ${MAX_TIMEOUT}`)
  }
}

/** @throws ValidationError if a count is defined and is not an integer from 1 to `most`. */
export function checkCount(name: string, count: number | undefined, most = Number.POSITIVE_INFINITY): void {
  if (count === undefined || (Number.isInteger(count) && count > 0 && count <= most)) return
  const range = most === Number.POSITIVE_INFINITY ? 'from 1' : `from 1 to ${most}`
  throw invalid([name], `is ${typeof count === 'number' ? count : valueText(count)}; it is a whole number ${range}`)
}

/** Runs a step and prefixes the paths of its validation issues with `at`. */
export function within<T>(at: IssuePath, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    const { issues, more } = error.details
    throw new ValidationError(
      issues.map(({ path, message }) => ({ path: [...at, ...path], message })),
      error.cause,
      more,
    )
  }
}

/** As {@link within}, for a step in progress. */
export async function whileWithin<T>(at: IssuePath, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (error) {
    return within(at, () => {
      throw error
    })
  }
}
