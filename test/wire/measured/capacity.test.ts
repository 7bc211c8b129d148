/**
 * The capacity that writes to a table with indexes consume, and that of PartiQL statements in batches and transactions.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Answer, measured } from './measured.js'

const aws = measured()
const TableName = 'charged'
const strings = (...names: string[]) => names.map(AttributeName => ({ AttributeName, AttributeType: 'S' }))
const key = (partition: string, sort?: string) => [
  { AttributeName: partition, KeyType: 'HASH' },
  ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' }]),
]

beforeAll(() =>
  aws.ask('CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: strings('pk', 'sk', 'gsiPk', 'lsiSk'),
    KeySchema: key('pk', 'sk'),
    GlobalSecondaryIndexes: [
      {
        IndexName: 'gsi-inc',
        KeySchema: key('gsiPk'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['proj'] },
      },
    ],
    LocalSecondaryIndexes: [
      { IndexName: 'lsi1', KeySchema: key('pk', 'lsiSk'), Projection: { ProjectionType: 'ALL' } },
    ],
  }),
)

let made = 0
const item = (more: { [name: string]: string } = {}) => {
  const attributes = { pk: `item-${made++}`, sk: '1', ...more }
  return Object.fromEntries(Object.entries(attributes).map(([name, S]) => [name, { S }]))
}
const INDEXES = { ReturnConsumedCapacity: 'INDEXES' }
const charged = (units: { total: number; table: number; gsi?: number; lsi?: number }) => ({
  TableName,
  CapacityUnits: units.total,
  Table: { CapacityUnits: units.table },
  ...(units.lsi !== undefined && { LocalSecondaryIndexes: { lsi1: { CapacityUnits: units.lsi } } }),
  ...(units.gsi !== undefined && { GlobalSecondaryIndexes: { 'gsi-inc': { CapacityUnits: units.gsi } } }),
})
async function cost(operation: string, input: object): Promise<Answer> {
  const { status, answer } = await aws.ask(operation, { TableName, ...INDEXES, ...input })
  return status === 200 ? answer.ConsumedCapacity : answer
}

describe('PutItem', () => {
  it.each([
    [
      { gsiPk: 'g', proj: 'p' },
      { total: 2, table: 1, gsi: 1 },
    ],
    [{ other: 'o' }, { total: 1, table: 1 }],
    [{ lsiSk: 'L1' }, { total: 2, table: 1, lsi: 1 }],
    [
      { gsiPk: 'g', lsiSk: 'L1', proj: 'p' },
      { total: 3, table: 1, gsi: 1, lsi: 1 },
    ],
  ])('a put of %j consumes a unit for the table and one for each index with the item', async (more, units) => {
    const Item = item(more)
    expect(await cost('PutItem', { Item })).toEqual(charged(units))
    expect(await cost('PutItem', { Item })).toEqual(charged({ total: 1, table: 1 }))
  })
  it('a put reports its total capacity for TOTAL', async () => {
    const input = { Item: item({ gsiPk: 'g', proj: 'p' }), ReturnConsumedCapacity: 'TOTAL' }
    expect(await cost('PutItem', input)).toEqual({ TableName, CapacityUnits: 2 })
  })
})

describe('UpdateItem', () => {
  it.each([
    ['SET #n = :v', 'other', { total: 2, table: 1, lsi: 1 }],
    ['SET #n = :v', 'proj', { total: 3, table: 1, gsi: 1, lsi: 1 }],
    ['SET #n = :v', 'gsiPk', { total: 4, table: 1, gsi: 2, lsi: 1 }],
    ['REMOVE #n', 'gsiPk', { total: 3, table: 1, gsi: 1, lsi: 1 }],
    ['SET #n = :v', 'lsiSk', { total: 3, table: 1, lsi: 2 }],
  ] as const)('%s of %s consumes the units of every changed index', async (UpdateExpression, name, units) => {
    const Item = item({ gsiPk: 'g', lsiSk: 'L1', proj: 'p', other: 'o' })
    await cost('PutItem', { Item })
    const input = {
      Key: { pk: Item.pk, sk: Item.sk },
      UpdateExpression,
      ExpressionAttributeNames: { '#n': name },
      ...(UpdateExpression.startsWith('SET') && { ExpressionAttributeValues: { ':v': { S: 'new' } } }),
    }
    expect(await cost('UpdateItem', input)).toEqual(charged(units))
  })
})

it('a delete consumes one unit for the table and one for each index with the item', async () => {
  const [all, none] = [item({ gsiPk: 'g', lsiSk: 'L1' }), item({ other: 'o' })]
  for (const Item of [all, none]) await cost('PutItem', { Item })
  const remove = ({ pk, sk }: Answer) => cost('DeleteItem', { Key: { pk, sk } })
  expect(await remove(all)).toEqual(charged({ total: 3, table: 1, gsi: 1, lsi: 1 }))
  expect(await remove(none)).toEqual(charged({ total: 1, table: 1 }))
})

it('a batch reports each table once', async () => {
  const requests = [item({ gsiPk: 'g', proj: 'p' }), item({ other: 'o' })].map(Item => ({ PutRequest: { Item } }))
  const { answer } = await aws.ask('BatchWriteItem', { RequestItems: { [TableName]: requests }, ...INDEXES })
  expect(answer.ConsumedCapacity).toEqual([charged({ total: 3, table: 2, gsi: 1 })])
})

it('the size of an item collection is reported in whole gigabytes', async () => {
  const { answer } = await aws.ask('PutItem', { TableName, Item: item(), ReturnItemCollectionMetrics: 'SIZE' })
  expect(answer.ItemCollectionMetrics).toMatchObject({ SizeEstimateRangeGB: [0, 1] })
})

describe('PartiQL statements', () => {
  const put = (S: string) => aws.ask('PutItem', { TableName: 'hash', Item: { pk: { S }, val: { S } } })
  const select = (S: string, more: object = {}) => ({
    Statement: 'SELECT * FROM "hash" WHERE pk = ?',
    Parameters: [{ S }],
    ...more,
  })
  async function batch(...Statements: object[]): Promise<number> {
    const { answer } = await aws.ask('BatchExecuteStatement', { Statements, ReturnConsumedCapacity: 'TOTAL' })
    return answer.ConsumedCapacity.reduce((sum: number, used: Answer) => sum + used.CapacityUnits, 0)
  }
  beforeAll(async () => {
    for (const name of ['a', 'b']) await put(name)
  })
  it('each statement of a batch has its own consistency', async () => {
    expect(await batch(select('a'))).toBe(0.5)
    expect(await batch(select('a', { ConsistentRead: false }))).toBe(0.5)
    expect(await batch(select('a', { ConsistentRead: true }))).toBe(1)
    expect(await batch(select('a', { ConsistentRead: true }), select('b'))).toBe(1.5)
  })
  it('a transaction with a token is written once, and repeating it consumes reads', async () => {
    await aws.ask('PutItem', { TableName: 'hash', Item: { pk: { S: 'n' }, n: { N: '0' } } })
    const input = {
      TransactStatements: [{ Statement: `UPDATE "hash" SET n = n + 1 WHERE pk = 'n'` }],
      ClientRequestToken: 'once',
      ...INDEXES,
    }
    const [first, again] = [await aws.ask('ExecuteTransaction', input), await aws.ask('ExecuteTransaction', input)]
    expect(first.answer.ConsumedCapacity[0]).toMatchObject({ WriteCapacityUnits: 2 })
    expect(first.answer.ConsumedCapacity[0]).not.toHaveProperty('ReadCapacityUnits')
    expect(again.answer.ConsumedCapacity[0]).toMatchObject({ ReadCapacityUnits: 2 })
    expect(again.answer.ConsumedCapacity[0]).not.toHaveProperty('WriteCapacityUnits')
    const { answer } = await aws.ask('GetItem', { TableName: 'hash', Key: { pk: { S: 'n' } } })
    expect(answer.Item.n).toEqual({ N: '1' })
  })
})
