import { createRequire } from 'node:module'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { describe, expect, it } from 'vitest'
import { hostOf } from '../transport/exchange.js'
import { checkEndpoint, destinationOf } from './endpoint.js'
import { parseSections } from './profile.js'

const none = new Map<string, string>()

/** The regions of AWS's published partitions. */
function publishedRegions(): string[] {
  const ours = createRequire(import.meta.url)
  const folder = createRequire(ours.resolve('@aws-sdk/client-dynamodb')).resolve('@aws-sdk/core/package.json')
  const file = folder.replace('package.json', 'dist-es/submodules/client/util-endpoints/lib/aws/partitions.js')
  const text = ours('node:fs').readFileSync(file, 'utf8') as string
  return [...text.matchAll(/"([a-z]+(?:-[a-z]+)+-\d+)": \{/g)].map(([, region = '']) => region)
}

describe('an endpoint', () => {
  it('an endpoint is that of the rules of the SDK for each published region, with FIPS and dual stack', () => {
    const regions = [...publishedRegions(), 'eu-new-9', 'us-gov-new-9', 'moon-north-1']
    expect(regions.length).toBeGreaterThan(40)
    for (const region of regions) {
      for (const useFipsEndpoint of [false, true]) {
        for (const useDualstackEndpoint of [false, true]) {
          const client = new DynamoDBClient({ region })
          const { endpointProvider } = client.config as unknown as {
            endpointProvider: (parameters: object) => { url: URL }
          }
          const { url } = endpointProvider({
            Region: region,
            UseFIPS: useFipsEndpoint,
            UseDualStack: useDualstackEndpoint,
          })
          const { endpoint } = destinationOf({ region, useFipsEndpoint, useDualstackEndpoint }, {}, none)
          expect(`${endpoint.protocol}//${hostOf(endpoint)}/`).toBe(url.href)
        }
      }
    }
  })

  it('an endpoint comes from the options, then the environment, then the profile', () => {
    const profile = new Map([
      ['region', 'eu-west-3'],
      ['endpoint_url', 'http://profile:1'],
      ['dynamodb.endpoint_url', 'http://profile-dynamodb:1'],
    ])
    const env = {
      AWS_REGION: 'eu-west-2',
      AWS_ENDPOINT_URL: 'http://all:2',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://mine:2',
    }
    const found = (...[options, environment, settings]: Parameters<typeof destinationOf>) => {
      const { region, endpoint } = destinationOf(options, environment, settings)
      return `${region} ${hostOf(endpoint)}${endpoint.path}`
    }
    expect(found({ region: 'eu-west-1', endpoint: 'http://given:3/path/' }, env, profile)).toBe(
      'eu-west-1 given:3/path',
    )
    expect(found({}, env, profile)).toBe('eu-west-2 mine:2/')
    expect(found({}, { ...env, AWS_ENDPOINT_URL_DYNAMODB: '' }, profile)).toBe('eu-west-2 all:2/')
    expect(found({}, {}, profile)).toBe('eu-west-3 profile-dynamodb:1/')
    expect(found({}, { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, profile)).toBe(
      'eu-west-3 dynamodb.eu-west-3.amazonaws.com/',
    )
    expect(found({ endpoint: 'http://[::1]:8000' }, {}, none)).toBe('local [::1]:8000/')
  })

  it('an endpoint is refused if it contradicts its kind, or is no region or URL', () => {
    const endpoint = 'https://example.com'
    expect(() => destinationOf({ region: 'eu-west-1', endpoint, useFipsEndpoint: true }, {}, none)).toThrow(/FIPS/)
    expect(() => destinationOf({ region: 'eu-west-1', endpoint, useDualstackEndpoint: true }, {}, none)).toThrow(/dual/)
    expect(() => destinationOf({ region: 'evil.com/' }, {}, none)).toThrow(/region/)
    expect(() => destinationOf({}, { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'file:///x' }, none)).toThrow(/URL/)
    expect(() => destinationOf({}, {}, none)).toThrow('Region is missing')
  })

  it('an endpoint with credentials, a query or a fragment is refused, and no password is shown', () => {
    const { message } = refusalOf('http://ada:secret@localhost:8000')
    expect(message).toContain('contains credentials')
    expect(message).not.toContain('secret')
    expect(refusalOf('http://a:1/?x=1').message).toContain('query')
    expect(refusalOf('http://a:1/#x').message).toContain('fragment')
  })
})

function refusalOf(endpoint: string): Error {
  try {
    checkEndpoint(endpoint)
  } catch (error) {
    return error as Error
  }
  throw new Error('The endpoint was accepted')
}

it('a file of AWS is read with its sections, comments and settings of services', () => {
  const text =
    '# a comment\n[default]\nregion = eu-west-1 ; here\n[profile "my work"]\nregion=us-east-1\nservices = local\n' +
    '[services local]\ndynamodb =\n  endpoint_url = http://localhost:8000\ns3 =\n  endpoint_url = http://localhost:9\n'
  const sections = parseSections(text)
  expect(sections.get('default')?.get('region')).toBe('eu-west-1')
  expect(sections.get('profile my work')?.get('region')).toBe('us-east-1')
  expect(sections.get('services local')?.get('dynamodb.endpoint_url')).toBe('http://localhost:8000')
})
