/** What a client sees of an index and of time to live while they are filled. */
import {
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  ScanCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { dynamodb } from '../../packages/partita/src/dynamodb/index.js'
import type { EngineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { openMemoryKv } from '../../packages/partita/src/embedded/storage/memory-kv.js'
import { provision } from '../../packages/partita/src/store/provision.js'
import { requestHandler } from '../../packages/partita/src/wire/index.js'
import { type HeldKv, heldKv } from '../durability/held-kv.js'
import { openSmall } from '../durability/interleaving.js'

const TableName = 'items'
/** Two items in each step. */
const COUNT = 61
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
let held: HeldKv
let store: EngineStore
let client: DynamoDBClient

beforeEach(async () => {
  held = heldKv(openMemoryKv())
  store = openSmall(held.kv)
  client = new DynamoDBClient({ requestHandler: requestHandler(store), region: 'local', credentials, maxAttempts: 1 })
  await store.createTable({ name: TableName, key: { partition: { name: 'id', type: 'S' } } })
  for (let i = 0; i < COUNT; i++) {
    await store.write({ kind: 'put', table: TableName, item: { id: `n${i}`, kind: 'k', ttl: 1_700_000_000 } })
  }
})
afterEach(async () => {
  held.allow(Number.POSITIVE_INFINITY)
  await store.close()
})

const describeIndex = async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }))
  return Table?.GlobalSecondaryIndexes?.[0]
}
const describeTimeToLive = async () =>
  (await client.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription
const update = (change: 'Create' | 'Delete') =>
  client.send(
    new UpdateTableCommand({
      TableName,
      AttributeDefinitions: ['id', 'kind'].map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
      GlobalSecondaryIndexUpdates: [
        change === 'Delete'
          ? { Delete: { IndexName: 'byKind' } }
          : {
              Create: {
                IndexName: 'byKind',
                KeySchema: [{ AttributeName: 'kind', KeyType: 'HASH' }],
                Projection: { ProjectionType: 'ALL' },
              },
            },
      ],
    }),
  )
/** Allows one commit after another, including those of the filling, until the call returns. */
async function amongSteps(call: Promise<unknown>): Promise<void> {
  let isDone = false
  const ended = call.finally(() => {
    isDone = true
  })
  while (!isDone) {
    held.allow(1)
    await new Promise(resolve => setImmediate(resolve))
  }
  held.allow(0)
  await ended
}
const scan = () => client.send(new ScanCommand({ TableName, IndexName: 'byKind' }))

it('an index is CREATING and backfilling, and cannot be read, until it has all entries', async () => {
  held.allow(2)
  await update('Create')
  expect(await describeIndex()).toMatchObject({ IndexStatus: 'CREATING', Backfilling: true })
  await expect(scan()).rejects.toThrow('Cannot read from backfilling global secondary index: byKind')
  held.allow(Number.POSITIVE_INFINITY)
  await expect.poll(describeIndex).toMatchObject({ IndexStatus: 'ACTIVE' })
  expect((await scan()).Count).toBe(COUNT)
})

it('an index that is deleted and created again while it is filled becomes ACTIVE when it has all entries', async () => {
  held.allow(2)
  await update('Create')
  await amongSteps(update('Delete'))
  await amongSteps(update('Create'))
  expect(await describeIndex()).toMatchObject({ IndexStatus: 'CREATING', Backfilling: true })
  held.allow(Number.POSITIVE_INFINITY)
  await expect.poll(describeIndex).toMatchObject({ IndexStatus: 'ACTIVE' })
  expect((await scan()).Count).toBe(COUNT)
})

it('a DynamoDB store reports an index that is being filled, and provisioning waits for it', async () => {
  held.allow(2)
  await update('Create')
  const remote = dynamodb({ client })
  expect(await remote.describeTable(TableName)).toMatchObject({
    status: 'updating',
    filling: { indexes: ['byKind'], timeToLive: false },
  })
  const definition = {
    name: TableName,
    key: { partition: { name: 'id', type: 'S' } },
    globalIndexes: { byKind: { partition: { name: 'kind', type: 'S' } } },
  } as const
  const provisioned = provision(remote, definition)
  held.allow(Number.POSITIVE_INFINITY)
  const description = await provisioned
  expect(description).toMatchObject({ status: 'active' })
  expect(description).not.toHaveProperty('filling')
})

it('time to live is ENABLING until it includes the existing items, which then expire', async () => {
  held.allow(2)
  await client.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } }),
  )
  expect(await describeTimeToLive()).toEqual({ TimeToLiveStatus: 'ENABLING', AttributeName: 'ttl' })
  held.allow(Number.POSITIVE_INFINITY)
  await expect.poll(describeTimeToLive).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' })
  expect(await store.sweep()).toBe(COUNT)
})

it('a deleted table disappears for its clients before its items are removed', async () => {
  held.allow(1)
  await client.send(new DeleteTableCommand({ TableName }))
  await expect(describeIndex()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  expect(store.jobs()).toMatchObject([{ kind: 'clearing', index: 0 }])
  held.allow(Number.POSITIVE_INFINITY)
  await expect.poll(() => store.jobs()).toEqual([])
})
