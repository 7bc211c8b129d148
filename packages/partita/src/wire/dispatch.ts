/** One request of DynamoDB's protocol answered: which operation it is of, what its input may be, what it gives. */
import type { EngineStore } from '../embedded/engine-store.js'
import { OPERATIONS } from './operations/index.js'
import { AwsError } from './protocol/aws-error.js'
import { parseJson } from './protocol/json.js'
import { isLong, writeLong } from './protocol/long-response.js'
import { readShape } from './protocol/read-shape.js'
import type { Structure } from './protocol/shape.js'
import { awsErrorOf } from './protocol/translate-error.js'

/** What operations work on. */
export interface Wire {
  readonly store: EngineStore
  /** The region in the ARNs that answers hold. */
  readonly region: string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Where the client reached this server, with the port. Undefined for requests within the process. */
  readonly address?: string | undefined
}

/** An operation of the protocol. `run` is given what `readShape` left of the input; some give no output at all. */
export interface Operation {
  readonly input: Structure
  // biome-ignore lint/suspicious/noExplicitAny: each operation says what its shape makes sure of; the table holds all.
  run(wire: Wire, input: any): Promise<object | undefined> | object | undefined
}

/** Operations by their targets: the service's name and version, a point, the operation's name. */
export type Operations = Readonly<Record<string, Operation>>

/** The answer to one request. */
export interface Answer {
  readonly status: number
  /** JSON, or nothing. */
  readonly body: string
}

/** Says that an operation may go on, once it is known and before its input is looked at; else throws a `Fault`. */
export type Admit = (target: string, input: unknown) => void

/**
 * @param target the header `X-Amz-Target`, such as `DynamoDB_20120810.GetItem`.
 * @param body the request's JSON.
 * @returns a promise only where the operation has to wait.
 */
export function answer(wire: Wire, target: string | undefined, body: string, admit?: Admit): Answer | Promise<Answer> {
  try {
    const input = body === '' ? undefined : parseJson(body)
    const operation = target !== undefined && Object.hasOwn(OPERATIONS, target) ? OPERATIONS[target] : undefined
    if (target === undefined || !operation) throw new AwsError('UnknownOperationException', '')
    admit?.(target, input)
    if (body === '') throw new AwsError('SerializationException', '')
    const output = operation.run(wire, readShape(operation.input, input))
    return output instanceof Promise ? output.then(success).catch(failure).catch(refusal) : success(output)
  } catch (error) {
    return refusal(error)
  }
}

function success(output: object | undefined): Answer | Promise<Answer> {
  if (output === undefined) return { status: 200, body: '' }
  if (isLong(output)) return writeLong(output).then(body => ({ status: 200, body }))
  return { status: 200, body: JSON.stringify(output) }
}

/** The answer for an error: a refusal of the wire's as it stands, one of the store in AWS's words. */
export function refusal(error: unknown): Answer {
  const fault = awsErrorOf(error)
  return { status: fault.status, body: JSON.stringify(fault.body()) }
}

/** The same for an error of an operation: a transaction may show 100 items, of 400 KB each, that it did not change. */
function failure(error: unknown): Answer | Promise<Answer> {
  const fault = awsErrorOf(error)
  const body = fault.body()
  const { status } = fault
  return isLong(body) ? writeLong(body).then(text => ({ status, body: text })) : { status, body: JSON.stringify(body) }
}
