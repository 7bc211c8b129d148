import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBoolean, decodeDate, decodeNumber, encodeBoolean, encodeDate, encodeNumber } from '../keys/encode.js'
import { compareNumbers, Decimal, type NumberValue, numberText } from '../value/number.js'
import { compareStrings } from '../value/value.js'
import { KeyFormat, type KeyPart } from './key.js'

const separator = fc.constantFrom('#', '::', '|', '-', '.', '/', '~', '_', '\\', ']', '^', '§', '#-')
const text = fc.string({ unit: fc.constantFrom('a', 'b', '#', ':', '%', '2', '3', '5', '-', '|', '.', '§', '😀') })
const filledText = text.filter(it => it !== '')
const storable = (it: number) => Number.isFinite(it) && (it === 0 || (Math.abs(it) >= 1e-130 && Math.abs(it) < 1e126))
const number: fc.Arbitrary<NumberValue> = fc.oneof(
  fc.double({ noNaN: true }).filter(storable),
  fc.integer({ min: -2000, max: 2000 }),
  fc.integer({ min: -2000, max: 2000 }).map(it => it / 100),
  fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }),
  fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 37n }), fc.integer({ min: -130, max: 80 })).map(([digits, exponent]) => {
    return new Decimal(`-${digits}e${exponent}`)
  }),
)
const date = fc.date({
  min: new Date('0000-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})

describe('numbers in keys', () => {
  it('numbers in keys sort as bytes in the order of their values, whatever the separator and the rest of the key', () => {
    fc.assert(
      fc.property(separator, number, number, text, text, (separator, a, b, afterA, afterB) => {
        const format = new KeyFormat(separator)
        const order = compareNumbers(a, b)
        const left = format.join(['N', a, `x${afterA}`])
        const right = format.join(['N', b, `x${afterB}`])
        if (order !== 0) expect(Math.sign(compareStrings(left, right))).toBe(Math.sign(order))
        expect(Math.sign(compareStrings(format.join([a]), format.join([b])))).toBe(Math.sign(order))
      }),
      { numRuns: 3000 },
    )
  })

  it('a number is read back exactly from its text', () => {
    fc.assert(
      fc.property(number, value => {
        expect(compareNumbers(decodeNumber(encodeNumber(value)), value)).toBe(0)
      }),
      { numRuns: 3000 },
    )
  })

  it('integers stay readable in keys', () => {
    expect([0, 7, 42, 1000, 3.14, 0.05, -42].map(value => encodeNumber(value))).toEqual([
      'a',
      'c7.',
      'd42.',
      'f1000.',
      'c314.',
      'b4995.',
      'W57z',
    ])
    expect(encodeNumber(-0)).toBe(encodeNumber(0))
    expect(encodeNumber(5n)).toBe(encodeNumber(5))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 10n ** 38n + 1n])('the number %s is refused', value => {
    expect(() => encodeNumber(value)).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
  })

  it.each(['', 'c', 'c.', 'c10.', 'd40', 'e1', 'b9995.', 'bxyz1.', 'C5z', '42', 'd42z', 'a0'])(
    'the text %j is refused as a number',
    text => {
      expect(() => decodeNumber(text)).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
    },
  )
})

describe('dates and booleans in keys', () => {
  it('dates and booleans sort as bytes in the order of their values, whatever the separator, and are read back', () => {
    fc.assert(
      fc.property(separator, date, date, (separator, a, b) => {
        const format = new KeyFormat(separator)
        const order = compareStrings(format.join(['D', a, 'x']), format.join(['D', b, 'x']))
        expect(Math.sign(order)).toBe(Math.sign(a.getTime() - b.getTime()))
        expect(decodeDate(encodeDate(a)).getTime()).toBe(a.getTime())
      }),
    )
    expect(compareStrings(encodeBoolean(false), encodeBoolean(true))).toBeLessThan(0)
    expect([decodeBoolean('false'), decodeBoolean('true')]).toEqual([false, true])
  })

  it.each([new Date(Number.NaN), new Date(-8e14), new Date(8e15)])('the date %s is refused', it => {
    expect(() => encodeDate(it)).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
  })

  it.each(['2024', 'tomorrow', '+010000-01-01T00:00:00.000Z'.replace('+', '')])(
    'the text %j is refused as a date',
    text => {
      expect(() => decodeDate(text)).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
      expect(() => decodeBoolean(text)).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
    },
  )
})

describe('joined keys', () => {
  const format = new KeyFormat('#')

  it('two joined keys are equal only if their parts are', () => {
    fc.assert(
      fc.property(
        separator,
        fc.array(filledText, { minLength: 1 }),
        fc.array(filledText, { minLength: 1 }),
        (separator, a, b) => {
          const format = new KeyFormat(separator)
          expect(format.join(a) === format.join(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('two joined keys with parts of different kinds differ, whatever the separator', () => {
    const lookalike = fc.oneof(
      number.map(it => new KeyFormat('#').join(it)),
      fc.constantFrom('a', 'a.', 'b.', 'true', 'false', 'c5', 'c5.', 'X4z', '%635.', 'c%35.', 'c5%2E'),
    )
    const part = fc.oneof(filledText, lookalike, number, fc.boolean())
    const parts = fc.array(part, { minLength: 1, maxLength: 3 })
    const separators = fc.oneof(separator, fc.constantFrom('.', '::', '-.'))
    const idOf = (list: readonly unknown[]) =>
      list.map(it =>
        typeof it === 'string' ? JSON.stringify(it) : typeof it === 'boolean' ? `${it}` : numberText(it as 0),
      )
    fc.assert(
      fc.property(separators, parts, parts, (separator, a, b) => {
        const format = new KeyFormat(separator)
        expect(format.join(a) === format.join(b)).toBe(idOf(a).join() === idOf(b).join())
        // A text that looks like the key of another kind is still a different part.
        for (const it of a) {
          const text = new KeyFormat('#').join(it)
          expect(format.join([it]) === format.join([text])).toBe(typeof it === 'string')
        }
      }),
      { numRuns: 800 },
    )
    for (const [a, b] of [
      [
        ['ORG', 5],
        ['ORG', 'c5.'],
      ],
      [
        ['ORG', 0],
        ['ORG', 'a'],
      ],
      [
        ['ORG', 0],
        ['ORG', 'a.'],
      ],
      [
        ['ORG', true],
        ['ORG', 'true'],
      ],
      [[5], ['c5.']],
    ] as const) {
      expect(format.join(a)).not.toBe(format.join(b))
    }
    expect(format.split(format.join(['c5.', 'true']))).toEqual(['c5.', 'true'])
    const day = new Date('2024-02-29T12:00:00.000Z')
    expect(format.join(['D', day])).toBe(format.join(['D', day.toISOString()]))
  })

  it('a joined key splits into its parts', () => {
    fc.assert(
      fc.property(separator, fc.array(filledText, { minLength: 1 }), (separator, parts) => {
        const format = new KeyFormat(separator)
        expect(format.split(format.join(parts))).toEqual(parts)
      }),
      { numRuns: 2000 },
    )
  })

  it('only the separator and the percent sign are escaped', () => {
    expect(format.join(['USER', 'a#b'])).toBe('USER#a%23b')
    expect(format.join(['USER', 'a', 'b'])).toBe('USER#a#b')
    expect(format.join(['RATE', '5%', 'é/😀'])).toBe('RATE#5%25#é/😀')
    expect(new KeyFormat('::').join(['a:', ':b'])).toBe('a%3A::%3Ab')
  })

  it('a plain string is not changed', () => {
    expect(format.join('#METADATA')).toBe('#METADATA')
    expect(format.prefix('POST#')).toBe('POST#')
    expect(format.prefix('LOG')).toBe('LOG')
  })

  it('a prefix of parts ends with the separator', () => {
    const prefix = format.prefix(['LOG'])
    expect('LOG#1'.startsWith(prefix)).toBe(true)
    expect('LOGIN#1'.startsWith(prefix)).toBe(false)
  })

  it.each([
    [['USER', undefined], 'partitionKey[1]: is undefined'],
    [['USER', null], 'partitionKey[1]: is null'],
    [['USER', ''], 'partitionKey[1]: is an empty string'],
    [['USER', Number.NaN], 'partitionKey[1]: NaN is not a number'],
    [['USER', {}], 'partitionKey[1]: is an object'],
    [[], 'partitionKey: is an empty list'],
    ['', 'partitionKey: is an empty string'],
    [null, 'partitionKey: is null'],
    [undefined, 'partitionKey: is undefined'],
  ])('the key %j is refused with the path of its part', (key, message) => {
    expect(() => format.join(key as KeyPart[], ['partitionKey'])).toThrow(message)
  })

  it('an index key with a missing part is absent as a whole', () => {
    expect(format.joinIfComplete(['A', null])).toBeUndefined()
    expect(format.joinIfComplete(['A', undefined, 'B'])).toBeUndefined()
    expect(format.joinIfComplete(['', 'B'])).toBeUndefined()
    expect(format.joinIfComplete(null)).toBeUndefined()
    expect(format.joinIfComplete(['A', 0, false])).toBe('A#a.#false')
  })

  it.each(['', '%', 'a', '5', '#a', '\ud800', 'é'])('the separator %j is refused', separator => {
    expect(() => new KeyFormat(separator)).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
  })

  it('text with an invalid escape is not split', () => {
    expect(() => format.split('A#%FF')).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
  })
})
