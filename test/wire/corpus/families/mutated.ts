/** Complete requests, and each of them with one part replaced by an invalid one. */

import { Dice } from '../../../models/random/dice.js'
import { type Attributes, type CorpusRequest, type Family, hashTable, indexedTable, n, s } from '../family.js'

const KEY = { id: s('m') }

const whole = (HASH: string, INDEXED: string): readonly (readonly [operation: string, input: object])[] => [
  [
    'GetItem',
    {
      TableName: HASH,
      Key: KEY,
      ConsistentRead: true,
      ProjectionExpression: '#w',
      ExpressionAttributeNames: { '#w': 'word' },
      ReturnConsumedCapacity: 'TOTAL',
    },
  ],
  ['GetItem', { TableName: HASH, Key: KEY, AttributesToGet: ['word'] }],
  [
    'PutItem',
    {
      TableName: HASH,
      Item: {
        ...KEY,
        word: s('w'),
        map: { M: { list: { L: [n(1), { BOOL: true }] } } },
        set: { NS: ['1', '2'] },
        bytes: { BS: ['AQ=='] },
      },
      ConditionExpression: '#w <> :w',
      ExpressionAttributeNames: { '#w': 'word' },
      ExpressionAttributeValues: { ':w': n(1) },
      ReturnValues: 'ALL_OLD',
      ReturnConsumedCapacity: 'TOTAL',
      ReturnItemCollectionMetrics: 'NONE',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ],
  [
    'PutItem',
    {
      TableName: HASH,
      Item: KEY,
      Expected: { word: { ComparisonOperator: 'NE', AttributeValueList: [s('x')] }, other: { Exists: false } },
      ConditionalOperator: 'AND',
    },
  ],
  [
    'DeleteItem',
    {
      TableName: HASH,
      Key: { id: s('none') },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValues: 'ALL_OLD',
      ReturnConsumedCapacity: 'INDEXES',
    },
  ],
  [
    'UpdateItem',
    {
      TableName: HASH,
      Key: KEY,
      UpdateExpression: 'SET #w = :w ADD num :n',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeNames: { '#w': 'word' },
      ExpressionAttributeValues: { ':w': { L: [s('x')] }, ':n': n(1) },
      ReturnValues: 'UPDATED_NEW',
      ReturnConsumedCapacity: 'TOTAL',
    },
  ],
  [
    'UpdateItem',
    {
      TableName: HASH,
      Key: KEY,
      AttributeUpdates: { word: { Action: 'PUT', Value: s('u') }, num: { Action: 'ADD', Value: n(1) } },
      ReturnValues: 'NONE',
    },
  ],
  [
    'Query',
    {
      TableName: INDEXED,
      IndexName: 'byRank',
      KeyConditionExpression: 'pk = :p AND #r > :r',
      FilterExpression: 'num > :r',
      ProjectionExpression: 'sk',
      ExpressionAttributeNames: { '#r': 'rank' },
      ExpressionAttributeValues: { ':p': s('p'), ':r': n(0) },
      Limit: 5,
      ScanIndexForward: true,
      ConsistentRead: true,
      Select: 'SPECIFIC_ATTRIBUTES',
      ExclusiveStartKey: { pk: s('p'), sk: s('1'), rank: n(1) },
      ReturnConsumedCapacity: 'INDEXES',
    },
  ],
  [
    'Query',
    {
      TableName: INDEXED,
      KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [s('p')] } },
      QueryFilter: { num: { ComparisonOperator: 'GT', AttributeValueList: [n(0)] } },
      AttributesToGet: ['sk'],
    },
  ],
  [
    'Scan',
    {
      TableName: HASH,
      FilterExpression: 'word = :w',
      ExpressionAttributeValues: { ':w': s('w') },
      TotalSegments: 1,
      Segment: 0,
      Limit: 10,
      ConsistentRead: false,
    },
  ],
  [
    'BatchGetItem',
    {
      RequestItems: {
        [HASH]: {
          Keys: [KEY, { id: s('none') }],
          ProjectionExpression: '#w',
          ExpressionAttributeNames: { '#w': 'word' },
          ConsistentRead: true,
        },
      },
      ReturnConsumedCapacity: 'TOTAL',
    },
  ],
  [
    'BatchWriteItem',
    {
      RequestItems: {
        [HASH]: [{ PutRequest: { Item: { id: s('b1'), word: s('w') } } }, { DeleteRequest: { Key: { id: s('b2') } } }],
      },
      ReturnConsumedCapacity: 'NONE',
    },
  ],
  [
    'TransactGetItems',
    {
      TransactItems: [
        { Get: { TableName: HASH, Key: KEY, ProjectionExpression: '#w', ExpressionAttributeNames: { '#w': 'word' } } },
      ],
      ReturnConsumedCapacity: 'TOTAL',
    },
  ],
  [
    'TransactWriteItems',
    {
      TransactItems: [
        {
          Put: {
            TableName: HASH,
            Item: { id: s('t1'), word: s('w') },
            ConditionExpression: 'attribute_not_exists(none)',
          },
        },
        {
          Update: {
            TableName: HASH,
            Key: { id: s('t2') },
            UpdateExpression: 'SET word = :w',
            ExpressionAttributeValues: { ':w': s('w') },
          },
        },
        { Delete: { TableName: HASH, Key: { id: s('t3') } } },
        {
          ConditionCheck: {
            TableName: HASH,
            Key: KEY,
            ConditionExpression: 'attribute_exists(id)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ],
      ReturnConsumedCapacity: 'NONE',
    },
  ],
]

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }
type Place = readonly (string | number)[]

function places(value: Json, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Object.entries(value).flatMap(([name, it]) =>
    places(it, [...at, Array.isArray(value) ? Number(name) : name]),
  )
  return at.length === 0 ? inner : [at, ...inner]
}

/** A copy of the value with the part at a path replaced. The replacement undefined removes the part. */
function changed(value: Json, [first, ...rest]: Place, to: Json | undefined): Json {
  if (first === undefined) return to as Json
  const copy = Array.isArray(value) ? [...value] : { ...(value as { [name: string]: Json }) }
  const held = copy as { [name: string | number]: Json }
  if (rest.length === 0 && to === undefined) {
    if (Array.isArray(copy)) copy.splice(first as number, 1)
    else delete held[first]
    return copy
  }
  held[first] = changed(held[first] as Json, rest, to)
  return copy
}

const OTHERS: readonly (Json | undefined)[] = [
  'text',
  '',
  7,
  -1,
  1.5,
  true,
  null,
  [],
  {},
  [null],
  ['x'],
  { S: 'x' },
  undefined,
]

function mutations(part: number, inputs: ReturnType<typeof whole>): CorpusRequest[] {
  const dice = new Dice(11)
  return inputs.flatMap(([operation, input]) => [
    { name: 'as it should be', operation, input },
    ...places(input as Json).flatMap(place =>
      OTHERS.filter(() => dice.chance(part)).map(to => ({
        name: `${place.join('.')} ${to === undefined ? 'left out' : `as ${JSON.stringify(to)}`}`,
        operation,
        input: changed(input as Json, place, to) as object,
      })),
    ),
  ])
}

const ITEM: Attributes = { ...KEY, word: s('word'), num: n(3) }

/**
 * @param part the percentage of all changes to try.
 * @param tables a different prefix for each family that runs at the same time.
 */
export function mutated(part: number, tables = 'some'): Family {
  const [hash, indexed] = [`zz.mutated.${tables}.hash`, `zz.mutated.${tables}.indexed`]
  const entries = ['1', '2', '3'].map(sk => ({ pk: s('p'), sk: s(sk), rank: n(sk), num: n(sk) }))
  return {
    name: 'changed in one place',
    tables: [hashTable(hash), indexedTable(indexed)],
    items: { [hash]: [ITEM], [indexed]: entries },
    requests: mutations(part, whole(hash, indexed)),
  }
}
