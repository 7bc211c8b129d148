/** Global indexes with several key attributes, over the wire. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EngineStore, engineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { answer } from '../../packages/partita/src/wire/dispatch.js'

const TableName = 'matches'
const IndexName = 'byRegion'
let store: EngineStore

// biome-ignore lint/suspicious/noExplicitAny: answers are JSON of many shapes, which the assertions check.
type Json = any

async function ask(operation: string, input: object): Promise<Json> {
  const wire = { store, region: 'local', now: Date.now }
  const { body } = await answer(wire, `DynamoDB_20120810.${operation}`, JSON.stringify(input))
  return JSON.parse(body)
}

const key = (names: readonly string[], KeyType: string) => names.map(AttributeName => ({ AttributeName, KeyType }))
const match = (id: string, round: string, bracket: string, region = 'west') => ({
  id: { S: id },
  tournament: { S: 'winter' },
  region: { S: region },
  round: { N: round },
  bracket: { S: bracket },
})

beforeAll(async () => {
  store = engineStore(memory({ sweepInterval: 0 }))
  await ask('CreateTable', {
    TableName,
    AttributeDefinitions: ['id', 'tournament', 'region', 'round', 'bracket'].map(AttributeName => ({
      AttributeName,
      AttributeType: AttributeName === 'round' ? 'N' : 'S',
    })),
    KeySchema: key(['id'], 'HASH'),
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName,
        KeySchema: [...key(['tournament', 'region'], 'HASH'), ...key(['round', 'bracket'], 'RANGE')],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  })
  for (const Item of [
    match('a', '1', 'lower'),
    match('b', '1', 'upper'),
    match('c', '2', 'lower'),
    match('d', '10', 'lower'),
    match('e', '1', 'lower', 'east'),
  ]) {
    await ask('PutItem', { TableName, Item })
  }
})
afterAll(() => store.close())

const VALUES: { readonly [name: string]: object } = {
  ':t': { S: 'winter' },
  ':r': { S: 'west' },
  ':1': { N: '1' },
  ':2': { N: '2' },
  ':b': { S: 'lower' },
  ':m': { S: 'm' },
}

function query(condition: string, more: object = {}): Promise<Json> {
  const used = [...new Set(condition.match(/:\w/g))].map(name => [name, VALUES[name]])
  return ask('Query', {
    TableName,
    IndexName,
    KeyConditionExpression: condition,
    ExpressionAttributeNames: { '#r': 'region' },
    ExpressionAttributeValues: Object.fromEntries(used),
    ...more,
  })
}
const ids = (page: Json) => page.Items.map((item: Json) => item.id.S)

describe('a query of an index with several key attributes', () => {
  it.each([
    ['tournament = :t AND #r = :r', ['a', 'b', 'c', 'd']],
    ['#r = :r AND tournament = :t AND round = :1', ['a', 'b']],
    ['tournament = :t AND #r = :r AND round > :1', ['c', 'd']],
    ['tournament = :t AND #r = :r AND round BETWEEN :1 AND :2', ['a', 'b', 'c']],
    ['bracket = :b AND round = :1 AND tournament = :t AND #r = :r', ['a']],
    ['tournament = :t AND #r = :r AND round = :1 AND bracket > :m', ['b']],
    ['tournament = :t AND #r = :r AND round = :1 AND begins_with(bracket, :b)', ['a']],
  ])('a query accepts %s', async (condition, expected) => {
    expect(ids(await query(condition))).toEqual(expected)
  })

  it.each([
    ['tournament = :t AND round = :1 AND #r = :r AND round = :2', 'must only contain one condition per key'],
    ['#r = :r', 'Query condition missed key schema element: tournament'],
    ['#r = :r AND round = :1', 'Query condition missed key schema element: tournament'],
    ['tournament = :t AND #r > :r', 'Query key condition not supported'],
    ['tournament = :t AND #r = :r AND bracket = :b', 'RANGE key attributes round must have equality conditions'],
    [
      'tournament = :t AND #r = :r AND round > :1 AND bracket = :b',
      'RANGE key attributes round must have equality conditions',
    ],
    ['tournament = :t AND #r = :r AND round = :b', 'Condition parameter type does not match schema type'],
  ])('a query refuses %s', async (condition, message) => {
    const refused = await query(condition)
    expect(refused.__type).toMatch(/#ValidationException$/)
    expect(refused.message).toContain(message)
  })

  it('a query continues from the key of the page before it, which has all key attributes', async () => {
    const condition = 'tournament = :t AND #r = :r AND round = :1'
    const first = await query(condition, { Limit: 1 })
    expect(first.LastEvaluatedKey).toEqual(match('a', '1', 'lower'))
    const rest = await query(condition, { ExclusiveStartKey: first.LastEvaluatedKey })
    expect(ids(rest)).toEqual(['b'])
    const elsewhere = { ...first.LastEvaluatedKey, region: { S: 'east' } }
    expect((await query(condition, { ExclusiveStartKey: elsewhere })).message).toContain('cannot be restarted')
    const noRange = 'tournament = :t AND #r = :r'
    expect((await query(noRange, { ExclusiveStartKey: elsewhere })).message).toContain('outside query boundaries')
    const later = { ...first.LastEvaluatedKey, round: { N: '2' } }
    expect((await query(condition, { ExclusiveStartKey: later })).message).toContain('range key predicate')
    const { bracket: _, ...incomplete } = first.LastEvaluatedKey
    expect((await query(condition, { ExclusiveStartKey: incomplete })).message).toContain('starting key is invalid')
  })

  it('a query accepts legacy key conditions as well', async () => {
    const equal = (value: object) => ({ ComparisonOperator: 'EQ', AttributeValueList: [value] })
    const page = await ask('Query', {
      TableName,
      IndexName,
      KeyConditions: {
        tournament: equal({ S: 'winter' }),
        region: equal({ S: 'west' }),
        round: equal({ N: '1' }),
        bracket: equal({ S: 'upper' }),
      },
    })
    expect(ids(page)).toEqual(['b'])
  })

  it('a query refuses a third condition if each key has a single attribute', async () => {
    const refused = await ask('Query', {
      TableName,
      KeyConditionExpression: 'id = :t AND round = :1 AND bracket = :b',
      ExpressionAttributeValues: { ':t': VALUES[':t'], ':1': VALUES[':1'], ':b': VALUES[':b'] },
    })
    expect(refused.message).toBe(
      'The number of query conditions (3) exceeds the number of key attributes defined in the schema (1)',
    )
  })
})

describe('an item that is invalid for such an index', () => {
  it('a wrong type of any key attribute is refused', async () => {
    const refused = await ask('PutItem', { TableName, Item: { ...match('f', '1', 'x'), region: { N: '1' } } })
    expect(refused.message).toContain('Type mismatch for Index Key region Expected: S Actual: N IndexName: byRegion')
  })
})
