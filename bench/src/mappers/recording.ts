/**
 * A DynamoDB in this process, without a socket: it records what a library writes and then answers with it. So every
 * library reads its own items, and only its own CPU time is measured.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { Aliases, applyUpdate, marshallItem, parseUpdate, unmarshallItem } from '../../internals.mjs'
import { answeringHandler, type RequestHandler } from '../canned.js'

export type Attributes = Record<string, AttributeValue>

/** The members of requests that responses depend on. */
interface Body {
  readonly TableName: string
  readonly Item?: Attributes
  readonly Key?: Attributes
  readonly UpdateExpression?: string
  readonly ExpressionAttributeNames?: Record<string, string>
  readonly ExpressionAttributeValues?: Attributes
  readonly ConditionExpression?: string
  readonly ReturnValues?: string
  readonly ReturnConsumedCapacity?: string
}

/** Responses that a server gives without looking at the items: by operation, and that to a read of the table's metadata. */
export interface CannedAnswers {
  readonly operations: Readonly<Record<string, string>>
  readonly metadata: string
}

export class Recording {
  /** A server that gives these responses; missing while they come from this process. */
  endpoint: string | undefined
  readonly #items: Attributes[] = []
  /** The item with Partita's metadata of the table, which is not a post. */
  #metadata: Attributes | undefined
  /** Responses that no longer change, by operation. */
  readonly #answers = new Map<string, Uint8Array>()
  readonly #requests = new Map<string, Body>()
  #replaying = false

  /** The written items, in order. */
  get items(): readonly Attributes[] {
    return this.#items
  }

  /**
   * From now on, writes are discarded and every read returns the first items written.
   *
   * @param page the number of items that a query returns.
   */
  replay(page: number): void {
    this.#items.length = Math.min(this.#items.length, page)
    this.#replaying = true
  }

  /** The first request of an operation since the replay began. */
  requested(operation: string): Body | undefined {
    return this.#requests.get(operation)
  }

  /** The response, if it no longer depends on the request. */
  known(operation: string): Uint8Array | undefined {
    return this.#answers.get(operation)
  }

  /** The responses, once every operation has been requested in the replay. */
  canned(): CannedAnswers {
    const decoder = new TextDecoder()
    return {
      operations: Object.fromEntries([...this.#answers].map(([name, bytes]) => [name, decoder.decode(bytes)])),
      metadata: JSON.stringify(this.#metadata ? { Item: this.#metadata } : {}),
    }
  }

  answer(operation: string, text: string | Uint8Array): Uint8Array {
    const known = this.#answers.get(operation)
    if (known) return known
    // The SDK's bodies are bytes that also act as strings; `Buffer.from` would use them as strings, which the SDK warns about.
    const body: Body = JSON.parse(typeof text === 'string' ? text : new TextDecoder().decode(text))
    const answer = Buffer.from(JSON.stringify({ ...this.#result(operation, body), ...consumed(body) }))
    if (!this.#replaying) return answer
    this.#requests.set(operation, body)
    this.#answers.set(operation, answer)
    return answer
  }

  handler(): RequestHandler {
    return answeringHandler((operation, body) => this.answer(operation, body))
  }

  #result(operation: string, body: Body): object {
    switch (operation) {
      case 'GetItem':
        return { Item: isNote(body.Key) ? this.#metadata : this.#items[0] }
      case 'Scan':
        // Only `connect` checks whether a table is empty, before the first write.
        return { Items: [], Count: 0, ScannedCount: 0 }
      case 'Query':
        return { Items: this.#items, Count: this.#items.length, ScannedCount: this.#items.length }
      case 'PutItem':
        this.#keep(body.Item)
        return {}
      case 'UpdateItem': {
        // Some libraries create items by an update.
        const item = this.#replaying ? this.#items[0] : updated(body)
        this.#keep(item)
        return body.ReturnValues === 'ALL_NEW' ? { Attributes: item } : {}
      }
      default:
        throw new Error(`No recorded response to ${operation}`)
    }
  }

  #keep(item: Attributes | undefined): void {
    if (!item || this.#replaying) return
    if (isNote(item)) this.#metadata = item
    else this.#items.push(item)
  }
}

function isNote(attributes: Attributes = {}): boolean {
  return Object.values(attributes).some(({ S }) => S === 'PARTITA#PARTS')
}

/** The item that an update creates. */
function updated({ Key, UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues }: Body): Attributes {
  const key = unmarshallItem(Key ?? {})
  const aliases = new Aliases(ExpressionAttributeNames, unmarshallItem(ExpressionAttributeValues ?? {}))
  return UpdateExpression ? marshallItem(applyUpdate(parseUpdate(UpdateExpression, aliases), key)) : { ...Key }
}

/** The consumed capacity, on request. The units are arbitrary: nothing here uses them. */
function consumed({ TableName, ReturnConsumedCapacity: level = 'NONE' }: Body): object {
  if (level === 'NONE') return {}
  const total = { TableName, CapacityUnits: 1 }
  return { ConsumedCapacity: level === 'INDEXES' ? { ...total, Table: { CapacityUnits: 1 } } : total }
}
