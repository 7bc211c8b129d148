/** The options of the DynamoDB store, and the transport that they describe. */
import { invalid, valueText } from '../errors/errors.js'
import { checkMilliseconds, checkOptions } from '../store/options.js'
import { type Pace, realPace } from '../store/retry.js'
import { fetchExchange } from './connection/fetch.js'
import { DEFAULT_REQUEST_TIMEOUT, handlerExchange, type RequestHandler } from './connection/handler.js'
import { socketPool } from './connection/pool.js'
import { Credentials } from './credentials/credentials.js'
import { type CredentialProvider, defaultProvider } from './credentials/provider.js'
import { checkEndpoint, findDestination, isLoopback } from './endpoint/endpoint.js'
import { type SdkClient, SdkTransport } from './sdk-client.js'
import { DirectTransport } from './transport/direct.js'
import type { AwsCredentialIdentity } from './transport/signature.js'
import type { Transport } from './transport.js'

/** Options of {@link dynamodb}. */
export interface DynamoDBOptions {
  /**
   * A `DynamoDBClient` of the AWS SDK, which then sends the requests and retries them, and which `close` leaves open.
   * Without it, the store sends them itself, for a fraction of the time. It excludes the options from `region` to
   * `connectTimeout`, which are settings of the client. A bundled program must have `import 'partita/dynamodb/sdk'`.
   */
  readonly client?: SdkClient
  /** The AWS region. Default: `AWS_REGION`, then that of the AWS profile, or `local` for an endpoint on this machine. */
  readonly region?: string
  /**
   * The URL of another server, such as `http://localhost:8000`. Default: `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL`,
   * those of the AWS profile, or AWS's endpoint of the region.
   */
  readonly endpoint?: string
  /** Use the endpoint with cryptography that is validated by FIPS 140. Default: `AWS_USE_FIPS_ENDPOINT`, then the profile. */
  readonly useFipsEndpoint?: boolean
  /** Use the endpoint for IPv4 and IPv6. Default: `AWS_USE_DUALSTACK_ENDPOINT`, then the profile. */
  readonly useDualstackEndpoint?: boolean
  /**
   * AWS credentials, or a credential provider of the SDK's shape, which is called again five minutes before they end.
   * Default: the environment, else the SDK's chain of profile, web identity, container and instance, for which the package
   * `@aws-sdk/credential-provider-node` must be installed. A server on this machine needs none.
   */
  readonly credentials?: AwsCredentialIdentity | CredentialProvider
  /** Sends the HTTP requests, such as a `NodeHttpHandler` of the SDK with an agent for a proxy. Default: the store's own. */
  readonly requestHandler?: RequestHandler
  /** Maximum attempts per request. Default: `AWS_MAX_ATTEMPTS`, or 4. A write that may have been applied is not retried. */
  readonly maxAttempts?: number
  /** Maximum open connections. Further requests wait for one. Default 50. */
  readonly maxConnections?: number
  /** Timeout for a connection in milliseconds. Default 3,000. */
  readonly connectTimeout?: number
  /** Timeout for one attempt, including its response, in milliseconds. Default: that of your handler, else 10,000. */
  readonly requestTimeout?: number
  /** Timeout for one call with all retries, in milliseconds. `deadline` of a call overrides it. Default 30,000. */
  readonly deadline?: number
  /** Clock, delays and random numbers of back-off. Tests replace it. */
  readonly pace?: Pace
}

const OPTIONS = [
  ...['client', 'region', 'endpoint', 'useFipsEndpoint', 'useDualstackEndpoint', 'credentials', 'requestHandler'],
  ...['maxAttempts', 'maxConnections', 'connectTimeout', 'requestTimeout', 'deadline', 'pace'],
]
const DEFAULT_CONNECT_TIMEOUT = 3000
const DEFAULT_MAX_ATTEMPTS = 4
const DEFAULT_MAX_CONNECTIONS = 50

/** Local servers do not check credentials; DynamoDB Local allows letters and digits only. */
export const DUMMY_CREDENTIALS: AwsCredentialIdentity = { accessKeyId: 'partita', secretAccessKey: 'partita' }

/**
 * Returns the transport of a store.
 * @throws ValidationError for a client together with client settings, an endpoint that is not a URL, or an invalid number.
 */
export function transportOf(options: DynamoDBOptions): Transport {
  checkOptions(options, OPTIONS)
  const { client, requestTimeout, deadline, pace = realPace, ...settings } = options
  const { connectTimeout, maxAttempts, maxConnections, requestHandler, endpoint } = settings
  checkMilliseconds({ connectTimeout, requestTimeout, deadline })
  checkCounts({ maxAttempts, maxConnections })
  if (client) {
    const [name] = Object.entries(settings).flatMap(([name, it]) => (it === undefined ? [] : [name]))
    if (name !== undefined) throw invalid([name], 'is a setting of the client; pass either the client or its settings')
    return new SdkTransport(client, requestTimeout, pace)
  }
  if (endpoint !== undefined) checkEndpoint(endpoint)
  if (requestHandler !== undefined) checkHandler(requestHandler, { connectTimeout, maxConnections })
  // Browsers and edge runtimes may have no `process`.
  const env = globalThis.process?.env ?? {}
  const pool = {
    connectTimeout: connectTimeout ?? DEFAULT_CONNECT_TIMEOUT,
    maxConnections: maxConnections ?? DEFAULT_MAX_CONNECTIONS,
  }
  return new DirectTransport({
    find: () => findDestination(settings, env),
    connect: ({ endpoint }) =>
      requestHandler
        ? handlerExchange(requestHandler, endpoint, requestTimeout !== undefined)
        : (socketPool(endpoint, pool) ?? fetchExchange(endpoint)),
    credentials: new Credentials(settings.credentials ?? standardCredentials(endpoint, env)),
    maxAttempts: maxAttempts ?? attemptsOf(env.AWS_MAX_ATTEMPTS),
    requestTimeout: requestTimeout ?? (requestHandler ? Number.POSITIVE_INFINITY : DEFAULT_REQUEST_TIMEOUT),
    env,
    pace,
  })
}

/** Returns the source of credentials of a store without the option. @param endpoint the option. */
export function standardCredentials(
  endpoint: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): AwsCredentialIdentity | CredentialProvider {
  const isLocal = endpoint !== undefined && isLoopback(endpoint)
  return isLocal && !env.AWS_ACCESS_KEY_ID ? DUMMY_CREDENTIALS : defaultProvider(env)
}

function attemptsOf(text: string | undefined): number {
  const count = Number(text)
  return Number.isSafeInteger(count) && count > 0 ? count : DEFAULT_MAX_ATTEMPTS
}

/** @throws ValidationError */
function checkHandler(handler: RequestHandler, pool: Readonly<Record<string, number | undefined>>): void {
  if (typeof (handler as Partial<RequestHandler>)?.handle !== 'function') {
    const message = `is ${valueText(handler)}, without a method handle; settings are requestTimeout, connectTimeout and maxConnections`
    throw invalid(['requestHandler'], message)
  }
  for (const [name, it] of Object.entries(pool)) {
    if (it === undefined) continue
    throw invalid([name], 'is a setting of the request handler; pass either the handler or its settings')
  }
}

/** @throws ValidationError */
function checkCounts(counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, it] of Object.entries(counts)) {
    if (it === undefined || (Number.isSafeInteger(it) && it > 0)) continue
    throw invalid([name], `is ${valueText(it)}; it must be a whole number from 1`)
  }
}
