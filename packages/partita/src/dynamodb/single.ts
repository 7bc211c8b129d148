/** Operations on one item: get, put, update, delete, check. */
import {
  DeleteItemCommand,
  type DeleteItemCommandInput,
  GetItemCommand,
  type GetItemCommandInput,
  PutItemCommand,
  type PutItemCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { ConditionFailedError, ConflictError, TransactionFailedError } from '../errors/errors.js'
import { updatedAttributes } from '../expression/evaluate/index.js'
import { noCapacity } from '../store/capacity.js'
import { backoff } from '../store/retry.js'
import type { CheckRequest, GetRequest, GetResult, WriteRequest, WriteResult } from '../store/store.js'
import { snapshot } from '../value/snapshot.js'
import type { Item } from '../value/value.js'
import type { Limit } from './attempts.js'
import { addConsumed } from './capacity.js'
import { getFields, keyedFields, putFields, returnValue } from './input.js'
import { type AttributeMap, unmarshallItem } from './marshall.js'
import { type Sender, unknownOutcome } from './sender.js'
import { transactWrite } from './transaction.js'

/** Maximum attempts for a write that conflicts with transactions. */
const MAX_CONFLICTS = 10

/** Reads an item. */
export async function getItem(sender: Sender, request: GetRequest): Promise<GetResult> {
  const { table, key, consistent } = request
  const input: GetItemCommandInput = getFields(request)
  if (consistent) input.ConsistentRead = true
  input.ReturnConsumedCapacity = 'INDEXES'
  const output = await sender.send(
    new GetItemCommand(input),
    { operation: 'get', table, key },
    'read',
    sender.limit(request),
  )
  const capacity = noCapacity()
  addConsumed(capacity, 'read', output.ConsumedCapacity)
  return { item: output.Item && unmarshallItem(output.Item), capacity }
}

/**
 * Writes an item. The request is converted to DynamoDB's form before this returns its promise, so later changes by the
 * caller do not affect retries. Copying the request would cost more than the conversion.
 */
export async function writeItem(sender: Sender, request: WriteRequest): Promise<WriteResult> {
  if (request.kind === 'check') return checkItem(sender, snapshot(request))
  const own = lasting(request)
  const output = await unlessConflict(sender, own, inputOf(request))
  const capacity = noCapacity()
  addConsumed(capacity, 'write', output.ConsumedCapacity)
  const item = output.Attributes && returned(own, output.Attributes)
  return { item: item && requested(own, item), capacity }
}

type OneWrite = Exclude<WriteRequest, CheckRequest>

/** Copies the parts of a request that are used after the response. */
function lasting(request: OneWrite): OneWrite {
  if (request.kind === 'put') return { ...request }
  const key = snapshot(request.key)
  if (request.kind === 'delete') return { ...request, key }
  const isPart = request.returns === 'updatedOld' || request.returns === 'updatedNew'
  return { ...request, key, ...(isPart && { update: snapshot(request.update) }) }
}

/** Reads a response. @throws OutcomeUnknownError if its item cannot be read, since the write has been applied. */
function returned(request: WriteRequest, attributes: AttributeMap): Item {
  try {
    return unmarshallItem(attributes)
  } catch (error) {
    const { kind: operation, table } = request
    throw unknownOutcome({ operation, table, ...(request.kind !== 'put' && { key: request.key }) }, error)
  }
}

/**
 * Retries a write that conflicted with a transaction, or with a write of another region. It has not been applied, and the
 * SDK does not retry it.
 */
async function unlessConflict(sender: Sender, request: OneWrite, input: Input) {
  const limit = sender.limit(request)
  for (let attempt = 0; ; attempt++) {
    try {
      return await sendWrite(sender, request, input, limit)
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === MAX_CONFLICTS - 1) throw error
      await sender.wait(backoff(attempt, sender.pace), limit).catch(() => {
        throw error
      })
    }
  }
}

type Input = ReturnType<typeof inputOf>

function inputOf(request: OneWrite) {
  const fields = request.kind === 'put' ? putFields(request) : keyedFields(request)
  return Object.assign(fields, returnValue(request), { ReturnConsumedCapacity: 'INDEXES' as const })
}

function sendWrite(sender: Sender, request: OneWrite, input: Input, limit: Limit) {
  const { kind: operation, table } = request
  switch (request.kind) {
    case 'put':
      return sender.send(new PutItemCommand(input as PutItemCommandInput), { operation, table }, 'write', limit)
    case 'update': {
      const command = new UpdateItemCommand(input as UpdateItemCommandInput)
      return sender.send(command, { operation, table, key: request.key }, 'write', limit)
    }
    case 'delete': {
      const command = new DeleteItemCommand(input as DeleteItemCommandInput)
      return sender.send(command, { operation, table, key: request.key }, 'write', limit)
    }
  }
}

function requested(request: WriteRequest, item: Item): Item | undefined {
  if (request.kind !== 'update') return item
  return request.returns === 'updatedOld' || request.returns === 'updatedNew'
    ? updatedAttributes(request.update, item)
    : item
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
