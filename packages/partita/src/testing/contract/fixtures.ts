/** What the parts of the contract suite share. */
import { vi } from 'vitest'
import { PartitaError } from '../../errors/errors.js'
import type { TableDefinition } from '../../store/definition.js'

/** A table with a partition and a sort key, both text. */
export const textKeys = {
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
} as const satisfies Omit<TableDefinition, 'name'>

/** A table with a partition key alone. */
export const oneKey = { key: { partition: { name: 'pk', type: 'S' } } } as const satisfies Omit<TableDefinition, 'name'>

/** The error that a call fails with; the test fails when the call does not, or throws anything untyped. */
export async function failure(call: Promise<unknown>): Promise<PartitaError> {
  const outcome = await call.then(
    result => ({ result }),
    (error: unknown) => ({ error }),
  )
  if ('result' in outcome) throw new Error(`The call succeeded with ${JSON.stringify(outcome.result)}`)
  if (!(outcome.error instanceof PartitaError)) throw outcome.error
  return outcome.error
}

/** Global indexes are up to date a moment after the write on AWS; a read of one is repeated until it is as expected. */
export function eventually(expectation: () => Promise<void>): Promise<void> {
  return vi.waitFor(expectation, { timeout: 15_000, interval: 100 })
}
