import { describe, expect, it } from 'vitest'
import { acceptedCoding } from './accept-encoding.js'

describe('the coding of a response', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['br', undefined],
    ['zstd', undefined],
    ['x-gzip', undefined],
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['GZIP, identity', 'gzip'],
    ['gzip, deflate, br', 'gzip'],
    ['br, identity, deflate, gzip', 'deflate'],
    ['dog, gzip ,, cat', 'gzip'],
    ['gzip;q=1.0,deflate;q=0.6,identity;q=0.3', 'gzip'],
    ['gzip;q=0.2, deflate;q=0.5', 'deflate'],
    ['br, gzip;q=0, deflate; q = 0.5 , identity;q=0', 'deflate'],
    ['*', 'gzip'],
    ['*, deflate;q=0.5', 'gzip'],
    ['*, deflate', 'deflate'],
    ['*, gzip;q=0.5', 'deflate'],
    ['*;q=0.5, identity', 'gzip'],
    ['gzip;q=0.5, identity;q=0.8', 'gzip'],
    ['gzip;q=0.0001', 'gzip'],
    ['gzip ;q=0', undefined],
    ['gzip;q=0, *', 'deflate'],
    ['*;q=0', undefined],
    ['identity;q=0', undefined],
    ['br;q=0.8, *;q=0', undefined],
    ['gzip, *;q=0', 'gzip'],
  ])('the coding for Accept-Encoding %j is %s', (header, coding) => {
    expect(acceptedCoding(header)).toBe(coding)
  })

  it.each([
    ['"gzip"', undefined],
    ['gzip deflate', undefined],
    ['gzip:q=1', undefined],
    ['deflate;q=0.5, gzip;q=31', 'gzip'],
    ['gzip;q=31, deflate;q=51', 'gzip'],
    ['deflate;q=-0.5, gzip;q=0.2', 'gzip'],
    ['deflate;q=0.5, gzip;q=0.', 'deflate'],
    ['deflate;q=0.5, gzip;q=0.x', 'gzip'],
    ['deflate;q=0.5, gzip;q=1;q=0.2', 'gzip'],
    ['gzip;nq=1;q=0 ', undefined],
    ['gzip;q=0, gzip;q=1, gzip;q=0', 'gzip'],
    ['constructor, __proto__', undefined],
  ])('the coding for the malformed Accept-Encoding %j is %s, like at AWS', (header, coding) => {
    expect(acceptedCoding(header)).toBe(coding)
  })
})
