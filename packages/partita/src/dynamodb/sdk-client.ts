/**
 * A transport over an SDK client that the user passes. The module that knows the SDK is loaded by the first request, so
 * that a program without such a client needs no SDK.
 */
import { PartitaError } from '../errors/errors.js'
import type { Pace } from '../store/retry.js'
import type { Tries } from './attempts.js'
import type { OperationName, Outputs, PreparedRequest } from './protocol/operations.js'
import type { Failure, Transport } from './transport.js'

/** The parts of `DynamoDBClient` that identify one, so that its package need not be installed. */
export interface SdkClient {
  readonly config: object
  send(command: never, options?: never): Promise<unknown>
  destroy(): void
}

/** Opens a transport over a client. */
export type OpenSdk = (client: SdkClient, requestTimeout: number | undefined, pace: Pace) => Transport

/** `partita/dynamodb/sdk` registers itself here when it is imported, because bundlers do not follow the import below. */
export const sdk: { open?: OpenSdk } = {}

/** A variable with ignore comments, so that bundlers do not follow the import to the SDK, which may not be installed. */
const SDK: string = 'partita/dynamodb/sdk'

/** Sends requests with the user's client. */
export class SdkTransport implements Transport {
  readonly #open: () => Promise<Transport>
  #opened: Transport | undefined

  constructor(client: SdkClient, requestTimeout: number | undefined, pace: Pace) {
    this.#open = async () => {
      const open = sdk.open ?? (await loadSdk())
      this.#opened ??= open(client, requestTimeout, pace)
      return this.#opened
    }
  }

  async send<Name extends OperationName>(request: PreparedRequest<Name>, tries: Tries): Promise<Outputs[Name]> {
    const opened = this.#opened ?? (await this.#open())
    return opened.send(request, tries)
  }

  failureOf(error: unknown): Failure {
    return this.#opened ? this.#opened.failureOf(error) : (error as Failure)
  }

  /** The client belongs to the user. */
  close(): void {}
}

async function loadSdk(): Promise<OpenSdk> {
  let cause: unknown
  await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ SDK).catch((error: unknown) => {
    cause = error
  })
  if (sdk.open) return sdk.open
  const message =
    'The store cannot use the client: install @aws-sdk/client-dynamodb beside partita; ' +
    "a bundle can use a client only if the program has import 'partita/dynamodb/sdk'"
  throw new PartitaError('StoreUnusable', message, {}, cause)
}
