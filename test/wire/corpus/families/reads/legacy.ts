/** The legacy parameters KeyConditions and QueryFilter. */
import { n, rowsOf, s } from '../../family.js'
import { compared, equals, P, query, TABLE } from './reading.js'

const old = (KeyConditions: unknown, more: object = {}) => ({ TableName: TABLE, KeyConditions, ...more })
const oldFilter = (attribute: string, comparison: unknown, more: object = {}) =>
  old({ pk: equals(s('p')) }, { QueryFilter: { [attribute]: comparison }, ...more })
export const LEGACY = rowsOf('Query', [
  ['KeyConditions', old({ pk: equals(s('p')) })],
  ['KeyConditions of both keys', old({ pk: equals(s('p')), sk: equals(s('a')) })],
  ...['LT', 'LE', 'GT', 'GE', 'BEGINS_WITH', 'NE', 'CONTAINS', 'NOT_CONTAINS', 'NULL', 'NOT_NULL', 'IN', 'LIKE'].map(
    operator =>
      [`KeyConditions with ${operator}`, old({ pk: equals(s('p')), sk: compared(operator, s('a1')) })] as const,
  ),
  ['KeyConditions with BETWEEN', old({ pk: equals(s('p')), sk: compared('BETWEEN', s('a'), s('b')) })],
  ['KeyConditions with BETWEEN the wrong way', old({ pk: equals(s('p')), sk: compared('BETWEEN', s('b'), s('a')) })],
  ['KeyConditions with BETWEEN of one', old({ pk: equals(s('p')), sk: compared('BETWEEN', s('b')) })],
  ['KeyConditions with EQ of two', old({ pk: compared('EQ', s('p'), s('q')) })],
  ['KeyConditions with EQ of none', old({ pk: compared('EQ') })],
  ['KeyConditions with the partition by LT', old({ pk: compared('LT', s('p')) })],
  ['KeyConditions without the partition', old({ sk: equals(s('a')) })],
  ['KeyConditions of three', old({ pk: equals(s('p')), sk: equals(s('a')), other: equals(s('a')) })],
  ['KeyConditions of another attribute', old({ pk: equals(s('p')), other: equals(s('a')) })],
  ['KeyConditions of none', old({})],
  ['KeyConditions of another type', old({ pk: equals(n(1)) })],
  ['KeyConditions of an empty text', old({ pk: equals(s('')) })],
  ['KeyConditions of a wrong number', old({ pk: equals({ N: 'x' }) })],
  ['KeyConditions of a set', old({ pk: equals({ SS: ['p'] }) })],
  ['KeyConditions without an operator', old({ pk: { AttributeValueList: [s('p')] } })],
  ['KeyConditions without a list', old({ pk: { ComparisonOperator: 'EQ' } })],
  ['KeyConditions of null', old({ pk: null })],
  [
    'KeyConditions and an expression',
    old({ pk: equals(s('p')) }, { KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: P }),
  ],
  [
    'KeyConditions and a filter expression',
    old({ pk: equals(s('p')) }, { FilterExpression: 'num = :v', ExpressionAttributeValues: { ':v': n(1) } }),
  ],
  ['KeyConditions and a projection', old({ pk: equals(s('p')) }, { ProjectionExpression: 'sk' })],
  ['KeyConditions and AttributesToGet', old({ pk: equals(s('p')) }, { AttributesToGet: ['sk', 'num'] })],
  ['KeyConditions and values', old({ pk: equals(s('p')) }, { ExpressionAttributeValues: P })],
  ['KeyConditions at an index', old({ group: equals(s('g')), rank: compared('GT', n(1)) }, { IndexName: 'byGroup' })],
  ['QueryFilter EQ', oldFilter('num', equals(n(1)))],
  ['QueryFilter NE', oldFilter('num', compared('NE', n(1)))],
  ['QueryFilter LT', oldFilter('num', compared('LT', n(2)))],
  ['QueryFilter LE', oldFilter('num', compared('LE', n(2)))],
  ['QueryFilter GT', oldFilter('num', compared('GT', n(2)))],
  ['QueryFilter GE', oldFilter('num', compared('GE', n(2)))],
  ['QueryFilter BETWEEN', oldFilter('num', compared('BETWEEN', n(1), n(3)))],
  ['QueryFilter BETWEEN the wrong way', oldFilter('num', compared('BETWEEN', n(3), n(1)))],
  ['QueryFilter IN', oldFilter('num', compared('IN', n(1), n(100)))],
  ['QueryFilter IN of none', oldFilter('num', compared('IN'))],
  ['QueryFilter IN of lists', oldFilter('num', compared('IN', { L: [] }))],
  ['QueryFilter NULL', oldFilter('num', { ComparisonOperator: 'NULL' })],
  ['QueryFilter NOT_NULL', oldFilter('num', { ComparisonOperator: 'NOT_NULL' })],
  ['QueryFilter NULL with a value', oldFilter('num', compared('NULL', n(1)))],
  ['QueryFilter CONTAINS', oldFilter('text', compared('CONTAINS', s('co')))],
  ['QueryFilter CONTAINS in a set', oldFilter('tags', compared('CONTAINS', s('x')))],
  ['QueryFilter NOT_CONTAINS', oldFilter('text', compared('NOT_CONTAINS', s('co')))],
  ['QueryFilter BEGINS_WITH', oldFilter('text', compared('BEGINS_WITH', s('f')))],
  ['QueryFilter BEGINS_WITH a number', oldFilter('num', compared('BEGINS_WITH', n(1)))],
  ['QueryFilter CONTAINS a set', oldFilter('tags', compared('CONTAINS', { SS: ['x'] }))],
  ['QueryFilter LT of a list', oldFilter('num', compared('LT', { L: [] }))],
  ['QueryFilter of an empty set', oldFilter('num', compared('EQ', { SS: [] }))],
  ['QueryFilter of a key', oldFilter('sk', equals(s('a')))],
  ['QueryFilter of an unknown operator', oldFilter('num', compared('LIKE', n(1)))],
  ['QueryFilter without an operator', oldFilter('num', { AttributeValueList: [n(1)] })],
  [
    'QueryFilter of two and OR',
    old(
      { pk: equals(s('p')) },
      { QueryFilter: { num: compared('GT', n(50)), flag: equals({ BOOL: true }) }, ConditionalOperator: 'OR' },
    ),
  ],
  [
    'QueryFilter of two and AND',
    old(
      { pk: equals(s('p')) },
      { QueryFilter: { num: compared('GT', n(1)), text: compared('BEGINS_WITH', s('s')) }, ConditionalOperator: 'AND' },
    ),
  ],
  ['QueryFilter of none', old({ pk: equals(s('p')) }, { QueryFilter: {} })],
  ['ConditionalOperator without a filter', old({ pk: equals(s('p')) }, { ConditionalOperator: 'OR' })],
  ['an unknown ConditionalOperator', old({ pk: equals(s('p')) }, { ConditionalOperator: 'XOR' })],
  ['QueryFilter and an expression', query('pk = :p', P, { QueryFilter: { num: equals(n(1)) } })],
])
