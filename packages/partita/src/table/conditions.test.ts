import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matches } from '../expression/evaluate/index.js'
import { type AnyExpression, compileConditions } from './conditions.js'
import { type AnyFilters, compileFilters } from './filters.js'

const item = { n: 5, s: 'text', tags: new Set(['a']), list: [1, 'x'], no: null, deep: { a: [{ b: 1 }] }, m: 5 }

const holds = (...list: AnyExpression[]): boolean => {
  const condition = compileConditions(list, ['conditions'])
  return condition === undefined || matches(condition, item)
}

describe('an expression', () => {
  it.each<[AnyExpression, boolean]>([
    [{ property: 'n', operation: 'equal', value: 5 }, true],
    [{ property: 'n', operation: 'not_equal', value: 5 }, false],
    [{ property: 'n', operation: 'lower_than', value: 5 }, false],
    [{ property: 'n', operation: 'lower_or_equal_than', value: 5 }, true],
    [{ property: 'n', operation: 'bigger_than', value: 4.5 }, true],
    [{ property: 'n', operation: 'bigger_or_equal_than', value: 6 }, false],
    [{ property: 'n', operation: 'between', start: 5, end: 6 }, true],
    [{ property: 'n', operation: 'in', values: [1, 5] }, true],
    [{ property: 'n', operation: 'not_in', values: [1, 5] }, false],
    [{ property: 's', operation: 'begins_with', value: 'te' }, true],
    [{ property: 's', operation: 'contains', value: 'ex' }, true],
    [{ property: 'tags', operation: 'contains', value: 'b' }, false],
    [{ property: 'tags', operation: 'not_contains', value: 'b' }, true],
    [{ property: 'list', operation: 'contains', value: 1 }, true],
    [{ property: 'no', operation: 'equal', value: null }, true],
    [{ property: 'no', operation: 'exists' }, true],
    [{ property: 'none', operation: 'not_exists' }, true],
    [{ property: ['deep', 'a', 0, 'b'], operation: 'equal', value: 1 }, true],
    [{ property: 'deep.a', operation: 'exists' }, false],
    [{ property: 'n', operation: 'equal', otherProperty: 'm' }, true],
    [{ property: 'n', operation: 'lower_than', otherProperty: ['m'] }, false],
  ])('the expression %j is %s', (expression, expected) => {
    expect(holds(expression)).toBe(expected)
  })

  it.each<[unknown, string]>([
    [{ property: 'n', operation: 'equals', value: 1 }, 'conditions[0].operation: "equals" is not an operation'],
    [{ property: 'n', operation: 'constructor', value: 1 }, '"constructor" is not an operation'],
    [{ property: 'n' }, 'conditions[0].operation: undefined is not an operation'],
    [{ operation: 'exists' }, 'conditions[0].property: must be the name or the path of a property'],
    [{ property: '', operation: 'exists' }, 'must be the name or the path of a property'],
    [{ property: 'n', operation: 'equal' }, 'conditions[0].value: is undefined'],
    [{ property: 'n', operation: 'equal', values: [1] }, 'conditions[0].values: is not an option here'],
    [{ property: 'n', operation: 'between', start: 1 }, 'conditions[0].end: is undefined'],
    [{ property: 'n', operation: 'in', values: 'ab' }, 'conditions[0].values: is not a list'],
    [{ property: 'n', operation: 'in', values: [1, undefined] }, 'conditions[0].values[1]: is undefined'],
    [{ property: 'n', operation: 'exists', value: true }, 'conditions[0].value: is not an option'],
    [{ property: 'n', operation: 'exists', joinAs: 'xor' }, 'conditions[0].joinAs: is "xor"'],
    [
      { property: 'n', operation: 'exists', nestedJoinAs: 'nor', nested: [{ property: 'n', operation: 'exists' }] },
      'nor',
    ],
    [
      { property: 'n', operation: 'exists', nested: [{ property: 'n', operation: 'is' }] },
      'conditions[0].nested[0].operation',
    ],
    [null, 'conditions[0]'],
  ])('the expression %j is refused', (expression, message) => {
    expect(() => holds(expression as AnyExpression)).toThrow(message)
  })

  it('endlessly nested groups are refused', () => {
    let expression: AnyExpression = { property: 'n', operation: 'exists' }
    for (let i = 0; i < 100_000; i++) expression = { property: 'n', operation: 'exists', nested: [expression] }
    expect(() => holds(expression)).toThrow('nested over 32 levels')
  })

  it('expressions join like a boolean formula, and `and` binds before `or`', () => {
    const join = fc.constantFrom<'and' | 'or' | undefined>('and', 'or', undefined)
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), join), { minLength: 1, maxLength: 8 }), parts => {
        const list = parts.map(([truth, joinAs]) => {
          return { property: 'n', operation: 'equal', value: truth ? 5 : 6, joinAs }
        })
        const formula = parts
          .map(([truth, joinAs], i) => (i === 0 ? '' : joinAs === 'or' ? '||' : '&&') + truth)
          .join('')
        expect(holds(...list)).toBe(new Function(`return ${formula}`)())
      }),
    )
  })
})

describe('a filter by property', () => {
  const passes = (filters: AnyFilters) => {
    const condition = compileFilters(filters, ['filters'])
    return condition === undefined || matches(condition, item)
  }

  it.each<[AnyFilters, boolean]>([
    [{}, true],
    [[], true],
    [{ n: 5, s: 'text' }, true],
    [{ n: 5, s: 'other' }, false],
    [{ n: [4, 5] }, true],
    [{ n: [] }, false],
    [{ no: null }, true],
    [{ n: { operation: 'equal', value: 6 }, s: { operation: 'equal', value: 'text', joinAs: 'or' } }, true],
    [{ n: { $gt: 4, $lt: 6 }, 'deep.a[0].b': 1, $not: { s: 'x' } }, true],
    [{ 'deep.a[0].b': { operation: 'in', values: [2] } }, false],
    [{ 'deep.a[0].b': [1] }, true],
    [{ $or: [{ n: 6 }, { s: 'text' }] }, true],
  ])('the filter %j is %s', (filters, expected) => {
    expect(passes(filters)).toBe(expected)
  })

  it.each<[unknown, string]>([
    [{ n: undefined }, 'filters.n: is undefined'],
    [{ n: [undefined] }, 'filters.n[0]: is undefined'],
    [{ n: { $gtt: 1 } }, 'filters.n.$gtt'],
    [{ $nor: [] }, 'filters.$nor'],
    [{ n: { operation: 'equal', property: 'm', value: 5 } }, 'filters.n.property'],
    [{ n: { operation: 'is', value: 5 } }, '"is" is not an operation'],
    ['n', 'neither a list of expressions nor a filter'],
    [null, 'neither a list of expressions nor a filter'],
  ])('the filter %j is refused', (filters, message) => {
    expect(() => passes(filters as AnyFilters)).toThrow(message)
  })
})
