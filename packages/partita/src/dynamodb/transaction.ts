/** All-or-nothing writes, and reads as of one moment. */
import {
  type ConditionCheck,
  type TransactGetItem,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type Update,
} from '@aws-sdk/client-dynamodb'
import { Conflict, invalid, keyText, TransactionFailed } from '../errors.js'
import { keyIdentity } from '../store/batch.js'
import { noCapacity } from '../store/capacity.js'
import { checkTransactionLength, checkTransactWrite } from '../store/limits.js'
import type {
  TransactGetRequest,
  TransactGetResult,
  TransactWriteRequest,
  TransactWriteResult,
  WriteRequest,
} from '../store/store.js'
import type { Key } from '../value/value.js'
import { addConsumed } from './capacity.js'
import { getFields, keyedFields, putFields } from './input.js'
import { unmarshallItem } from './marshall.js'
import type { Sender } from './sender.js'

export async function transactWrite(sender: Sender, request: TransactWriteRequest): Promise<TransactWriteResult> {
  checkTransactWrite(request)
  const { writes, token } = request
  const items = writes.map(toTransactItem)
  // What a put's key is only the table knows, so two puts of one item are left to the server, which refuses them too.
  checkDistinct(writes.map(write => ({ table: write.table, key: write.kind === 'put' ? undefined : write.key })))
  const command = new TransactWriteItemsCommand({
    TransactItems: items,
    // Without a token the SDK makes one, so that a try whose answer was lost is not done twice.
    ...(token !== undefined && { ClientRequestToken: token }),
    ReturnConsumedCapacity: 'INDEXES',
  })
  const output = await sender.send(command, {
    operation: 'transactWrite',
    ...onlyTable(writes),
    ...(token !== undefined && { token }),
  })
  const capacity = noCapacity()
  addConsumed(capacity, 'write', output.ConsumedCapacity)
  return { capacity }
}

export async function transactGet(sender: Sender, { gets }: TransactGetRequest): Promise<TransactGetResult> {
  checkTransactionLength(gets.length)
  const items = gets.map((get): TransactGetItem => ({ Get: getFields(get) }))
  checkDistinct(gets)
  const command = new TransactGetItemsCommand({
    TransactItems: items,
    ReturnConsumedCapacity: 'INDEXES',
  })
  const attempted = { operation: 'transactGet', ...onlyTable(gets) }
  const output = await sender.send(command, attempted).catch(error => {
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
function checkDistinct(operations: readonly { readonly table: string; readonly key: Key | undefined }[]): void {
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
function isMetByWriter(error: unknown): error is TransactionFailed {
  return error instanceof TransactionFailed && error.details.reasons.some(({ code }) => code === 'Conflict')
}

function readConflict(error: TransactionFailed): Conflict {
  const { reasons } = error.details
  return new Conflict(`The items could not be read as of one moment: ${error.message}`, { reasons }, error.cause)
}

/** For the error's text, where all operations are on one table. */
function onlyTable(operations: readonly { readonly table: string }[]): { table?: string } {
  const table = operations[0]?.table
  return table !== undefined && operations.every(it => it.table === table) ? { table } : {}
}
