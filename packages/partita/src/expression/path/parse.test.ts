import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { paths } from '../../../../../test/arbitrary/expression.js'
import { anyName } from '../../../../../test/arbitrary/value.js'
import { parsePath } from './parse.js'

test('dots separate names, and brackets hold list indexes', () => {
  expect(parsePath('a')).toEqual(['a'])
  expect(parsePath('address.lines[0]')).toEqual(['address', 'lines', 0])
  expect(parsePath('m[10][2].k')).toEqual(['m', 10, 2, 'k'])
})

test('a backslash escapes the next character', () => {
  expect(parsePath('file\\.txt')).toEqual(['file.txt'])
  expect(parsePath('a\\[0]')).toEqual(['a[0]'])
  expect(parsePath('c:\\\\dir.\\$ref')).toEqual(['c:\\dir', '$ref'])
})

test('an array is already a path, and its names are not parsed', () => {
  expect(parsePath(['a.b', 0, 'c[1]'])).toEqual(['a.b', 0, 'c[1]'])
})

test('every path can be written as text', () => {
  fc.assert(
    fc.property(paths(anyName), path => {
      const text = path
        .map(step => (typeof step === 'number' ? `[${step}]` : `.${step.replace(/[.[\\]/g, '\\$&')}`))
        .join('')
        .slice(1)
      expect(parsePath(text)).toEqual(path)
    }),
  )
})

describe('input that is not a path', () => {
  test.each([
    ['', /1 to 65535 bytes/],
    ['.a', /expected a name \(at position 0\)/],
    ['a.', /expected a name \(at position 2\)/],
    ['a..b', /expected a name \(at position 2\)/],
    ['[0]', /expected a name \(at position 0\)/],
    ['a[', /expected an index .* \(at position 1\)/],
    ['a[x]', /expected an index/],
    ['a[01]', /expected an index/],
    ['a[-1]', /expected an index/],
    ['a[0]b', /expected a dot, a bracket or the end \(at position 4\)/],
    ['a[2147483648]', /not a list index/],
    ['a\\b', /a backslash must be followed by/],
    ['a\\', /a backslash must be followed by/],
    [`a${'.b'.repeat(32)}`, /33 steps/],
    ['x'.repeat(65_536), /65535 bytes/],
    ['\ud800', /well-formed/],
  ])('the text $0 is refused with the position of the problem', (text, message) => {
    expect(() => parsePath(text)).toThrow(message)
  })

  test('an array that is not a path is refused', () => {
    for (const path of [[], [0], ['a', 1.5], ['a', ''], ['a', null], ['a', {}]]) {
      expect(() => parsePath(path as never)).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
    }
  })
})
