import { type AnyField, Decimal, f, ValidationError } from 'partita'
import { describe, expect, it } from 'vitest'
import { fromJson, fromText } from './field-value.js'

const text = (field: AnyField, value: string): unknown => fromText(field.spec, value, ['x'])
const json = (field: AnyField, value: unknown): unknown => fromJson(field.spec, value as never, ['x'])

describe('values of fields from text', () => {
  it.each([
    [f.string(), '', ''],
    [f.string(), '"007"', '"007"'],
    [f.string(), 'null', 'null'],
    [f.enum('a', 'b'), 'a', 'a'],
    [f.ref('User'), '12', '12'],
    [f.number(), '-1.5e3', -1500],
    [f.integer(), '9007199254740991', 9007199254740991],
    [f.bigint(), '12345678901234567890123456789012345678', 12345678901234567890123456789012345678n],
    [f.bigint(), '-123000000000000000000000', -123000000000000000000000n],
    [f.list(f.bigint()), '[1,123000000000000000000000]', [1, 123000000000000000000000n]],
    [f.decimal(), '0.1234567890123456789', new Decimal('0.1234567890123456789')],
    [f.boolean(), 'true', true],
    [f.boolean(), 'false', false],
    [f.date(), '2026-01-31', new Date('2026-01-31T00:00:00Z')],
    [f.createdAt(), '2026-01-31T12:00:00+02:00', new Date('2026-01-31T10:00:00Z')],
    [f.ttl(), '1800000000', new Date(1_800_000_000_000)],
    [f.bytes(), 'AQI=', new Uint8Array([1, 2])],
    [f.json(), '{"a":[1]}', { a: [1] }],
    [f.list(f.date()), '["2026-01-31"]', [new Date('2026-01-31')]],
    [f.set(f.bigint()), '[1,12345678901234567890]', [1, 12345678901234567890n]],
    [f.map({ at: f.date() }), '{"at":"2026-01-31"}', { at: new Date('2026-01-31') }],
    [f.record(f.bytes()), '{"a":"AQI="}', { a: new Uint8Array([1, 2]) }],
  ] as [AnyField, string, unknown][])('the text for %j is read by its kind: %s', (field, value, expected) => {
    expect(text(field, value)).toEqual(expected)
  })

  it.each([
    [f.number(), '0.12345678901234567890', 'which a double cannot represent'],
    [f.number(), '1,5', 'write a number'],
    [f.number(), '', 'write a number'],
    [f.number(), '0x10', 'write a number'],
    [f.bigint(), '1.5', 'write a whole number'],
    [f.decimal(), '1'.repeat(39), 'has 39 significant digits; a number may have 38'],
    [f.decimal(), '1e500', 'is out of range'],
    [f.boolean(), 'yes', 'write true or false'],
    [f.date(), '2026-01-31T12:00:00', 'a time with its zone'],
    [f.date(), '31.1.2026', 'a date such as'],
    [f.date(), '2026-13-01', 'a date such as'],
    [f.bytes(), 'AQI', 'base64'],
    [f.list(f.string()), 'a', 'is not JSON'],
    [f.list(f.date()), '["soon"]', 'a date such as'],
  ] as [AnyField, string, string][])('a text that %j cannot hold is refused: %s', (field, value, message) => {
    expect(() => text(field, value)).toThrow(ValidationError)
    expect(() => text(field, value)).toThrow(message)
    expect(() => text(field, value)).toThrow('x')
  })

  it('a field with a transform takes JSON, or else the text', () => {
    const field = f.string().transform({ encode: (it: number) => String(it), decode: Number })
    expect(text(field, '5')).toBe(5)
    expect(text(field, 'five')).toBe('five')
  })
})

describe('values of fields from JSON', () => {
  it('a member named __proto__ stays an ordinary member', () => {
    const value = json(f.record(f.date()), JSON.parse('{"__proto__":"2026-01-31"}'))
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  it('null, and values of another kind, are left to the checks of the library', () => {
    expect(json(f.date(), null)).toBeNull()
    expect(json(f.date(), 5)).toBe(5)
    expect(json(f.list(f.date()), {})).toEqual({})
    expect(json(f.map({}), { other: 1 })).toEqual({ other: 1 })
  })
})
