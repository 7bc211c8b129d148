import { expect, it } from 'vitest'
import { parseYaml } from './parse.js'
import { plainOf } from './tree.js'

function parsed(text: string): { readonly value: unknown; readonly messages: string[] } {
  const messages: string[] = []
  const tree = parseYaml(text, 0, (_, message) => messages.push(message))
  return { value: tree && plainOf(tree), messages }
}

it('braces around an indented block, as in the first example of DynamoBao, are read as a block', () => {
  const { value, messages } = parsed(`models:
  User: {
    modelPrefix: u
    fields:
      name: {type: StringField, required: true}
    primaryKey: {partitionKey: userId}
  }
`)
  expect(messages).toEqual([])
  expect(value).toEqual({
    models: {
      User: {
        modelPrefix: 'u',
        fields: { name: { type: 'StringField', required: true } },
        primaryKey: { partitionKey: 'userId' },
      },
    },
  })
})

it('braces that are YAML keep their meaning', () => {
  expect(parsed('a: {\n  b: 1,\n  c: "{",\n}\n').value).toEqual({ a: { b: 1, c: '{' } })
})

it('anchors, aliases and merge keys are followed, and own entries win over merged ones', () => {
  const { value } = parsed(
    'base: &base { a: 1, b: 2 }\nmore: &more { c: 3 }\nit: { <<: [*base, *more], b: 4 }\nsame: *base\n',
  )
  expect(value).toMatchObject({ it: { a: 1, b: 4, c: 3 }, same: { a: 1, b: 2 } })
})

it('an alias that refers to itself is a mistake', () => {
  expect(parsed('a: &a [*a]').messages).toEqual(['*a refers to itself'])
})

it('aliases that multiply into millions of values are refused', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 9; i++)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    )
  expect(parsed(lines.join('\n')).messages).toEqual(['more than 200000 values are not allowed'])
})

it.each([
  ['['.repeat(100_000), 'more than 50 levels are not allowed'],
  ['- '.repeat(100_000), 'more than 50 levels are not allowed'],
  ['? '.repeat(100_000), 'more than 50 levels are not allowed'],
  [
    'a: &x 1\n'.repeat(1) + Array.from({ length: 60 }, (_, i) => `${' '.repeat(i)}b:`).join('\n'),
    'more than 50 levels are not allowed',
  ],
])('a file that nests deeply is refused before it exhausts the stack (%#)', (text, message) => {
  expect(parsed(text).messages).toEqual([message])
})

it('a name that is there twice, and __proto__, are mistakes', () => {
  expect(parsed('a: 1\na: 2').messages).toEqual(['a is here twice; remove one'])
  expect(parsed('__proto__: { x: 1 }').messages).toEqual(['__proto__ is not allowed as a name'])
  expect(Object.getPrototypeOf(parsed('a: { toString: 1 }').value)).toBe(Object.prototype)
})

it.each([
  'a: !!js/function "x"',
  'a: !custom 1',
  'a: !!binary aGk=',
  'a: *none',
  'a: [1',
  'a: "x\n---\nb: 1',
  'a: 1\n---\nb: 2',
  '',
])('the text %j is refused with a message', text => {
  expect(parsed(text).messages.length).toBeGreaterThan(0)
})

it('a map of 20,000 names is read in less than quadratic time', () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `name${i}: 1`).join('\n')
  const { value } = parsed(text)
  expect(Object.keys(value as object)).toHaveLength(20_000)
})
