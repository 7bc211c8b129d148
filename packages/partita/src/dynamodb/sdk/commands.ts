/** The SDK's commands, from the text of requests. */
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { invalid } from '../../errors/errors.js'
import { bytesOfBase64 } from '../protocol/base64.js'
import type { OperationName, PreparedRequest } from '../protocol/operations.js'
import { type BodyShape, inputShape, shapeWithin } from '../protocol/shapes.js'

const COMMANDS: Readonly<Record<OperationName, new (input: never) => object>> = {
  BatchGetItem: BatchGetItemCommand,
  BatchWriteItem: BatchWriteItemCommand,
  CreateTable: CreateTableCommand,
  DeleteItem: DeleteItemCommand,
  DeleteTable: DeleteTableCommand,
  DescribeTable: DescribeTableCommand,
  DescribeTimeToLive: DescribeTimeToLiveCommand,
  GetItem: GetItemCommand,
  ListTables: ListTablesCommand,
  PutItem: PutItemCommand,
  Query: QueryCommand,
  Scan: ScanCommand,
  TransactGetItems: TransactGetItemsCommand,
  TransactWriteItems: TransactWriteItemsCommand,
  UpdateItem: UpdateItemCommand,
  UpdateTable: UpdateTableCommand,
  UpdateTimeToLive: UpdateTimeToLiveCommand,
}

/** The SDK (3.1162) loses the value of a top-level attribute of this name when it reads an item, but not within a map. */
const UNREADABLE = '__proto__'

/**
 * Returns the command of a request. The SDK takes binary values as bytes, where JSON has base64.
 * @throws ValidationError for an item that the SDK could not read back.
 */
export function commandOf({ operation, text }: PreparedRequest<OperationName>): object {
  const input = JSON.parse(text)
  decodeBinary(input, inputShape(operation))
  for (const part of [input, ...(input.TransactItems ?? []).map(({ Update }: { Update?: object }) => Update)]) {
    if (part && setsUnreadable(part)) throw unreadable()
  }
  return new COMMANDS[operation](input as never)
}

function decodeBinary(value: unknown, shape: BodyShape): void {
  if (shape.kind === 'item') {
    if (Object.hasOwn(value as object, UNREADABLE)) throw unreadable()
    for (const typed of Object.values(value as object)) decodeTyped(typed)
    return
  }
  for (const [name, member] of Object.entries(value as object)) {
    const within = shapeWithin(shape, name)
    if (within && typeof member === 'object') decodeBinary(member, within)
  }
}

interface Typed {
  B?: string | Uint8Array
  BS?: (string | Uint8Array)[]
  readonly L?: Typed[]
  readonly M?: Readonly<Record<string, Typed>>
}

function decodeTyped(typed: Typed): void {
  if (typeof typed.B === 'string') typed.B = bytesOfBase64(typed.B)
  else if (typed.BS) typed.BS = typed.BS.map(member => bytesOfBase64(member as string))
  else for (const inner of typed.L ?? Object.values(typed.M ?? {})) decodeTyped(inner)
}

interface Expressions {
  readonly UpdateExpression?: string
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>
}

/** Whether an update sets the attribute, or a part of it. */
function setsUnreadable({ UpdateExpression: text = '', ExpressionAttributeNames: names = {} }: Expressions): boolean {
  const alias = Object.keys(names).find(it => names[it] === UNREADABLE)
  return alias !== undefined && new RegExp(`(^SET |,)${alias}[=.[]`).test(text)
}

function unreadable() {
  return invalid([UNREADABLE], 'is a top-level attribute that the AWS SDK cannot read back; put it in a map instead')
}
