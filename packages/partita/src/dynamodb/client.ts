/** The SDK's client: ours where the user gives none. */
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import { invalid, valueText } from '../errors/errors.js'
import type { Pace } from '../store/retry.js'

export interface DynamoDBOptions {
  /** A client of your own; `close` leaves it open. Without one, the options below make one that `close` ends. */
  readonly client?: DynamoDBClient
  /** Default: the SDK's chain (`AWS_REGION`, then the profile), or `local` for an endpoint on this machine. */
  readonly region?: string
  /** Another server, such as `http://localhost:8000`. Default: AWS's endpoint of the region. */
  readonly endpoint?: string
  /** Default: the SDK's chain (environment, profile, role ...). */
  readonly credentials?: DynamoDBClientConfig['credentials']
  /** What sends the HTTP requests, or its settings. Default: the SDK's. */
  readonly requestHandler?: DynamoDBClientConfig['requestHandler']
  /** How often one request is tried by the SDK. Default: the SDK's, 4. A write is not tried again once it may be done. */
  readonly maxAttempts?: number
  /** Milliseconds until a connection is made. Default 3,000. */
  readonly connectTimeout?: number
  /** Milliseconds for one try: until the whole answer has come. Default: what a handler of yours says, else 10,000. */
  readonly requestTimeout?: number
  /** Milliseconds for one call with all its tries, where the call does not say. Default 30,000. */
  readonly deadline?: number
  /** Time and chance for the store's own waiting; tests replace it. */
  readonly pace?: Pace
}

export interface OwnedClient {
  readonly client: DynamoDBClient
  /** Whether we made it, and so have to end it. */
  readonly owned: boolean
  readonly requestTimeout: number | undefined
}

const DEFAULT_CONNECT_TIMEOUT = 3000
/** What a timer of Node can count to. */
const MAX_TIMEOUT = 2 ** 31 - 1

/** Servers on this machine check no credentials; DynamoDB Local wants letters and digits alone. */
const DUMMY_CREDENTIALS = { accessKeyId: 'partita', secretAccessKey: 'partita' }
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

/**
 * As silent as the SDK's default, but without `info` and `error`, which the SDK looks for before it calls them: else it
 * walks through every input and output to make a message that nobody reads, half of the time that a query takes.
 */
const SILENT = { trace() {}, debug() {}, warn() {} } as unknown as NonNullable<DynamoDBClientConfig['logger']>

/** @throws ValidationError for a client together with settings of another, an endpoint that is no URL, or a wrong number. */
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
    throw invalid(['maxAttempts'], `is ${valueText(maxAttempts)}; it is a whole number from 1`)
  }
  const given = { region, endpoint, credentials, requestHandler, maxAttempts }
  const names = Object.entries({ ...given, connectTimeout }).flatMap(([name, it]) => (it === undefined ? [] : [name]))
  if (client) {
    if (names.length > 0) throw invalid(names.slice(0, 1), 'is a setting of the client; give one or the other')
    return { client, owned: false, requestTimeout }
  }
  const config: DynamoDBClientConfig = Object.fromEntries(Object.entries(given).filter(([, it]) => it !== undefined))
  config.logger = SILENT
  const own = handlerSettings(requestHandler)
  if (own) config.requestHandler = { connectionTimeout: connectTimeout ?? DEFAULT_CONNECT_TIMEOUT, ...own }
  else if (connectTimeout !== undefined) {
    throw invalid(['connectTimeout'], 'is a setting of the request handler; give one or the other')
  }
  if (endpoint !== undefined) {
    if (!/^https?:/.test(endpoint) || !URL.canParse(endpoint)) {
      throw invalid(['endpoint'], `${valueText(endpoint)} is no http or https URL`)
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

/** The settings of the SDK's own handler; undefined where the user gives one that is made already. */
function handlerSettings(given: DynamoDBOptions['requestHandler']): { readonly requestTimeout?: number } | undefined {
  const isMade = given !== undefined && 'handle' in given
  return isMade ? undefined : (given ?? {})
}

/** @throws ValidationError */
function checkMilliseconds(times: Readonly<Record<string, number | undefined>>): void {
  for (const [name, it] of Object.entries(times)) {
    if (it === undefined || (typeof it === 'number' && it > 0 && it <= MAX_TIMEOUT)) continue
    throw invalid([name], `is ${valueText(it)}; it is a number of milliseconds from 1 to ${MAX_TIMEOUT}`)
  }
}
