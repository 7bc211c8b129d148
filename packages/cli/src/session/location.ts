/** Which store the settings name: its URL as it is opened, and whether it is an AWS account. */
import { resolve } from 'node:path'
import { ValidationError } from 'partita'
import { parseStoreUrl, redactedUrl } from 'partita/store'
import type { Settings } from '../config/settings.js'
import { Usage } from '../failure.js'

/** The store that a command works on. */
export interface NamedStore {
  /** The URL with the region of the settings. */
  readonly url: string
  /** The folder of an embedded store; undefined for others. */
  readonly folder: string | undefined
  /** Whether it is, or may be, a real AWS account. */
  readonly isAws: boolean
  /**
   * Identifies the store in files of progress, so that no run continues in another store: the same relative path in
   * another folder, or the same URL with another endpoint, region or profile.
   */
  readonly identity: string
  /** The store for a person, with what the URL does not say, and without its secrets. */
  readonly shown: string
}

type StoreSettings = Pick<Settings, 'store' | 'region' | 'profile' | 'flags'>

/** The domains of AWS's endpoints. */
const AWS_HOST = /(^|\.)(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)$/

/** @throws Usage for an invalid URL, or a region that contradicts it. */
export function nameStore(settings: StoreSettings): NamedStore {
  const url = withRegion(settings)
  const location = locationOf(url)
  if (location.engine !== 'dynamodb') {
    const folder = location.engine === 'embedded' ? location.path : undefined
    const shown = redactedUrl(url)
    return { url, folder, isAws: false, identity: folder === undefined ? shown : `embedded:${resolve(folder)}`, shown }
  }
  const endpoint = location.endpoint ?? environmentEndpoint()
  const isAws = endpoint === undefined || !URL.canParse(endpoint) || AWS_HOST.test(new URL(endpoint).hostname)
  const details = [
    location.endpoint === undefined && endpoint !== undefined && `at ${endpoint}`,
    isAws && 'AWS',
    isAws && settings.profile !== undefined && `profile ${settings.profile}`,
  ].filter(Boolean)
  const name = location.region === undefined && url === 'dynamodb:' ? `dynamodb:${regionHint()}` : url
  const shown = details.length > 0 ? `${name} (${details.join(', ')})` : name
  return { url, folder: undefined, isAws, identity: shown, shown }
}

/** The URL with the region of the settings, if it can have one. A flag replaces the region of a URL that is no flag. */
function withRegion({ store, region, flags }: StoreSettings): string {
  const location = locationOf(store)
  if (region === undefined || location.engine !== 'dynamodb') {
    if (flags.region !== undefined)
      throw new Usage(`--region applies to DynamoDB only; the store is ${redactedUrl(store)}`)
    return store
  }
  if (location.region === region) return store
  if (location.region !== undefined) {
    if (flags.region === undefined) return store
    if (flags.store !== undefined) throw new Usage(`--store and --region name different regions; give one of them`)
  }
  if (location.endpoint === undefined) {
    const query = store.includes('?') ? store.slice(store.indexOf('?')) : ''
    return checked(`dynamodb://${region}${query}`)
  }
  const url = new URL(store)
  url.searchParams.set('region', region)
  return checked(url.href)
}

function checked(url: string): string {
  locationOf(url)
  return url
}

function locationOf(url: string): ReturnType<typeof parseStoreUrl> {
  try {
    return parseStoreUrl(url)
  } catch (error) {
    throw error instanceof ValidationError ? new Usage(error.message) : error
  }
}

/** The endpoint that the SDK takes from the environment. */
function environmentEndpoint(): string | undefined {
  const { env } = process
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined
  return env.AWS_ENDPOINT_URL_DYNAMODB || env.AWS_ENDPOINT_URL || undefined
}

function regionHint(): string {
  return process.env.AWS_REGION ? `//${process.env.AWS_REGION}` : ''
}
