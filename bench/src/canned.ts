/** A DynamoDB that answers at once, from memory and without a socket: what is left is the CPU time of the client. */
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { marshallItem } from './internals.js'
import { POSTS_PER_AUTHOR, postItem, postKey, VIEWS } from './sample.js'

interface Answer {
  readonly body: Record<string, unknown>
  /** What DynamoDB adds for those who ask what the request has used. */
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

/** What a request needs that the canned answers are about. */
export const CANNED_KEY = postKey(0)

type RequestHandler = NonNullable<DynamoDBClientConfig['requestHandler']>

/** The least that the SDK wants of a response. */
class Response {
  readonly statusCode = 200
  readonly headers = { 'content-type': 'application/x-amz-json-1.0' }
  readonly body: Uint8Array

  constructor(body: Uint8Array) {
    this.body = body
  }
}

/** @param metered whether the client asks for the capacity used, as the store always does. */
export function cannedHandler(table: string, metered: boolean): RequestHandler {
  const bodies = new Map(
    Object.entries(ANSWERS).map(([name, { body, consumed }]) => {
      const capacity = { TableName: table, CapacityUnits: consumed, Table: { CapacityUnits: consumed } }
      const answer = metered ? { ...body, ConsumedCapacity: capacity } : body
      return [`DynamoDB_20120810.${name}`, Buffer.from(JSON.stringify(answer))]
    }),
  )
  return {
    async handle(request: { headers: Record<string, string> }) {
      const target = request.headers['x-amz-target'] ?? ''
      const body = bodies.get(target)
      if (!body) throw new Error(`No canned answer to ${target}`)
      return { response: new Response(body) }
    },
  } as unknown as RequestHandler
}
