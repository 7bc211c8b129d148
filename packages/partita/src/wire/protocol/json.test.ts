import { expect, it } from 'vitest'
import { parseJson } from './json.js'

it('text of complete characters is read, escaped or not', () => {
  const texts = ['"😀"', '"\\ud83d\\ude00"', '"\\\\ud800"', '{"\\uD83D\\uDE00\\\\":"\\u00e9"}']
  expect(texts.map(parseJson)).toEqual(['😀', '😀', '\\ud800', { '😀\\': 'é' }])
})

it.each(['"\\ud800"', '"a\\uDC00b"', '{"\\\\\\ud83d":1}', '["\\ud83d\\ud83d"]', '[{"a":["\\ude00\\ud83d"]}]'])(
  'a lone surrogate is refused: %s',
  text => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ name: 'SerializationException' }))
  },
)

it('JSON that nests deeper than any request is refused before it is parsed', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
  expect(parseJson(nested(900))).toHaveLength(1)
  expect(() => parseJson(nested(1_000_000))).toThrow(expect.objectContaining({ name: 'SerializationException' }))
  expect(() => parseJson(`["${'\\"['.repeat(5000)}"]`)).not.toThrow()
})
