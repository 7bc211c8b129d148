/** All-or-nothing writes, and reads as of one moment. */
import {
  type ConditionCheck,
  type TransactGetItem,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
} from '@aws-sdk/client-dynamodb'
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
import { unmarshallItem } from './marshall.js'
import { type Sender, unknownOutcome } from './sender.js'

/**
 * For how long a transaction is asked after under its token, in milliseconds: short of the ten minutes for which
 * DynamoDB remembers it, after which it would be done a second time.
 */
const TOKEN_LIFE = 9 * 60_000

export async function transactWrite(sender: Sender, request: TransactWriteRequest): Promise<TransactWriteResult> {
  checkTransactWrite(request)
  const { writes } = request
  const items = writes.map(toTransactItem)
  // What a put's key is only the table knows, so two puts of one item are left to the server, which refuses them too.
  checkDistinct(writes.map(write => ({ table: write.table, key: write.kind === 'put' ? undefined : write.key })))
  // One token from the first try to the known outcome, so that however often it is sent it is done once.
  const token = request.token ?? newToken()
  const command = new TransactWriteItemsCommand({
    TransactItems: items,
    ClientRequestToken: token,
    ReturnConsumedCapacity: 'INDEXES',
  })
  const attempted = { operation: 'transactWrite', ...onlyTable(writes), token }
  const output = await untilKnown(sender, command, attempted, sender.limit(request))
  const capacity = noCapacity()
  addConsumed(capacity, 'write', output.ConsumedCapacity)
  return { capacity }
}

/**
 * Sends a transaction again, under its token, while it is open whether it was done: the answer was lost, or DynamoDB says
 * that it is still in progress. Only what answers the question counts after that: success, which DynamoDB reports for
 * a token that was done before, or the refusal of the transaction itself. Load and other writers answer nothing.
 * @throws OutcomeUnknownError when the call's time is up before.
 */
async function untilKnown(sender: Sender, command: TransactWriteItemsCommand, attempted: Attempted, limit: Limit) {
  const forgotten = sender.pace.now() + TOKEN_LIFE
  let open: unknown
  for (let attempt = 0; ; attempt++) {
    try {
      return await sender.send(command, attempted, 'idempotent', limit)
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

/** Whether an error leaves open if the transaction was done. */
function isOpen(error: unknown): boolean {
  return error instanceof OutcomeUnknownError || isInProgress(error)
}

function isInProgress(error: unknown): boolean {
  return error instanceof ConflictError && (error.cause as Error | undefined)?.name === 'TransactionInProgressException'
}

/** Whether an error says what became of a transaction whose first try was lost. */
function isAnswer(error: unknown): boolean {
  if (error instanceof TransactionFailedError) return error.details.reasons.some(({ code }) => !PASSING.has(code))
  return !(error instanceof ThrottledError || error instanceof ConflictError || error instanceof UnavailableError)
}

/** What an operation may meet at one moment and not at the next: load, and other writers. */
const PASSING: ReadonlySet<TransactionReason['code']> = new Set(['None', 'Conflict', 'Throttled'])

function newToken(): string {
  return globalThis.crypto.randomUUID()
}

export async function transactGet(sender: Sender, request: TransactGetRequest): Promise<TransactGetResult> {
  const { gets } = request
  checkTransactionLength(gets.length)
  const items = gets.map((get): TransactGetItem => ({ Get: getFields(get) }))
  checkDistinct(gets)
  const command = new TransactGetItemsCommand({
    TransactItems: items,
    ReturnConsumedCapacity: 'INDEXES',
  })
  const attempted = { operation: 'transactGet', ...onlyTable(gets) }
  const output = await sender.send(command, attempted, 'read', sender.limit(request)).catch(error => {
    throw isMetByWriter(error) ? readConflict(error) : error
  })
  const capacity = noCapacity()
  addConsumed(capacity, 'read', output.ConsumedCapacity)
  const found = gets.map((_, i) => {
    const item = output.Responses?.[i]?.Item
    return item && unmarshallItem(item)
  })
  return { items: found, capacity }
}

function toTransactItem(write: WriteRequest): TransactWriteItem {
  switch (write.kind) {
    case 'put':
      return { Put: putFields(write) }
    case 'update':
      return { Update: keyedFields(write) as Update }
    case 'delete':
      return { Delete: keyedFields(write) }
    case 'check':
      return { ConditionCheck: keyedFields(write) as ConditionCheck }
  }
}

/** DynamoDB refuses two operations on one item, as their order would have no meaning. */
export function checkDistinct(operations: readonly { readonly table: string; readonly key: Key | undefined }[]): void {
  const seen = new Set<string>()
  operations.forEach(({ table, key }, index) => {
    if (!key) return
    const identity = `${table} ${keyIdentity(key)}`
    if (seen.has(identity)) {
      throw invalid([index], `is a second operation on ${keyText(key)}; a transaction takes one for each item`)
    }
    seen.add(identity)
  })
}

/** Among other reasons, such as load. */
function isMetByWriter(error: unknown): error is TransactionFailedError {
  return error instanceof TransactionFailedError && error.details.reasons.some(({ code }) => code === 'Conflict')
}

function readConflict(error: TransactionFailedError): ConflictError {
  const { reasons } = error.details
  return new ConflictError(`The items could not be read as of one moment: ${error.message}`, { reasons }, error.cause)
}

/** For the error's text, where all operations are on one table. */
function onlyTable(operations: readonly { readonly table: string }[]): { table?: string } {
  const table = operations[0]?.table
  return table !== undefined && operations.every(it => it.table === table) ? { table } : {}
}
