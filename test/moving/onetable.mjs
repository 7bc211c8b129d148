// OneTable and Partita on one table: each call of the page on moving, and its counterpart.
import assert from 'node:assert/strict'
import { Table } from 'dynamodb-onetable'
import { Dynamo } from 'dynamodb-onetable/Dynamo'
import { add, connect, f, model, unset } from 'partita'
import { makeTable } from './table.mjs'

const { store, client } = await makeTable({ pk: 'pk', sk: 'sk', index: 'gs1', indexPk: 'gs1pk', indexSk: 'gs1sk' })
/** A placeholder of its templates, which look like those of JavaScript. */
const value = name => `\${${name}}`
const table = new Table({
  client: new Dynamo({ client }),
  name: 'app',
  partial: true,
  schema: {
    format: 'onetable:1.1.0',
    version: '0.0.1',
    indexes: { primary: { hash: 'pk', sort: 'sk' }, gs1: { hash: 'gs1pk', sort: 'gs1sk' } },
    models: {
      Task: {
        pk: { type: String, value: `team#${value('team')}` },
        sk: { type: String, value: `task#${value('id')}` },
        gs1pk: { type: String, value: `team#${value('team')}#${value('status')}` },
        gs1sk: { type: String, value: `task#${value('id')}` },
        team: { type: String, required: true },
        id: { type: String, required: true },
        status: { type: String, enum: ['open', 'closed'], required: true },
        n: { type: Number, default: 0 },
        note: { type: String },
      },
      User: {
        pk: { type: String, value: `user#${value('id')}` },
        sk: { type: String, value: 'user#' },
        id: { type: String, required: true },
        email: { type: String, unique: true, required: true },
      },
    },
    params: { timestamps: true, isoDates: true },
  },
})
const Theirs = table.getModel('Task')

const times = { created: f.createdAt(), updated: f.updatedAt() }
const Task = model('Task', {
  fields: {
    team: f.string(),
    id: f.string(),
    status: f.enum('open', 'closed'),
    n: f.integer().default(0),
    note: f.string().optional(),
    ...times,
  },
  key: { pk: 'team#{team}', sk: 'task#{id}' },
  indexes: { byStatus: { on: 'gs1', pk: 'team#{team}#{status}', sk: 'task#{id}' } },
  encoding: 'raw',
  iterable: false,
})
const User = model('User', {
  fields: { id: f.string(), email: f.string(), ...times },
  key: { pk: 'user#{id}', sk: 'user#' },
  unique: { email: ['email'] },
  encoding: 'raw',
  iterable: false,
})
const db = await connect({
  models: { Task, User },
  store,
  table: 'app',
  layout: { indexes: { gs1: { pk: 'gs1pk', sk: 'gs1sk' } } },
})
const key = id => ({ team: 'a', id })

// create: never overwrites, unless `exists` is null.
await Theirs.create({ ...key('1'), status: 'open', note: 'first' })
await assert.rejects(Theirs.create({ ...key('1'), status: 'open' }))
await db.Task.create({ ...key('2'), status: 'open', note: 'second' })
await assert.rejects(db.Task.create({ ...key('2'), status: 'open' }), { code: 'AlreadyExists' })

// get, of rows that the other one wrote.
assert.equal((await Theirs.get(key('2'))).note, 'second')
assert.equal((await db.Task.get(key('1'))).note, 'first')
assert.equal(await Theirs.get(key('9')), undefined)
assert.equal(await db.Task.get(key('9')), undefined)
const batch = {}
for (const id of ['1', '2']) await Theirs.get(key(id), { batch })
assert.equal((await table.batchGet(batch, { parse: true })).length, 2)
assert.deepEqual(
  (await db.Task.getMany([key('1'), key('9')])).map(row => row?.id),
  ['1', undefined],
)

// Both replace the row.
await Theirs.create({ ...key('1'), status: 'open', n: 5 }, { exists: null })
assert.equal((await db.Task.get(key('1'))).note, undefined)
await db.Task.put({ ...key('2'), status: 'open', n: 5 })
assert.equal((await Theirs.get(key('2'))).note, undefined)

// update requires the row; upsert creates it.
await assert.rejects(Theirs.update({ ...key('9'), n: 1 }), { code: 'ConditionalCheckFailedException' })
await assert.rejects(db.Task.update(key('9'), { n: 1 }), { code: 'NotFound' })
await Theirs.upsert({ ...key('9'), n: 1 })
await Theirs.remove(key('9'))
await Theirs.update({ ...key('1'), note: 'x' })
await Theirs.update(key('1'), { add: { n: 1 } })
await Theirs.update(key('1'), { remove: ['note'], where: `${value('status')} = {open}` })
await db.Task.update(key('2'), { note: 'x', n: add(1) })
await db.Task.update(key('2'), { note: unset() }, { if: { status: 'open' } })
for (const id of ['1', '2']) {
  const { note, n } = await db.Task.get(key(id))
  assert.deepEqual({ note, n }, { note: undefined, n: 6 })
}

// find, and its position.
const theirs = await Theirs.find({ team: 'a', status: 'open' }, { index: 'gs1', limit: 1 })
const rest = await Theirs.find({ team: 'a', status: 'open' }, { index: 'gs1', next: theirs.next })
assert.deepEqual(
  [...theirs, ...rest].map(row => row.id),
  ['1', '2'],
)
const ours = await db.Task.query.byStatus({ team: 'a', status: 'open' }, { limit: 1 }).page()
const next = await db.Task.query.byStatus({ team: 'a', status: 'open' }, { after: ours.cursor }).page()
assert.deepEqual(
  [...ours.items, ...next.items].map(row => row.id),
  ['1', '2'],
)
const filtered = await Theirs.find({ team: 'a' }, { where: `${value('n')} > {5}`, reverse: true })
assert.deepEqual(
  filtered.map(row => row.id),
  ['2', '1'],
)
const where = await db.Task.query.key({ team: 'a' }, { where: { n: { $gt: 5 } }, order: 'desc' }).all()
assert.deepEqual(
  where.map(row => row.id),
  ['2', '1'],
)
assert.equal((await Theirs.scan()).length, 2)

// transactions, remove.
const transaction = {}
await Theirs.create({ ...key('3'), status: 'open' }, { transaction })
await table.transact('write', transaction)
await db.transaction(tx => tx.Task.create({ ...key('4'), status: 'open' }))
assert.equal((await Theirs.find({ team: 'a' })).length, 4)
await Theirs.remove(key('4'))
await db.Task.delete(key('3'))
assert.deepEqual(
  (await db.Task.query.key({ team: 'a' }).all()).map(row => row.id),
  ['1', '2'],
)

// The context adds its properties to each call.
table.setContext({ team: 'a' })
assert.equal((await Theirs.get({ id: '1' })).id, '1')
table.clearContext()

// Each has markers of its own: those of OneTable's rows are made by reindex.
const Users = table.getModel('User')
await Users.create({ id: 'ada', email: 'ada@example.com' })
await assert.rejects(Users.create({ id: 'eve', email: 'ada@example.com' }), { code: 'UniqueError' })
assert.equal(await db.User.findBy({ email: 'ada@example.com' }), undefined)
await db.User.reindex()
assert.equal((await db.User.findBy({ email: 'ada@example.com' })).id, 'ada')
await assert.rejects(db.User.create({ id: 'eve', email: 'ada@example.com' }), { code: 'UniqueViolation' })
await db.close()
await store.close()
