import { expect, it } from 'vitest'
import { decimal } from './number.js'
import { snapshot } from './snapshot.js'

it('copies whatever can be changed, at every depth, and keeps the rest', () => {
  const number = decimal('1.5')
  const given = { list: [{ bytes: Buffer.from([1]) }], set: new Set([new Uint8Array([2])]), number, none: undefined }
  const copy = snapshot(given)
  given.list[0]!.bytes[0] = 9
  given.list.push({ bytes: Buffer.from([3]) })
  for (const member of given.set) member[0] = 9
  expect(copy).toEqual({
    list: [{ bytes: new Uint8Array([1]) }],
    set: new Set([new Uint8Array([2])]),
    number,
    none: undefined,
  })
  expect(copy.number).toBe(number)
  expect(Object.keys(copy)).toContain('none')
})

it('copies an attribute of the name __proto__ as one', () => {
  expect(Object.keys(snapshot(JSON.parse('{"__proto__":{"a":1}}')))).toEqual(['__proto__'])
})

it('ends at what refers to itself', () => {
  const given: { self?: unknown } = {}
  given.self = given
  expect(snapshot(given)).not.toBe(given)
})
