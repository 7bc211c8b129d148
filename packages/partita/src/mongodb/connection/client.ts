/** The driver's client: the user's, or a new one. */
import { MongoClient, type MongoClientOptions } from 'mongodb'
import { invalid, valueText } from '../../errors/errors.js'
import { checkMilliseconds, checkOptions } from '../../store/options.js'
import type { Pace } from '../../store/retry.js'
import { isDatabaseName, parseStoreUrl, redactedUrl } from '../../store/url.js'

/** Options of {@link mongodb}: a URL, or a client and the name of a database. */
export interface MongoDBOptions {
  /** `mongodb://…/database` or `mongodb+srv://…/database`, with all options that the driver understands. */
  readonly url?: string
  /** An existing client, which `close` leaves open. */
  readonly client?: MongoClient
  /** The name of the database. Default: that of the URL. */
  readonly database?: string
  /** Timeout for one call with all its commands, in milliseconds. `deadline` of a call overrides it. Default 30,000. */
  readonly deadline?: number
  /** Clock, delays and random numbers of the store's own back-off. Tests replace it. */
  readonly pace?: Pace
}

/** A client, who closes it, and the database of its URL. */
export interface OpenedClient {
  readonly client: MongoClient
  /** Whether the store created the client, and closes it. */
  readonly owned: boolean
  readonly database: string
}

const OPTIONS: readonly (keyof MongoDBOptions)[] = ['url', 'client', 'database', 'deadline', 'pace']

/** Shorter than the default deadline, so that an unreachable server is reported as such. The URL can set another time. */
const SELECTION_TIMEOUT = 10_000

/**
 * Returns the client of a store. Nothing is sent.
 * @throws ValidationError for an unknown option, a URL together with a client, a client of another kind or without a
 *   database, or an invalid URL or number.
 */
export function openClient(options: MongoDBOptions): OpenedClient {
  checkOptions(options, OPTIONS)
  const { url, client, database, deadline } = options
  checkMilliseconds({ deadline })
  if (database !== undefined && !isDatabaseName(database)) {
    throw invalid(['database'], `${valueText(database)} is not a valid name of a database`)
  }
  if (client !== undefined) {
    if (url !== undefined) throw invalid(['url'], 'is a setting of the client; pass either the client or a URL')
    if (typeof client?.db !== 'function') throw invalid(['client'], 'is not a MongoClient of the package mongodb')
    if (database === undefined) throw invalid(['database'], 'is missing; a client needs the name of the database')
    return { client, owned: false, database }
  }
  if (url === undefined) throw invalid(['url'], 'is missing; pass a URL, or a client and the name of the database')
  const location = parseStoreUrl(url)
  if (location.engine !== 'mongodb') throw invalid(['url'], 'is not a URL that begins with mongodb: or mongodb+srv:')
  return { client: newClient(url), owned: true, database: database ?? location.database }
}

/** The driver rejects options that it does not know. This one it accepts, and since version 7.9 it ignores it. */
const IGNORED = /[?&](timeoutMS)=/i

function newClient(url: string): MongoClient {
  const [, ignored] = IGNORED.exec(url) ?? []
  if (ignored !== undefined) {
    throw invalid(['url'], `has the option ${ignored}, which has no effect; pass the option deadline to mongodb()`)
  }
  const options: MongoClientOptions = {
    appName: 'partita',
    ...(!/[?&]serverSelectionTimeoutMS=/i.test(url) && { serverSelectionTimeoutMS: SELECTION_TIMEOUT }),
  }
  // An option of the client would replace that of the URL.
  if (/[?&]appName=/i.test(url)) delete options.appName
  try {
    return new MongoClient(url, options)
  } catch (error) {
    // The driver's message can repeat parts of the URL, and a password that is not encoded among them.
    const reason = error instanceof Error && !/@/.test(error.message) ? `: ${error.message}` : ''
    throw invalid(['url'], `${valueText(redactedUrl(url))} is rejected by the driver${reason}`)
  }
}
