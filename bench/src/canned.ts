/** Canned DynamoDB responses from memory, without a socket, so that only the client's CPU time is measured. */
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import type { DynamoDBOptions } from 'partita/dynamodb'
import { marshallItem } from '../internals.mjs'
import { POSTS_PER_AUTHOR, postItem, postKey, VIEWS } from './sample.js'

interface Answer {
  readonly body: Record<string, unknown>
  /** The consumed capacity, which DynamoDB adds on request. */
  readonly consumed: number
}

const item = marshallItem(postItem(0, VIEWS.loaded))
const items = Array.from({ length: POSTS_PER_AUTHOR }, (_, i) => marshallItem(postItem(i, VIEWS.loaded)))

const ANSWERS: Readonly<Record<string, Answer>> = {
  GetItem: { body: { Item: item }, consumed: 0.5 },
  PutItem: { body: {}, consumed: 1 },
  UpdateItem: { body: {}, consumed: 1 },
  Query: { body: { Items: items, Count: items.length, ScannedCount: items.length }, consumed: 1.5 },
}

/** The key of the item in the canned responses. */
export const CANNED_KEY = postKey(0)

/** A handler for the SDK's clients and for the store. */
export type RequestHandler = NonNullable<DynamoDBClientConfig['requestHandler']> &
  NonNullable<DynamoDBOptions['requestHandler']>

/** The minimum that the SDK needs of a response. */
class Response {
  readonly statusCode = 200
  readonly headers = { 'content-type': 'application/x-amz-json-1.0' }
  readonly body: Uint8Array

  constructor(body: Uint8Array) {
    this.body = body
  }
}

/** @param metered whether the client requests the consumed capacity, as the store always does. */
export function cannedHandler(table: string, metered: boolean): RequestHandler {
  const bodies = new Map(
    Object.entries(ANSWERS).map(([name, { body, consumed }]) => {
      const capacity = { TableName: table, CapacityUnits: consumed, Table: { CapacityUnits: consumed } }
      const answer = metered ? { ...body, ConsumedCapacity: capacity } : body
      return [name, Buffer.from(JSON.stringify(answer))]
    }),
  )
  return answeringHandler(name => {
    const body = bodies.get(name)
    if (!body) throw new Error(`No canned answer to ${name}`)
    return body
  })
}

/** @param answer returns the response body for an operation's name and the request body. */
export function answeringHandler(answer: (operation: string, body: string | Uint8Array) => Uint8Array): RequestHandler {
  return {
    async handle({ headers, body }: { headers: Record<string, string>; body: string | Uint8Array }) {
      return { response: new Response(answer(operationOf(headers['x-amz-target']), body)) }
    },
  } as unknown as RequestHandler
}

/** `GetItem` of `DynamoDB_20120810.GetItem`. */
export function operationOf(target: string | null | undefined): string {
  return target?.slice(target.indexOf('.') + 1) ?? ''
}
