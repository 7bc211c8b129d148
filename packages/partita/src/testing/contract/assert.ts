/** The assertions of the contract. They need no test library, and throw errors that every test runner can show. */
import { AssertionError, deepStrictEqual } from 'node:assert'
import { inspect, isDeepStrictEqual } from 'node:util'

export { deepStrictEqual as identical, match, notStrictEqual as notEqual, ok } from 'node:assert'

/**
 * Asserts that two values are deeply equal. Unlike `identical`, it does not distinguish objects with and without a
 * prototype.
 * @throws AssertionError
 */
export function equal(actual: unknown, expected: unknown, message?: string): void {
  if (compares(actual, expected, true)) return
  // Node 26 rejects a message that is undefined.
  if (message === undefined) deepStrictEqual(actual, expected)
  else deepStrictEqual(actual, expected, message)
}

/**
 * Asserts that a value has all properties of `expected`, at any depth, and possibly more. Arrays must have the same length.
 * @throws AssertionError
 */
export function matches(actual: unknown, expected: unknown, message?: string): void {
  if (compares(actual, expected, false)) return
  const difference = `${inspect(actual, { depth: 8 })} does not have the properties of ${inspect(expected, { depth: 8 })}`
  throw new AssertionError({ message: message ? `${message}: ${difference}` : difference, actual, expected })
}

function compares(actual: unknown, expected: unknown, exact: boolean): boolean {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return false
    return expected.every((value, i) => compares(actual[i], value, exact))
  }
  if (!isRecord(expected)) return isDeepStrictEqual(actual, expected)
  if (exact ? !isRecord(actual) : typeof actual !== 'object' || actual === null) return false
  const properties = actual as typeof expected
  const names = Object.keys(expected)
  if (
    exact &&
    (Object.keys(properties).length !== names.length || !names.every(name => Object.hasOwn(properties, name)))
  )
    return false
  return names.every(name => compares(properties[name], expected[name], exact))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
