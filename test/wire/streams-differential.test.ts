/** Change streams compared with AWS's own engine: the same random writes leave the same records on both. */

import { describe, expect, inject, it } from 'vitest'
import { engineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { answer, type Wire } from '../../packages/partita/src/wire/dispatch.js'
import { seed } from '../seeded.js'

const STEPS = Number(process.env.PARTITA_DIFFERENTIAL_STEPS ?? 150)
const server = inject('servers').find(({ name }) => name === 'dynamodb-local')
const TableName = `streams-differential-${seed}`

// biome-ignore lint/suspicious/noExplicitAny: answers are JSON of many shapes.
type Json = any
type Ask = (operation: string, input: object) => Promise<Json>

let state = seed
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return Math.floor((state / 0x80000000) * below)
}
const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T

const VALUES = [
  { S: 'x' },
  { S: '' },
  { N: '1' },
  { N: '-0.5' },
  { N: '123456789012345678901' },
  { B: 'AQI=' },
  { BOOL: true },
  { NULL: true },
  { SS: ['a', 'b'] },
  { SS: ['b', 'a'] },
  { L: [{ S: 'q' }, { N: '1' }] },
  { M: { k: { S: 'v' } } },
]
const anyKey = () => ({ id: { S: pick(['a', 'b', 'é']) }, at: { N: pick(['1', '-2']) } })
const anyItem = () => ({
  ...anyKey(),
  ...(random(3) > 0 && { v: pick(VALUES) }),
  ...(random(3) > 0 && { w: pick(VALUES) }),
})
const anyUpdate = () =>
  pick([
    { UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': pick(VALUES) } },
    { UpdateExpression: 'SET w = if_not_exists(w, :v)', ExpressionAttributeValues: { ':v': pick(VALUES) } },
    { UpdateExpression: 'ADD c :v', ExpressionAttributeValues: { ':v': { N: pick(['0', '1']) } } },
    // DynamoDB Local creates an item for this update, and AWS does not.
    { UpdateExpression: 'REMOVE v', ConditionExpression: 'attribute_exists(id)' },
    {},
  ])

function anyWrite(): [operation: string, input: object] {
  const inBatch = pick([{ PutRequest: { Item: anyItem() } }, { DeleteRequest: { Key: anyKey() } }])
  const update = { UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': pick(VALUES) } }
  const inTransaction = pick<object>([
    { Put: { TableName, Item: anyItem() } },
    { Delete: { TableName, Key: anyKey() } },
    { Update: { TableName, Key: anyKey(), ...update } },
  ])
  return pick<[string, object]>([
    ['PutItem', { TableName, Item: anyItem() }],
    ['DeleteItem', { TableName, Key: anyKey() }],
    ['UpdateItem', { TableName, Key: anyKey(), ...anyUpdate() }],
    ['BatchWriteItem', { RequestItems: { [TableName]: [inBatch] } }],
    ['TransactWriteItems', { TransactItems: [inTransaction] }],
  ])
}

const targetOf = (operation: string) =>
  `${/Stream|Shard|Records/.test(operation) ? 'DynamoDBStreams' : 'DynamoDB'}_20120810.${operation}`

const askOf =
  (wire: Wire): Ask =>
  async (operation, input) =>
    JSON.parse((await answer(wire, targetOf(operation), JSON.stringify(input))).body)

const askServer: Ask = async (operation, input) => {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': targetOf(operation),
    authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  }
  return (await fetch(server?.url as string, { method: 'POST', headers, body: JSON.stringify(input) })).json()
}

async function recordsOf(ask: Ask, StreamArn: string): Promise<object[]> {
  const { StreamDescription } = await ask('DescribeStream', { StreamArn })
  const { ShardId } = StreamDescription.Shards[0]
  let { ShardIterator } = await ask('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
  const records: object[] = []
  for (;;) {
    const page = await ask('GetRecords', { ShardIterator, Limit: 40 })
    if (page.Records.length === 0) return records
    records.push(...page.Records.map(comparable))
    ShardIterator = page.NextShardIterator
  }
}

/** Removes what differs between any two stores, and sorts sets. */
function comparable({ eventName, dynamodb }: Json): object {
  const { ApproximateCreationDateTime: _, SequenceNumber: __, ...rest } = dynamodb
  return JSON.parse(
    JSON.stringify({ eventName, ...rest }, (name, value) => (/^(SS|NS|BS)$/.test(name) ? [...value].sort() : value)),
  )
}

describe.skipIf(!server)(`a stream with PARTITA_TEST_SEED=${seed}`, () => {
  it.each(['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'])(
    'a stream with view %s has the same records as one of DynamoDB Local',
    async StreamViewType => {
      const store = engineStore(memory({ sweepInterval: 0 }))
      const asks = [askServer, askOf({ store, region: 'local', now: Date.now })] as const
      const arns: string[] = []
      for (const ask of asks) {
        const { TableDescription } = await ask('CreateTable', {
          TableName,
          AttributeDefinitions: [
            { AttributeName: 'id', AttributeType: 'S' },
            { AttributeName: 'at', AttributeType: 'N' },
          ],
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' },
            { AttributeName: 'at', KeyType: 'RANGE' },
          ],
          BillingMode: 'PAY_PER_REQUEST',
          StreamSpecification: { StreamEnabled: true, StreamViewType },
        })
        arns.push(TableDescription.LatestStreamArn)
      }
      for (let i = 0; i < STEPS; i++) {
        const [operation, input] = anyWrite()
        const types: (string | undefined)[] = []
        for (const ask of asks) types.push((await ask(operation, input)).__type)
        expect(types[1]).toBe(types[0])
        if (types[0] !== undefined) expect(types[0]).toContain('#ConditionalCheckFailedException')
      }
      const [theirs, ours] = await Promise.all(asks.map((ask, i) => recordsOf(ask, arns[i] as string)))
      expect(ours).toEqual(theirs)
      expect(ours?.length).toBeGreaterThan(STEPS / 4)
      for (const ask of asks) await ask('DeleteTable', { TableName })
      await store.close()
    },
  )
})
