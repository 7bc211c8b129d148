/** Libraries over DynamoDB, each on a store in the same process: their requests are answered without a socket. */
import { Socket } from 'node:net'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  DeleteCommand,
  QueryCommand as DocumentQueryCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import bao from 'dynamo-bao'
import { Table as OneTable } from 'dynamodb-onetable'
import { Dynamo } from 'dynamodb-onetable/Dynamo'
import {
  $add,
  ConditionCheck,
  DeleteItemCommand,
  executeTransactWrite,
  GetItemCommand,
  item,
  number,
  PutItemCommand,
  PutTransaction,
  QueryCommand,
  string,
  Entity as ToolboxEntity,
  Table as ToolboxTable,
  UpdateItemCommand,
} from 'dynamodb-toolbox'
import { Entity as ElectroEntity, Service } from 'electrodb'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { type EmbeddedStore, memory } from '../../packages/partita/src/embedded/index.js'
import { requestHandler } from '../../packages/partita/src/wire/index.js'

const stores: EmbeddedStore[] = []
let connect: ReturnType<typeof vi.spyOn>

beforeAll(() => {
  connect = vi.spyOn(Socket.prototype, 'connect').mockImplementation(() => {
    throw new Error('A library opens a socket')
  })
})
afterEach(() => expect(connect).not.toHaveBeenCalled())
afterAll(async () => {
  connect.mockRestore()
  for (const store of stores) await store.close()
})

const S = 'S' as const

/** A client of a new store with a table whose keys and index have these names. */
async function open(table: string, [pk, sk, indexPk, indexSk]: readonly [string, string, string, string]) {
  const store = memory()
  stores.push(store)
  await store.createTable({
    name: table,
    key: { partition: { name: pk, type: S }, sort: { name: sk, type: S } },
    globalIndexes: { gsi1: { partition: { name: indexPk, type: S }, sort: { name: indexSk, type: S } } },
  })
  const handler = requestHandler(store)
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
  return { handler, client: new DynamoDBClient({ region: 'local', credentials, requestHandler: handler }) }
}

const KEYS = ['pk', 'sk', 'gsi1pk', 'gsi1sk'] as const

it('the DocumentClient of the AWS SDK works on a store in the same process', async () => {
  const { client } = await open('teams', KEYS)
  const documents = DynamoDBDocumentClient.from(client)
  const member = (id: string, more: object = {}) => ({ pk: 'TEAM#a', sk: id, gsi1pk: 'CITY#x', gsi1sk: id, ...more })
  const put = { TableName: 'teams', ConditionExpression: 'attribute_not_exists(pk)' }
  await documents.send(
    new PutCommand({ ...put, Item: member('1', { score: 1, tags: new Set(['new']), at: [1, null] }) }),
  )
  await expect(documents.send(new PutCommand({ ...put, Item: member('1') }))).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  })
  const Key = { pk: 'TEAM#a', sk: '1' }
  const got = await documents.send(new GetCommand({ TableName: 'teams', Key }))
  expect(got.Item).toEqual(member('1', { score: 1, tags: new Set(['new']), at: [1, null] }))
  const update = new UpdateCommand({
    TableName: 'teams',
    Key,
    UpdateExpression: 'SET score = score + :one ADD tags :tags',
    ConditionExpression: 'score >= :one',
    ExpressionAttributeValues: { ':one': 1, ':tags': new Set(['old']) },
    ReturnValues: 'UPDATED_NEW',
  })
  expect((await documents.send(update)).Attributes).toEqual({ score: 2, tags: new Set(['new', 'old']) })
  await documents.send(
    new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName: 'teams', Item: member('2') } },
        { ConditionCheck: { TableName: 'teams', Key, ConditionExpression: 'attribute_exists(pk)' } },
      ],
    }),
  )
  const failing = new TransactWriteCommand({
    TransactItems: [
      { Put: { TableName: 'teams', Item: member('3') } },
      { ConditionCheck: { TableName: 'teams', Key, ConditionExpression: 'attribute_not_exists(pk)' } },
    ],
  })
  await expect(documents.send(failing)).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed' }],
  })
  const page = new DocumentQueryCommand({
    TableName: 'teams',
    IndexName: 'gsi1',
    KeyConditionExpression: 'gsi1pk = :city AND begins_with(gsi1sk, :all)',
    ExpressionAttributeValues: { ':city': 'CITY#x', ':all': '1' },
  })
  expect((await documents.send(page)).Items).toMatchObject([{ sk: '1' }])
  await documents.send(new DeleteCommand({ TableName: 'teams', Key }))
  expect((await documents.send(new GetCommand({ TableName: 'teams', Key }))).Item).toBeUndefined()
})

it('ElectroDB works on a store in the same process', async () => {
  const { client } = await open('teams', KEYS)
  const members = new ElectroEntity(
    {
      model: { entity: 'member', version: '1', service: 'club' },
      attributes: {
        team: { type: 'string', required: true },
        id: { type: 'string', required: true },
        city: { type: 'string', required: true },
        score: { type: 'number', required: true },
        tags: { type: 'set', items: 'string' },
      },
      indexes: {
        primary: { pk: { field: 'pk', composite: ['team'] }, sk: { field: 'sk', composite: ['id'] } },
        byCity: {
          index: 'gsi1',
          pk: { field: 'gsi1pk', composite: ['city'] },
          sk: { field: 'gsi1sk', composite: ['team', 'id'] },
        },
      },
    },
    { table: 'teams', client },
  )
  const club = new Service({ members }, { table: 'teams', client })
  const anna = { team: 'a', id: '1', city: 'x', score: 1, tags: ['new'] }
  await members.create(anna).go()
  await expect(members.create(anna).go()).rejects.toThrow('The conditional request failed')
  expect((await members.get({ team: 'a', id: '1' }).go()).data).toEqual(anna)
  const { data: updated } = await members
    .patch({ team: 'a', id: '1' })
    .add({ score: 2, tags: ['old'] })
    .where(({ score }, { gte }) => gte(score, 1))
    .go({ response: 'all_new' })
  expect(updated).toMatchObject({ score: 3, tags: ['new', 'old'] })
  const { canceled } = await club.transaction
    .write(({ members: it }) => [
      it.create({ ...anna, id: '2' }).commit(),
      it
        .check({ team: 'a', id: '1' })
        .where(({ score }, { eq }) => eq(score, 3))
        .commit(),
    ])
    .go()
  expect(canceled).toBe(false)
  const batch = await members
    .get([
      { team: 'a', id: '1' },
      { team: 'a', id: '2' },
      { team: 'a', id: '3' },
    ])
    .go()
  expect(batch.data.map(({ id }) => id).sort()).toEqual(['1', '2'])
  const inCity = await members.query
    .byCity({ city: 'x' })
    .where(({ score }, { gt }) => gt(score, 1))
    .go()
  expect(inCity.data.map(({ id }) => id)).toEqual(['1'])
  await members.delete({ team: 'a', id: '1' }).go()
  expect((await members.get({ team: 'a', id: '1' }).go()).data).toBeNull()
})

it('dynamodb-toolbox works on a store in the same process', async () => {
  const { client } = await open('teams', KEYS)
  const table = new ToolboxTable({
    name: 'teams',
    documentClient: DynamoDBDocumentClient.from(client),
    partitionKey: { name: 'pk', type: 'string' },
    sortKey: { name: 'sk', type: 'string' },
    indexes: {
      gsi1: {
        type: 'global',
        partitionKey: { name: 'gsi1pk', type: 'string' },
        sortKey: { name: 'gsi1sk', type: 'string' },
      },
    },
  })
  const Member = new ToolboxEntity({
    name: 'Member',
    table,
    schema: item({
      team: string().key(),
      id: string().key(),
      score: number(),
      gsi1pk: string(),
      gsi1sk: string(),
    }),
    computeKey: ({ team, id }) => ({ pk: team, sk: id }),
    timestamps: false,
  })
  const anna = { team: 'a', id: '1', score: 1, gsi1pk: 'x', gsi1sk: '1' }
  const isNew = { condition: { attr: 'team', exists: false } } as const
  await Member.build(PutItemCommand).item(anna).options(isNew).send()
  await expect(Member.build(PutItemCommand).item(anna).options(isNew).send()).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
  })
  expect((await Member.build(GetItemCommand).key({ team: 'a', id: '1' }).send()).Item).toEqual(anna)
  const updated = await Member.build(UpdateItemCommand)
    .item({ team: 'a', id: '1', score: $add(2) })
    .options({ condition: { attr: 'score', gte: 1 }, returnValues: 'ALL_NEW' })
    .send()
  expect(updated.Attributes).toMatchObject({ score: 3 })
  await executeTransactWrite(
    Member.build(PutTransaction).item({ ...anna, id: '2', gsi1sk: '2' }),
    Member.build(ConditionCheck).key({ team: 'a', id: '1' }).condition({ attr: 'score', eq: 3 }),
  )
  const { Items = [] } = await table
    .build(QueryCommand)
    .query({ index: 'gsi1', partition: 'x', range: { gt: '1' } })
    .entities(Member)
    .send()
  expect(Items).toMatchObject([{ id: '2' }])
  await Member.build(DeleteItemCommand).key({ team: 'a', id: '1' }).send()
  expect((await Member.build(GetItemCommand).key({ team: 'a', id: '1' }).send()).Item).toBeUndefined()
})

/** A variable in a template of OneTable, which looks like one of the language. */
const variable = (attribute: string) => `\${${attribute}}`

it('OneTable works on a store in the same process', async () => {
  const { client } = await open('teams', KEYS)
  const table = new OneTable({
    client: new Dynamo({ client }),
    name: 'teams',
    partial: true,
    schema: {
      format: 'onetable:1.1.0',
      version: '1.0.0',
      indexes: {
        primary: { hash: 'pk', sort: 'sk' },
        gsi1: { hash: 'gsi1pk', sort: 'gsi1sk', project: 'all' },
      },
      models: {
        Member: {
          pk: { type: String, value: `TEAM#${variable('team')}` },
          sk: { type: String, value: `MEMBER#${variable('id')}` },
          gsi1pk: { type: String, value: `CITY#${variable('city')}` },
          gsi1sk: { type: String, value: variable('id') },
          team: { type: String, required: true },
          id: { type: String, required: true },
          city: { type: String, required: true },
          score: { type: Number, required: true },
          email: { type: String, unique: true },
        },
      },
      params: { timestamps: false },
    } as const,
  })
  const Member = table.getModel('Member')
  const anna = { team: 'a', id: '1', city: 'x', score: 1, email: 'a@x.org' }
  // The library keeps unique values by transactions of its own.
  await Member.create(anna)
  await expect(Member.create({ ...anna, id: '2' })).rejects.toThrow(/unique/)
  expect(await Member.get({ team: 'a', id: '1' })).toMatchObject(anna)
  const updated = await Member.update(
    { team: 'a', id: '1' },
    { add: { score: 2 }, where: `${variable('score')} >= {0}` },
  )
  expect(updated).toMatchObject({ score: 3 })
  await expect(
    Member.update({ team: 'a', id: '1' }, { add: { score: 2 }, where: `${variable('score')} > {9}` }),
  ).rejects.toThrow()
  const transaction = {}
  await Member.create({ ...anna, id: '3', email: 'c@x.org' }, { transaction })
  await table.transact('write', transaction)
  const inCity = await Member.find({ city: 'x' }, { index: 'gsi1' })
  expect(inCity.map(({ id }) => id)).toEqual(['1', '3'])
  await Member.remove({ team: 'a', id: '1' })
  expect(await Member.get({ team: 'a', id: '1' })).toBeUndefined()
})

it("dynamo-bao's own client, which sends requests with fetch, works on a store in the same process", async () => {
  const { BaoModel, fields, initModels, IndexConfig, PrimaryKeyConfig, UniqueConstraintConfig } = bao
  const { handler } = await open('teams', ['_pk', '_sk', '_gsi1_pk', '_gsi1_sk'])
  class Member extends BaoModel {
    static override modelPrefix = 'm'
    static override fields = {
      team: fields.StringField({ required: true }),
      id: fields.StringField({ required: true }),
      city: fields.StringField({ required: true }),
      email: fields.StringField({ required: true }),
      score: fields.CounterField({ required: true }),
    }
    static override primaryKey = PrimaryKeyConfig('team', 'id')
    static override indexes = { byCity: IndexConfig('city', 'id', 'gsi1') }
    static override uniqueConstraints = { email: UniqueConstraintConfig('email', '_uc1') }
  }
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'any')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'any')
  const fetch = vi.spyOn(globalThis, 'fetch').mockImplementation(async input => {
    const { headers, body } = new Request(input as Request)
    const bytes = new Uint8Array(await new Response(body).arrayBuffer())
    const { response } = await handler.handle({ headers: Object.fromEntries(headers), body: bytes })
    return new Response(Buffer.from(response.body), { status: response.statusCode, headers: response.headers })
  })
  try {
    initModels({ aws: { region: 'local' }, db: { tableName: 'teams' }, models: { Member } })
    const anna = { team: 'a', id: '1', city: 'x', email: 'a@x.org', score: 1 }
    await Member.create(anna)
    await expect(Member.create({ ...anna, id: '2' })).rejects.toThrow(/email/)
    expect(await Member.find({ team: 'a', id: '1' })).toMatchObject({ email: 'a@x.org', score: 1 })
    const updated = await Member.update({ team: 'a', id: '1' }, { score: '+2' }, { condition: { score: { $gte: 1 } } })
    expect(updated).toMatchObject({ score: 3 })
    await Member.create({ ...anna, id: '2', email: 'b@x.org' })
    const { items } = await Member.queryByIndex('byCity', 'x', { id: { $gt: '1' } })
    expect(items).toMatchObject([{ id: '2' }])
    await Member.delete({ team: 'a', id: '1' })
    expect(await Member.find({ team: 'a', id: '1' })).toMatchObject({ exists: expect.any(Function) })
  } finally {
    fetch.mockRestore()
    vi.unstubAllEnvs()
  }
})
