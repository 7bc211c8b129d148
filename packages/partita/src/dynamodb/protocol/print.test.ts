import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prepare } from './print.js'

test('a request prints every text, also as a name, so that JSON reads the same text', () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary-ascii' }), fc.string())
  fc.assert(
    fc.property(texts, texts, (name, text) => {
      const item = JSON.parse(prepare('PutItem', { TableName: text, Item: { [`a${name}`]: text } }).text)
      expect(item).toEqual({ TableName: text, Item: { [`a${name}`]: { S: text } } })
    }),
  )
})

test('a request prints lone surrogates, quotes, backslashes and control characters as escapes', () => {
  const { text } = prepare('PutItem', { TableName: 't', Item: { '"\\': '\ud800 \u007f\u0000\n\u2028 ~' } })
  expect(text).toBe('{"TableName":"t","Item":{"\\"\\\\":{"S":"\\ud800 \u007f\\u0000\\n\u2028 ~"}}}')
})
