import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memberText } from './member.js'
import {
  addNumbers,
  Comparand,
  canonicalNumber,
  compareNumbers,
  Decimal,
  decimal,
  type NumberValue,
  numberProblem,
  numberText,
} from './number.js'

const double = fc
  .double({ noNaN: true, noDefaultInfinity: true, min: -1e125, max: 1e125 })
  .filter(n => n === 0 || Math.abs(n) > 1e-130)
const digits = fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n })

describe('numbers', () => {
  it('numbers are written as text and read back unchanged, both doubles and integers', () => {
    fc.assert(
      fc.property(fc.oneof(double, fc.integer(), fc.maxSafeInteger()), n => {
        expect(decimal(numberText(n))).toBe(n === 0 ? 0 : n)
      }),
      { numRuns: 2000 },
    )
    fc.assert(
      fc.property(
        digits,
        n => compareNumbers(decimal(n.toString()), n) === 0 && numberText(decimal(n.toString())) !== '',
      ),
    )
  })

  it.each([
    ['1', 1],
    ['0.1', 0.1],
    ['-0', 0],
    ['1e20', 1e20],
    ['100000000000000000000', 1e20],
    ['1e125', 1e125],
    ['9007199254740992', 9007199254740992],
    ['9007199254740993', 9007199254740993n],
    ['-12345678901234567890', -12345678901234567890n],
    ['18446744073709551616', 18446744073709551616n],
    ['1.50', 1.5],
    ['.5', 0.5],
    ['5.', 5],
    ['+7', 7],
  ])('%s is read as the simplest type that holds it exactly', (text, expected) => {
    expect(decimal(text)).toBe(expected)
  })

  it('numbers that neither a double nor a bigint holds become a Decimal with the same digits', () => {
    const read = decimal('0.12345678901234567890')
    expect(read).toBeInstanceOf(Decimal)
    expect(String(read)).toBe('0.1234567890123456789')
    expect(JSON.stringify({ read })).toBe('{"read":"0.1234567890123456789"}')
  })

  it.each(['', 'x', '1x', '0x10', '1e', '--1', '1_000', 'NaN', 'Infinity', ' 1'])(
    '%j is refused: it is not a number',
    text => {
      expect(() => decimal(text)).toThrow(/is not a number/)
    },
  )

  it("39 digits and magnitudes outside DynamoDB's range are refused", () => {
    expect(() => decimal('1'.repeat(39))).toThrow(/39 significant digits; a number may have 38/)
    expect(decimal('1'.repeat(38))).toBe(BigInt('1'.repeat(38)))
    expect(decimal(`1${'0'.repeat(60)}`)).toBe(1e60)
    expect(() => decimal('1e126')).toThrow(/out of range/)
    expect(() => decimal('1e-131')).toThrow(/out of range/)
    expect(String(decimal('1e-130'))).toBe('1e-130')
    expect(numberProblem(Number.NaN)).toMatch(/NaN is not a number that can be stored/)
    expect(numberProblem(Number.POSITIVE_INFINITY)).toMatch(/Infinity/)
    expect(numberProblem(1e126)).toMatch(/out of range/)
    expect(numberProblem(1e-131)).toMatch(/out of range/)
    expect(numberProblem(10n ** 38n)).toBeUndefined()
    expect(numberProblem(10n ** 38n + 1n)).toMatch(/39 significant digits/)
  })

  it('numbers are added exactly, as decimals', () => {
    expect(addNumbers(0.1, 0.2)).toBe(0.3)
    expect(addNumbers(1, 2)).toBe(3)
    expect(addNumbers(5, 7, -1)).toBe(-2)
    expect(addNumbers(Number.MAX_SAFE_INTEGER, 1)).toBe(9007199254740992)
    expect(addNumbers(Number.MAX_SAFE_INTEGER, 2)).toBe(9007199254740993n)
    expect(String(addNumbers(new Decimal('0.0000000000000000001'), 1))).toBe('1.0000000000000000001')
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }),
        fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }),
        (a, b) => {
          expect(compareNumbers(addNumbers(a, b), a + b)).toBe(0)
          expect(compareNumbers(addNumbers(a, b, -1), a - b)).toBe(0)
        },
      ),
    )
  })

  it('a sum that does not fit into 38 digits is refused, not rounded', () => {
    expect(() => addNumbers(10n ** 37n, new Decimal('0.01'))).toThrow(/significant digits/)
    expect(() => addNumbers(9.9e125, 9.9e125)).toThrow(/out of range/)
  })

  it('numbers are compared by value, whatever their JavaScript type', () => {
    expect(compareNumbers(1, 1n)).toBe(0)
    expect(compareNumbers(0.5, new Decimal('0.50'))).toBe(0)
    expect(compareNumbers(9007199254740992, 9007199254740993n)).toBeLessThan(0)
    expect(compareNumbers(-1, new Decimal('-1.00000000000000000001'))).toBeGreaterThan(0)
  })

  /** Few digits and magnitudes, so that many numbers are equal or close to each other, in several JavaScript types. */
  const close = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.constantFrom(
        '1',
        '9007199254740992',
        '9007199254740993',
        '12345678901234567890123456789',
        '99999999999999999',
      ),
      fc.constantFrom('', '5', '00001', '4999999'),
      fc.constantFrom(-30, -17, -5, -1, 0, 1, 20),
    )
    .map(([sign, digits, more, exponent]) => decimal(`${sign}${digits}${more}e${exponent}`))
  /** Every such number is a multiple of 10 to the power of -60. */
  const UNIT = 60
  const scaled = (value: NumberValue) => {
    const [mantissa = '', exponent = '0'] = numberText(value).split('e')
    const [whole = '', fraction = ''] = mantissa.split('.')
    return BigInt(whole + fraction) * 10n ** BigInt(UNIT + Number(exponent) - fraction.length)
  }

  it('numbers compare like the same numbers scaled to integers', () => {
    fc.assert(
      fc.property(close, close, (a, b) => {
        const [left, right] = [scaled(a), scaled(b)]
        const order = left < right ? -1 : left > right ? 1 : 0
        expect(Math.sign(compareNumbers(a, b))).toBe(order)
        // Prepared once; earlier comparisons must not change later ones.
        const comparand = new Comparand(b)
        for (const other of [0, b, a, 5n, a]) comparand.compare(other)
        expect(Math.sign(comparand.compare(a))).toBe(order)
        expect(memberText(a) === memberText(b)).toBe(order === 0)
      }),
      { numRuns: 3000 },
    )
  })

  it('a number is a plain number wherever a double holds it', () => {
    expect(canonicalNumber(5n)).toBe(5)
    expect(Object.is(canonicalNumber(-0), 0)).toBe(true)
    expect(canonicalNumber(new Decimal('2.5'))).toBe(2.5)
  })
})
