/**
 * Query, Scan and GetItem: what AWS refuses, in which words, and which of several errors it reports; and what it
 * returns.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Answer, counted, type Fact, hold, measured, nested, validation } from './measured.js'

const aws = measured()

const INVALID = 'One or more parameter values were invalid: '
const SCHEMA = `${INVALID}Condition parameter type does not match schema type`
const operand = (operator: string, type: string) =>
  `Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`
const S = (text: string) => ({ S: text })

const query = (
  name: string,
  TableName: string,
  KeyConditionExpression: string,
  ExpressionAttributeValues: object,
  refused: string,
  more: object = {},
): Fact => ({
  name,
  operation: 'Query',
  input: { TableName, KeyConditionExpression, ExpressionAttributeValues, ...more },
  refused: refused.includes('Exception: ') ? refused : validation(refused),
})
const UNDEFINED =
  'Invalid KeyConditionExpression: An expression attribute value used in expression is not defined; attribute value: :missing'
const p = { ':p': S('q') }

hold('Query', aws, [
  query(
    'a condition without the partition key',
    'composite',
    'sk = :v',
    { ':v': S('x') },
    'Query condition missed key schema element: pk',
  ),
  query(
    'a condition on another attribute only',
    'composite',
    'a1 = :v',
    { ':v': S('x') },
    'Query condition missed key schema element: pk',
  ),
  query(
    'unused names',
    'composite',
    'pk = :p',
    p,
    'Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}',
    { ExpressionAttributeNames: { '#unused': 'a' } },
  ),
  query(
    'an unknown Select',
    'composite',
    'pk = :p',
    p,
    "1 validation error detected: Value 'INVALID_VALUE' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]",
    { Select: 'INVALID_VALUE' },
  ),
  query(
    'a Limit of 0',
    'composite',
    'pk = :p',
    p,
    "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    { Limit: 0 },
  ),
  query('an empty condition', 'composite', '', p, 'Invalid KeyConditionExpression: The expression can not be empty;'),
  query(
    'a filter with an undefined name',
    'composite',
    'pk = :p',
    { ...p, ':f': S('x') },
    'Invalid FilterExpression: An expression attribute name used in the document path is not defined; attribute name: #missing',
    { FilterExpression: '#missing = :f' },
  ),
  query(
    'a consistent read of a global index',
    'indexed',
    'lsi1sk = :p',
    p,
    'Consistent reads are not supported on global secondary indexes',
    { IndexName: 'gsi1', ConsistentRead: true },
  ),
  query(
    'begins_with of a string key and a number',
    'composite',
    'pk = :p AND begins_with(sk, :v)',
    { ...p, ':v': { N: '1' } },
    operand('begins_with', 'N'),
  ),
  query(
    'begins_with of a string key and a boolean',
    'composite',
    'pk = :p AND begins_with(sk, :v)',
    { ...p, ':v': { BOOL: true } },
    operand('begins_with', 'BOOL'),
  ),
  query(
    'begins_with of a number key and a number',
    'composite-n',
    'pk = :p AND begins_with(sk, :v)',
    { ...p, ':v': { N: '1' } },
    operand('begins_with', 'N'),
  ),
  query(
    'begins_with of a number key and a string',
    'composite-n',
    'pk = :p AND begins_with(sk, :v)',
    { ...p, ':v': S('a') },
    SCHEMA,
  ),
  query(
    'a boolean as an upper bound',
    'composite-n',
    'pk = :p AND sk < :v',
    { ...p, ':v': { BOOL: true } },
    operand('<', 'BOOL'),
  ),
  query(
    'a boolean on the left of a comparison',
    'composite-n',
    'pk = :p AND :v >= sk',
    { ...p, ':v': { BOOL: true } },
    operand('>=', 'BOOL'),
  ),
  query(
    'booleans for BETWEEN',
    'composite-n',
    'pk = :p AND sk BETWEEN :a AND :b',
    { ...p, ':a': { BOOL: false }, ':b': { BOOL: true } },
    operand('BETWEEN', 'BOOL'),
  ),
  query(
    'a boolean equal to a number key',
    'composite-n',
    'pk = :p AND sk = :v',
    { ...p, ':v': { BOOL: true } },
    SCHEMA,
  ),
  query(
    'two conditions on one key',
    'composite-n',
    'pk = :p AND sk > :a AND sk < :b',
    { ...p, ':a': { N: '1' }, ':b': { N: '5' } },
    'Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key',
  ),
  query(
    'a third condition',
    'composite-n',
    'pk = :p AND sk > :a AND extra = :b',
    { ...p, ':a': { N: '1' }, ':b': { N: '5' } },
    'The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)',
  ),
  query(
    'an undefined value before a wrong operand',
    'composite',
    'pk = :missing AND begins_with(sk, :n)',
    { ':n': { N: '1' } },
    UNDEFINED,
  ),
  query(
    'a wrong operand before an undefined value',
    'composite',
    'begins_with(sk, :n) AND pk = :missing',
    { ':n': { N: '1' } },
    operand('begins_with', 'N'),
  ),
  query(
    'a wrong operand before a third condition',
    'composite',
    'pk = :p AND begins_with(sk, :n) AND sk > :s',
    { ...p, ':n': { N: '1' }, ':s': S('a') },
    operand('begins_with', 'N'),
  ),
  query(
    'a wrong operand before an unknown table',
    'absent',
    'pk = :p AND begins_with(sk, :n)',
    { ...p, ':n': { N: '1' } },
    operand('begins_with', 'N'),
  ),
  query(
    'an unknown table',
    'absent',
    'pk = :p AND begins_with(sk, :n)',
    { ...p, ':n': S('a') },
    'ResourceNotFoundException: Requested resource not found',
  ),
  query(
    'a path inside a key',
    'composite',
    'pk = :p AND sk.foo = :v',
    { ...p, ':v': S('x') },
    'KeyConditionExpressions cannot have conditions on nested attributes',
  ),
  query(
    'ALL_ATTRIBUTES with a projection',
    'composite',
    'pk = :p',
    p,
    'Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES',
    { Select: 'ALL_ATTRIBUTES', ProjectionExpression: 'sk' },
  ),
  query(
    'ALL_PROJECTED_ATTRIBUTES without an index',
    'composite',
    'pk = :p',
    p,
    'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    { Select: 'ALL_PROJECTED_ATTRIBUTES' },
  ),
  {
    name: 'an unknown ConditionalOperator before an unknown Select without a count',
    operation: 'Query',
    input: {
      TableName: 'absent',
      KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [S('a')] } },
      QueryFilter: { b: { ComparisonOperator: 'NULL' }, c: { ComparisonOperator: 'NULL' } },
      ConditionalOperator: 'XOR',
      Select: 'BOGUS',
    },
    refused: validation('Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]'),
  },
])

const scan = (name: string, more: object, refused: string | readonly string[]): Fact => ({
  name,
  operation: 'Scan',
  input: { TableName: 'hash', ...more },
  refused,
})
hold('Scan', aws, [
  scan(
    'a segment without a number of segments',
    { Segment: 0 },
    validation(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    ),
  ),
  scan(
    'a segment after the last one',
    { Segment: 5, TotalSegments: 5 },
    validation(
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not less than TotalSegments: 5',
    ),
  ),
  scan(
    'a number of segments without a segment',
    { TotalSegments: 4 },
    validation(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    ),
  ),
  scan(
    'a Limit of 0',
    { Limit: 0 },
    counted("Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"),
  ),
  scan(
    'a consistent read of a global index',
    { TableName: 'indexed', IndexName: 'gsi1', ConsistentRead: true },
    validation('Consistent reads are not supported on global secondary indexes'),
  ),
  scan(
    'a filter nested too deep and a ConditionalOperator for one condition',
    {
      TableName: 'absent',
      ScanFilter: { a: { ComparisonOperator: 'EQ', AttributeValueList: [nested(40)] } },
      ConditionalOperator: 'AND',
    },
    [
      validation(
        'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
      ),
      validation('ConditionalOperator can only be used when Filter or Expected has two or more elements'),
    ],
  ),
  scan(
    'begins_with of a missing attribute and a number',
    { FilterExpression: 'begins_with(a, :n)', ExpressionAttributeValues: { ':n': { N: '5' } } },
    validation(
      'Invalid FilterExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
    ),
  ),
  scan(
    'a projection with an undefined name',
    { ProjectionExpression: '#undef' },
    validation(
      'Invalid ProjectionExpression: An expression attribute name used in the document path is not defined; attribute name: #undef',
    ),
  ),
])

const overlaps = [
  ['a, a', {}, '[a]', '[a]'],
  ['#a, #a', { '#a': 'a' }, '[a]', '[a]'],
  ['#a, #b', { '#a': 'a', '#b': 'a' }, '[a]', '[a]'],
  ['a, #a', { '#a': 'a' }, '[a]', '[a]'],
  ['#a.#b, #x.#y', { '#a': 'a', '#b': 'b', '#x': 'a', '#y': 'b' }, '[a, b]', '[a, b]'],
  ['a, a.b', {}, '[a]', '[a, b]'],
  ['a.b, a', {}, '[a, b]', '[a]'],
  ['l, l[0]', {}, '[l]', '[l, [0]]'],
  ['a, a.b.c', {}, '[a]', '[a, b, c]'],
] as const
describe('projections', () => {
  beforeAll(() =>
    aws.ask('PutItem', {
      TableName: 'hash',
      Item: {
        pk: S('proj'),
        a: { M: { b: S('bb'), c: S('cc'), d: { M: { e: S('ee') } } } },
        l: { L: [{ M: { x: S('x0'), y: S('y0') } }, { M: { x: S('x1'), y: S('y1') } }, S('l2')] },
      },
    }),
  )
  const Key = { pk: S('proj') }
  it.each(overlaps)('overlapping paths are refused: %s', async (ProjectionExpression, names, one, two) => {
    const projection = {
      ProjectionExpression,
      ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    }
    const refused = validation(
      `Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: ${one}, path two: ${two}`,
    )
    expect(await aws.refusal('GetItem', { TableName: 'hash', Key, ...projection })).toBe(refused)
    expect(await aws.refusal('Scan', { TableName: 'hash', ...projection })).toBe(refused)
    expect(await aws.refusal('BatchGetItem', { RequestItems: { hash: { Keys: [Key], ...projection } } })).toBe(refused)
  })
  it.each([
    ['a.b, a.c', { a: { M: { b: S('bb'), c: S('cc') } } }],
    ['l[0].x, l[0].y', { l: { L: [{ M: { x: S('x0'), y: S('y0') } }] } }],
    ['l[2], l[0].x', { l: { L: [{ M: { x: S('x0') } }, S('l2')] } }],
  ])('the paths %s are projected into one item', async (ProjectionExpression, item) => {
    const { answer } = await aws.ask('GetItem', { TableName: 'hash', Key, ProjectionExpression })
    expect(answer.Item).toEqual(item)
  })
})

it('sets are returned in the order of their bytes or numbers', async () => {
  const Item = {
    pk: S('sets'),
    ss: { SS: ['b', 'é', '', 'a', 'Z'] },
    ns: { NS: ['10', '9', '-1', '2.5'] },
    bs: { BS: ['/w==', 'AA=='] },
  }
  await aws.ask('PutItem', { TableName: 'hash', Item })
  const { answer } = await aws.ask('GetItem', { TableName: 'hash', Key: { pk: Item.pk } })
  expect(answer.Item).toEqual({
    pk: Item.pk,
    ss: { SS: ['', 'Z', 'a', 'b', 'é'] },
    ns: { NS: ['-1', '2.5', '9', '10'] },
    bs: { BS: ['AA==', '/w=='] },
  })
})

describe('an index with one partition and four sort attributes', () => {
  beforeAll(async () => {
    await aws.ask('CreateTable', {
      TableName: 'several',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'h', 'a', 'b', 'c', 'd'].map(AttributeName => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'gsi',
          KeySchema: ['h', 'a', 'b', 'c', 'd'].map((AttributeName, i) => ({
            AttributeName,
            KeyType: i === 0 ? 'HASH' : 'RANGE',
          })),
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    })
    const rows = [
      'p1 T live b r1',
      'p2 T live a r2',
      'p3 T live a r1',
      'p4 T draft c r1',
      'p5 F live a r0',
      'p6 T live - r1',
    ]
    for (const row of rows) {
      const [pk = '', a = '', b = '', c = '', d = ''] = row.split(' ')
      const Item = { pk: S(pk), h: S('o1'), a: S(a), b: S(b), ...(c !== '-' && { c: S(c) }), d: S(d) }
      await aws.ask('PutItem', { TableName: 'several', Item })
    }
  })
  const values: Answer = {
    ':h': S('o1'),
    ':a': S('T'),
    ':b': S('live'),
    ':c': S('a'),
    ':d': S('r'),
    ':x': S('r1'),
  }
  const input = (KeyConditionExpression: string, more: object = {}) => ({
    TableName: 'several',
    IndexName: 'gsi',
    KeyConditionExpression,
    ExpressionAttributeValues: Object.fromEntries(
      Object.entries(values).filter(([name]) => KeyConditionExpression.includes(name)),
    ),
    ...more,
  })
  const found: readonly (readonly [condition: string, keys: string, more?: object])[] = [
    ['h = :h', 'p5 p4 p3 p2 p1'],
    ['h = :h AND a = :a', 'p4 p3 p2 p1'],
    ['h = :h AND a = :a', 'p1 p2 p3 p4', { ScanIndexForward: false }],
    ['h = :h AND a = :a AND b = :b', 'p3 p2 p1'],
    ['h = :h AND a = :a AND b = :b AND c = :c', 'p3 p2'],
    ['h = :h AND a = :a AND b = :b AND c > :c', 'p1'],
    ['h = :h AND a = :a AND b = :b AND c = :c AND begins_with(d, :d)', 'p3 p2'],
    ['h = :h AND a = :a AND b = :b AND c = :c AND d BETWEEN :x AND :x', 'p3'],
    ['h = :h AND a = :a AND b < :b', 'p4'],
    ['b = :b AND h = :h AND a = :a', 'p3 p2 p1'],
  ]
  it.each(found.map(([condition, keys, more = {}]) => ({ condition, keys, more })))(
    '$condition finds $keys',
    async ({ condition, keys, more }) => {
      const { answer } = await aws.ask('Query', input(condition, more))
      expect(answer.Items.map((item: Answer) => item.pk.S).join(' ')).toBe(keys)
    },
  )
  it('the last key of a page has all key attributes', async () => {
    const { answer } = await aws.ask('Query', input('h = :h AND a = :a', { Limit: 2 }))
    expect(Object.keys(answer.LastEvaluatedKey).sort()).toEqual(['a', 'b', 'c', 'd', 'h', 'pk'])
  })
  it.each([
    ['h = :h AND a = :a AND c = :c', 'b', 'c'],
    ['h = :h AND a = :a AND b > :b AND c = :c', 'b', 'c'],
    ['h = :h AND b = :b', 'a', 'b'],
  ])('a condition that skips a sort attribute is refused: %s', async (condition, absent, present) => {
    expect(await aws.refusal('Query', input(condition))).toContain(
      `RANGE key attributes ${absent} must have equality conditions specified in the query because a condition is present on key attribute ${present}`,
    )
  })
})
