/** Messages on the wire: OP_MSG, and OP_QUERY for the handshake of a driver that does not know the server yet. */
import { BSON, type Document } from 'mongodb'

const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013
const HEADER = 16
const MORE_TO_COME = 2
const MAX_MESSAGE_BYTES = 48_000_000
/** Values keep their types, so that what is stored is what was sent. */
const EXACT = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const

/** A command as it came in. */
export interface Request {
  readonly id: number
  readonly command: Document
  /** The client waits for no answer. */
  readonly isUnacknowledged: boolean
  readonly isQuery: boolean
}

/** Splits what a socket receives into messages. */
export class Messages {
  #buffered: Buffer = Buffer.alloc(0)

  /** @throws Error for a message that is not of this protocol. */
  take(chunk: Buffer): Request[] {
    const requests: Request[] = []
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk])
    while (this.#buffered.length >= HEADER) {
      const length = this.#buffered.readInt32LE(0)
      if (length < HEADER || length > MAX_MESSAGE_BYTES) throw new Error(`A message has ${length} bytes`)
      if (this.#buffered.length < length) break
      const message = this.#buffered.subarray(0, length)
      this.#buffered = this.#buffered.subarray(length)
      requests.push(parse(message))
    }
    return requests
  }
}

function parse(message: Buffer): Request {
  const [id, operation] = [message.readInt32LE(4), message.readInt32LE(12)]
  if (operation === OP_MSG) return { ...parseMessage(message), id, isQuery: false }
  if (operation !== OP_QUERY) throw new Error(`The operation ${operation} is not supported`)
  const name = message.indexOf(0, HEADER + 4)
  const start = name + 1 + 8
  const database = message.toString('utf8', HEADER + 4, name).split('.')[0]
  const command = document(message, start, message.readInt32LE(start))
  return { id, command: { $db: database, ...command }, isUnacknowledged: false, isQuery: true }
}

function parseMessage(message: Buffer): Pick<Request, 'command' | 'isUnacknowledged'> {
  const flags = message.readUInt32LE(HEADER)
  let command: Document = {}
  const sequences: Document = {}
  let at = HEADER + 4
  while (at < message.length) {
    const kind = message[at++]
    const length = message.readInt32LE(at)
    if (kind === 0) command = document(message, at, length)
    else if (kind === 1) {
      const nameEnd = message.indexOf(0, at + 4)
      const documents: Document[] = []
      for (let start = nameEnd + 1; start < at + length; ) {
        const bytes = message.readInt32LE(start)
        documents.push(document(message, start, bytes))
        start += bytes
      }
      sequences[message.toString('utf8', at + 4, nameEnd)] = documents
    } else throw new Error(`A section has kind ${kind}`)
    at += length
  }
  return { command: { ...command, ...sequences }, isUnacknowledged: (flags & MORE_TO_COME) !== 0 }
}

function document(message: Buffer, start: number, length: number): Document {
  return BSON.deserialize(message.subarray(start, start + length), EXACT)
}

/** The message that answers a request. */
export function answer({ id, isQuery }: Request, reply: Document): Buffer {
  const body = BSON.serialize(reply, { ignoreUndefined: true })
  const head = Buffer.alloc(HEADER + (isQuery ? 20 : 5))
  head.writeInt32LE(head.length + body.length, 0)
  head.writeInt32LE(id, 8)
  head.writeInt32LE(isQuery ? OP_REPLY : OP_MSG, 12)
  if (isQuery) head.writeInt32LE(1, HEADER + 16)
  return Buffer.concat([head, body])
}
