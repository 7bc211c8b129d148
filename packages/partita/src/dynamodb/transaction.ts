/** Transactional writes and reads. */
import {
  ConflictError,
  invalid,
  keyText,
  OutcomeUnknownError,
  ThrottledError,
  TransactionFailedError,
  type TransactionReason,
  UnavailableError,
} from '../errors/errors.js'
import { keyIdentity } from '../store/batch.js'
import { noCapacity } from '../store/capacity.js'
import { checkTransactionLength, checkTransactWrite } from '../store/limits.js'
import { backoff } from '../store/retry.js'
import type {
  TransactGetRequest,
  TransactGetResult,
  TransactWriteRequest,
  TransactWriteResult,
  WriteRequest,
} from '../store/store.js'
import type { Key } from '../value/value.js'
import type { Limit } from './attempts.js'
import { addConsumed } from './capacity.js'
import type { Attempted } from './errors.js'
import { getFields, keyedFields, putFields } from './input.js'
import type { PreparedRequest } from './protocol/operations.js'
import { prepare } from './protocol/print.js'
import { type Sender, unknownOutcome } from './sender.js'

/**
 * Maximum time for resending a transaction with its token, in milliseconds. DynamoDB remembers tokens for ten minutes and
 * would apply the transaction again after that.
 */
const TOKEN_LIFE = 9 * 60_000

/** Writes a transaction. */
export async function transactWrite(sender: Sender, request: TransactWriteRequest): Promise<TransactWriteResult> {
  checkTransactWrite(request)
  const { writes } = request
  const items = writes.map(toTransactItem)
  // The key of a put depends on the table, so the server detects two puts of one item, and rejects them too.
  checkDistinct(writes.map(write => ({ table: write.table, key: write.kind === 'put' ? undefined : write.key })))
  // All attempts have the same token, so the server applies the transaction once.
  const token = request.token ?? newToken()
  const prepared = prepare('TransactWriteItems', {
    TransactItems: items,
    ClientRequestToken: token,
    ReturnConsumedCapacity: 'INDEXES',
  })
  const attempted = { operation: 'transactWrite', ...onlyTable(writes), token }
  const output = await untilKnown(sender, prepared, attempted, sender.limit(request))
  const capacity = noCapacity()
  addConsumed(capacity, 'write', output.ConsumedCapacity)
  return { capacity }
}

/**
 * Resends a transaction with its token while its outcome is unknown: the response was lost, or DynamoDB reports that it is
 * in progress. Only two responses settle the outcome: success, which DynamoDB also returns for a token that it has
 * applied, or the rejection of the transaction itself. Throttling and conflicts do not.
 * @throws OutcomeUnknownError if the call's time is over before.
 */
async function untilKnown(
  sender: Sender,
  prepared: PreparedRequest<'TransactWriteItems'>,
  attempted: Attempted,
  limit: Limit,
) {
  const forgotten = sender.pace.now() + TOKEN_LIFE
  let open: unknown
  for (let attempt = 0; ; attempt++) {
    try {
      return await sender.send(prepared, attempted, 'idempotent', limit)
    } catch (error) {
      if (isOpen(error)) open = error
      else if (open === undefined || isAnswer(error)) throw error
    }
    try {
      await sender.wait(backoff(attempt, sender.pace), limit)
    } catch {
      throw open instanceof OutcomeUnknownError ? open : unknownOutcome(attempted, open)
    }
    if (sender.pace.now() > forgotten) throw unknownOutcome(attempted, open)
  }
}

/** Whether an error leaves the outcome of the transaction unknown. */
function isOpen(error: unknown): boolean {
  return error instanceof OutcomeUnknownError || isInProgress(error)
}

function isInProgress(error: unknown): boolean {
  return error instanceof ConflictError && (error.cause as Error | undefined)?.name === 'TransactionInProgressException'
}

/** Whether an error settles the outcome of a transaction whose first response was lost. */
function isAnswer(error: unknown): boolean {
  if (error instanceof TransactionFailedError) return error.details.reasons.some(({ code }) => !PASSING.has(code))
  return !(error instanceof ThrottledError || error instanceof ConflictError || error instanceof UnavailableError)
}

/** Temporary reasons: throttling and conflicts. */
const PASSING: ReadonlySet<TransactionReason['code']> = new Set(['None', 'Conflict', 'Throttled'])

function newToken(): string {
  return globalThis.crypto.randomUUID()
}

/** Reads items from one snapshot. */
export async function transactGet(sender: Sender, request: TransactGetRequest): Promise<TransactGetResult> {
  const { gets } = request
  checkTransactionLength(gets.length)
  const items = gets.map(get => ({ Get: getFields(get) }))
  checkDistinct(gets)
  const prepared = prepare('TransactGetItems', {
    TransactItems: items,
    ReturnConsumedCapacity: 'INDEXES',
  })
  const attempted = { operation: 'transactGet', ...onlyTable(gets) }
  const output = await sender.send(prepared, attempted, 'read', sender.limit(request)).catch(error => {
    throw isMetByWriter(error) ? readConflict(error) : error
  })
  const capacity = noCapacity()
  addConsumed(capacity, 'read', output.ConsumedCapacity)
  const found = gets.map((_, i) => output.Responses?.[i]?.Item)
  return { items: found, capacity }
}

function toTransactItem(write: WriteRequest): object {
  switch (write.kind) {
    case 'put':
      return { Put: putFields(write) }
    case 'update':
      return { Update: keyedFields(write) }
    case 'delete':
      return { Delete: keyedFields(write) }
    case 'check':
      return { ConditionCheck: keyedFields(write) }
  }
}

/** Rejects two operations on one item, as DynamoDB does. @throws ValidationError */
export function checkDistinct(operations: readonly { readonly table: string; readonly key: Key | undefined }[]): void {
  const seen = new Set<string>()
  operations.forEach(({ table, key }, index) => {
    if (!key) return
    const identity = `${table} ${keyIdentity(key)}`
    if (seen.has(identity)) {
      throw invalid([index], `is a second operation on ${keyText(key)}; a transaction allows one operation per item`)
    }
    seen.add(identity)
  })
}

/** Among other reasons, such as throttling. */
function isMetByWriter(error: unknown): error is TransactionFailedError {
  return error instanceof TransactionFailedError && error.details.reasons.some(({ code }) => code === 'Conflict')
}

function readConflict(error: TransactionFailedError): ConflictError {
  const { reasons } = error.details
  return new ConflictError(`The items could not be read in one transaction: ${error.message}`, { reasons }, error.cause)
}

/** Returns the table of all operations for error messages; undefined if there are several. */
function onlyTable(operations: readonly { readonly table: string }[]): { table?: string } {
  const table = operations[0]?.table
  return table !== undefined && operations.every(it => it.table === table) ? { table } : {}
}
