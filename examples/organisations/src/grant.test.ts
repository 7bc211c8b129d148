import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Grant, grantText, parseGrant } from './grant.js'

const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('/', '%', '%2F', 'a/b', '%25', 'organisationGroup/'))
const grants: fc.Arbitrary<Grant> = fc.oneof(fc.record({ group: name }), fc.record({ group: name, serviceId: name }))

it('a grant and its text convert into each other', () => {
  fc.assert(
    fc.property(grants, grant => {
      expect(parseGrant(grantText(grant))).toEqual(grant)
    }),
  )
})

it('different grants have different texts', () => {
  fc.assert(
    fc.property(grants, grants, (a, b) => {
      const equal = a.group === b.group && a.serviceId === b.serviceId
      expect(grantText(a) === grantText(b)).toBe(equal)
    }),
  )
})

it.each(['serviceGroup/x', 'organisationGroup/a/b', 'organisationGroup/', 'serviceGroup//x', 'x', ''])(
  'the text %j is refused, because it is not a grant',
  text => {
    expect(() => parseGrant(text)).toThrow(`"${text}" is not a group`)
  },
)
