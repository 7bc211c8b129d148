/** Finds the region and the endpoint: from the options, the environment, the profile, and AWS's rules for regions. */
import { invalid, valueText } from '../../errors/errors.js'
import type { Endpoint } from '../transport/exchange.js'
import { regionalHost } from './partitions.js'
import { type ProfileSettings, readProfile } from './profile.js'

/** The options that choose an endpoint. */
export interface EndpointOptions {
  readonly region?: string
  readonly endpoint?: string
  readonly useFipsEndpoint?: boolean
  readonly useDualstackEndpoint?: boolean
}

/** What requests are sent to. */
export interface Destination {
  /** The region of the signatures. */
  readonly region: string
  readonly endpoint: Endpoint
}

type Environment = Readonly<Record<string, string | undefined>>

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
const REGION = /^(?!-)[A-Za-z0-9-]{1,63}$/
const EMPTY: ProfileSettings = new Map()

/**
 * Finds the destination. It is a promise only where the profile must be read: programs on runtimes that forbid waiting
 * outside of a request give their region.
 * @throws Error `Region is missing`; ValidationError for options that contradict each other.
 */
export function findDestination(options: EndpointOptions, env: Environment): Destination | Promise<Destination> {
  const { endpoint, region } = options
  const isLocal = endpoint !== undefined && LOOPBACK.test(new URL(endpoint).hostname)
  const isEnough = endpoint !== undefined && (isLocal || (region ?? env.AWS_REGION) !== undefined)
  if (isEnough || !globalThis.process?.versions?.node) return destinationOf(options, env, EMPTY)
  return readProfile(env).then(profile => destinationOf(options, env, profile))
}

/** Chooses the destination from settings that are read. */
export function destinationOf(options: EndpointOptions, env: Environment, profile: ProfileSettings): Destination {
  const url = options.endpoint ?? configuredUrl(env, profile)
  const isLocal = url !== undefined && LOOPBACK.test(new URL(url).hostname)
  const region = options.region ?? (env.AWS_REGION || profile.get('region')) ?? (isLocal ? 'local' : undefined)
  if (region === undefined) throw new Error('Region is missing')
  if (!REGION.test(region)) throw invalid(['region'], `${valueText(region)} is not the name of a region`)
  const fips = options.useFipsEndpoint ?? isTrue(env.AWS_USE_FIPS_ENDPOINT ?? profile.get('use_fips_endpoint'))
  const dualStack =
    options.useDualstackEndpoint ?? isTrue(env.AWS_USE_DUALSTACK_ENDPOINT ?? profile.get('use_dualstack_endpoint'))
  if (url === undefined) {
    const hostname = regionalHost(region, { fips, dualStack })
    return { region, endpoint: { protocol: 'https:', hostname, path: '/' } }
  }
  // As the SDK: the name of a FIPS or dual-stack endpoint cannot be derived from another URL.
  if (fips) throw invalid(['useFipsEndpoint'], 'is set beside an endpoint; name the FIPS endpoint itself')
  if (dualStack)
    throw invalid(['useDualstackEndpoint'], 'is set beside an endpoint; name the dual-stack endpoint itself')
  return { region, endpoint: endpointOf(url) }
}

/** The endpoint of the environment or profile: that of DynamoDB before that of all services. */
function configuredUrl(env: Environment, profile: ProfileSettings): string | undefined {
  if (isTrue(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? profile.get('ignore_configured_endpoint_urls')))
    return undefined
  const url =
    env.AWS_ENDPOINT_URL_DYNAMODB ||
    env.AWS_ENDPOINT_URL ||
    profile.get('dynamodb.endpoint_url') ||
    profile.get('endpoint_url')
  return url === undefined ? undefined : checkEndpoint(url)
}

/** Checks the URL of an endpoint. @throws ValidationError */
export function checkEndpoint(url: string): string {
  if (typeof url !== 'string' || !/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw invalid(['endpoint'], `${valueText(url)} is not an http or https URL`)
  }
  const { username, password, search, hash } = new URL(url)
  // The text is not shown: it can hold a password.
  if (username || password) throw invalid(['endpoint'], 'contains credentials; pass them as credentials')
  if (search || hash)
    throw invalid(['endpoint'], `${valueText(url)} has a query or fragment, which no request can carry`)
  return url
}

function endpointOf(url: string): Endpoint {
  const { protocol, hostname, port, pathname } = new URL(url)
  return {
    protocol: protocol as Endpoint['protocol'],
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: pathname === '/' ? '/' : pathname.replace(/\/$/, ''),
  }
}

/** Whether an endpoint is a server on this machine, which does not check credentials. */
export function isLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname)
}

function isTrue(text: string | undefined): boolean {
  return text?.toLowerCase() === 'true'
}
