/** The results and errors of calls, as data to compare. */
import { type ErrorCode, PartitaError } from '../../packages/partita/src/errors/errors.js'

export type Ending<T> = { readonly value: T } | { readonly error: PartitaError }

/** Returns the value or the `PartitaError` of a call. Any other error fails the test. */
export function ending<T>(call: Promise<T>): Promise<Ending<T>> {
  return call.then(
    value => ({ value }),
    (error: unknown) => {
      if (error instanceof PartitaError) return { error }
      throw error
    },
  )
}

/** Runs concurrent calls. */
export function together<T>(count: number, call: (i: number) => Promise<T>): Promise<Ending<T>[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => ending(call(i))))
}

/** The number of calls with each error code, and of those that succeeded. */
export function codes(ended: readonly Ending<unknown>[]): Partial<Record<ErrorCode | 'ok', number>> {
  const counts: Partial<Record<ErrorCode | 'ok', number>> = {}
  for (const it of ended) {
    const code = 'error' in it ? it.error.code : 'ok'
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}

/** The values of the calls. Throws the first error. */
export function valuesOf<T>(ended: readonly Ending<T>[]): T[] {
  return ended.map(it => {
    if ('error' in it) throw it.error
    return it.value
  })
}
