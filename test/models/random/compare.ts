/** Compares results of a database with those of the rules. */
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'
import { ending } from '../ending.js'
import type { Outcome } from './rules.js'

/** The fields of a record, without its methods. */
export function plain(row: object | undefined): object | undefined {
  return row && { ...row }
}

/** Asserts equality. Cheap if the values are equal; otherwise the error shows the difference. */
export function equal(actual: unknown, expected: unknown, about?: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return
  expect({ actual, about }).toStrictEqual({ actual: expected, about })
  throw new Error(`${String(actual)} differs from ${String(expected)} in a part that is not printed`)
}

/** Asserts that the call returns the row, or fails with one of the errors. */
export async function ends(call: Promise<object | undefined>, expected: Outcome<object | undefined>): Promise<void> {
  const ended = await ending(call)
  if ('codes' in expected) {
    if (!('error' in ended)) return equal(plain(ended.value), expected.codes)
    return equal(expected.codes.includes(ended.error.code), true, [ended.error.message, expected.codes])
  }
  if ('error' in ended) throw ended.error
  equal(plain(ended.value), expected.row)
}
