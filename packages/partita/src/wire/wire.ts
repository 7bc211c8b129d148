/** One request of DynamoDB's protocol answered: which operation it is of, what its input may be, what it gives. */
import type { EmbeddedStore } from '../embedded/engine.js'
import { Fault } from './fault.js'
import { OPERATIONS } from './operations/index.js'
import { readShape, type Structure } from './shape.js'

/** What operations work on. */
export interface Wire {
  readonly store: EmbeddedStore
  /** The region in the ARNs that answers hold. */
  readonly region: string
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** An operation of the protocol. `run` is given what `readShape` left of the input. */
export interface Operation {
  readonly input: Structure
  // biome-ignore lint/suspicious/noExplicitAny: each operation says what its shape makes sure of; the table holds all.
  run(wire: Wire, input: any): Promise<object> | object
}

/** Operations by their targets: the service's name and version, a point, the operation's name. */
export type Operations = Readonly<Record<string, Operation>>

export interface Answer {
  readonly status: number
  /** JSON. */
  readonly body: string
}

/**
 * @param target the header `X-Amz-Target`, such as `DynamoDB_20120810.GetItem`.
 * @param body the request's JSON.
 */
export async function answer(wire: Wire, target: string | undefined, body: string): Promise<Answer> {
  try {
    const operation = target !== undefined && Object.hasOwn(OPERATIONS, target) ? OPERATIONS[target] : undefined
    if (!operation) throw new Fault('UnknownOperationException', '')
    const output = await operation.run(wire, readShape(operation.input, parseBody(body)))
    return { status: 200, body: JSON.stringify(output) }
  } catch (error) {
    const fault = faultOf(error)
    return { status: fault.status, body: JSON.stringify(fault.body()) }
  }
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new Fault('SerializationException', '')
  }
}

/** What an error is to a client: a refusal of the wire's as it stands, one of the store in AWS's words. */
function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault('InternalServerError', error instanceof Error ? error.message : String(error))
}
