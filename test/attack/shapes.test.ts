/**
 * Requests at the edge of what is valid: updates that must not create an item, start keys of other pages, transactions
 * and conditions of unusual sizes. Each is answered in full, or refused with nothing written.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Answer, measured, validation } from '../wire/measured/measured.js'

const wire = measured()
const S = (text: string) => ({ S: text })
const TableName = 'streamed'
let made = 0
const fresh = () => ({ pk: S(`item-${made++}`) })
const definition = (name: string, type = 'S') => ({ AttributeName: name, AttributeType: type })
const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' })

async function answered(operation: string, input: object): Promise<Answer> {
  const { status, answer } = await wire.ask(operation, input)
  expect([status, status === 200 ? '' : answer]).toEqual([200, ''])
  return answer
}

/** @returns all records of the stream. */
async function records(): Promise<Answer[]> {
  const { Table } = await answered('DescribeTable', { TableName })
  const StreamArn = Table.LatestStreamArn
  const { StreamDescription } = await answered('DescribeStream', { StreamArn })
  const { ShardIterator } = await answered('GetShardIterator', {
    StreamArn,
    ShardId: StreamDescription.Shards[0].ShardId,
    ShardIteratorType: 'TRIM_HORIZON',
  })
  return (await answered('GetRecords', { ShardIterator })).Records
}

beforeAll(() =>
  answered('CreateTable', {
    TableName,
    AttributeDefinitions: [definition('pk'), definition('g')],
    KeySchema: [hash('pk')],
    GlobalSecondaryIndexes: [{ IndexName: 'byG', KeySchema: [hash('g')], Projection: { ProjectionType: 'ALL' } }],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  }),
)

describe('an update of an item that does not exist', () => {
  const SET = { ':s': { SS: ['x'] } }
  const REMOVING = [
    { UpdateExpression: 'REMOVE a' },
    { UpdateExpression: 'REMOVE g' },
    { UpdateExpression: 'REMOVE a.b, c[2].d' },
    { UpdateExpression: 'DELETE a :s', ExpressionAttributeValues: SET },
    { UpdateExpression: 'DELETE a.b :s REMOVE c[0]', ExpressionAttributeValues: SET },
    { AttributeUpdates: { a: { Action: 'DELETE' } } },
    { AttributeUpdates: { a: { Action: 'DELETE', Value: { NS: ['1'] } }, b: { Action: 'DELETE' } } },
  ]

  it.each(REMOVING)('%j does not create the item', async update => {
    const before = (await records()).length
    for (const ReturnValues of ['NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW']) {
      const Key = fresh()
      expect(await answered('UpdateItem', { TableName, Key, ...update, ReturnValues })).toEqual({})
      expect(await answered('GetItem', { TableName, Key, ConsistentRead: true })).toEqual({})
    }
    expect((await records()).length).toBe(before)
    expect((await answered('DescribeTable', { TableName })).Table.ItemCount).toBe(0)
  })

  it('a removal creates no item in a transaction or if its condition holds, and costs one write unit', async () => {
    const guarded = { UpdateExpression: 'REMOVE a', ConditionExpression: 'attribute_not_exists(pk)' }
    const capacity = { ReturnConsumedCapacity: 'TOTAL' }
    const Key = fresh()
    const alone = await answered('UpdateItem', { TableName, Key, ...guarded, ...capacity })
    expect(alone).toEqual({ ConsumedCapacity: { TableName, CapacityUnits: 1 } })
    await answered('TransactWriteItems', { TransactItems: [{ Update: { TableName, Key, ...guarded } }] })
    expect(await answered('GetItem', { TableName, Key })).toEqual({})
    const failing = { TableName, Key, UpdateExpression: 'REMOVE a', ConditionExpression: 'attribute_exists(pk)' }
    expect(await wire.refusal('UpdateItem', failing)).toMatch(/^ConditionalCheckFailedException/)
    expect(await records()).toEqual([])
  })

  it('a PartiQL update creates no item', async () => {
    const Statement = `UPDATE "${TableName}" REMOVE a WHERE pk = 'nobody'`
    expect(await wire.refusal('ExecuteStatement', { Statement })).toMatch(/^ConditionalCheckFailedException/)
    expect(await records()).toEqual([])
  })

  it('an empty update, and SET or ADD beside a REMOVE, create the item', async () => {
    const one = { ':v': { N: '1' } }
    for (const update of [
      {},
      { AttributeUpdates: {} },
      { UpdateExpression: 'REMOVE a SET b = :v', ExpressionAttributeValues: one },
      { UpdateExpression: 'REMOVE a ADD b :v', ExpressionAttributeValues: one },
    ]) {
      const Key = fresh()
      await answered('UpdateItem', { TableName, Key, ...update })
      expect((await answered('GetItem', { TableName, Key })).Item).toMatchObject(Key)
      await answered('DeleteItem', { TableName, Key })
    }
  })
})

describe('an exclusive start key', () => {
  const query = (more: object) => ({
    KeyConditionExpression: 'pk = :p',
    ExpressionAttributeValues: { ':p': S('q') },
    ...more,
  })
  const NOT_RESTARTED = validation('The query can return at most one row and cannot be restarted')

  it('a query that can return one item at most refuses a start key and returns none', async () => {
    await answered('PutItem', { TableName: 'hash', Item: { pk: S('q') } })
    const page = await answered('Query', query({ TableName: 'hash', Limit: 1 }))
    expect(page).toEqual({ Items: [{ pk: S('q') }], Count: 1, ScannedCount: 1 })
    const again = query({ TableName: 'hash', ExclusiveStartKey: { pk: S('q') } })
    expect(await wire.refusal('Query', again)).toBe(NOT_RESTARTED)
    const other = query({ TableName: 'hash', ExclusiveStartKey: { pk: S('other') } })
    expect(await wire.refusal('Query', other)).toMatch(/outside query boundaries/)
  })

  it('a start key of another partition is refused with the message that AWS uses for a query with a sort condition', async () => {
    const input = {
      TableName: 'composite',
      KeyConditionExpression: 'pk = :p AND sk < :p',
      ExpressionAttributeValues: { ':p': S('q') },
    }
    const start = (pk: string, sk: string) => ({ ...input, ExclusiveStartKey: { pk: S(pk), sk: S(sk) } })
    expect(await wire.refusal('Query', start('other', 'a'))).toBe(NOT_RESTARTED)
    expect(await wire.refusal('Query', start('q', 'z'))).toMatch(/does not match the range key predicate/)
    await answered('Query', start('q', 'a'))
  })

  it('a segment of a scan refuses start keys of the other segments', async () => {
    await answered('PutItem', { TableName: 'hash', Item: { pk: S('q') } })
    const total = 8
    const answers = await Promise.all(
      Array.from({ length: total }, (_, Segment) =>
        wire.refusal('Scan', { TableName: 'hash', Segment, TotalSegments: total, ExclusiveStartKey: { pk: S('q') } }),
      ),
    )
    expect(answers.filter(it => it === 'accepted')).toHaveLength(1)
    answers.forEach((answer, segment) => {
      if (answer === 'accepted') return
      expect(answer).toBe(
        validation(
          `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${total} Segment: ${segment}`,
        ),
      )
    })
  })
})

describe('a transaction over the wire', () => {
  it('a transaction of over 4 MB is refused with its size and writes nothing', async () => {
    const text = 'x'.repeat(350_000)
    const items = Array.from({ length: 12 }, (_, i) => ({ pk: S(`large-${i}`), text: S(text) }))
    const TransactItems = items.map(Item => ({ Put: { TableName: 'hash', Item } }))
    // The size of an item: "pk" and its value, "text" and its value.
    const bytes = items.reduce((sum, { pk }) => sum + 2 + pk.S.length + 4 + text.length, 0)
    const rule = 'Transaction payload size cannot exceed 4MB. Payload Size: '
    expect(await wire.refusal('TransactWriteItems', { TransactItems })).toBe(validation(`${rule}: ${rule}${bytes}`))
    expect(await answered('GetItem', { TableName: 'hash', Key: { pk: S('large-0') } })).toEqual({})
  })

  it('a transaction costs double write units for the table and single ones for its indexes', async () => {
    const Item = { ...fresh(), g: S('g') }
    const { ConsumedCapacity } = await answered('TransactWriteItems', {
      TransactItems: [{ Put: { TableName, Item } }],
      ReturnConsumedCapacity: 'INDEXES',
    })
    expect(ConsumedCapacity).toEqual([
      {
        TableName,
        CapacityUnits: 3,
        WriteCapacityUnits: 3,
        Table: { CapacityUnits: 2, WriteCapacityUnits: 2 },
        GlobalSecondaryIndexes: { byG: { CapacityUnits: 1, WriteCapacityUnits: 1 } },
      },
    ])
    await answered('DeleteItem', { TableName, Key: { pk: Item.pk } })
  })

  it('a transaction of reads or statements reports only the first invalid key', async () => {
    const get = (pk: object) => ({ Get: { TableName: 'hash', Key: { pk } } })
    const reads = { TransactItems: [get(S('fine')), get({ N: '1' }), get({ N: '2' })] }
    expect(await wire.refusal('TransactGetItems', reads)).toMatch(/\[None, ValidationError, None\]$/)
    const insert = (pk: string) => ({ Statement: `INSERT INTO "hash" VALUE {'pk': ${pk}}` })
    const inserts = { TransactStatements: [insert(`'fine'`), insert('1'), insert('2')] }
    expect(await wire.refusal('ExecuteTransaction', inserts)).toMatch(/\[None, ValidationError, None\]$/)
    expect(await answered('GetItem', { TableName: 'hash', Key: { pk: S('fine') } })).toEqual({})
  })
})

describe('legacy parameters', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => ({ N: `${i}` }))
  const many = (count: number) =>
    Object.fromEntries(
      numbers(count).map((value, i) => [`a${i}`, { ComparisonOperator: 'NE', AttributeValueList: [value] }]),
    )
  const IN = { n: { ComparisonOperator: 'IN', AttributeValueList: numbers(825) } }

  it('legacy conditions have no limit of 4 KB or 300 operators', async () => {
    await answered('PutItem', { TableName: 'composite', Item: { pk: S('old'), sk: S('1'), n: { N: '824' } } })
    await answered('PutItem', { TableName: 'composite', Item: { pk: S('old'), sk: S('2'), n: { N: '825' } } })
    const KeyConditions = { pk: { ComparisonOperator: 'EQ', AttributeValueList: [S('old')] } }
    for (const filter of [IN, { ...IN, ...many(151) }]) {
      expect((await answered('Query', { TableName: 'composite', KeyConditions, QueryFilter: filter })).Count).toBe(1)
      expect((await answered('Scan', { TableName: 'composite', ScanFilter: filter })).Count).toBe(1)
    }
    const Key = { pk: S('old'), sk: S('1') }
    const Expected = { ...IN, ...many(500) }
    await answered('UpdateItem', { TableName: 'composite', Key, Expected, AttributeUpdates: { b: { Value: S('x') } } })
    await answered('PutItem', { TableName: 'composite', Item: { ...Key, n: { N: '1' } }, Expected })
    await answered('DeleteItem', { TableName: 'composite', Key, Expected })
    const other = { pk: S('old'), sk: S('2') }
    expect(await wire.refusal('DeleteItem', { TableName: 'composite', Key: other, Expected })).toMatch(/^Conditional/)
  })

  it('expressions keep their limit of 300 operators', async () => {
    const text = Array.from({ length: 151 }, (_, i) => `a${i} <> :v`).join(' AND ')
    const input = { TableName: 'hash', FilterExpression: text, ExpressionAttributeValues: { ':v': S('x') } }
    expect(await wire.refusal('Scan', input)).toMatch(/too many operators; operator count: 301/)
  })
})

describe('a check that needs no lookup', () => {
  it('an item of over 400 KB is refused even if the table does not exist', async () => {
    const Item = { pk: S('a'), text: S('x'.repeat(410_000)) }
    const message = validation('Item size has exceeded the maximum allowed size')
    expect(await wire.refusal('PutItem', { TableName: 'absent', Item })).toBe(message)
    expect(await wire.refusal('BatchWriteItem', { RequestItems: { absent: [{ PutRequest: { Item } }] } })).toBe(message)
  })

  it('two index changes in one UpdateTable are refused even if an index does not exist', async () => {
    const message =
      'LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table'
    const remove = (IndexName: string) => ({ Delete: { IndexName } })
    const create = (IndexName: string) => ({
      Create: { IndexName, KeySchema: [hash('x')], Projection: { ProjectionType: 'ALL' } },
    })
    for (const updates of [
      [remove('one'), remove('two')],
      [remove('byG'), create('new')],
      [create('byG'), create('new')],
    ]) {
      const input = { TableName, GlobalSecondaryIndexUpdates: updates }
      expect(await wire.refusal('UpdateTable', input)).toBe(message)
    }
    expect((await answered('DescribeTable', { TableName })).Table.GlobalSecondaryIndexes).toHaveLength(1)
  })
})

it('ListTagsOfResource returns all 50 tags of a table in one page', async () => {
  const { Table } = await answered('DescribeTable', { TableName: 'hash' })
  const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: `${i}` }))
  await answered('TagResource', { ResourceArn: Table.TableArn, Tags })
  expect(await answered('ListTagsOfResource', { ResourceArn: Table.TableArn })).toEqual({ Tags })
})

it('a shard filter of DescribeStream must have a type and name a shard of the stream', async () => {
  const { Table } = await answered('DescribeTable', { TableName })
  const { StreamDescription } = await answered('DescribeStream', { StreamArn: Table.LatestStreamArn })
  const [{ ShardId }] = StreamDescription.Shards
  const input = (ShardFilter: object) => ({ StreamArn: Table.LatestStreamArn, ShardFilter })
  const children = await answered('DescribeStream', input({ Type: 'CHILD_SHARDS', ShardId }))
  expect(children.StreamDescription.Shards).toEqual([])
  expect(await wire.refusal('DescribeStream', input({ Type: 'CHILD_SHARDS' }))).toMatch(/'shardFilter.shardId'/)
  expect(await wire.refusal('DescribeStream', input({ ShardId }))).toMatch(/'shardFilter.type'/)
  expect(await wire.refusal('DescribeStream', input({ Type: 'ALL', ShardId }))).toMatch(/\[CHILD_SHARDS\]/)
  const unknown = input({ Type: 'CHILD_SHARDS', ShardId: `${ShardId.slice(0, -1)}f` })
  expect(await wire.refusal('DescribeStream', unknown)).toMatch(/^ResourceNotFoundException.*Shard does not exist/)
})
