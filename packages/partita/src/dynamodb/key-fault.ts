/** Says what is wrong with a key that DynamoDB has refused. */
import { LimitExceeded, type PartitaError, TransactionFailed, ValidationFailed } from '../errors.js'
import type { KeySchema } from '../store/definition.js'
import { checkItemKey, checkKey } from '../store/limits.js'
import type { WriteRequest } from '../store/store.js'
import type { Key } from '../value/value.js'
import type { KeySchemas } from './key-schemas.js'

/** A request that names an item by its key, or holds the whole of it. */
export type Keyed = WriteRequest | { readonly kind?: undefined; readonly table: string; readonly key: Key }

/**
 * What to throw where DynamoDB finds a call faulty: looks whether a key was the reason. DynamoDB's own answers ("The
 * provided key element does not match the schema") name no culprit, and within a transaction may not be told from
 * others. The table is described only then, so a call that succeeds costs nothing.
 * @returns ValidationFailed or LimitExceeded naming the key attribute; else what the call threw.
 */
export async function keyFaultOr(error: unknown, schemas: KeySchemas, requests: readonly Keyed[]): Promise<unknown> {
  return (isFaultFound(error) && (await keyFault(schemas, requests, error))) || error
}

function isFaultFound(error: unknown): error is PartitaError {
  if (!(error instanceof TransactionFailed)) return error instanceof ValidationFailed || error instanceof LimitExceeded
  const { reasons } = error.details
  // DynamoDB Local gives no reasons at all where the key of a transactional read is at fault.
  return reasons.length === 0 || reasons.some(({ code }) => code === 'ValidationFailed' || code === 'LimitExceeded')
}

async function keyFault(
  schemas: KeySchemas,
  requests: readonly Keyed[],
  refusal: PartitaError,
): Promise<PartitaError | undefined> {
  // Without the right to describe the table, DynamoDB's own answer has to do.
  const schemaOf = await schemas.ofAll(requests.map(({ table }) => table)).catch(() => undefined)
  if (!schemaOf) return undefined
  try {
    for (const request of requests) check(schemaOf.get(request.table) as KeySchema, request)
    return undefined
  } catch (error) {
    const fault = error as PartitaError
    fault.cause = refusal.cause
    return fault
  }
}

function check(schema: KeySchema, request: Keyed): void {
  if (request.kind === 'put') checkItemKey(schema, request.item)
  else checkKey(schema, request.key)
}
