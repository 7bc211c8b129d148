/** The SDK's client: the user's, or a new one. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { invalid, valueText } from '../errors/errors.js'
import type { Pace } from '../store/retry.js'

/** Options of {@link dynamodb}. */
export interface DynamoDBOptions {
  /** An existing client, which `close` leaves open. Without it, a client is created from the options below. */
  readonly client?: DynamoDBClient
  /** The AWS region. Default: the SDK's chain (`AWS_REGION`, then the profile), or `local` for an endpoint on this machine. */
  readonly region?: string
  /** The URL of another server, such as `http://localhost:8000`. Default: AWS's endpoint of the region. */
  readonly endpoint?: string
  /** The AWS credentials. Default: the SDK's chain (environment, profile, role ...). */
  readonly credentials?: DynamoDBClientConfig['credentials']
  /** The HTTP handler, or its settings. Default: the SDK's. */
  readonly requestHandler?: DynamoDBClientConfig['requestHandler']
  /** Maximum attempts of the SDK per request. Default 4. A write that may have been applied is not retried. */
  readonly maxAttempts?: number
  /** Timeout for a connection in milliseconds. Default 3,000. */
  readonly connectTimeout?: number
  /** Timeout for one attempt, including its response, in milliseconds. Default: that of your handler, else 10,000. */
  readonly requestTimeout?: number
  /** Timeout for one call with all retries, in milliseconds. `deadline` of a call overrides it. Default 30,000. */
  readonly deadline?: number
  /** Clock, delays and random numbers of the store's own back off. Tests replace it. */
  readonly pace?: Pace
}

/** A client and who closes it. */
export interface OwnedClient {
  readonly client: DynamoDBClient
  /** Whether the store created the client, and destroys it on close. */
  readonly owned: boolean
  readonly requestTimeout: number | undefined
}

const DEFAULT_CONNECT_TIMEOUT = 3000
/** Maximum delay of Node's timers. */
const MAX_TIMEOUT = 2 ** 31 - 1

/** Local servers do not check credentials; DynamoDB Local allows letters and digits only. */
const DUMMY_CREDENTIALS = { accessKeyId: 'partita', secretAccessKey: 'partita' }
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * Silent like the SDK's default logger, but without `info` and `error`. If those exist, the SDK formats every input and
 * output for them, which takes half of the time of a query.
 */
const SILENT = { trace() {}, debug() {}, warn() {} } as unknown as NonNullable<DynamoDBClientConfig['logger']>

/**
 * Returns the client of a store.
 * @throws ValidationError for a client together with client settings, an endpoint that is not a URL, or an invalid number.
 */
export function clientOf({
  client,
  connectTimeout,
  requestTimeout,
  deadline,
  ...settings
}: DynamoDBOptions): OwnedClient {
  const { region, endpoint, credentials, requestHandler, maxAttempts } = settings
  checkMilliseconds({ connectTimeout, requestTimeout, deadline })
  if (maxAttempts !== undefined && !(Number.isSafeInteger(maxAttempts) && maxAttempts > 0)) {
    throw invalid(['maxAttempts'], `is ${valueText(maxAttempts)}; it must be a whole number from 1`)
  }
  const given = { region, endpoint, credentials, requestHandler, maxAttempts }
  const names = Object.entries({ ...given, connectTimeout }).flatMap(([name, it]) => (it === undefined ? [] : [name]))
  if (client) {
    if (names.length > 0)
      throw invalid(names.slice(0, 1), 'is a setting of the client; pass either the client or its settings')
    return { client, owned: false, requestTimeout }
  }
  const config: DynamoDBClientConfig = Object.fromEntries(Object.entries(given).filter(([, it]) => it !== undefined))
  config.logger = SILENT
  const own = handlerSettings(requestHandler)
  if (own) config.requestHandler = { connectionTimeout: connectTimeout ?? DEFAULT_CONNECT_TIMEOUT, ...own }
  else if (connectTimeout !== undefined) {
    throw invalid(['connectTimeout'], 'is a setting of the request handler; pass either the handler or its settings')
  }
  if (endpoint !== undefined) {
    if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint)) {
      throw invalid(['endpoint'], `${valueText(endpoint)} is not an http or https URL`)
    }
    if (LOOPBACK.test(new URL(endpoint).hostname)) {
      if (!globalThis.process?.env.AWS_REGION) config.region ??= 'local'
      if (!globalThis.process?.env.AWS_ACCESS_KEY_ID) config.credentials ??= DUMMY_CREDENTIALS
    }
  }
  const fromHandler = own?.requestTimeout
  return {
    client: new DynamoDBClient(config),
    owned: true,
    requestTimeout: requestTimeout ?? (fromHandler || undefined),
  }
}

/** Returns the settings of the SDK's handler; undefined if the user passes a handler. */
function handlerSettings(given: DynamoDBOptions['requestHandler']): { readonly requestTimeout?: number } | undefined {
  const isMade = given !== undefined && 'handle' in given
  return isMade ? undefined : (given ?? {})
}

/** @throws ValidationError */
function checkMilliseconds(times: Readonly<Record<string, number | undefined>>): void {
  for (const [name, it] of Object.entries(times)) {
    if (it === undefined || (typeof it === 'number' && it > 0 && it <= MAX_TIMEOUT)) continue
    throw invalid([name], `is ${valueText(it)}; it must be a number of milliseconds from 1 to ${MAX_TIMEOUT}`)
  }
}
