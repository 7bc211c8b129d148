/** DynamoDB Streams over the wire. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EngineStore, engineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { memory } from '../../packages/partita/src/embedded/index.js'
import type { StreamView } from '../../packages/partita/src/embedded/stream/stream.js'
import { answer, type Wire } from '../../packages/partita/src/wire/dispatch.js'

const NOON = Date.UTC(2026, 10, 24, 12)
const MINUTE = 60_000
const ARN = 'arn:aws:dynamodb:eu-west-1:000000000000:table/notes/stream/2026-11-24T12:00:00.000'
const UNKNOWN = 'arn:aws:dynamodb:eu-west-1:000000000000:table/nothing/stream/2026-11-24T12:00:00.000'
/** The first sequence number of the first stream, and that of its first record. */
const FIRST = '100000000000000000001'
const SECOND = '100000000000000000002'

interface Record {
  readonly eventID: string
  readonly eventName: string
  readonly dynamodb: { readonly SequenceNumber: string; readonly [member: string]: unknown }
  readonly userIdentity?: object
}

let now: number
let store: EngineStore
let wire: Wire

beforeEach(() => {
  now = NOON
  store = engineStore(memory({ clock: () => now, sweepInterval: 0 }))
  wire = { store, region: 'eu-west-1', now: () => now }
})
afterEach(() => store.close())

// biome-ignore lint/suspicious/noExplicitAny: answers are JSON of many shapes, which the assertions check.
type Json = any

async function ask(operation: string, input: object): Promise<Json> {
  const { body } = await answer(wire, `DynamoDBStreams_20120810.${operation}`, JSON.stringify(input))
  return JSON.parse(body)
}

const create = (stream: StreamView = 'NEW_AND_OLD_IMAGES', name = 'notes') =>
  store.createTable(
    { name, key: { partition: { name: 'id', type: 'S' }, sort: { name: 'at', type: 'N' } }, timeToLive: 'ttl' },
    { stream },
  )
const put = (id: string, more: object = {}) =>
  store.write({ kind: 'put', table: 'notes', item: { id, at: 1, ...more } })
const shard = async (arn = ARN): Promise<Json> =>
  (await ask('DescribeStream', { StreamArn: arn })).StreamDescription.Shards[0]
const iterator = async (type: string, more: object = {}): Promise<Json> =>
  ask('GetShardIterator', { StreamArn: ARN, ShardId: (await shard()).ShardId, ShardIteratorType: type, ...more })
const read = async (type: string, more: object = {}): Promise<Json> =>
  ask('GetRecords', { ShardIterator: (await iterator(type, more)).ShardIterator })
const ids = (answered: { Records: Record[] }) => answered.Records.map(it => (it.dynamodb.Keys as Json).id.S)

describe('ListStreams', () => {
  it('ListStreams pages through the streams of all tables or of one', async () => {
    for (const name of ['notes', 'alpha', 'other']) await create('KEYS_ONLY', name)
    const first = await ask('ListStreams', { Limit: 2 })
    expect(first.Streams.map((it: Json) => it.TableName)).toEqual(['alpha', 'notes'])
    expect(first.LastEvaluatedStreamArn).toBe(ARN)
    const rest = await ask('ListStreams', { ExclusiveStartStreamArn: ARN })
    expect(rest).toEqual({
      Streams: [
        {
          StreamArn: 'arn:aws:dynamodb:eu-west-1:000000000000:table/other/stream/2026-11-24T12:00:00.000',
          TableName: 'other',
          StreamLabel: '2026-11-24T12:00:00.000',
        },
      ],
    })
    expect((await ask('ListStreams', { TableName: 'notes' })).Streams).toHaveLength(1)
    expect(await ask('ListStreams', { TableName: 'unknown' })).toEqual({ Streams: [] })
  })

  it.each([
    [{ Limit: 0 }, "'0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"],
    [{ Limit: 101 }, 'Limit cannot be greater than the maximum allowed size: 100'],
    [{ ExclusiveStartStreamArn: 'x'.repeat(40) }, 'Invalid StreamArn'],
    [{ ExclusiveStartStreamArn: 'x' }, 'length greater than or equal to 37'],
  ])('ListStreams refuses %j', async (input, message) => {
    const refused = await ask('ListStreams', input)
    expect(refused.__type).toMatch(/#ValidationException$/)
    expect(refused.message).toContain(message)
  })
})

describe('DescribeStream', () => {
  it('DescribeStream describes a stream and its shard, open or closed', async () => {
    await create()
    const described = await ask('DescribeStream', { StreamArn: ARN })
    expect(described).toEqual({
      StreamDescription: {
        StreamArn: ARN,
        StreamLabel: '2026-11-24T12:00:00.000',
        StreamStatus: 'ENABLED',
        StreamViewType: 'NEW_AND_OLD_IMAGES',
        CreationRequestDateTime: NOON / 1000,
        TableName: 'notes',
        KeySchema: [
          { AttributeName: 'id', KeyType: 'HASH' },
          { AttributeName: 'at', KeyType: 'RANGE' },
        ],
        Shards: [
          {
            ShardId: expect.stringMatching(/^shardId-\d{20}-[0-9a-f]{8}$/),
            SequenceNumberRange: { StartingSequenceNumber: FIRST },
          },
        ],
      },
    })
    const { ShardId } = described.StreamDescription.Shards[0]
    const after = await ask('DescribeStream', { StreamArn: ARN, ExclusiveStartShardId: ShardId })
    expect(after.StreamDescription.Shards).toEqual([])
    await put('a')
    await store.updateTable('notes', {}, { stream: false })
    const closed = await ask('DescribeStream', { StreamArn: ARN })
    expect(closed.StreamDescription).toMatchObject({
      StreamStatus: 'DISABLED',
      Shards: [
        { SequenceNumberRange: { StartingSequenceNumber: FIRST, EndingSequenceNumber: '100000000000000000003' } },
      ],
    })
  })

  it('DescribeStream refuses an unknown or invalid stream', async () => {
    expect(await ask('DescribeStream', { StreamArn: UNKNOWN })).toEqual({
      __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
      message: `Requested resource not found: Stream: ${UNKNOWN} not found`,
    })
    expect((await ask('DescribeStream', { StreamArn: 'x'.repeat(40) })).message).toBe('Invalid StreamArn')
    expect((await ask('DescribeStream', {})).message).toBe(
      "1 validation error detected: Value null at 'streamArn' failed to satisfy constraint: Member must not be null",
    )
  })
})

describe('GetRecords', () => {
  it('GetRecords returns records in the form of AWS', async () => {
    await create()
    now += 1234
    await put('a', { n: 101, bytes: new Uint8Array([1]) })
    await put('a', { n: 102 })
    await store.write({ kind: 'delete', table: 'notes', key: { id: 'a', at: 1 } })
    const { Records, NextShardIterator } = await read('TRIM_HORIZON')
    const common = { eventVersion: '1.1', eventSource: 'aws:dynamodb', awsRegion: 'eu-west-1' }
    const change = {
      ApproximateCreationDateTime: NOON / 1000 + 1,
      Keys: { id: { S: 'a' }, at: { N: '1' } },
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    }
    const [before, after] = [
      { id: { S: 'a' }, at: { N: '1' }, n: { N: '101' }, bytes: { B: 'AQ==' } },
      { id: { S: 'a' }, at: { N: '1' }, n: { N: '102' } },
    ]
    expect(Records).toEqual([
      {
        eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
        eventName: 'INSERT',
        ...common,
        dynamodb: { ...change, NewImage: before, SequenceNumber: SECOND, SizeBytes: 24 },
      },
      {
        eventID: expect.any(String),
        eventName: 'MODIFY',
        ...common,
        dynamodb: {
          ...change,
          NewImage: after,
          OldImage: before,
          SequenceNumber: '100000000000000000003',
          SizeBytes: 35,
        },
      },
      {
        eventID: expect.any(String),
        eventName: 'REMOVE',
        ...common,
        dynamodb: { ...change, OldImage: after, SequenceNumber: '100000000000000000004', SizeBytes: 18 },
      },
    ])
    expect(new Set(Records.map((it: Record) => it.eventID)).size).toBe(3)
    expect((await read('TRIM_HORIZON')).Records).toEqual(Records)
    expect(await ask('GetRecords', { ShardIterator: NextShardIterator })).toMatchObject({ Records: [] })
  })

  it.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ] as const)('GetRecords shows the images that view %s has', async (view, images) => {
    await create(view)
    await put('a', { n: 1 })
    await put('a', { n: 2 })
    const { dynamodb } = (await read('TRIM_HORIZON')).Records[1]
    expect(Object.keys(dynamodb).filter(name => name.endsWith('Image'))).toEqual(images)
    expect(dynamodb.StreamViewType).toBe(view)
  })

  it('GetRecords names the service in records of expired items', async () => {
    await create('KEYS_ONLY')
    await put('a', { ttl: NOON / 1000 - 60 })
    await put('b')
    await store.sweep()
    await store.write({ kind: 'delete', table: 'notes', key: { id: 'b', at: 1 } })
    const { Records } = await read('TRIM_HORIZON')
    expect(Records.map((it: Record) => [it.eventName, it.userIdentity])).toEqual([
      ['INSERT', undefined],
      ['INSERT', undefined],
      ['REMOVE', { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' }],
      ['REMOVE', undefined],
    ])
  })

  it('GetRecords starts at the position of its iterator', async () => {
    await create('KEYS_ONLY')
    await put('a')
    await put('b')
    const latest = await iterator('LATEST')
    await put('c')
    expect(ids(await read('TRIM_HORIZON'))).toEqual(['a', 'b', 'c'])
    expect(ids(await ask('GetRecords', latest))).toEqual(['c'])
    expect(ids(await read('AT_SEQUENCE_NUMBER', { SequenceNumber: FIRST }))).toEqual(['a', 'b', 'c'])
    expect(ids(await read('AT_SEQUENCE_NUMBER', { SequenceNumber: SECOND }))).toEqual(['a', 'b', 'c'])
    expect(ids(await read('AFTER_SEQUENCE_NUMBER', { SequenceNumber: SECOND }))).toEqual(['b', 'c'])
  })

  it('GetRecords pages while the shard is open, and ends when it is closed', async () => {
    await create('KEYS_ONLY')
    for (const id of ['a', 'b', 'c']) await put(id)
    const first = await ask('GetRecords', { ...(await iterator('TRIM_HORIZON')), Limit: 2 })
    expect(ids(first)).toEqual(['a', 'b'])
    const second = await ask('GetRecords', { ShardIterator: first.NextShardIterator, Limit: 2 })
    expect(ids(second)).toEqual(['c'])
    const idle = await ask('GetRecords', { ShardIterator: second.NextShardIterator })
    await put('d')
    await store.deleteTable('notes')
    const last = await ask('GetRecords', { ShardIterator: idle.NextShardIterator })
    expect(ids(last)).toEqual(['d'])
    expect(last).not.toHaveProperty('NextShardIterator')
    expect(await read('LATEST')).toEqual({ Records: [] })
  })

  it('GetRecords refuses an iterator of another stream, account or store, and a changed one', async () => {
    await create('KEYS_ONLY')
    await create('KEYS_ONLY', 'others')
    const { ShardIterator } = await iterator('TRIM_HORIZON')
    const invalid = { __type: 'com.amazon.coral.validate#ValidationException', message: 'Invalid ShardIterator' }
    const [arn, version, text] = ShardIterator.split('|')
    const changed = `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`
    for (const other of [
      'nonsense',
      `${arn}|${version}|`,
      `${arn}|${version}|${changed}`,
      `${arn}|2|${text}`,
      `${ShardIterator}|x`,
      `${arn.replace('notes', 'others')}|${version}|${text}`,
      `${arn.replace(':0000', ':1234')}|${version}|${text}`,
    ]) {
      expect(await ask('GetRecords', { ShardIterator: other })).toEqual(invalid)
    }
    const elsewhere = engineStore(memory({ clock: () => now, sweepInterval: 0 }))
    await elsewhere.createTable(
      { name: 'notes', key: { partition: { name: 'id', type: 'S' } } },
      { stream: 'KEYS_ONLY' },
    )
    const body = JSON.stringify({ ShardIterator })
    const foreign = await answer({ ...wire, store: elsewhere }, 'DynamoDBStreams_20120810.GetRecords', body)
    expect(JSON.parse(foreign.body)).toEqual(invalid)
    await elsewhere.close()
  })

  it('GetRecords refuses an iterator older than 15 minutes', async () => {
    await create('KEYS_ONLY')
    const given = await iterator('TRIM_HORIZON')
    now += 15 * MINUTE
    expect(await ask('GetRecords', given)).toHaveProperty('NextShardIterator')
    now += 1
    expect((await ask('GetRecords', given)).__type).toMatch(/#ExpiredIteratorException$/)
  })

  it('GetRecords refuses to start before trimmed records, and starts at the oldest remaining one', async () => {
    await create('KEYS_ONLY')
    await put('a')
    now += 23 * 60 * MINUTE
    await put('b')
    const given = await iterator('TRIM_HORIZON')
    now += 60 * MINUTE
    // This iterator was created just before the record was trimmed.
    const { ShardIterator: late } = await iterator('AT_SEQUENCE_NUMBER', { SequenceNumber: SECOND })
    await store.sweep()
    expect((await ask('GetRecords', given)).__type).toMatch(/#ExpiredIteratorException$/)
    expect((await ask('GetRecords', { ShardIterator: late })).__type).toMatch(/#TrimmedDataAccessException$/)
    const refused = await iterator('AT_SEQUENCE_NUMBER', { SequenceNumber: SECOND })
    expect(refused.__type).toMatch(/#TrimmedDataAccessException$/)
    expect(ids(await read('AFTER_SEQUENCE_NUMBER', { SequenceNumber: SECOND }))).toEqual(['b'])
    expect(ids(await read('TRIM_HORIZON'))).toEqual(['b'])
  })

  it.each([
    [{ Limit: 1001 }, 'One or more parameter values were invalid: Limit should be less than or equal to 1000'],
    [
      { Limit: 0 },
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ])('GetRecords refuses %j', async (more, message) => {
    await create('KEYS_ONLY')
    expect((await ask('GetRecords', { ...(await iterator('LATEST')), ...more })).message).toBe(message)
  })
})

describe('GetShardIterator', () => {
  beforeEach(() => create('KEYS_ONLY'))

  it.each([
    ['LATEST', { SequenceNumber: FIRST }, 'SequenceNumber should not be passed for this iterator type'],
    ['AT_SEQUENCE_NUMBER', {}, 'One or more parameter values were invalid: Invalid SequenceNumber'],
    [
      'AT_SEQUENCE_NUMBER',
      { SequenceNumber: 'x'.repeat(21) },
      'One or more parameter values were invalid: Invalid SequenceNumber',
    ],
    ['AT_SEQUENCE_NUMBER', { SequenceNumber: '1' }, 'Member must have length greater than or equal to 21'],
    ['AT_SEQUENCE_NUMBER', { SequenceNumber: '0'.repeat(21) }, 'Invalid SequenceNumber for the shard'],
    ['AFTER_SEQUENCE_NUMBER', { SequenceNumber: '9'.repeat(40) }, 'Invalid SequenceNumber for the shard'],
    [
      'NEXT',
      {},
      "Value 'NEXT' at 'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set",
    ],
  ])('GetShardIterator refuses %s with %j', async (type, more, message) => {
    const refused = await iterator(type, more)
    expect(refused.__type).toMatch(/#ValidationException$/)
    expect(refused.message).toContain(message)
  })

  it('GetShardIterator refuses an unknown shard or stream', async () => {
    const unknown = { ShardId: 'shardId-00000000000000000000-00000000' }
    expect(await iterator('LATEST', unknown)).toEqual({
      __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
      message: 'Requested resource not found: Shard does not exist',
    })
    expect((await iterator('LATEST', { StreamArn: UNKNOWN })).__type).toMatch(/#ResourceNotFoundException$/)
  })
})
