/** Operations on one item: get, put, update, delete, check. */
import { ConditionFailedError, ConflictError, TransactionFailedError } from '../errors/errors.js'
import { updatedAttributes } from '../expression/evaluate/index.js'
import { noCapacity } from '../store/capacity.js'
import { backoff } from '../store/retry.js'
import type { CheckRequest, GetRequest, GetResult, UpdateRequest, WriteRequest, WriteResult } from '../store/store.js'
import { snapshot } from '../value/snapshot.js'
import type { Limit } from './attempts.js'
import { addConsumed } from './capacity.js'
import type { Attempted } from './errors.js'
import { getFields, keyedFields, putFields, returnValue } from './input.js'
import type { OperationName, PreparedRequest } from './protocol/operations.js'
import { prepare } from './protocol/print.js'
import type { Sender } from './sender.js'
import { transactWrite } from './transaction.js'

/** Maximum attempts for a write that conflicts with transactions. */
const MAX_CONFLICTS = 10

const METERED = { ReturnConsumedCapacity: 'INDEXES' } as const

/** Reads an item. */
export async function getItem(sender: Sender, request: GetRequest): Promise<GetResult> {
  const { table, key, consistent } = request
  const input = Object.assign(getFields(request), consistent && { ConsistentRead: true }, METERED)
  const attempted = { operation: 'get', table, key }
  const output = await sender.send(prepare('GetItem', input), attempted, 'read', sender.limit(request))
  const capacity = noCapacity()
  addConsumed(capacity, 'read', output.ConsumedCapacity)
  return { item: output.Item, capacity }
}

/**
 * Writes an item. The request is converted to DynamoDB's form before this returns its promise, so later changes by the
 * caller do not affect retries. Copying the request would cost more than the conversion.
 */
export async function writeItem(sender: Sender, request: WriteRequest): Promise<WriteResult> {
  if (request.kind === 'check') return checkItem(sender, snapshot(request))
  const prepared = prepareWrite(request)
  const { kind: operation, table } = request
  const attempted = request.kind === 'put' ? { operation, table } : { operation, table, key: snapshot(request.key) }
  const partial = isPartial(request) ? snapshot(request.update) : undefined
  const output = await unlessConflict(sender, prepared, attempted, sender.limit(request))
  const capacity = noCapacity()
  addConsumed(capacity, 'write', output.ConsumedCapacity)
  const item = output.Attributes
  return { item: item && partial ? updatedAttributes(partial, item) : item, capacity }
}

type OneWrite = Exclude<WriteRequest, CheckRequest>

/** Whether only the attributes that an update names are returned. */
function isPartial(request: OneWrite): request is UpdateRequest {
  return request.kind === 'update' && (request.returns === 'updatedOld' || request.returns === 'updatedNew')
}

/**
 * Retries a write that conflicted with a transaction, or with a write of another region. It has not been applied, and
 * the transport does not retry it.
 */
async function unlessConflict(sender: Sender, prepared: PreparedWrite, attempted: Attempted, limit: Limit) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await sender.send(prepared, attempted, 'write', limit)
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === MAX_CONFLICTS - 1) throw error
      await sender.wait(backoff(attempt, sender.pace), limit).catch(() => {
        throw error
      })
    }
  }
}

type PreparedWrite = PreparedRequest<'PutItem' | 'UpdateItem' | 'DeleteItem'>

const OPERATIONS = { put: 'PutItem', update: 'UpdateItem', delete: 'DeleteItem' } as const satisfies Record<
  OneWrite['kind'],
  OperationName
>

function prepareWrite(request: OneWrite): PreparedWrite {
  const fields = request.kind === 'put' ? putFields(request) : keyedFields(request)
  return prepare(OPERATIONS[request.kind], Object.assign(fields, returnValue(request), METERED))
}

/** Checks a condition in a transaction of one operation: DynamoDB has no other way. */
async function checkItem(sender: Sender, request: CheckRequest): Promise<WriteResult> {
  try {
    const { deadline, signal } = request
    const { capacity } = await transactWrite(sender, {
      writes: [request],
      ...(deadline !== undefined && { deadline }),
      ...(signal && { signal }),
    })
    return { item: undefined, capacity }
  } catch (error) {
    const reason = error instanceof TransactionFailedError ? error.details.reasons[0] : undefined
    if (reason?.code !== 'ConditionFailed') throw error
    const { table, key } = request
    throw new ConditionFailedError({ table, key, ...(reason.item && { item: reason.item }) }, (error as Error).cause)
  }
}
