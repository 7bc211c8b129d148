/** Answers one request of DynamoDB's protocol: finds the operation, validates the input, runs it. */
import type { EngineStore } from '../embedded/engine-store.js'
import { OPERATIONS } from './operations/index.js'
import { AwsError } from './protocol/aws-error.js'
import { parseJson } from './protocol/json.js'
import { isLong, writeLong } from './protocol/long-response.js'
import { readShape } from './protocol/read-shape.js'
import type { Structure } from './protocol/shape.js'
import { awsErrorOf } from './protocol/translate-error.js'

/** The context of operations. */
export interface Wire {
  readonly store: EngineStore
  /** The region in ARNs. */
  readonly region: string
  /** The current time in epoch milliseconds. */
  readonly now: () => number
  /** Host and port under which the client reached this server. Undefined for requests within the process. */
  readonly address?: string | undefined
}

/** An operation of the protocol. `run` receives the input after `readShape`; some operations have no output. */
export interface Operation {
  readonly input: Structure
  // biome-ignore lint/suspicious/noExplicitAny: each operation says what its shape makes sure of; the table holds all.
  run(wire: Wire, input: any): Promise<object | undefined> | object | undefined
}

/** Operations by target, such as `DynamoDB_20120810.GetItem`. */
export type Operations = Readonly<Record<string, Operation>>

/** The answer to one request. */
export interface Answer {
  readonly status: number
  /** JSON, or empty. */
  readonly body: string
}

/** Checks whether an operation may run, before its input is validated. Throws an `AwsError` if not. */
export type Admit = (target: string, input: unknown) => void

/**
 * @param target the header `X-Amz-Target`, such as `DynamoDB_20120810.GetItem`.
 * @param body the request's JSON.
 * @returns a promise only if the operation is asynchronous.
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

/** The answer for an error. Errors of the store are translated to AWS's. */
export function refusal(error: unknown): Answer {
  const awsError = awsErrorOf(error)
  return { status: awsError.status, body: JSON.stringify(awsError.body()) }
}

/** The same for an error of an operation. A canceled transaction may return 100 items of 400 KB each. */
function failure(error: unknown): Answer | Promise<Answer> {
  const awsError = awsErrorOf(error)
  const body = awsError.body()
  const { status } = awsError
  return isLong(body) ? writeLong(body).then(text => ({ status, body: text })) : { status, body: JSON.stringify(body) }
}
