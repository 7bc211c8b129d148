import { describe, expect, it } from 'vitest'
import { ValidationError } from '../errors/errors.js'
import { parseStoreUrl } from './url.js'

describe('parseStoreUrl', () => {
  it.each([
    ['memory:', { engine: 'memory' }],
    ['embedded:./data', { engine: 'embedded', path: './data' }],
    ['embedded:/var/lib/a b?c', { engine: 'embedded', path: '/var/lib/a b?c' }],
    ['embedded:./data?readOnly=true', { engine: 'embedded', path: './data', readOnly: true }],
    ['embedded:./data?readOnly=false', { engine: 'embedded', path: './data', readOnly: false }],
    ['embedded:C:\\data', { engine: 'embedded', path: 'C:\\data' }],
    ['dynamodb:', { engine: 'dynamodb' }],
    ['dynamodb://eu-west-1', { engine: 'dynamodb', region: 'eu-west-1' }],
    ['dynamodb://us-gov-west-1', { engine: 'dynamodb', region: 'us-gov-west-1' }],
    ['dynamodb://localhost:8000', { engine: 'dynamodb', endpoint: 'http://localhost:8000' }],
    [
      'dynamodb://localhost:8000?region=local',
      { engine: 'dynamodb', endpoint: 'http://localhost:8000', region: 'local' },
    ],
    ['dynamodb://[::1]:8000/', { engine: 'dynamodb', endpoint: 'http://[::1]:8000' }],
    ['dynamodb://db.example.com?tls=true', { engine: 'dynamodb', endpoint: 'https://db.example.com' }],
    [
      'dynamodb://eu-west-1?requestTimeout=5000&connectTimeout=1000&deadline=20000',
      { engine: 'dynamodb', region: 'eu-west-1', requestTimeout: 5000, connectTimeout: 1000, deadline: 20000 },
    ],
    [
      'dynamodb://localhost:8000?region=local&deadline=1',
      { engine: 'dynamodb', endpoint: 'http://localhost:8000', region: 'local', deadline: 1 },
    ],
    [
      'mongodb://localhost:27017/shop?replicaSet=rs0',
      { engine: 'mongodb', url: 'mongodb://localhost:27017/shop?replicaSet=rs0', database: 'shop' },
    ],
    [
      'mongodb://ada:p%40ss@a:1,b:2/shop',
      { engine: 'mongodb', url: 'mongodb://ada:p%40ss@a:1,b:2/shop', database: 'shop' },
    ],
    [
      'mongodb+srv://cluster.example.com/my%2Dshop',
      { engine: 'mongodb', url: 'mongodb+srv://cluster.example.com/my%2Dshop', database: 'my-shop' },
    ],
  ])('the URL %s is parsed', (url, location) => {
    expect(parseStoreUrl(url)).toEqual(location)
  })

  it('the error for an unknown or repeated option lists the known ones', () => {
    const known = 'region, tls, connectTimeout, requestTimeout, deadline'
    expect(() => parseStoreUrl('dynamodb://localhost:8000?tsl=true')).toThrow(
      `unknown option, tsl (the options are ${known})`,
    )
    expect(() => parseStoreUrl('embedded:./data?readonly=true')).toThrow(
      'unknown option, readonly (the only option is readOnly)',
    )
    expect(() => parseStoreUrl('dynamodb://eu-west-1?deadline=5&deadline=5')).toThrow('option deadline more than once')
  })

  it.each([
    '',
    'data',
    './data',
    'embedded:',
    'embedded:  ',
    'embedded://data',
    'embedded:?readOnly=true',
    'embedded:./data?readonly=true',
    'embedded:./data?readOnly=yes',
    'memory:x',
    'mongodb://localhost',
    'mongodb://localhost/',
    'mongodb://localhost/?replicaSet=rs0',
    'mongodb:///shop',
    'mongodb:',
    'mongodb://localhost/a.b',
    'mongodb://localhost/a/b',
    'mongodb://localhost/a%00b',
    'mongodb://localhost/a%2Fb',
    'mongodb://localhost/a b',
    'mongodb://localhost/%E0',
    'mongodb://localhost/shop#part',
    `mongodb://localhost/${'a'.repeat(64)}`,
    'mongodb+tls://localhost/shop',
    'MongoDB://localhost/shop',
    'Memory:',
    '__proto__:',
    'dynamodb://',
    'dynamodb://europe',
    'dynamodb://localhost:8000/table',
    'dynamodb://localhost:99999',
    'dynamodb://localhost:8000?tsl=true',
    'dynamodb://localhost:8000?tls=yes',
    'dynamodb://localhost:8000?region=',
    'dynamodb://eu-west-1?region=eu-west-2',
    'dynamodb://eu-west-1?deadline=0',
    'dynamodb://eu-west-1?requestTimeout=5s',
    'dynamodb://eu-west-1?connectTimeout=2147483648',
    'dynamodb://eu-west-1?deadline=5&deadline=6',
    'dynamodb://localhost:8000?region=local&region=local',
  ])('the URL %j is refused with the forms that URLs have', url => {
    expect(() => parseStoreUrl(url)).toThrow(ValidationError)
    expect(() => parseStoreUrl(url)).toThrow(/embedded:\.\/data/)
  })

  it('a URL with credentials is refused, and the error does not repeat them', () => {
    const parse = () => parseStoreUrl('dynamodb://AKIA:secret@localhost:8000')
    expect(parse).toThrow(/credentials/)
    expect(parse).not.toThrow(/secret/)
  })

  it.each([
    'mongodb://ada:s3cret@localhost',
    'mongodb://ada:s3cret@localhost/a.b',
    'mongodb://ada:s3c/s3cret@localhost/shop',
    'mongodb://localhost/?tlsCertificateKeyFilePassword=s3cret',
    'mongodb://localhost/a.b?authMechanismProperties=AWS_SESSION_TOKEN:s3cret',
    'mongodb://ada:s3cret\n@localhost/shop',
    'dynamodb://ada:s3cret@localhost:8000',
  ])('the error for %s does not repeat the secret', url => {
    const message = messageOf(() => parseStoreUrl(url))
    expect(message).toContain('store URL')
    expect(message).not.toContain('s3cret')
  })

  it('the error for a MongoDB URL without a database says where it belongs', () => {
    expect(() => parseStoreUrl('mongodb://localhost:27017')).toThrow('has no database, which follows the hosts')
  })
})

function messageOf(parse: () => unknown): string {
  try {
    parse()
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
