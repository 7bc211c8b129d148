/**
 * Lets `dynamodb({ client })` use a client of the AWS SDK. It is loaded when it is needed; a bundled program with such a
 * client imports it, as bundlers do not follow that import. It needs the package `@aws-sdk/client-dynamodb`.
 *
 * @module partita/dynamodb/sdk
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Pace } from '../../store/retry.js'
import type { Tries } from '../attempts.js'
import type { OperationName, Outputs, PreparedRequest } from '../protocol/operations.js'
import { readOutput } from '../protocol/read.js'
import { EXCEPTION_SHAPE, outputShape } from '../protocol/shapes.js'
import { sdk } from '../sdk-client.js'
import type { Cancellation, Failure, Transport } from '../transport.js'
import { commandOf } from './commands.js'
import { plainBytes, unmarshallItem } from './marshall.js'
import { watched } from './watched.js'

/** Sends commands with the SDK, which signs and retries them. */
class CommandTransport implements Transport {
  readonly #client: DynamoDBClient
  readonly #pace: Pace
  /** Whether attempts are seen, so that a call that ends before the first one was certainly not sent. */
  readonly #isWatched: boolean

  constructor(client: DynamoDBClient, requestTimeout: number | undefined, pace: Pace) {
    this.#client = watched(client, requestTimeout, pace)
    this.#isWatched = this.#client !== client
    this.#pace = pace
  }

  async send<Name extends OperationName>(request: PreparedRequest<Name>, tries: Tries): Promise<Outputs[Name]> {
    tries.text = request.text
    if (this.#isWatched) tries.wait(this.#pace)
    const send = this.#client.send as (command: object, options: object) => Promise<Outputs[Name]>
    const output = await send.call(this.#client, commandOf(request), { tries })
    return readOutput(output as Outputs[Name] & object, outputShape(request.operation), plainBytes)
  }

  /** The error itself stays as the SDK made it, as it becomes a cause. */
  failureOf(error: unknown): Failure {
    const { name, message, code, Item, CancellationReasons, $metadata } = error as SdkError
    return {
      ...(name !== undefined && { name }),
      ...(message !== undefined && { message }),
      ...(code !== undefined && { code }),
      ...($metadata?.requestId !== undefined && { requestId: $metadata.requestId }),
      ...(Item && { item: unmarshallItem(Item) }),
      ...(CancellationReasons && {
        reasons: readOutput({ CancellationReasons }, EXCEPTION_SHAPE, plainBytes).CancellationReasons,
      }),
    }
  }

  close(): void {}
}

/** The members of the SDK's exceptions that are used here. */
interface SdkError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly Item?: Parameters<typeof unmarshallItem>[0]
  readonly CancellationReasons?: readonly Cancellation[]
  readonly $metadata?: { readonly requestId?: string }
}

sdk.open = (client, requestTimeout, pace) => new CommandTransport(client as DynamoDBClient, requestTimeout, pace)
