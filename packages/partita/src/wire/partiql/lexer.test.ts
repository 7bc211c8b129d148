import { expect, test } from 'vitest'
import { tokenize } from './lexer.js'

const texts = (statement: string) => tokenize(statement).map(({ kind, text }) => `${kind} ${text}`)

test('keywords are written in any case, names keep theirs', () => {
  expect(texts('Select Artist FROM music')).toEqual([
    'keyword select',
    'name Artist',
    'keyword from',
    'name music',
    'end ',
  ])
})

test('words in double quotes are names, and two quotes within them are one', () => {
  expect(texts('"select" "a ""b"""')).toEqual(['name select', 'name a "b"', 'end '])
})

test('two single quotes within a string are one', () => {
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

test('parameters are counted', () => {
  expect(texts('?,?')).toEqual(['parameter 0', 'symbol ,', 'parameter 1', 'end '])
})

test('comments and blanks stand between tokens', () => {
  expect(texts('a -- to the end\n/* over\n lines */ b')).toEqual(['name a', 'name b', 'end '])
})

test('every token says its line, its column and its length', () => {
  const places = tokenize(`a\n  'bc' /*\n*/ >>`).map(({ position }) => Object.values(position).join(':'))
  expect(places).toEqual(['1:1:1', '2:3:4', '3:4:2', '3:6:0'])
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
])('what begins no token is refused without a word: %s', statement => {
  expect(() => tokenize(statement)).toThrow(/can't be processed: $/)
})

test('the digits of a number that is none are read once', () => {
  expect(() => tokenize(`${'1'.repeat(1_000_000)}x`)).toThrow(/can't be processed: $/)
})
