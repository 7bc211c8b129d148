import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conditions, keyConditions, paths, projections, updates } from '../../../../test/arbitrary/expression.js'
import { anyName, hostileNames } from '../../../../test/arbitrary/value.js'
import { and, compare, exists, not, or, path, value } from './ast.js'
import { Aliases, parseCondition, parseKeyCondition, parseProjection, parseUpdate } from './parse/index.js'
import { Placeholders, printCondition, printKeyCondition, printProjection, printUpdate } from './print.js'

/** Prints, then parses with exactly the names and values that were printed. */
function roundTrip<Node>(
  node: Node,
  print: (node: Node, placeholders: Placeholders) => string,
  parse: (text: string, aliases: Aliases) => Node,
): Node {
  const placeholders = new Placeholders()
  const text = print(node, placeholders)
  const aliases = new Aliases(placeholders.names, placeholders.values)
  const parsed = parse(text, aliases)
  aliases.checkAllUsed()
  return parsed
}

describe('parse(print(x)) = x', () => {
  test('printing and parsing preserve every condition', () => {
    fc.assert(
      fc.property(conditions(anyName), it => {
        expect(roundTrip(it, printCondition, parseCondition)).toEqual(it)
      }),
      { numRuns: 1000 },
    )
  })

  test('printing and parsing preserve every update', () => {
    const any = paths(anyName)
    fc.assert(
      fc.property(updates(anyName, { any, toNumbers: any, toLists: any, toSets: any }), it => {
        expect(roundTrip(it, printUpdate, parseUpdate)).toEqual(it)
      }),
      { numRuns: 500 },
    )
  })

  test('printing and parsing preserve every projection', () => {
    fc.assert(
      fc.property(projections(paths(anyName)), it => {
        expect(roundTrip(it, printProjection, parseProjection)).toEqual(it)
      }),
    )
  })

  test('printing and parsing preserve every key condition', () => {
    fc.assert(
      fc.property(keyConditions(anyName), it => {
        expect(roundTrip(it, printKeyCondition, parseKeyCondition)).toEqual(it)
      }),
    )
  })

  test('printing and parsing preserve how AND, OR and NOT are nested', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(name => exists([name])) as [ReturnType<typeof exists>, never, never]
    for (const node of [
      and(a, b, c),
      and(and(a, b), c),
      and(a, and(b, c)),
      or(or(a, b), c),
      or(and(a, b), c),
      and(or(a, b), c),
      not(and(a, b)),
      not(not(or(a, b))),
      and(not(a), b),
    ]) {
      expect(roundTrip(node, printCondition, parseCondition)).toEqual(node)
    }
  })
})

describe('placeholders', () => {
  test('different names get different placeholders, and each placeholder stands for its own name', () => {
    fc.assert(
      fc.property(fc.array(anyName), names => {
        const placeholders = new Placeholders()
        const aliases = [...names, ...names].map(name => placeholders.name(name))
        expect(aliases.map(alias => placeholders.names[alias])).toEqual([...names, ...names])
        expect(new Set(aliases).size).toBe(new Set(names).size)
      }),
      { examples: [[hostileNames]] },
    )
  })

  test('all expressions of a request share one numbering of placeholders', () => {
    const placeholders = new Placeholders()
    expect(printCondition(compare(path('size'), '=', value(1)), placeholders)).toBe('#0=:0')
    expect(printProjection([['a', 0, 'size']], placeholders)).toBe('#1[0].#0')
    expect(printCondition(compare(path('a'), '<', value(1)), placeholders)).toBe('#1<:1')
    expect(placeholders.names).toEqual({ '#0': 'size', '#1': 'a' })
    expect(placeholders.values).toEqual({ ':0': 1, ':1': 1 })
  })

  test('names that are empty or longer than 65,535 bytes get no placeholder', () => {
    const placeholders = new Placeholders()
    expect(placeholders.name('x'.repeat(65_535))).toBe('#0')
    expect(() => placeholders.name('x'.repeat(65_536))).toThrow(/65535 bytes/)
    expect(() => placeholders.name('😀'.repeat(16_384))).toThrow(/65535 bytes/)
    expect(() => placeholders.name('')).toThrow(/empty name/)
  })
})
