import { expect, test } from 'vitest'
import { tokenize } from './lexer.js'

const texts = (statement: string) => tokenize(statement).map(({ kind, text }) => `${kind} ${text}`)

test('keywords may be in any case, and names keep theirs', () => {
  expect(texts('Select Artist FROM music')).toEqual([
    'keyword select',
    'name Artist',
    'keyword from',
    'name music',
    'end ',
  ])
})

test('a word in double quotes is a name, and two double quotes in it are one', () => {
  expect(texts('"select" "a ""b"""')).toEqual(['name select', 'name a "b"', 'end '])
})

test('two single quotes in a string are one', () => {
  expect(texts("'it''s' ''")).toEqual(["string it's", 'string ', 'end '])
})

test('numbers keep every digit', () => {
  expect(texts('12345678901234567890.50 .5 5. 1e-3')).toEqual([
    'number 12345678901234567890.50',
    'number .5',
    'number 5.',
    'number 1e-3',
    'end ',
  ])
})

test('parameters are numbered', () => {
  expect(texts('?,?')).toEqual(['parameter 0', 'symbol ,', 'parameter 1', 'end '])
})

test('comments and white space separate tokens', () => {
  expect(texts('a -- to the end\n/* over\n lines */ b')).toEqual(['name a', 'name b', 'end '])
})

test('every token has its line, column and length', () => {
  const positions = tokenize(`a\n  'bc' /*\n*/ >>`).map(({ position }) => Object.values(position).join(':'))
  expect(positions).toEqual(['1:1:1', '2:3:4', '3:4:2', '3:6:0'])
})

test.each([
  "pk = 'a",
  'pk = "a',
  'pk = 1e',
  'pk = 12ab',
  'a ~ b',
  'a # b',
  'a /* b',
  '1e2147483648',
  '1.5e-2147483647',
])('text that is not a token is refused without a reason: %s', statement => {
  expect(() => tokenize(statement)).toThrow(/can't be processed: $/)
})

test('the digits of an invalid number are read once', () => {
  expect(() => tokenize(`${'1'.repeat(1_000_000)}x`)).toThrow(/can't be processed: $/)
})
