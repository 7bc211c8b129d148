/**
 * The Store over Amazon DynamoDB, or a server that speaks its protocol. Needs `@aws-sdk/client-dynamodb` beside it.
 *
 * @module partita/dynamodb
 */
import { engines } from '../store/engines.js'
import type { Store } from '../store/store.js'
import type { DynamoDBOptions } from './client.js'
import { DynamoDBStore } from './store.js'

export type { DynamoDBOptions } from './client.js'

/**
 * A store on DynamoDB. Nothing is sent before the first call; credentials and region come from the SDK's default chain.
 *
 * A write has three outcomes: done, not done, or `OutcomeUnknownError`. The SDK tries again what was refused for load, and reads;
 * a write whose answer was lost is not sent again, and a transaction is, under one token, until its outcome is known.
 * Every call ends by its deadline.
 *
 * @example
 * import { dynamodb } from 'partita/dynamodb'
 *
 * const store = dynamodb({ region: 'eu-west-1' })
 * const local = dynamodb({ endpoint: 'http://localhost:8000' })
 * @throws ValidationError for options that contradict each other, or an endpoint that is no URL.
 */
export function dynamodb(options: DynamoDBOptions = {}): Store {
  return new DynamoDBStore(options)
}

engines.dynamodb = dynamodb
