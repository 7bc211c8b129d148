// dynamodb-toolbox and Partita on one table: each call of the page on moving, and its counterpart.
import assert from 'node:assert/strict'
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import {
  $add,
  $append,
  $remove,
  BatchGetCommand,
  BatchGetRequest,
  DeleteItemCommand,
  Entity,
  executeBatchGet,
  executeTransactWrite,
  GetItemCommand,
  item,
  list,
  number,
  PutItemCommand,
  PutTransaction,
  QueryCommand,
  ScanCommand,
  string,
  Table,
  UpdateItemCommand,
} from 'dynamodb-toolbox'
import { add, append, connect, f, model, unset } from 'partita'
import { makeTable } from './table.mjs'

const { store, client } = await makeTable({ pk: 'pk', sk: 'sk', index: 'gsi1', indexPk: 'gsi1pk', indexSk: 'gsi1sk' })
const table = new Table({
  name: 'app',
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
const Theirs = new Entity({
  name: 'Task',
  table,
  schema: item({
    team: string().key(),
    id: string().key(),
    status: string().enum('open', 'closed'),
    n: number().default(0),
    tags: list(string()).optional(),
    note: string().optional(),
  }).and(() => ({
    gsi1pk: string()
      .optional()
      .link(({ team, status }) => (status ? `TEAM#${team}#${status}` : undefined)),
    gsi1sk: string()
      .optional()
      .link(({ id }) => `TASK#${id}`),
  })),
  computeKey: ({ team, id }) => ({ pk: `TEAM#${team}`, sk: `TASK#${id}` }),
})

const Task = model('Task', {
  fields: {
    team: f.string(),
    id: f.string(),
    status: f.enum('open', 'closed'),
    n: f.integer().default(0),
    tags: f.list(f.string()).default([]),
    note: f.string().optional(),
    created: f.createdAt().attribute('_ct'),
    modified: f.updatedAt().attribute('_md'),
  },
  key: { pk: 'TEAM#{team}', sk: 'TASK#{id}' },
  indexes: { byStatus: { on: 'gsi1', pk: 'TEAM#{team}#{status}', sk: 'TASK#{id}' } },
  encoding: 'raw',
  iterable: false,
})
const db = await connect({ models: { Task }, store, table: 'app', layout: { type: '_et' } })
const key = id => ({ team: 'a', id })
const get = async id => (await Theirs.build(GetItemCommand).key(key(id)).send()).Item

// PutItemCommand replaces the item; with a condition it creates one.
const isNew = { condition: { attr: 'id', exists: false } }
const put = (id, values) => Theirs.build(PutItemCommand).item({ ...key(id), ...values })
await put('1', { status: 'open', note: 'first' }).options(isNew).send()
await assert.rejects(put('1', { status: 'open' }).options(isNew).send(), { name: 'ConditionalCheckFailedException' })
await db.Task.create({ ...key('2'), status: 'open', note: 'second' })
await assert.rejects(db.Task.create({ ...key('2'), status: 'open' }), { code: 'AlreadyExists' })

// GetItemCommand and BatchGetCommand, of rows that the other one wrote.
assert.equal((await get('2')).note, 'second')
assert.equal((await db.Task.get(key('1'))).note, 'first')
assert.equal(await get('9'), undefined)
assert.equal(await db.Task.get(key('9')), undefined)
const requests = ['1', '9'].map(id => Theirs.build(BatchGetRequest).key(key(id)))
const { Responses } = await executeBatchGet(table.build(BatchGetCommand).requests(...requests))
assert.deepEqual(
  Responses[0].map(row => row?.id),
  ['1', undefined],
)
assert.deepEqual(
  (await db.Task.getMany([key('1'), key('9')])).map(row => row?.id),
  ['1', undefined],
)

// Both replace the row.
await put('1', { status: 'open', n: 5, tags: [] }).send()
assert.equal((await db.Task.get(key('1'))).note, undefined)
await db.Task.put({ ...key('2'), status: 'open', n: 5 })
assert.equal((await get('2')).note, undefined)

// UpdateItemCommand creates a missing item.
const update = (id, changes) => Theirs.build(UpdateItemCommand).item({ ...key(id), ...changes })
await update('9', { status: 'open', n: 1 }).send()
assert.equal((await get('9')).n, 1)
await Theirs.build(DeleteItemCommand).key(key('9')).send()
await assert.rejects(db.Task.update(key('9'), { n: 1 }), { code: 'NotFound' })
await update('1', { note: 'x', n: $add(1), tags: $append(['t']) }).send()
await update('1', { note: $remove() })
  .options({ condition: { attr: 'status', eq: 'open' } })
  .send()
await db.Task.update(key('2'), { note: 'x', n: add(1), tags: append('t') })
await db.Task.update(key('2'), { note: unset() }, { if: { status: 'open' } })
for (const id of ['1', '2']) {
  const { note, n, tags } = await db.Task.get(key(id))
  assert.deepEqual({ note, n, tags }, { note: undefined, n: 6, tags: ['t'] })
}

// QueryCommand, and its position.
const query = table.build(QueryCommand).entities(Theirs).query({ index: 'gsi1', partition: 'TEAM#a#open' })
const first = await query.options({ limit: 1 }).send()
const rest = await query.options({ exclusiveStartKey: first.LastEvaluatedKey }).send()
assert.deepEqual(
  [...first.Items, ...rest.Items].map(row => row.id),
  ['1', '2'],
)
assert.equal((await query.options({ maxPages: Infinity }).send()).Items.length, 2)
const ours = await db.Task.query.byStatus({ team: 'a', status: 'open' }, { limit: 1 }).page()
const next = await db.Task.query.byStatus({ team: 'a', status: 'open' }, { after: ours.cursor }).page()
assert.deepEqual(
  [...ours.items, ...next.items].map(row => row.id),
  ['1', '2'],
)
const theirs = table.build(QueryCommand).entities(Theirs).query({ partition: 'TEAM#a' })
const filtered = await theirs.options({ filters: { Task: { attr: 'n', gt: 5 } }, reverse: true }).send()
assert.deepEqual(
  filtered.Items.map(row => row.id),
  ['2', '1'],
)
const where = await db.Task.query.key({ team: 'a' }, { where: { n: { $gt: 5 } }, order: 'desc' }).all()
assert.deepEqual(
  where.map(row => row.id),
  ['2', '1'],
)
assert.equal((await table.build(ScanCommand).entities(Theirs).send()).Items.length, 2)

// transactions, DeleteItemCommand.
await executeTransactWrite(Theirs.build(PutTransaction).item({ ...key('3'), status: 'open' }))
await db.transaction(tx => tx.Task.create({ ...key('4'), status: 'open' }))
assert.equal((await theirs.send()).Items.length, 4)
await Theirs.build(DeleteItemCommand).key(key('4')).send()
await db.Task.delete(key('3'))
assert.deepEqual(
  (await db.Task.query.key({ team: 'a' }).all()).map(row => row.id),
  ['1', '2'],
)
await db.close()
await store.close()
