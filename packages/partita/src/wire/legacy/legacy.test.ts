import { describe, expect, test } from 'vitest'
import { applyUpdate, checkCondition, checkUpdate, matches } from '../../expression/evaluate/index.js'
import type { Item } from '../../value/value.js'
import {
  type LegacyInput,
  legacyCondition,
  legacyKeyCondition,
  legacyProjection,
  legacyUpdate,
  refuseMixture,
} from './index.js'
import type { AttributeUpdate, Comparison, Expectation } from './input.js'

const INVALID = 'One or more parameter values were invalid:'
const N = (n: number) => ({ N: `${n}` })
const S = (text: string) => ({ S: text })
const is = (ComparisonOperator: string, ...AttributeValueList: object[]): Comparison => ({
  ComparisonOperator,
  ...(AttributeValueList.length > 0 && { AttributeValueList }),
})

function meets(comparison: Comparison, item: Item): boolean {
  const condition = legacyCondition({ ScanFilter: { a: comparison } }, 'ScanFilter')
  if (!condition) throw new Error('no condition')
  checkCondition(condition)
  return matches(condition, item)
}

describe('legacy filters', () => {
  const items: { readonly [name: string]: Item } = {
    none: {},
    text: { a: 'abc' },
    number: { a: 12 },
    strings: { a: new Set(['a', 'b']) },
    numbers: { a: new Set([1, 12]) },
    list: { a: ['a', 1] },
    map: { a: { a: 1 } },
    null: { a: null },
    binary: { a: new Uint8Array([97, 98, 99]) },
  }
  const bytes = { B: new Uint8Array([97, 98]) }

  test.each<[Comparison, string]>([
    [is('EQ', { L: [S('a'), N(1)] }), 'list'],
    [is('EQ', { SS: ['b', 'a'] }), 'strings'],
    [is('EQ', { NULL: true }), 'null'],
    [is('NE', S('abc')), 'none number strings numbers list map null binary'],
    [is('NULL'), 'none'],
    [is('NOT_NULL'), 'text number strings numbers list map null binary'],
    [is('CONTAINS', S('a')), 'text strings list'],
    [is('CONTAINS', N(1)), 'numbers list'],
    [is('CONTAINS', bytes), 'binary'],
    [is('NOT_CONTAINS', S('a')), 'number numbers map null binary'],
    [is('BEGINS_WITH', S('ab')), 'text'],
    [is('BEGINS_WITH', bytes), 'binary'],
    [is('LT', S('b')), 'text'],
    [is('GE', N(12)), 'number'],
    [is('IN', N(12), N(13)), 'number'],
    [is('IN', ...Array.from({ length: 150 }, (_, i) => N(i))), 'number'],
    [is('BETWEEN', S('a'), S('b')), 'text'],
  ])('the filter %j finds: %s', (comparison, found) => {
    const met = Object.keys(items).filter(name => meets(comparison, items[name] as Item))
    expect(met.join(' ')).toBe(found)
  })

  test.each<[Comparison, string]>([
    ...['EQ', 'NE', 'LT', 'CONTAINS', 'BEGINS_WITH', 'IN', 'BETWEEN'].map((name): [Comparison, string] => [
      is(name),
      arguments_(name),
    ]),
    [is('EQ', N(1), S('b')), arguments_('EQ')],
    [is('NULL', N(1)), arguments_('NULL')],
    [is('BETWEEN', N(1)), arguments_('BETWEEN')],
    [is('LT', { BOOL: true }), notValid('LT', 'BOOL')],
    [is('LE', { L: [] }), notValid('LE', 'L')],
    [is('IN', { NULL: true }), notValid('IN', 'NULL')],
    [is('CONTAINS', { SS: ['a'] }), notValid('CONTAINS', 'SS')],
    [is('NOT_CONTAINS', { M: {} }), notValid('NOT_CONTAINS', 'M')],
    [is('BEGINS_WITH', N(1)), notValid('BEGINS_WITH', 'N')],
    [is('BETWEEN', N(1), { BOOL: true }), notValid('BETWEEN', 'BOOL')],
    [is('IN', N(1), S('b')), `${INVALID} AttributeValues inside AttributeValueList must be of same type`],
    [
      is('BETWEEN', N(2), N(1)),
      'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
    ],
    [is('EQ', {}), 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
  ])('the filter %j is refused', (comparison, message) => {
    expect(() => meets(comparison, {})).toThrow(message)
  })

  function arguments_(operator: string): string {
    return `${INVALID} Invalid number of argument(s) for the ${operator} ComparisonOperator`
  }

  function notValid(operator: string, type: string): string {
    return `${INVALID} ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`
  }
})

describe('Expected', () => {
  test.each<[Expectation, string]>([
    [{}, 'Value must be provided when Exists is null'],
    [{ Exists: true }, 'Value must be provided when Exists is true'],
    [{ Exists: false, Value: N(1) }, 'Value cannot be used when Exists is false'],
    [{ Value: N(1), AttributeValueList: [N(1)] }, 'Value and AttributeValueList cannot be used together'],
    [{ AttributeValueList: [N(1)] }, 'AttributeValueList can only be used with a ComparisonOperator'],
    [{ Exists: true, ComparisonOperator: 'EQ' }, 'Exists and ComparisonOperator cannot be used together'],
    [{ ComparisonOperator: 'EQ' }, 'Value or AttributeValueList must be used with ComparisonOperator: EQ'],
  ])('the expectation %j is refused', (expectation, message) => {
    const read = () => legacyCondition({ Expected: { a: expectation } }, 'Expected')
    expect(read).toThrow(`${INVALID} ${message} for Attribute: a`)
  })

  test.each<[Expectation, readonly boolean[]]>([
    [{ Exists: false }, [true, false, false]],
    [{ Exists: true, Value: N(1) }, [false, true, false]],
    [{ Value: N(1) }, [false, true, false]],
    [{ Value: N(1), ComparisonOperator: 'NE' }, [true, false, true]],
    [{ AttributeValueList: [], ComparisonOperator: 'NULL' }, [true, false, false]],
  ])('the expectation %j holds for no value, 1 and 2: %j', (expectation, expected) => {
    const condition = legacyCondition({ Expected: { a: expectation } }, 'Expected')
    if (!condition) throw new Error('no condition')
    const items: Item[] = [{}, { a: 1 }, { a: 2 }]
    expect(items.map(item => matches(condition, item))).toEqual(expected)
  })

  test('several expectations must all hold, or one of them with the ConditionalOperator OR', () => {
    const Expected = { a: { Value: N(1) }, 'b.c': { Exists: false } }
    const both = legacyCondition({ Expected, ConditionalOperator: 'AND' }, 'Expected')
    const either = legacyCondition({ Expected, ConditionalOperator: 'OR' }, 'Expected')
    const item = { a: 2, b: { c: 1 } }
    expect([both, either].map(condition => condition && matches(condition, item))).toEqual([false, true])
  })

  test('a ConditionalOperator requires two attributes', () => {
    const read = (input: LegacyInput) => () => legacyCondition({ ConditionalOperator: 'OR', ...input }, 'Expected')
    expect(read({})).toThrow('ConditionalOperator cannot be used without Filter or Expected')
    expect(read({ Expected: {} })).toThrow('ConditionalOperator cannot be used without Filter or Expected')
    expect(read({ Expected: { a: { Exists: false } } })).toThrow(
      'ConditionalOperator can only be used when Filter or Expected has two or more elements',
    )
  })
})

describe('AttributeUpdates', () => {
  function after(item: Item, updates: { readonly [name: string]: AttributeUpdate }): Item {
    const update = legacyUpdate({ AttributeUpdates: updates })
    if (!update) throw new Error('no update')
    checkUpdate(update)
    return applyUpdate(update, item)
  }

  test('AttributeUpdates put, add and delete attributes, whatever characters their names have', () => {
    expect(after({}, { 'a.b': { Value: N(1) }, '#c': { Action: 'PUT', Value: S('x') } })).toEqual({
      'a.b': 1,
      '#c': 'x',
    })
    expect(after({ n: 1 }, { n: { Action: 'ADD', Value: N(2) }, m: { Action: 'ADD', Value: N(2) } })).toEqual({
      n: 3,
      m: 2,
    })
    expect(after({ a: 1 }, { a: { Action: 'DELETE' } })).toEqual({})
  })

  test('AttributeUpdates add to sets and lists, and delete members of sets', () => {
    const s = new Set(['a', 'b'])
    expect(after({ s }, { s: { Action: 'ADD', Value: { SS: ['c'] } } })).toEqual({ s: new Set(['a', 'b', 'c']) })
    expect(after({ s }, { s: { Action: 'DELETE', Value: { SS: ['a', 'x'] } } })).toEqual({ s: new Set(['b']) })
    expect(after({ s }, { s: { Action: 'DELETE', Value: { SS: ['a', 'b'] } } })).toEqual({})
    expect(after({ l: [1] }, { l: { Action: 'ADD', Value: { L: [N(2)] } } })).toEqual({ l: [1, 2] })
    expect(after({}, { l: { Action: 'ADD', Value: { L: [N(2)] } } })).toEqual({ l: [2] })
  })

  test.each<[AttributeUpdate, string]>([
    [{}, 'Only DELETE action is allowed when no attribute value is specified'],
    [{ Action: 'ADD' }, 'Only DELETE action is allowed when no attribute value is specified'],
    [{ Action: 'ADD', Value: S('x') }, 'ADD action is not supported for the type S'],
    [{ Action: 'ADD', Value: { M: {} } }, 'ADD action is not supported for the type M'],
    [{ Action: 'DELETE', Value: N(1) }, 'DELETE action with value is not supported for the type N'],
    [{ Action: 'DELETE', Value: { L: [] } }, 'DELETE action with value is not supported for the type L'],
  ])('the update %j is refused', (update, message) => {
    expect(() => after({}, { a: update })).toThrow(`${INVALID} ${message}`)
  })
})

describe('AttributesToGet', () => {
  test('AttributesToGet are names of whole attributes, each only once', () => {
    expect(legacyProjection({ AttributesToGet: ['a.b', 'c[0]'] })).toEqual([['a.b'], ['c[0]']])
    expect(() => legacyProjection({ AttributesToGet: ['a', 'b', 'a'] })).toThrow(
      `${INVALID} Duplicate value in attribute name: a`,
    )
  })
})

describe('KeyConditions', () => {
  const schema = { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } } as const
  const pk = is('EQ', S('a'))
  const read = (KeyConditions: { readonly [name: string]: Comparison }) => legacyKeyCondition({ KeyConditions }, schema)

  test('KeyConditions select a partition and a range in it', () => {
    expect(read({ sk: is('BETWEEN', N(1), N(2)), pk })).toMatchObject({
      partition: { name: 'pk', value: 'a' },
      sort: { kind: 'between', name: 'sk', low: 1, high: 2 },
    })
    expect(read({ pk, sk: is('GT', N(1)) })).toMatchObject({ sort: { comparator: '>', value: 1 } })
  })

  test.each<[{ readonly [name: string]: Comparison }, string]>([
    [{}, 'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.'],
    [{ pk, sk: is('EQ', N(1)), a: is('EQ', N(1)) }, 'Conditions can be of length 1 or 2 only'],
    [{ sk: is('EQ', N(1)) }, 'Query condition missed key schema element: pk'],
    [{ pk, a: is('EQ', N(1)) }, 'Query condition missed key schema element: sk'],
    [{ pk: is('LT', S('a')) }, 'Query key condition not supported'],
    [{ pk, sk: is('NE', N(1)) }, 'Attempted conditional constraint is not an indexable operation'],
    [{ pk, sk: is('NULL') }, 'Attempted conditional constraint is not an indexable operation'],
    [{ pk, sk: is('EQ', S('a')) }, `${INVALID} Condition parameter type does not match schema type`],
    [
      { pk, sk: is('BEGINS_WITH', N(1)) },
      `${INVALID} ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type`,
    ],
    [{ pk: is('EQ') }, `${INVALID} Invalid number of argument(s) for the EQ ComparisonOperator`],
  ])('the KeyConditions %j are refused', (conditions, message) => {
    expect(() => read(conditions)).toThrow(message)
  })
})

describe('the parameters of a request', () => {
  const both = (legacy: string, expressions: string) =>
    `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${legacy}} Expression parameters: {${expressions}}`
  const query = (input: Parameters<typeof refuseMixture>[0]) => () =>
    refuseMixture(
      input,
      ['ProjectionExpression', 'FilterExpression', 'KeyConditionExpression'],
      ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
    )

  test('expressions and legacy parameters are not mixed in a request', () => {
    const mixed = { AttributesToGet: ['a'], QueryFilter: {}, FilterExpression: 'a', KeyConditionExpression: 'b' }
    expect(query(mixed)).toThrow(both('AttributesToGet, QueryFilter', 'FilterExpression, KeyConditionExpression'))
    expect(query({ KeyConditions: {}, KeyConditionExpression: 'a' })).toThrow(
      both('KeyConditions', 'KeyConditionExpression'),
    )
    expect(query({ KeyConditions: {}, QueryFilter: {}, AttributesToGet: [] })).not.toThrow()
  })

  test('KeyConditions are accepted beside a filter expression', () => {
    expect(query({ KeyConditions: {}, FilterExpression: 'a' })).not.toThrow()
  })

  test('placeholders are accepted only if an expression could use them', () => {
    const values = { ExpressionAttributeValues: { ':v': N(1) } }
    expect(query({ ...values, ExpressionAttributeNames: {} })).toThrow(
      'ExpressionAttributeNames can only be specified when using expressions',
    )
    expect(query({ ...values, ProjectionExpression: 'a' })).toThrow(
      'ExpressionAttributeValues can only be specified when using expressions: FilterExpression and KeyConditionExpression are null',
    )
    expect(() => refuseMixture(values, ['ConditionExpression'], [])).toThrow(
      'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null',
    )
  })
})

test('a filter may have more conditions than a call may have arguments', () => {
  const many = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`a${index}`, is('NULL')]))
  const condition = legacyCondition({ ScanFilter: many }, 'ScanFilter')
  expect(condition).toMatchObject({ kind: 'and', conditions: { length: 200_000 } })
})
