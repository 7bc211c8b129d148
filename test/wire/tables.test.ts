/** Tables over the wire: what is created, described and changed, and the words of each refusal. */

import { afterAll, describe, expect, it } from 'vitest'
import { engineStore } from '../../packages/partita/src/embedded/engine-store.js'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { answer, type Wire } from '../../packages/partita/src/wire/dispatch.js'

const HOUR = 3_600_000
let now = Date.UTC(2026, 0, 15, 8)
const store = engineStore(memory())
const wire: Wire = { store, region: 'eu-west-1', now: () => now }
afterAll(() => store.close())

// biome-ignore lint/suspicious/noExplicitAny: answers are compared, not typed.
type Answer = any

async function ask(operation: string, input: object): Promise<Answer> {
  const { body } = await answer(wire, `DynamoDB_20120810.${operation}`, JSON.stringify(input))
  return body === '' ? undefined : JSON.parse(body)
}

/** The name and message of the refusal. */
async function refusal(operation: string, input: object): Promise<string> {
  const { __type, message, Message } = await ask(operation, input)
  return `${String(__type).split('#')[1]}: ${message ?? Message}`
}

const attributes = (...names: string[]) =>
  names.map(name => {
    const [AttributeName, AttributeType = 'S'] = name.split(':')
    return { AttributeName, AttributeType }
  })
const keys = (...names: string[]) =>
  names.map((AttributeName, i) => ({ AttributeName, KeyType: i === 0 ? 'HASH' : 'RANGE' }))
const units = (read: number, write: number) => ({ ReadCapacityUnits: read, WriteCapacityUnits: write })
const all = { ProjectionType: 'ALL' }

let made = 0
const aName = () => `table_${++made}`

function onDemand(more: object = {}) {
  return {
    TableName: aName(),
    AttributeDefinitions: attributes('id'),
    KeySchema: keys('id'),
    BillingMode: 'PAY_PER_REQUEST',
    ...more,
  }
}

async function create(more: object = {}): Promise<string> {
  const input = onDemand(more)
  await ask('CreateTable', input)
  return input.TableName
}

async function provisioned(read: number, write: number, more: object = {}): Promise<string> {
  return create({ BillingMode: 'PROVISIONED', ProvisionedThroughput: units(read, write), ...more })
}

async function table(TableName: string): Promise<Answer> {
  return (await ask('DescribeTable', { TableName })).Table
}

const update = (TableName: string, change: object) => ask('UpdateTable', { TableName, ...change })
const refusedUpdate = (TableName: string, change: object) => refusal('UpdateTable', { TableName, ...change })
const INVALID = 'ValidationException: One or more parameter values were invalid: '

describe('a new table', () => {
  it('a new table is CREATING in the response and ACTIVE when it is described', async () => {
    const input = onDemand()
    const { TableDescription } = await ask('CreateTable', input)
    const { TableName } = input
    expect(TableDescription).toEqual({
      TableName,
      AttributeDefinitions: attributes('id'),
      KeySchema: keys('id'),
      TableStatus: 'CREATING',
      CreationDateTime: expect.any(Number),
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ...units(0, 0) },
      TableSizeBytes: 0,
      ItemCount: 0,
      TableArn: `arn:aws:dynamodb:eu-west-1:000000000000:table/${TableName}`,
      TableId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      TableThroughputModeSummary: { TableThroughputMode: 'PAY_PER_REQUEST' },
      DeletionProtectionEnabled: false,
    })
    const since = { LastUpdateToPayPerRequestDateTime: now / 1000 }
    expect(await table(TableName)).toEqual({
      ...TableDescription,
      TableStatus: 'ACTIVE',
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', ...since },
      TableThroughputModeSummary: { TableThroughputMode: 'PAY_PER_REQUEST', ...since },
      WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: 'ACTIVE' },
    })
  })

  it('an existing table is refused, also with the same definition', async () => {
    const input = onDemand()
    await ask('CreateTable', input)
    expect(await refusal('CreateTable', input)).toBe(`ResourceInUseException: Table already exists: ${input.TableName}`)
  })

  it('two concurrent requests create the table once', async () => {
    const input = onDemand()
    const answers = await Promise.all([ask('CreateTable', input), ask('CreateTable', input)])
    expect(answers.filter(({ TableDescription }) => TableDescription)).toHaveLength(1)
  })

  it('DescribeTable sorts attribute definitions by name and keeps the order of indexes', async () => {
    const name = await create({
      AttributeDefinitions: attributes('z', 'id', 'a:N'),
      KeySchema: keys('id', 'z'),
      LocalSecondaryIndexes: [{ IndexName: 'local', KeySchema: keys('id', 'a'), Projection: all }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'second',
          KeySchema: keys('a'),
          Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['aa', 'zz'] },
        },
        { IndexName: 'first', KeySchema: keys('z', 'a'), Projection: { ProjectionType: 'KEYS_ONLY' } },
      ],
    })
    const found = await table(name)
    const arn = `arn:aws:dynamodb:eu-west-1:000000000000:table/${name}/index`
    const figures = { IndexSizeBytes: 0, ItemCount: 0 }
    expect(found.AttributeDefinitions).toEqual(attributes('a:N', 'id', 'z'))
    expect(found.LocalSecondaryIndexes).toEqual([
      { IndexName: 'local', KeySchema: keys('id', 'a'), Projection: all, ...figures, IndexArn: `${arn}/local` },
    ])
    expect(found.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'second',
        KeySchema: keys('a'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['aa', 'zz'] },
        IndexStatus: 'ACTIVE',
        ProvisionedThroughput: { NumberOfDecreasesToday: 0, ...units(0, 0) },
        ...figures,
        IndexArn: `${arn}/second`,
        WarmThroughput: { ReadUnitsPerSecond: 12_000, WriteUnitsPerSecond: 4_000, Status: 'ACTIVE' },
      },
      expect.objectContaining({ IndexName: 'first', Projection: { ProjectionType: 'KEYS_ONLY' } }),
    ])
  })

  it('a new table has all its settings', async () => {
    const name = await provisioned(5, 6, {
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
      SSESpecification: { Enabled: true },
      TableClass: 'STANDARD_INFREQUENT_ACCESS',
      DeletionProtectionEnabled: true,
      Tags: [{ Key: 'team', Value: 'a' }],
    })
    const found = await table(name)
    expect(found).toMatchObject({
      ProvisionedThroughput: { NumberOfDecreasesToday: 0, ...units(5, 6) },
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'OLD_IMAGE' },
      LatestStreamArn: `${found.TableArn}/stream/${found.LatestStreamLabel}`,
      SSEDescription: { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: expect.stringContaining('arn:aws:kms:') },
      TableClassSummary: { TableClass: 'STANDARD_INFREQUENT_ACCESS' },
      DeletionProtectionEnabled: true,
      WarmThroughput: { ReadUnitsPerSecond: 5, WriteUnitsPerSecond: 6, Status: 'ACTIVE' },
    })
    expect(found).not.toHaveProperty('BillingModeSummary')
    expect(await ask('ListTagsOfResource', { ResourceArn: found.TableArn })).toEqual({
      Tags: [{ Key: 'team', Value: 'a' }],
    })
  })

  it('an index may have any name', async () => {
    const index = { KeySchema: keys('a'), Projection: all }
    const name = await create({
      AttributeDefinitions: attributes('id', 'a'),
      GlobalSecondaryIndexes: [{ IndexName: '__proto__', ...index }],
    })
    await update(name, {
      AttributeDefinitions: attributes('a'),
      GlobalSecondaryIndexUpdates: [{ Create: { IndexName: 'constructor', ...index } }],
    })
    const { GlobalSecondaryIndexes } = await table(name)
    expect(GlobalSecondaryIndexes.map((it: Answer) => it.IndexName)).toEqual(['__proto__', 'constructor'])
  })
})

describe('an invalid definition', () => {
  const index = (IndexName: string, ...names: string[]) => ({ IndexName, KeySchema: keys(...names), Projection: all })
  const two = { AttributeDefinitions: attributes('a', 'b', 'c'), KeySchema: keys('a', 'b') }
  const elements = (...kinds: string[]) =>
    kinds.map(kind => ({ AttributeName: kind.slice(1), KeyType: kind.startsWith('#') ? 'HASH' : 'RANGE' }))

  it.each<[string, object, string]>([
    [
      'without a name',
      { TableName: undefined },
      "The parameter 'TableName' is required but was not present in the request",
    ],
    [
      'with an invalid name, before its other errors,',
      { TableName: '!', KeySchema: [], BillingMode: 'FREE' },
      "2 validation errors detected: Value '!' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '!' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 3",
    ],
    [
      'with three key attributes',
      { AttributeDefinitions: attributes('a', 'b', 'c'), KeySchema: keys('a', 'b', 'c') },
      "1 validation error detected: Value '[KeySchemaElement(attributeName=a, keyType=HASH), KeySchemaElement(attributeName=b, keyType=RANGE), KeySchemaElement(attributeName=c, keyType=RANGE)]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2",
    ],
    [
      'with fewer definitions than keys',
      { KeySchema: keys('id', 'id') },
      'Invalid KeySchema: Some index key attribute have no definition',
    ],
    [
      'with a repeated definition',
      { AttributeDefinitions: attributes('id', 'id:N') },
      'Attribute Name is duplicated: id',
    ],
    [
      'with a repeated key attribute',
      { AttributeDefinitions: attributes('id', 'b'), KeySchema: keys('id', 'id') },
      'Both the Hash Key and the Range Key element in the KeySchema have the same name',
    ],
    [
      'with its range key first',
      { ...two, KeySchema: elements('-a', '#b') },
      'Invalid KeySchema: The first KeySchemaElement is not a HASH key type',
    ],
    [
      'with two hash keys',
      { ...two, KeySchema: elements('#a', '#b') },
      'Invalid KeySchema: The second KeySchemaElement is not a RANGE key type',
    ],
    [
      'with an unknown class',
      { TableClass: 'COLD' },
      'Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS].',
    ],
    ['with a tag of AWS', { Tags: [{ Key: 'AWS:x', Value: '' }] }, 'Tag Key cannot be prefixed with aws:, Key: AWS:x'],
    [
      'with a repeated key attribute in a global index',
      {
        ...two,
        GlobalSecondaryIndexes: [{ ...index('gix'), KeySchema: elements('#a', '#b', '#a') }],
        AttributeDefinitions: attributes('a', 'b'),
      },
      'The KeySchema contains multiple key attributes with the same name',
    ],
  ])('a table %s is refused', async (_, more, message) => {
    expect(await refusal('CreateTable', onDemand(more))).toBe(`ValidationException: ${message}`)
  })

  it.each<[string, object, string]>([
    [
      'with an undefined key',
      { KeySchema: keys('q') },
      'Some index key attributes are not defined in AttributeDefinitions. Keys: [q], AttributeDefinitions: [id]',
    ],
    [
      'with an unused definition',
      { AttributeDefinitions: attributes('id', 'b') },
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    ],
    [
      'with an index and an unused definition',
      {
        AttributeDefinitions: attributes('my-string', 'my-int', 'my-hash'),
        KeySchema: keys('my-hash'),
        GlobalSecondaryIndexes: [index('gix', 'my-string')],
      },
      'Some AttributeDefinitions are not used. AttributeDefinitions: [my-string, my-int, my-hash], keys used: [my-hash, my-string]',
    ],
    [
      'with an empty list of local indexes',
      { LocalSecondaryIndexes: [], AttributeDefinitions: attributes('id') },
      'List of LocalSecondaryIndexes is empty',
    ],
    [
      'with a local index and without a range key',
      { AttributeDefinitions: attributes('id', 'b'), LocalSecondaryIndexes: [index('lix', 'id', 'b')] },
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    ],
    [
      'with a local index with another hash key',
      { ...two, LocalSecondaryIndexes: [index('lix', 'c', 'b')] },
      'Index KeySchema does not have the same leading hash key as table KeySchema for index: lix. index hash key: c, table hash key: a',
    ],
    [
      'with six local indexes',
      { ...two, LocalSecondaryIndexes: [1, 2, 3, 4, 5, 6].map(i => index(`lix${i}`, 'a', 'c')) },
      'Number of LocalSecondaryIndexes exceeds per-table limit of 5',
    ],
    [
      'with 21 global indexes',
      { ...two, GlobalSecondaryIndexes: Array.from({ length: 21 }, (_, i) => index(`gix${i}`, 'c')) },
      'GlobalSecondaryIndex count exceeds the per-table limit of 20',
    ],
    [
      'with a local and a global index of the same name',
      { ...two, LocalSecondaryIndexes: [index('ix1', 'a', 'c')], GlobalSecondaryIndexes: [index('ix1', 'c')] },
      'Duplicate index name: ix1',
    ],
    [
      'with a projection without a type',
      { ...two, GlobalSecondaryIndexes: [{ ...index('gix', 'c'), Projection: {} }] },
      'Unknown ProjectionType: null',
    ],
    [
      'with on-demand billing and a provisioned global index',
      { ...two, GlobalSecondaryIndexes: [{ ...index('gix', 'c'), ProvisionedThroughput: units(1, 1) }] },
      'ProvisionedThroughput should not be specified for index: gix when BillingMode is PAY_PER_REQUEST',
    ],
    [
      'with a range key between the hash keys of a global index',
      { ...two, GlobalSecondaryIndexes: [{ ...index('gix'), KeySchema: elements('#c', '-a', '#b') }] },
      'All HASH key attributes must precede RANGE key attributes in the KeySchema',
    ],
    [
      'with on-demand billing and provisioned throughput',
      { ProvisionedThroughput: units(1, 1) },
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    ],
    [
      'with provisioned billing and without throughput',
      { BillingMode: undefined },
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    ],
    [
      'with an on-demand limit of 0',
      { OnDemandThroughput: { MaxReadRequestUnits: 0 } },
      'Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range',
    ],
    [
      'with a stream without a view',
      { StreamSpecification: { StreamEnabled: true } },
      'Table is being created with a stream enabled, UpdateViewType is required',
    ],
    [
      'with a view without a stream',
      { StreamSpecification: { StreamEnabled: false, StreamViewType: 'KEYS_ONLY' } },
      'Table is being created with a stream disabled, UpdateViewType should not be specified',
    ],
    [
      'with an encryption type and without encryption',
      { SSESpecification: { SSEType: 'KMS' } },
      'SSEType can not be specified if Enabled is false',
    ],
  ])('a table %s is refused', async (_, more, message) => {
    expect(await refusal('CreateTable', onDemand(more))).toBe(INVALID + message)
  })
})

describe('throughput', () => {
  it('the response to a change has the old throughput, and DescribeTable the new one', async () => {
    const name = await provisioned(2, 3)
    const { TableDescription } = await update(name, { ProvisionedThroughput: units(4, 4) })
    expect(TableDescription).toMatchObject({ TableStatus: 'UPDATING', ProvisionedThroughput: units(2, 3) })
    expect(await table(name)).toMatchObject({
      TableStatus: 'ACTIVE',
      ProvisionedThroughput: { LastIncreaseDateTime: now / 1000, NumberOfDecreasesToday: 0, ...units(4, 4) },
      WarmThroughput: { ReadUnitsPerSecond: 4, WriteUnitsPerSecond: 4 },
    })
  })

  it('throughput that does not change is refused', async () => {
    expect(await refusedUpdate(await provisioned(2, 3), { ProvisionedThroughput: units(2, 3) })).toBe(
      'ValidationException: The provisioned throughput for the table will not change. The requested value equals the current value. Current ReadCapacityUnits provisioned for the table: 2. Requested ReadCapacityUnits: 2. Current WriteCapacityUnits provisioned for the table: 3. Requested WriteCapacityUnits: 3. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.',
    )
  })

  it('throughput may be decreased four times a day, then once an hour', async () => {
    const name = await provisioned(10, 1)
    for (const read of [9, 8, 7, 6]) await update(name, { ProvisionedThroughput: units(read, 1) })
    expect((await table(name)).ProvisionedThroughput).toMatchObject({ NumberOfDecreasesToday: 4, ReadCapacityUnits: 6 })
    expect(await refusedUpdate(name, { ProvisionedThroughput: units(5, 1) })).toBe(
      'LimitExceededException: Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 seconds. Number of decreases today: 4. Last decrease at Thursday, January 15, 2026 at 8:00:00 AM Coordinated Universal Time. Next decrease can be made at Thursday, January 15, 2026 at 9:00:00 AM Coordinated Universal Time',
    )
    now += HOUR
    await update(name, { ProvisionedThroughput: units(5, 1) })
    now += 24 * HOUR
    expect((await table(name)).ProvisionedThroughput).toMatchObject({ NumberOfDecreasesToday: 0, ReadCapacityUnits: 5 })
  })

  it('throughput over the limit of an account is refused', async () => {
    expect(await refusedUpdate(await provisioned(1, 1), { ProvisionedThroughput: units(1, 40_001) })).toMatch(
      /^LimitExceededException: The requested WriteCapacityUnits, 40001, is above the per table maximum for the account in eu-west-1/,
    )
  })

  it('provisioned throughput follows every change of the billing mode', async () => {
    const name = await create({
      AttributeDefinitions: attributes('id', 'a'),
      OnDemandThroughput: { MaxReadRequestUnits: 9 },
      GlobalSecondaryIndexes: [{ IndexName: 'gix', KeySchema: keys('a'), Projection: all }],
    })
    const toProvisioned = { BillingMode: 'PROVISIONED', ProvisionedThroughput: units(3, 3) }
    expect(await refusedUpdate(name, { BillingMode: 'PROVISIONED' })).toBe(
      `${INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED`,
    )
    expect(await refusedUpdate(name, toProvisioned)).toBe(
      `${INVALID}ProvisionedThroughput must be specified for index: gix`,
    )
    const forIndex = [{ Update: { IndexName: 'gix', ProvisionedThroughput: units(4, 4) } }]
    await update(name, { ...toProvisioned, GlobalSecondaryIndexUpdates: forIndex })
    const then = await table(name)
    expect(then).toMatchObject({
      BillingModeSummary: { BillingMode: 'PROVISIONED' },
      ProvisionedThroughput: units(3, 3),
    })
    expect(then.GlobalSecondaryIndexes[0].ProvisionedThroughput).toMatchObject(units(4, 4))
    expect(then).not.toHaveProperty('OnDemandThroughput')
    await update(name, { BillingMode: 'PAY_PER_REQUEST' })
    expect(await refusedUpdate(name, { GlobalSecondaryIndexUpdates: forIndex })).toBe(
      `${INVALID}The only Updates for index: gix when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput`,
    )
    expect(await table(name)).toMatchObject({
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: now / 1000 },
      ProvisionedThroughput: units(0, 0),
    })
  })

  it('the value -1 removes either on-demand limit without the other', async () => {
    const name = await create({ OnDemandThroughput: { MaxReadRequestUnits: 5, MaxWriteRequestUnits: 6 } })
    await update(name, { OnDemandThroughput: { MaxReadRequestUnits: -1 } })
    expect((await table(name)).OnDemandThroughput).toEqual({ MaxWriteRequestUnits: 6 })
    await update(name, { OnDemandThroughput: { MaxWriteRequestUnits: -1 } })
    expect(await table(name)).not.toHaveProperty('OnDemandThroughput')
  })

  it('warm throughput is never decreased', async () => {
    const name = await create()
    await update(name, { WarmThroughput: { ReadUnitsPerSecond: 13_000 } })
    expect((await table(name)).WarmThroughput).toMatchObject({ ReadUnitsPerSecond: 13_000, WriteUnitsPerSecond: 4_000 })
    expect(await refusedUpdate(name, { WarmThroughput: { ReadUnitsPerSecond: 12_999 } })).toBe(
      `${INVALID}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, decreasing WarmThroughput is not supported`,
    )
  })
})

describe('a global index', () => {
  const create2 = (IndexName: string, ...names: string[]) => ({
    Create: { IndexName, KeySchema: keys(...names), Projection: all },
  })

  it('an index is added to a table with items, filled, and removed with its definition', async () => {
    const name = await create()
    for (let i = 0; i < 20; i++) {
      await store.write({ kind: 'put', table: name, item: { id: `i${i}`, ...(i % 2 === 0 && { a: 'x' }) } })
    }
    const { TableDescription } = await update(name, {
      AttributeDefinitions: attributes('a'),
      GlobalSecondaryIndexUpdates: [create2('gix', 'a')],
    })
    expect(TableDescription).toMatchObject({
      TableStatus: 'UPDATING',
      GlobalSecondaryIndexes: [{ IndexName: 'gix', IndexStatus: 'CREATING', Backfilling: false }],
    })
    await expect.poll(async () => (await table(name)).GlobalSecondaryIndexes[0].IndexStatus).toBe('ACTIVE')
    const filled = await table(name)
    expect(filled).toMatchObject({ ItemCount: 20, TableSizeBytes: 110 })
    expect(filled.GlobalSecondaryIndexes[0]).toMatchObject({ ItemCount: 10, IndexSizeBytes: 65 })
    const removed = await update(name, { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'gix' } }] })
    expect(removed.TableDescription.GlobalSecondaryIndexes).toMatchObject([{ IndexStatus: 'DELETING' }])
    expect(await table(name)).toMatchObject({ AttributeDefinitions: attributes('id') })
    expect(await table(name)).not.toHaveProperty('GlobalSecondaryIndexes')
  })

  it('an index may have several keys of each kind', async () => {
    const KeySchema = [
      ...['h1', 'h2'].map(AttributeName => ({ AttributeName, KeyType: 'HASH' })),
      ...['r1', 'r2'].map(AttributeName => ({ AttributeName, KeyType: 'RANGE' })),
    ]
    const name = await create({
      AttributeDefinitions: attributes('id', 'h1', 'h2:N', 'r1', 'r2:B'),
      GlobalSecondaryIndexes: [{ IndexName: 'gix', KeySchema, Projection: all }],
    })
    expect(await table(name)).toMatchObject({
      AttributeDefinitions: attributes('h1', 'h2:N', 'id', 'r1', 'r2:B'),
      GlobalSecondaryIndexes: [{ KeySchema }],
    })
  })

  it.each<[string, object, string]>([
    [
      'adding an existing index',
      { AttributeDefinitions: attributes('a'), GlobalSecondaryIndexUpdates: [create2('gix', 'a')] },
      'ValidationException: Attempting to create an index which already exists',
    ],
    [
      'adding an index without definitions',
      { GlobalSecondaryIndexUpdates: [create2('new', 'a')] },
      `${INVALID}AttributeDefinitions is not specified for index: new`,
    ],
    [
      'adding an index with fewer definitions than keys',
      { AttributeDefinitions: attributes('b'), GlobalSecondaryIndexUpdates: [create2('new', 'b', 'id')] },
      'ValidationException: Invalid KeySchema: Some index key attribute have no definition',
    ],
    [
      'adding an index with a key of another type',
      { AttributeDefinitions: attributes('a:N'), GlobalSecondaryIndexUpdates: [create2('new', 'a')] },
      `${INVALID}Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. Existing schema: Schema:[SchemaElement: key{a:S:HASH}] New schema: Schema:[SchemaElement: key{a:N:HASH}]`,
    ],
    [
      'adding two indexes',
      {
        AttributeDefinitions: attributes('b'),
        GlobalSecondaryIndexUpdates: [create2('new', 'b'), create2('newer', 'b')],
      },
      'LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    ],
    [
      'deleting an index twice',
      { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'gix' } }, { Delete: { IndexName: 'gix' } }] },
      `${INVALID}Only one global secondary index update per index is allowed simultaneously. Index: gix`,
    ],
    [
      'a change without an action',
      { GlobalSecondaryIndexUpdates: [{}] },
      `${INVALID}One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null`,
    ],
    [
      'deleting a local index',
      { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'lix' } }] },
      'ValidationException: Cannot delete an index that is not a GlobalSecondaryIndex: lix',
    ],
    [
      'adding an index while changing throughput',
      {
        AttributeDefinitions: attributes('b'),
        ProvisionedThroughput: units(1, 1),
        GlobalSecondaryIndexUpdates: [create2('new', 'b')],
      },
      `${INVALID}You cannot create or delete index while updating table IOPS`,
    ],
  ])('an invalid change is refused: %s', async (_, change, message) => {
    const name = await create({
      AttributeDefinitions: attributes('id', 's', 'a'),
      KeySchema: keys('id', 's'),
      LocalSecondaryIndexes: [{ IndexName: 'lix', KeySchema: keys('id', 'a'), Projection: all }],
      GlobalSecondaryIndexes: [{ IndexName: 'gix', KeySchema: keys('a'), Projection: all }],
    })
    expect(await refusedUpdate(name, change)).toBe(message)
  })

  it('an unknown index is not found', async () => {
    const name = await create()
    expect(await refusedUpdate(name, { GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'ghost' } }] })).toBe(
      `ResourceNotFoundException: Requested resource not found: Index ghost for table ${name}`,
    )
  })
})

describe('a change of a table', () => {
  it('an empty change is refused', async () => {
    const message =
      /^ValidationException: At least one of ProvisionedThroughput, BillingMode, .* or TableClass is required$/
    expect(await refusedUpdate('nowhere', {})).toMatch(message)
    expect(await refusedUpdate('nowhere', { GlobalSecondaryIndexUpdates: [] })).toMatch(message)
    expect(await refusedUpdate('nowhere', { AttributeDefinitions: attributes('id') })).toMatch(message)
  })

  it.each<[object, string]>([
    [
      { SSESpecification: { Enabled: true }, TableClass: 'STANDARD' },
      'Server-Side Encryption modification must be the only operation in the request',
    ],
    [
      { TableClass: 'STANDARD', DeletionProtectionEnabled: true },
      'TableClass modification must be the only operation in the request',
    ],
    [
      { DeletionProtectionEnabled: true, BillingMode: 'PAY_PER_REQUEST' },
      'DeletionProtection modification must be the only operation in the request',
    ],
    [
      { DeletionProtectionEnabled: true, GlobalSecondaryIndexUpdates: [] },
      'List of GlobalSecondaryIndexUpdates is empty',
    ],
    [
      { StreamSpecification: { StreamEnabled: false }, ProvisionedThroughput: units(1, 1) },
      'You cannot modify stream status while updating table IOPS',
    ],
    [
      { StreamSpecification: { StreamEnabled: false }, OnDemandThroughput: { MaxReadRequestUnits: 5 } },
      'OnDemandThroughput can only be combined with BillingMode in an UpdateTable request',
    ],
  ])('a combination of changes is refused: %j', async (change, message) => {
    expect(await refusedUpdate('nowhere', change)).toBe(INVALID + message)
  })

  it('a stream is enabled and disabled, and its ARN remains', async () => {
    const name = await create()
    const on = { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } }
    const off = { StreamSpecification: { StreamEnabled: false } }
    expect(await refusedUpdate(name, off)).toBe(
      `ValidationException: Table has no stream to disable: TableName: ${name}`,
    )
    const { TableDescription } = await update(name, on)
    expect(TableDescription).toMatchObject({ TableStatus: 'UPDATING', ...on, LatestStreamLabel: expect.any(String) })
    expect(await refusedUpdate(name, on)).toBe(
      `ValidationException: Table already has an enabled stream: TableName: ${name}`,
    )
    await update(name, off)
    const then = await table(name)
    expect(then).not.toHaveProperty('StreamSpecification')
    expect(then.LatestStreamArn).toBe(TableDescription.LatestStreamArn)
  })

  it('two concurrent identical changes are made once', async () => {
    const name = await create()
    const on = { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } }
    const answers = await Promise.all([update(name, on), update(name, on)])
    expect(answers.filter(({ TableDescription }) => TableDescription)).toHaveLength(1)
    expect(answers.find(({ __type }) => __type)).toEqual({
      __type: 'com.amazonaws.dynamodb.v20120810#ResourceInUseException',
      message: `Attempt to change a resource which is still in use: Table is being updated: ${name}`,
    })
  })

  it('the response to a change of class has the old class, and DescribeTable the new one', async () => {
    const name = await create()
    const { TableDescription } = await update(name, { TableClass: 'STANDARD_INFREQUENT_ACCESS' })
    expect(TableDescription).not.toHaveProperty('TableClassSummary')
    expect((await table(name)).TableClassSummary).toEqual({
      TableClass: 'STANDARD_INFREQUENT_ACCESS',
      LastUpdateDateTime: now / 1000,
    })
  })

  it('a change of encryption is UPDATING in the response and ENABLED when the table is described', async () => {
    const name = await create()
    expect(await refusedUpdate(name, { SSESpecification: { Enabled: false } })).toBe(
      `${INVALID}Table is already encrypted by default`,
    )
    const { TableDescription } = await update(name, { SSESpecification: { Enabled: true } })
    expect(TableDescription).toMatchObject({ TableStatus: 'ACTIVE', SSEDescription: { Status: 'UPDATING' } })
    expect((await table(name)).SSEDescription).toMatchObject({ Status: 'ENABLED' })
    await update(name, { SSESpecification: { Enabled: false } })
    expect(await table(name)).not.toHaveProperty('SSEDescription')
  })
})

describe('a deleted table', () => {
  it('a deleted table is described briefly in the response and is then not found', async () => {
    const name = await create()
    const { TableId } = await table(name)
    const { TableDescription } = await ask('DeleteTable', { TableName: name })
    expect(TableDescription).toMatchObject({ TableName: name, TableStatus: 'DELETING', TableId })
    expect(TableDescription).not.toHaveProperty('KeySchema')
    for (const operation of ['DescribeTable', 'DeleteTable', 'DescribeTimeToLive']) {
      expect(await refusal(operation, { TableName: name })).toBe(
        `ResourceNotFoundException: Requested resource not found: Table: ${name} not found`,
      )
    }
  })

  it('a protected table is not deleted', async () => {
    const name = await create({ DeletionProtectionEnabled: true })
    expect(await refusal('DeleteTable', { TableName: name })).toBe(
      'ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    )
    const { TableDescription } = await update(name, { DeletionProtectionEnabled: false })
    expect(TableDescription).toMatchObject({ TableStatus: 'ACTIVE', DeletionProtectionEnabled: false })
    expect(await ask('DeleteTable', { TableName: name })).toHaveProperty('TableDescription')
  })
})

describe('the name of a table', () => {
  it('a table may be named by its ARN', async () => {
    const name = await create()
    const { TableArn } = await table(name)
    expect((await table(TableArn)).TableName).toBe(name)
    await update(TableArn, { DeletionProtectionEnabled: true })
    expect((await table(name)).DeletionProtectionEnabled).toBe(true)
  })

  it.each([
    ['arn:aws:dynamodb:us-east-1:000000000000:table/abc', /^1 validation error detected: Invalid AWS region in/],
    ['arn:aws:dynamodb:eu-west-1:000000000000:table/ab', /^1 validation error detected: Valid ARN format is/],
    ['arn:aws:s3:::abc', /^1 validation error detected: Valid ARN format is/],
  ])('the ARN %s is refused as the name of a table', async (TableName, message) => {
    expect((await ask('DescribeTable', { TableName })).message).toMatch(message)
  })
})

describe('ListTables', () => {
  it('ListTables returns sorted names in pages', async () => {
    const other = engineStore(memory())
    const list = async (input: object) =>
      JSON.parse(
        (await answer({ ...wire, store: other }, 'DynamoDB_20120810.ListTables', JSON.stringify(input))).body,
      ) as Answer
    const names = ['aaa', 'bbb', 'ccc']
    for (const name of ['ccc', 'aaa', 'bbb']) {
      await other.createTable({ name, key: { partition: { name: 'id', type: 'S' } } })
    }
    expect(await list({})).toEqual({ TableNames: names })
    expect(await list({ Limit: 3 })).toEqual({ TableNames: names })
    expect(await list({ Limit: 2 })).toEqual({ TableNames: ['aaa', 'bbb'], LastEvaluatedTableName: 'bbb' })
    expect(await list({ Limit: 2, ExclusiveStartTableName: 'bbb' })).toEqual({ TableNames: ['ccc'] })
    expect(await list({ ExclusiveStartTableName: 'azz' })).toEqual({ TableNames: ['bbb', 'ccc'] })
    expect(await list({ ExclusiveStartTableName: 'zzz' })).toEqual({ TableNames: [] })
    await other.close()
  })
})

describe('a table of the library', () => {
  it('a table that the library created is described as one with on-demand billing', async () => {
    const name = aName()
    await store.createTable({
      name,
      key: { partition: { name: 'id', type: 'S' } },
      globalIndexes: { gix: { partition: { name: 'a', type: 'N' } } },
      timeToLive: 'expires',
    })
    expect(await table(name)).toMatchObject({
      TableStatus: 'ACTIVE',
      AttributeDefinitions: attributes('a:N', 'id'),
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      GlobalSecondaryIndexes: [{ IndexName: 'gix', IndexStatus: 'ACTIVE', Projection: all }],
      DeletionProtectionEnabled: false,
    })
    expect((await table(name)).CreationDateTime).toBeCloseTo(Date.now() / 1000, -2)
    expect(await ask('DescribeTimeToLive', { TableName: name })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    })
    await update(name, { DeletionProtectionEnabled: true })
    expect((await table(name)).DeletionProtectionEnabled).toBe(true)
  })
})

describe('time to live', () => {
  const set = (TableName: string, AttributeName: string, Enabled: boolean) => ({
    TableName,
    TimeToLiveSpecification: { AttributeName, Enabled },
  })

  it('time to live is enabled and disabled, and repeating either is refused', async () => {
    const name = await create()
    expect(await refusal('UpdateTimeToLive', set(name, 'e', false))).toBe(
      'ValidationException: TimeToLive is already disabled',
    )
    expect(await ask('UpdateTimeToLive', set(name, 'e', true))).toEqual({
      TimeToLiveSpecification: { AttributeName: 'e', Enabled: true },
    })
    expect(await refusal('UpdateTimeToLive', set(name, 'e', true))).toBe(
      'ValidationException: TimeToLive is already enabled',
    )
    for (const isEnabled of [true, false]) {
      expect(await refusal('UpdateTimeToLive', set(name, 'f', isEnabled))).toBe(
        'ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is e',
      )
    }
    await ask('UpdateTimeToLive', set(name, 'e', false))
    expect(await ask('DescribeTimeToLive', { TableName: name })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' },
    })
  })

  it('time to live requires an attribute and a switch', async () => {
    expect(await refusal('UpdateTimeToLive', { TableName: 'abc', TimeToLiveSpecification: {} })).toBe(
      "ValidationException: 2 validation errors detected: Value null at 'timeToLiveSpecification.attributeName' failed to satisfy constraint: Member must not be null; Value null at 'timeToLiveSpecification.enabled' failed to satisfy constraint: Member must not be null",
    )
  })
})

describe('tags', () => {
  const tags = (count: number, prefix = 'k') =>
    Array.from({ length: count }, (_, i) => ({ Key: `${prefix}${i}`, Value: `${i}` }))

  it('tags are added, replaced, removed and listed in pages', async () => {
    const { TableArn: ResourceArn } = await table(await create())
    expect(await ask('TagResource', { ResourceArn, Tags: tags(25) })).toBeUndefined()
    await ask('TagResource', { ResourceArn, Tags: [{ Key: 'k0', Value: 'anew' }] })
    await ask('UntagResource', { ResourceArn, TagKeys: ['k1', 'none'] })
    const listed: Answer[] = []
    let NextToken: string | undefined
    do {
      const page = await ask('ListTagsOfResource', { ResourceArn, NextToken })
      listed.push(...page.Tags)
      NextToken = page.NextToken
    } while (NextToken)
    expect(listed).toEqual([{ Key: 'k0', Value: 'anew' }, ...tags(25).slice(2)])
  })

  it('a table has at most 50 tags', async () => {
    const { TableArn: ResourceArn } = await table(await create())
    await ask('TagResource', { ResourceArn, Tags: tags(50) })
    const message = 'ValidationException: Number of Tags exceed the current limit for the provided ResourceArn'
    expect(await refusal('TagResource', { ResourceArn, Tags: tags(1, 'other') })).toBe(message)
    expect(await refusal('CreateTable', onDemand({ Tags: tags(51) }))).toBe(message)
  })

  it.each<[object, string]>([
    [{ Tags: [] }, 'Atleast one Tag needs to be provided as Input.'],
    [{ Tags: [{ Value: 'x' }] }, 'The Tag Key provided is invalid, Key: null'],
    [{ Tags: [{ Key: 'x' }] }, 'The Tag Value provided is invalid, Value: null'],
    [{ Tags: [{ Key: 'a&b', Value: '' }] }, 'The Tag Key provided is invalid, Key: a&b'],
    [{ Tags: [{ Key: 'ключ', Value: '100%' }] }, 'The Tag Value provided is invalid, Value: 100%'],
    [{ Tags: [...tags(1), ...tags(1)] }, 'Duplicate Tag Keys provided as input: Duplicate Tag Key found k0'],
  ])('the tags are refused: %j', async (more, message) => {
    const ResourceArn = 'arn:aws:dynamodb:eu-west-1:000000000000:table/nowhere'
    expect(await refusal('TagResource', { ResourceArn, ...more })).toBe(`ValidationException: ${message}`)
  })

  it.each<[string | undefined, string]>([
    [undefined, 'ValidationException: Invalid TableArn'],
    ['abc', `${INVALID}ARNs must start with 'arn:': abc`],
    [
      'arn:aws:s3:eu-west-1:0:table/abc',
      `${INVALID}Provided Arn is not a DynamoDB resource arn: arn:aws:s3:eu-west-1:0:table/abc`,
    ],
    [
      'arn:aws:dynamodb:eu-west-1:0:table/abc/index/i',
      `${INVALID}Invalid resource arn provided, only table or stream is accepted. Provided resource arn: arn:aws:dynamodb:eu-west-1:0:table/abc/index/i`,
    ],
    [
      'arn:aws:dynamodb:eu-west-1:0:table/ab',
      'ValidationException: Invalid TableArn: Invalid ResourceArn provided as input arn:aws:dynamodb:eu-west-1:0:table/ab',
    ],
    [
      'arn:aws:dynamodb:eu-west-1:0:table/nowhere',
      'ResourceNotFoundException: Requested resource not found: ResourcArn: arn:aws:dynamodb:eu-west-1:0:table/nowhere not found',
    ],
  ])('tags of the resource %s are refused', async (ResourceArn, message) => {
    expect(await refusal('ListTagsOfResource', { ResourceArn })).toBe(message)
  })
})

describe('what other tools request', () => {
  it('DescribeLimits and DescribeEndpoints describe the account', async () => {
    expect(await ask('DescribeLimits', {})).toEqual({
      AccountMaxReadCapacityUnits: 80_000,
      AccountMaxWriteCapacityUnits: 80_000,
      TableMaxReadCapacityUnits: 40_000,
      TableMaxWriteCapacityUnits: 40_000,
    })
    expect(await ask('DescribeEndpoints', {})).toEqual({
      Endpoints: [{ Address: 'localhost', CachePeriodInMinutes: 1440 }],
    })
  })

  it('point-in-time recovery can be enabled and disabled', async () => {
    const TableName = await create()
    const set = (PointInTimeRecoverySpecification: object) =>
      ask('UpdateContinuousBackups', { TableName, PointInTimeRecoverySpecification })
    const off = {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
    }
    expect(await ask('DescribeContinuousBackups', { TableName })).toEqual({ ContinuousBackupsDescription: off })
    expect(await set({ PointInTimeRecoveryEnabled: true })).toMatchObject({
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 },
      },
    })
    expect(await set({ PointInTimeRecoveryEnabled: false })).toEqual({ ContinuousBackupsDescription: off })
    expect(await refusal('DescribeContinuousBackups', { TableName: 'nowhere' })).toBe(
      'TableNotFoundException: Table not found: nowhere',
    )
  })
})
