import { expect, it } from 'vitest'
import { codeFrame } from './code-frame.js'

const text = 'models:\n  User:\n    fields:\n      name: { type: StrngField }\n    key: name\n'

it('a code frame shows file, line and column, the lines around the mistake, and underlines it', () => {
  const start = text.indexOf('StrngField')
  const frame = codeFrame({ path: 'models.yaml', text }, { file: 0, start, end: start + 10 }, 'is not a type')
  expect(frame).toBe(`models.yaml:4:21: is not a type
  2 |   User:
  3 |     fields:
> 4 |       name: { type: StrngField }
    |                     ^^^^^^^^^^
  5 |     key: name
  6 |`)
})

it('a long line is shown around the mistake only', () => {
  const long = `${'x'.repeat(5000)}!${'y'.repeat(5000)}`
  const frame = codeFrame({ path: 'a', text: long }, { file: 0, start: 5000, end: 5001 }, 'wrong')
  expect(Math.max(...frame.split('\n').map(line => line.length))).toBeLessThan(120)
  const [, row = '', under = ''] = frame.split('\n')
  expect(row[under.indexOf('^')]).toBe('!')
})

it('control characters of a file do not reach the terminal', () => {
  const hostile = 'a: \u001b[31m\u202e"\tb"\r'
  const frame = codeFrame({ path: '\u001b]0;x', text: hostile }, { file: 0, start: 3, end: 8 }, 'is \u001b[2J wrong')
  expect(frame.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
})
