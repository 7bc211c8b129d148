import { resolve } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import type { SettingFlags } from '../config/settings.js'
import { nameStore } from './location.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

function name(
  store: string,
  { region, flags = {}, profile }: { region?: string; profile?: string; flags?: SettingFlags } = {},
) {
  vi.stubEnv('AWS_REGION', '')
  return nameStore({ store, region, profile, flags })
}

it.each([
  ['dynamodb:', true],
  ['dynamodb://eu-west-1', true],
  ['dynamodb://dynamodb.eu-west-1.amazonaws.com?tls=true', true],
  ['dynamodb://dynamodb.cn-north-1.amazonaws.com.cn?tls=true', true],
  ['dynamodb://dynamodb.eu-west-1.api.aws?tls=true', true],
  ['dynamodb://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com?tls=true', true],
  ['dynamodb://localhost:8000?region=local', false],
  ['dynamodb://amazonaws.com.example.org?tls=true', false],
  ['mongodb://localhost:27017/shop', false],
  ['embedded:./data', false],
  ['memory:', false],
])('whether %s is a real AWS account: %s', (store, isAws) => {
  expect(name(store).isAws).toBe(isAws)
})

it('an endpoint that the environment gives to the SDK decides whether a region is a real account', () => {
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:8000')
  expect(name('dynamodb://eu-west-1')).toMatchObject({
    isAws: false,
    shown: 'dynamodb://eu-west-1 (at http://127.0.0.1:8000)',
  })
  vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true')
  expect(name('dynamodb://eu-west-1', { profile: 'prod' })).toMatchObject({
    isAws: true,
    shown: 'dynamodb://eu-west-1 (AWS, profile prod)',
  })
})

it('the region of the settings completes a URL without one, and a flag replaces that of a URL from elsewhere', () => {
  expect(name('dynamodb:', { region: 'eu-west-1' }).url).toBe('dynamodb://eu-west-1')
  expect(name('dynamodb://localhost:8000', { region: 'eu-west-1' }).url).toBe(
    'dynamodb://localhost:8000?region=eu-west-1',
  )
  expect(name('dynamodb://us-east-1?deadline=5000', { region: 'eu-west-1' }).url).toBe(
    'dynamodb://us-east-1?deadline=5000',
  )
  const flags = { region: 'eu-west-1' }
  expect(name('dynamodb://us-east-1?deadline=5000', { ...flags, flags }).url).toBe('dynamodb://eu-west-1?deadline=5000')
})

it('a MongoDB store is shown without its credentials and options, and opened with them', () => {
  const url = 'mongodb://ada:s3cret@a,b/shop?tlsCertificateKeyFilePassword=s3cret'
  expect(name(url, { region: 'eu-west-1' })).toEqual({
    url,
    folder: undefined,
    isAws: false,
    identity: 'mongodb://***@a,b/shop?***',
    shown: 'mongodb://***@a,b/shop?***',
  })
  const flags = { region: 'eu-west-1' }
  expect(() => name(url, { ...flags, flags })).toThrow(
    '--region applies to DynamoDB only; the store is mongodb://***@a,b/shop?***',
  )
})

it('a store has another identity in another folder, at another endpoint and with another profile', () => {
  const { identity } = name('embedded:./data')
  expect(identity).toBe(`embedded:${resolve('data')}`)
  expect(name(`embedded:${resolve('data')}`).identity).toBe(identity)
  const cloud = name('dynamodb://eu-west-1').identity
  expect(name('dynamodb://eu-west-1', { profile: 'prod' }).identity).not.toBe(cloud)
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:8000')
  expect(name('dynamodb://eu-west-1').identity).not.toBe(cloud)
})

it('regions that contradict each other, and a region for a store on this machine, are usage errors', () => {
  const flags = { region: 'eu-west-1', store: 'dynamodb://us-east-1' }
  expect(() => name('dynamodb://us-east-1', { region: 'eu-west-1', flags })).toThrow(/different regions/)
  expect(() => name('embedded:./data', { region: 'eu-west-1', flags: { region: 'eu-west-1' } })).toThrow(
    /DynamoDB only/,
  )
  expect(() => name('dynamodb:', { region: 'not a region' })).toThrow(/store URL/)
  expect(() => name('nonsense')).toThrow(/store URL "nonsense"/)
})
