import { expect, it } from 'vitest'
import { oneLine, printable } from './printable.js'

it.each([
  ['/ten-1/usr-1', '/ten-1/usr-1'],
  ["it's München 🎵", "it's München 🎵"],
  ['\u001b[31mred', String.raw`"\u001b[31mred"`],
  ['two\nlines', String.raw`"two\nlines"`],
  ['\u009b2J', String.raw`"\u009b2J"`],
  ['"quoted"', String.raw`"\"quoted\""`],
  ['abc\u202edcba', String.raw`"abc\u202edcba"`],
])('the key %j is printed safely', (key, expected) => {
  expect(printable(key)).toBe(expected)
})

it('any message becomes one safe line', () => {
  expect(oneLine('first\n  second "x" \u001b[2J\r\n')).toBe(String.raw`first second "x" \u001b[2J`)
})
