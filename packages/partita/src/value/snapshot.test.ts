import { expect, it } from 'vitest'
import { decimal } from './number.js'
import { snapshot } from './snapshot.js'

it('a snapshot copies all mutable values at every depth and shares the others', () => {
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

it('a snapshot copies an attribute named __proto__ as an attribute', () => {
  expect(Object.keys(snapshot(JSON.parse('{"__proto__":{"a":1}}')))).toEqual(['__proto__'])
})

it('a snapshot of a value that contains itself ends', () => {
  const given: { self?: unknown } = {}
  given.self = given
  expect(snapshot(given)).not.toBe(given)
})
