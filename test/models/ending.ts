/** How calls end, as data to compare. */
import { type ErrorCode, PartitaError } from '../../packages/partita/src/errors/errors.js'

export type Ending<T> = { readonly value: T } | { readonly error: PartitaError }

/** Anything but a value or an error of the taxonomy fails the test. */
export function ending<T>(call: Promise<T>): Promise<Ending<T>> {
  return call.then(
    value => ({ value }),
    (error: unknown) => {
      if (error instanceof PartitaError) return { error }
      throw error
    },
  )
}

/** Many calls at once. */
export function together<T>(count: number, call: (i: number) => Promise<T>): Promise<Ending<T>[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => ending(call(i))))
}

/** How many ended in which way. */
export function codes(ended: readonly Ending<unknown>[]): Partial<Record<ErrorCode | 'ok', number>> {
  const counts: Partial<Record<ErrorCode | 'ok', number>> = {}
  for (const it of ended) {
    const code = 'error' in it ? it.error.code : 'ok'
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}

/** The values; throws the first error there is. */
export function valuesOf<T>(ended: readonly Ending<T>[]): T[] {
  return ended.map(it => {
    if ('error' in it) throw it.error
    return it.value
  })
}
