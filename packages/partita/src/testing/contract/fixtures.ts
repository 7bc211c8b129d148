/** What the parts of the contract share. */
import { PartitaError } from '../../errors/errors.js'
import type { TableDefinition } from '../../store/definition.js'
import { performance, setTimeout } from '../../store/timers.js'

/** A table with a partition and a sort key, both strings. */
export const textKeys = {
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
} as const satisfies Omit<TableDefinition, 'name'>

/** A table with a partition key alone. */
export const oneKey = { key: { partition: { name: 'pk', type: 'S' } } } as const satisfies Omit<TableDefinition, 'name'>

/**
 * The error that a call fails with.
 * @throws Error if the call succeeds. An error that is not a `PartitaError` is thrown as it is.
 */
export async function failure(call: Promise<unknown>): Promise<PartitaError> {
  const outcome = await call.then(
    result => ({ result }),
    (error: unknown) => ({ error }),
  )
  if ('result' in outcome) throw new Error(`The call succeeded with ${JSON.stringify(outcome.result)}`)
  if (!(outcome.error instanceof PartitaError)) throw outcome.error
  return outcome.error
}

const MOST_WAIT = 15_000
const INTERVAL = 100

/** Repeats assertions on a global index, which is eventually consistent, until they hold. Fails after 15 seconds. */
export async function eventually(assertions: () => Promise<void>): Promise<void> {
  const end = performance.now() + MOST_WAIT
  for (;;) {
    try {
      return await assertions()
    } catch (error) {
      if (performance.now() > end) throw error
    }
    await new Promise<void>(resolve => setTimeout(resolve, INTERVAL))
  }
}
