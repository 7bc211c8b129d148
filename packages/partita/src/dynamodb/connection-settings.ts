/** Finds what a store connects with, for programs that examine or show it. */
import { Credentials } from './credentials/credentials.js'
import { checkEndpoint, findDestination } from './endpoint/endpoint.js'
import { DUMMY_CREDENTIALS, type DynamoDBOptions, standardCredentials } from './options.js'
import { hostOf } from './transport/exchange.js'
import type { AwsCredentialIdentity } from './transport/signature.js'

/** What a store with the same options sends its requests to, and signs them with. */
export interface ConnectionSettings {
  /**
   * The region of the signatures, and the URL of the server.
   * @throws Error `Region is missing`; ValidationError for settings that contradict each other.
   */
  destination(): Promise<{ readonly region: string; readonly url: string }>
  /**
   * The credentials; undefined for a server on this machine, which needs none, unless the environment has some.
   * @throws UnavailableError if there are none in the environment and the SDK's chain is not installed; that chain's errors.
   */
  credentials(): Promise<AwsCredentialIdentity | undefined>
}

/**
 * Returns what `dynamodb(options)` connects with, from the options, the environment and the AWS profile. Nothing is sent to
 * DynamoDB.
 *
 * @example
 * import { connectionSettings } from 'partita/dynamodb'
 *
 * const { region, url } = await connectionSettings({ region: 'eu-west-1' }).destination()
 * @throws ValidationError for an endpoint that is not a URL.
 */
export function connectionSettings(
  options: Omit<DynamoDBOptions, 'client' | 'requestHandler'> = {},
): ConnectionSettings {
  if (options.endpoint !== undefined) checkEndpoint(options.endpoint)
  const env = globalThis.process?.env ?? {}
  return {
    async destination() {
      const { region, endpoint } = await findDestination(options, env)
      return { region, url: `${endpoint.protocol}//${hostOf(endpoint)}${endpoint.path}` }
    },
    async credentials() {
      const source = options.credentials ?? standardCredentials(options.endpoint, env)
      return source === DUMMY_CREDENTIALS ? undefined : new Credentials(source).get()
    },
  }
}
