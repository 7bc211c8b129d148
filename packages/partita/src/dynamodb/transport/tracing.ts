/**
 * Publishes each request on Node's `diagnostics_channel`, for tracing: the channels `tracing:partita.dynamodb:start`, `end`,
 * `asyncStart`, `asyncEnd` and `error`. Without a subscriber it costs one comparison.
 */
import type { Traffic } from '../../store/store.js'
import type { Tries } from '../attempts.js'
import { builtin } from './runtime.js'

/** What subscribers receive. The figures are those of the attempts that were made until then. */
export interface RequestTrace extends Traffic {
  /** The name of DynamoDB's operation, such as `GetItem`. */
  readonly operation: string
  /** AWS's id of the last attempt. */
  readonly requestId: string | undefined
}

interface TracingChannel {
  /** Missing before Node 20.13. */
  readonly hasSubscribers?: boolean
  tracePromise<T>(run: () => Promise<T>, context: object): Promise<T>
}

const channel = builtin?.<{ readonly tracingChannel?: (name: string) => TracingChannel }>(
  'node:diagnostics_channel',
)?.tracingChannel?.('partita.dynamodb')

/** Runs a request, and publishes it if anybody listens. */
export function traced<T>(operation: string, tries: Tries, run: () => Promise<T>): Promise<T> {
  if (!channel?.hasSubscribers) return run()
  const trace: RequestTrace = {
    operation,
    get attempts() {
      return tries.count
    },
    get sentBytes() {
      return tries.sentBytes
    },
    get receivedBytes() {
      return tries.receivedBytes
    },
    get requestId() {
      return tries.requestId
    },
  }
  return channel.tracePromise(run, trace)
}
