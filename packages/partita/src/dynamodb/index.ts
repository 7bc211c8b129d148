/**
 * The Store over Amazon DynamoDB, or a server that speaks its protocol. Needs `@aws-sdk/client-dynamodb` beside it.
 *
 * @module partita/dynamodb
 */
import type { Store } from '../store/store.js'
import type { DynamoDBOptions } from './client.js'
import { DynamoDBStore } from './store.js'

export type { DynamoDBOptions } from './client.js'

/**
 * A store on DynamoDB. Nothing is sent before the first call; credentials and region come from the SDK's default chain.
 *
 * The SDK tries a request again when its answer was lost. A put or delete without a condition comes to the same when
 * done twice, and transactions carry a token, so both are safe. An update that adds may then add twice, and a
 * conditional write may be refused by its own first try: where that matters use `transactWrite`.
 *
 * @example
 * import { dynamodb } from 'partita/dynamodb'
 *
 * const store = dynamodb({ region: 'eu-west-1' })
 * const local = dynamodb({ endpoint: 'http://localhost:8000' })
 * @throws ValidationFailed for options that contradict each other, or an endpoint that is no URL.
 */
export function dynamodb(options: DynamoDBOptions = {}): Store {
  return new DynamoDBStore(options)
}
