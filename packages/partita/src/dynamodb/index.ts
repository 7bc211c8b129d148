/**
 * The store on Amazon DynamoDB, or on a server that speaks its protocol. It needs no package
 * of AWS, but for credentials that are not in the environment.
 *
 * @module partita/dynamodb
 */
import { engines } from '../store/engines.js'
import type { Store } from '../store/store.js'
import type { DynamoDBOptions } from './options.js'
import { DynamoDBStore } from './store.js'

export type { HandlerRequest, HandlerResponse, RequestHandler } from './connection/handler.js'
export { type ConnectionSettings, connectionSettings } from './connection-settings.js'
export type { CredentialProvider } from './credentials/provider.js'
export type { DynamoDBOptions } from './options.js'
export type { SdkClient } from './sdk-client.js'
export type { AwsCredentialIdentity } from './transport/signature.js'
export type { RequestTrace } from './transport/tracing.js'

/**
 * Opens a store on DynamoDB. Nothing is sent before the first call. Credentials and region come from the options, the
 * environment or the AWS profile. Requests are retried as by the SDK in its mode `standard`.
 *
 * A write succeeds, fails without effect, or throws `OutcomeUnknownError`. Throttled requests and reads are retried. A write
 * whose response was lost is not retried; a transaction is, with the same token, until its outcome is known. Every call
 * ends by its deadline.
 *
 * @example
 * import { dynamodb } from 'partita/dynamodb'
 *
 * const store = dynamodb({ region: 'eu-west-1' })
 * const local = dynamodb({ endpoint: 'http://localhost:8000' })
 * @throws ValidationError for unknown options, options that contradict each other, an endpoint that is not a URL, or an invalid number.
 */
export function dynamodb(options: DynamoDBOptions = {}): Store {
  return new DynamoDBStore(options)
}

engines.dynamodb = ({ engine: _, ...options }) => dynamodb(options)
