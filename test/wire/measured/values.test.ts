/** How AWS words invalid numbers and sets: one way in writes of single items, another in reads, a third in batches. */
import { describe, expect, it } from 'vitest'
import { counted, measured, validation } from './measured.js'

const { refusal } = measured()

const OVERFLOW = 'Number overflow. Attempting to store a number with magnitude larger than supported range'
const UNDERFLOW = 'Number underflow. Attempting to store a number with magnitude smaller than supported range'
const NO_NUMBER = 'The parameter cannot be converted to a numeric value'
const INVALID = 'One or more parameter values were invalid: '
const inValue = (message: string) => `ExpressionAttributeValues contains invalid value: ${message} for key :v`

const pk = { S: 'a' }
const TableName = 'hash'

/** Values with their messages in writes of single items, and in batches where these differ. */
const WRONG: readonly (readonly [value: object, now: string, older: string])[] = [
  [{ N: 'abc' }, `${NO_NUMBER}: abc`, `${NO_NUMBER}: abc`],
  [{ N: '' }, `${NO_NUMBER}: `, NO_NUMBER],
  [{ N: '1e126' }, OVERFLOW, OVERFLOW],
  [{ N: '1e2147483647' }, OVERFLOW, UNDERFLOW],
  [
    { SS: ['b', 'a', 'b'] },
    `${INVALID}Input collection ["a", "b", "b"] contains duplicates.`,
    `${INVALID}Input collection [b, a, b] contains duplicates.`,
  ],
  [
    { BS: ['/w==', 'AA==', 'AA=='] },
    `${INVALID}Input collection ["AA==","/w==","AA=="]of type BS contains duplicates.`,
    `${INVALID}Input collection [/w==, AA==, AA==]of type BS contains duplicates.`,
  ],
  [{ NS: ['2', '1', '2'] }, `${INVALID}Input collection contains duplicates.`, 'Input collection contains duplicates'],
]

type Position = readonly [name: string, operation: string, at: (value: object) => object]

const condition = { ConditionExpression: 'attribute_not_exists(pk) OR n = :v' }
const values = (value: object) => ({ ExpressionAttributeValues: { ':v': value } })
const one = { UpdateExpression: 'SET n = :o', ExpressionAttributeValues: { ':o': { N: '1' } } }

const COUNTED: readonly Position[] = [
  ['an item', 'PutItem', v => ({ TableName, Item: { pk, n: v } })],
  ['a list in a map', 'PutItem', v => ({ TableName, Item: { pk, n: { M: { x: { L: [v] } } } } })],
  ['a condition', 'PutItem', v => ({ TableName, Item: { pk }, ...condition, ...values(v) })],
  ['Expected', 'PutItem', v => ({ TableName, Item: { pk }, Expected: { n: { Value: v } } })],
  ['an update', 'UpdateItem', v => ({ TableName, Key: { pk }, UpdateExpression: 'SET n = :v', ...values(v) })],
  [
    'AttributeUpdates',
    'UpdateItem',
    v => ({ TableName, Key: { pk }, AttributeUpdates: { n: { Action: 'PUT', Value: v } } }),
  ],
  ['the key', 'UpdateItem', v => ({ TableName, Key: { pk: v }, ...one })],
  ['the key', 'DeleteItem', v => ({ TableName, Key: { pk: v } })],
  ['a condition', 'DeleteItem', v => ({ TableName, Key: { pk }, ...condition, ...values(v) })],
]
const BARE: readonly Position[] = [
  ['the key', 'GetItem', v => ({ TableName, Key: { pk: v } })],
  ['a key', 'BatchGetItem', v => ({ RequestItems: { [TableName]: { Keys: [{ pk: v }] } } })],
  ['a key condition', 'Query', v => ({ TableName, KeyConditionExpression: 'pk = :v', ...values(v) })],
  [
    'a filter',
    'Query',
    v => ({
      TableName,
      KeyConditionExpression: 'pk = :p',
      FilterExpression: 'n = :v',
      ExpressionAttributeValues: { ':p': pk, ':v': v },
    }),
  ],
  [
    'ExclusiveStartKey',
    'Query',
    v => ({
      TableName,
      KeyConditionExpression: 'pk = :p',
      ExpressionAttributeValues: { ':p': pk },
      ExclusiveStartKey: { pk: v },
    }),
  ],
  [
    'QueryFilter',
    'Query',
    v => ({
      TableName,
      KeyConditions: { pk: { ComparisonOperator: 'EQ', AttributeValueList: [pk] } },
      QueryFilter: { n: { ComparisonOperator: 'EQ', AttributeValueList: [v] } },
    }),
  ],
]
const OLDER: readonly Position[] = [
  ['an item', 'BatchWriteItem', v => ({ RequestItems: { [TableName]: [{ PutRequest: { Item: { pk, n: v } } }] } })],
  ['a key', 'BatchWriteItem', v => ({ RequestItems: { [TableName]: [{ DeleteRequest: { Key: { pk: v } } }] } })],
  ['an item', 'TransactWriteItems', v => ({ TransactItems: [{ Put: { TableName, Item: { pk, n: v } } }] })],
  ['a key', 'TransactWriteItems', v => ({ TransactItems: [{ Delete: { TableName, Key: { pk: v } } }] })],
  ['a key', 'TransactGetItems', v => ({ TransactItems: [{ Get: { TableName, Key: { pk: v } } }] })],
]
const OLDER_VALUES: readonly Position[] = [
  ['a filter', 'Scan', v => ({ TableName, FilterExpression: 'n = :v', ...values(v) })],
  [
    'the condition of a put',
    'TransactWriteItems',
    v => ({ TransactItems: [{ Put: { TableName, Item: { pk }, ...condition, ...values(v) } }] }),
  ],
  [
    'an update',
    'TransactWriteItems',
    v => ({ TransactItems: [{ Update: { TableName, Key: { pk }, UpdateExpression: 'SET n = :v', ...values(v) } }] }),
  ],
  [
    'the condition of a delete',
    'TransactWriteItems',
    v => ({ TransactItems: [{ Delete: { TableName, Key: { pk }, ...condition, ...values(v) } }] }),
  ],
  [
    'a condition check',
    'TransactWriteItems',
    v => ({ TransactItems: [{ ConditionCheck: { TableName, Key: { pk }, ...condition, ...values(v) } }] }),
  ],
]

function each(positions: readonly Position[], say: (now: string, older: string) => string) {
  it.each(positions)('the message for %s of %s has this form', async (_, operation, at) => {
    const said: string[] = []
    for (const [value] of WRONG) said.push(await refusal(operation, at(value)))
    expect(said).toEqual(WRONG.map(([, now, older]) => say(now, older)))
  })
}

describe('an invalid value whose message begins with a count of errors', () => each(COUNTED, counted))
describe('an invalid value whose message has no count', () => each(BARE, validation))
describe('an invalid value whose message has the older words', () => each(OLDER, (_, older) => validation(older)))
describe('an invalid value whose message has the older words and its placeholder', () =>
  each(OLDER_VALUES, (_, older) => validation(inValue(older))))

describe('numbers of an item', () => {
  it.each([
    ['1e99999999999', OVERFLOW],
    ['-1e99999999999', OVERFLOW],
    ['1e-99999999999', UNDERFLOW],
    ['1e2147483648', OVERFLOW],
    ['1e-2147483648', UNDERFLOW],
    ['1e126', OVERFLOW],
    ['1e-131', UNDERFLOW],
    ['1.2.3', `${NO_NUMBER}: 1.2.3`],
    [' 1', `${NO_NUMBER}:  1`],
    ['1 ', `${NO_NUMBER}: 1 `],
    ['0x10', `${NO_NUMBER}: 0x10`],
    ['1e', `${NO_NUMBER}: 1e`],
    ['NaN', `${NO_NUMBER}: NaN`],
    ['Infinity', `${NO_NUMBER}: Infinity`],
    ['1234567890123456789012345678901234567890', 'Attempting to store more than 38 significant digits in a Number'],
  ])('the number "%s" is refused in an attribute and in a set', async (N, message) => {
    expect(await refusal('PutItem', { TableName, Item: { pk, n: { N } } })).toBe(counted(message))
    expect(await refusal('PutItem', { TableName, Item: { pk, n: { NS: ['1', N] } } })).toBe(counted(message))
  })
})
