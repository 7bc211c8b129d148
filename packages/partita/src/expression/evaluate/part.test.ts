import { array, assert, constantFrom, property } from 'fast-check'
import { expect, it } from 'vitest'
import { value } from '../ast.js'
import { matches } from './condition.js'
import { holdsBytes, holdsText } from './part.js'

/** Few letters, so that parts begin in many places and seldom end there. */
const letters = (most: number) => array(constantFrom('a', 'b'), { maxLength: most }).map(units => units.join(''))
const bytes = (text: string) => new TextEncoder().encode(text)

it('a part is found wherever it stands, and nowhere else', () => {
  assert(
    property(letters(60), letters(8), (whole, part) => {
      expect(holdsBytes(bytes(whole), bytes(part))).toBe(whole.includes(part))
    }),
  )
})

it('a long text is looked through once, whatever is looked for in it', () => {
  const whole = 'a'.repeat(390_000)
  const part = `${'a'.repeat(300)}b${'a'.repeat(190_000)}`
  expect(holdsText(whole, part)).toBe(false)
  expect(holdsText(`${whole}${part}`, part)).toBe(true)
  expect(holdsBytes(bytes(whole), bytes(part))).toBe(false)
})

it('a list is looked through once, however large the map is that it is asked for', () => {
  const list = Array.from({ length: 100_000 }, () => ({}))
  const wanted = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`a${index}`, 1]))
  const contains = { kind: 'contains', operand: { kind: 'path', path: ['list'] }, member: value(wanted) } as const
  expect(matches(contains, { list })).toBe(false)
  expect(matches(contains, { list: [...list, { ...wanted }] })).toBe(true)
})
