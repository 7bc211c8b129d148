/** Errors that DynamoDB, or something before it, answers. They have the names and members of the SDK's exceptions. */
import type { Item } from '../../value/value.js'
import { readBody } from '../protocol/read.js'
import { EXCEPTION_SHAPE } from '../protocol/shapes.js'
import type { Cancellation } from '../transport.js'
import type { HttpAnswer } from './exchange.js'

/** A response with a status of 300 or more. */
export class ServiceError extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined; attempts: number }
  /** The item of a failed condition. */
  readonly item: Item | undefined
  readonly reasons: readonly Cancellation[] | undefined
  /** The time of the server, as the header `date` has it. */
  readonly date: string | undefined
  /** The milliseconds that the server asks to wait before a retry. */
  readonly retryAfter: number | undefined

  constructor(answer: HttpAnswer, attempts: number) {
    const { status, header, body } = answer
    const found = bodyOf(body)
    const type = found.type ?? header('x-amzn-errortype')?.split(':')[0]
    super(found.message ?? `The server responded with status ${status}`)
    this.name = type?.slice(type.lastIndexOf('#') + 1) ?? 'UnknownError'
    this.$metadata = { httpStatusCode: status, requestId: requestIdOf(answer), attempts }
    this.item = found.item
    this.reasons = found.reasons
    this.date = header('date')
    this.retryAfter = delayOf(header)
  }
}

interface ExceptionBody {
  readonly type?: string
  readonly message?: string
  readonly item?: Item
  readonly reasons?: readonly Cancellation[]
}

/** Reads what is of DynamoDB's form: a proxy may respond with any JSON, or with none. */
function bodyOf(body: Uint8Array): ExceptionBody {
  try {
    const found = readBody(body, EXCEPTION_SHAPE) as Readonly<Record<string, unknown>>
    const { __type: type, Item: item, CancellationReasons: reasons } = found
    const message = found.message ?? found.Message
    return {
      ...(typeof type === 'string' && { type }),
      ...(typeof message === 'string' && { message }),
      ...(isObject(item) && { item: item as Item }),
      ...(Array.isArray(reasons) && reasons.every(isReason) && { reasons }),
    }
  } catch {
    return {}
  }
}

function isReason(it: unknown): it is Cancellation {
  if (!isObject(it)) return false
  const { Code, Message } = it as Readonly<Record<string, unknown>>
  return typeof (Code ?? '') === 'string' && typeof (Message ?? '') === 'string'
}

function isObject(it: unknown): it is object {
  return typeof it === 'object' && it !== null
}

/** Returns AWS's id of a request, with which its support can find it. */
export function requestIdOf({ header }: HttpAnswer): string | undefined {
  return header('x-amzn-requestid') ?? header('x-amz-request-id')
}

function delayOf(header: HttpAnswer['header']): number | undefined {
  const milliseconds = Number(header('x-amz-retry-after') ?? Number.NaN)
  if (milliseconds >= 0) return milliseconds
  const seconds = Number(header('retry-after') ?? Number.NaN)
  return seconds >= 0 ? seconds * 1000 : undefined
}
