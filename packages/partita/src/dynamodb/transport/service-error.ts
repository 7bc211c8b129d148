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
    const type = found.__type ?? header('x-amzn-errortype')?.split(':')[0]
    super(found.message ?? found.Message ?? `The server responded with status ${status}`)
    this.name = type?.slice(type.lastIndexOf('#') + 1) ?? 'UnknownError'
    this.$metadata = { httpStatusCode: status, requestId: requestIdOf(answer), attempts }
    this.item = found.Item
    this.reasons = found.CancellationReasons
    this.date = header('date')
    this.retryAfter = delayOf(header)
  }
}

interface ExceptionBody {
  readonly __type?: string
  readonly message?: string
  readonly Message?: string
  readonly Item?: Item
  readonly CancellationReasons?: readonly Cancellation[]
}

function bodyOf(body: Uint8Array): ExceptionBody {
  try {
    return readBody(body, EXCEPTION_SHAPE)
  } catch {
    // The text of a proxy, or nothing.
    return {}
  }
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
