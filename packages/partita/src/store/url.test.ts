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
})
