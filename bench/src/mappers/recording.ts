/**
 * A DynamoDB of a process's own that first keeps what a library writes to it and then answers with just that, without a
 * socket. So every library reads items of its own making, and only its own CPU time is left to measure.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { Aliases, applyUpdate, marshallItem, parseUpdate, unmarshallItem } from '../../internals.mjs'
import { answeringHandler, type RequestHandler } from '../canned.js'

export type Attributes = Record<string, AttributeValue>

/** The members of requests that answers depend on. */
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

export class Recording {
  readonly #items: Attributes[] = []
  /** What Partita notes of its table, which is no post: that all rows have whatever its models store beside them. */
  #note: Attributes | undefined
  /** By operation, once they are always the same. */
  readonly #answers = new Map<string, Uint8Array>()
  readonly #requests = new Map<string, Body>()
  #replaying = false

  /** What was written, in the order of writing. */
  get items(): readonly Attributes[] {
    return this.#items
  }

  /**
   * From here on writes are forgotten and every read finds the first items written.
   *
   * @param page how many of them a query finds.
   */
  replay(page: number): void {
    this.#items.length = Math.min(this.#items.length, page)
    this.#replaying = true
  }

  /** The first request of an operation since the replay began. */
  asked(operation: string): Body | undefined {
    return this.#requests.get(operation)
  }

  /** The answer, where it does not depend on the request any more. */
  known(operation: string): Uint8Array | undefined {
    return this.#answers.get(operation)
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
        return { Item: isNote(body.Key) ? this.#note : this.#items[0] }
      case 'Scan':
        // Only `connect` looks whether a table is empty, before anything is written.
        return { Items: [], Count: 0, ScannedCount: 0 }
      case 'Query':
        return { Items: this.#items, Count: this.#items.length, ScannedCount: this.#items.length }
      case 'PutItem':
        this.#keep(body.Item)
        return {}
      case 'UpdateItem': {
        // A library may create by an update, too.
        const item = this.#replaying ? this.#items[0] : updated(body)
        this.#keep(item)
        return body.ReturnValues === 'ALL_NEW' ? { Attributes: item } : {}
      }
      default:
        throw new Error(`No recorded answer to ${operation}`)
    }
  }

  #keep(item: Attributes | undefined): void {
    if (!item || this.#replaying) return
    if (isNote(item)) this.#note = item
    else this.#items.push(item)
  }
}

function isNote(attributes: Attributes = {}): boolean {
  return Object.values(attributes).some(({ S }) => S === 'PARTITA#PARTS')
}

/** The item that an update makes of nothing. */
function updated({ Key, UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues }: Body): Attributes {
  const key = unmarshallItem(Key ?? {})
  const aliases = new Aliases(ExpressionAttributeNames, unmarshallItem(ExpressionAttributeValues ?? {}))
  return UpdateExpression ? marshallItem(applyUpdate(parseUpdate(UpdateExpression, aliases), key)) : { ...Key }
}

/** For those who ask. The units are made up: nobody here adds them up. */
function consumed({ TableName, ReturnConsumedCapacity: level = 'NONE' }: Body): object {
  if (level === 'NONE') return {}
  const total = { TableName, CapacityUnits: 1 }
  return { ConsumedCapacity: level === 'INDEXES' ? { ...total, Table: { CapacityUnits: 1 } } : total }
}
