import { array, assert, constantFrom, integer, property, tuple } from 'fast-check'
import { expect, it } from 'vitest'
import { value } from '../ast.js'
import { matches } from './condition.js'
import { BytesPart, TextPart } from './part.js'

/** Few letters: parts begin at many positions and seldom end there. */
const letters = (most: number) => array(constantFrom('a', 'b'), { maxLength: most }).map(units => units.join(''))
const bytes = (text: string) => new TextEncoder().encode(text)
const holdsText = (whole: string, part: string) => new TextPart(part).isIn(whole)
const holdsBytes = (whole: Uint8Array, part: Uint8Array) => new BytesPart(part).isIn(whole)

it('a part is found wherever it occurs, and nowhere else', () => {
  assert(
    property(letters(60), letters(8), (whole, part) => {
      expect(holdsText(whole, part)).toBe(whole.includes(part))
      expect(holdsBytes(bytes(whole), bytes(part))).toBe(whole.includes(part))
    }),
  )
})

/** Too long for the search that strings have built in. */
const LONG = 1200

it('a long part is found wherever it occurs in a long text, and nowhere else', () => {
  const words = array(tuple(letters(6), integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 12 }).map(parts =>
    parts.map(([word, times]) => word.repeat(times)).join(''),
  )
  const long = words.map(text => `${text}b`.repeat(Math.ceil(LONG / (text.length + 1))))
  assert(
    property(long, long, integer({ min: 0, max: LONG }), letters(3), (around, other, at, end) => {
      const part = around.slice(at % 97, (at % 97) + 900) + end
      const whole = `${around.slice(0, at)}${other}${part.slice(0, -1)}${around}`
      for (const text of [whole, `${whole}${part}`, `${whole}${part}${other}`]) {
        expect(holdsText(text, part)).toBe(text.includes(part))
        expect(holdsBytes(bytes(text), bytes(part))).toBe(text.includes(part))
      }
    }),
    { numRuns: 200 },
  )
})

it('a long text is scanned once, whatever the part is', () => {
  const whole = 'a'.repeat(390_000)
  const part = `${'a'.repeat(300)}b${'a'.repeat(190_000)}`
  expect(holdsText(whole, part)).toBe(false)
  expect(holdsText(`${whole}${part}`, part)).toBe(true)
  expect(holdsBytes(bytes(whole), bytes(part))).toBe(false)
})

it('a list is scanned once, however large the map to find in it is', () => {
  const list = Array.from({ length: 100_000 }, () => ({}))
  const wanted = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`a${index}`, 1]))
  const contains = { kind: 'contains', operand: { kind: 'path', path: ['list'] }, member: value(wanted) } as const
  expect(matches(contains, { list })).toBe(false)
  expect(matches(contains, { list: [...list, { ...wanted }] })).toBe(true)
})
