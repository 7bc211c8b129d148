// DynamoBao and Partita on one table: each call of the page on moving, and its counterpart.
import assert from 'node:assert/strict'
import bao from 'dynamo-bao'
import { add, connect, f, model, one } from 'partita'
import { createServer } from 'partita/wire'
import { makeTable } from './table.mjs'

const { store } = await makeTable({
  pk: '_pk',
  sk: '_sk',
  index: 'gsi1',
  indexPk: '_gsi1_pk',
  indexSk: '_gsi1_sk',
})
const server = createServer(store, { port: 0 })
const endpoint = await server.listen()
// It sends its requests by fetch, and to AWS alone.
const { fetch } = globalThis
globalThis.fetch = async request =>
  fetch(endpoint, { method: 'POST', headers: request.headers, body: await request.text() })
Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' })
const { BaoModel, fields, IndexConfig, initModels, PrimaryKeyConfig, runWithBatchContext, UniqueConstraintConfig } = bao

const required = { required: true }
class TheirTask extends BaoModel {
  static modelPrefix = 't'
  static fields = {
    team: fields.StringField(required),
    id: fields.StringField(required),
    status: fields.StringField(required),
    n: fields.CounterField(),
    note: fields.StringField(),
    userId: fields.RelatedField('TheirUser'),
  }
  static primaryKey = PrimaryKeyConfig('team', 'id')
  static indexes = { byStatus: IndexConfig('status', 'id', 'gsi1') }
}
class TheirUser extends BaoModel {
  static modelPrefix = 'u'
  static fields = {
    userId: fields.StringField(required),
    email: fields.StringField(required),
    at: fields.DateTimeField(),
  }
  static primaryKey = PrimaryKeyConfig('userId')
  static uniqueConstraints = { email: UniqueConstraintConfig('email', '_uc1') }
}
initModels({ aws: { region: 'us-east-1' }, db: { tableName: 'app' }, models: { TheirTask, TheirUser } })

const milliseconds = { encode: date => date.getTime(), decode: time => new Date(time) }
const Task = model('Task', {
  fields: {
    team: f.string(),
    id: f.string(),
    status: f.string(),
    n: f.counter(),
    note: f.string().optional(),
    userId: f.ref('User').optional(),
  },
  key: { pk: 't#{team}', sk: '{id}' },
  indexes: { byStatus: { on: 'gsi1', pk: 't#gsi1#{status}', sk: '{id}' } },
  relations: { user: one('User', 'userId') },
  type: null,
  encoding: 'raw',
  iterable: false,
})
const User = model('User', {
  fields: { userId: f.string(), email: f.string(), at: f.integer().transform(milliseconds).optional() },
  key: { pk: 'u#{userId}', sk: 'u' },
  unique: { email: ['email'] },
  type: null,
  encoding: 'raw',
  iterable: false,
})
const db = await connect({
  models: { Task, User },
  store,
  table: 'app',
  layout: { pk: '_pk', sk: '_sk', indexes: { gsi1: { pk: '_gsi1_pk', sk: '_gsi1_sk' } } },
})
const key = id => ({ team: 'a', id })

// create: never overwrites.
await TheirTask.create({ ...key('1'), status: 'open', note: 'first', userId: 'ada' })
await assert.rejects(TheirTask.create({ ...key('1'), status: 'open' }))
await db.Task.create({ ...key('2'), status: 'open', note: 'second' })
await assert.rejects(db.Task.create({ ...key('2'), status: 'open' }), { code: 'AlreadyExists' })

// find, of rows that the other one wrote.
assert.equal((await TheirTask.find(key('2'))).note, 'second')
assert.equal((await db.Task.get(key('1'))).note, 'first')
assert.equal((await TheirTask.find(key('9'))).exists(), false)
assert.equal(await db.Task.get(key('9')), undefined)

// update and save.
await TheirTask.update(key('1'), { n: '+1' }, { condition: { status: 'open' } })
await db.Task.update(key('2'), { n: add(1) }, { if: { status: 'open' } })
const theirs = await TheirTask.find(key('1'))
theirs.note = 'x'
await theirs.save()
const ours = await db.Task.get(key('2'))
ours.note = 'x'
await ours.save()
for (const id of ['1', '2']) {
  const { note, n } = await db.Task.get(key(id))
  assert.deepEqual({ note, n }, { note: 'x', n: 1 })
}

// queries, and their position.
const first = await TheirTask.queryByIndex('byStatus', 'open', null, { limit: 1 })
const rest = await TheirTask.queryByIndex('byStatus', 'open', null, { startKey: first.lastEvaluatedKey })
assert.deepEqual(
  [...first.items, ...rest.items].map(row => row.id),
  ['1', '2'],
)
const page = await db.Task.query.byStatus({ status: 'open' }, { limit: 1 }).page()
const next = await db.Task.query.byStatus({ status: 'open' }, { after: page.cursor }).page()
assert.deepEqual(
  [...page.items, ...next.items].map(row => row.id),
  ['1', '2'],
)
const filter = { filter: { n: { $gt: 0 } }, direction: 'DESC' }
const filtered = await TheirTask.queryByPrimaryKey('a', null, filter)
assert.deepEqual(
  filtered.items.map(row => row.id),
  ['2', '1'],
)
const where = await db.Task.query.key({ team: 'a' }, { where: { n: { $gt: 0 } }, order: 'desc' }).all()
assert.deepEqual(
  where.map(row => row.id),
  ['2', '1'],
)

// Unique constraints: each has markers of its own; those of DynamoBao's rows are made by reindex.
const at = new Date(1_700_000_000_000)
await TheirUser.create({ userId: 'ada', email: 'ada@example.com', at })
await assert.rejects(TheirUser.create({ userId: 'eve', email: 'ada@example.com' }))
assert.equal((await TheirUser.findByUniqueConstraint('email', 'ada@example.com')).userId, 'ada')
assert.equal(await db.User.findBy({ email: 'ada@example.com' }), undefined)
await db.User.reindex()
assert.deepEqual((await db.User.findBy({ email: 'ada@example.com' })).at, at)

// Related rows, and reads in batches.
await runWithBatchContext(async () => {
  const task = await TheirTask.find(theirs.getPrimaryId()) // A batch takes ids as text.
  assert.equal((await task.getOrLoadRelatedField('userId')).email, 'ada@example.com')
})
await db.run({ loader: true }, async () => {
  const task = await db.Task.get(key('1'))
  assert.equal((await task.user()).email, 'ada@example.com')
})

// delete.
await TheirTask.delete(key('1'))
await assert.rejects(TheirTask.delete(key('1')))
await ours.delete()
assert.equal(await db.Task.query.key({ team: 'a' }).count(), 0)
await db.close()
await server.close()
await store.close()
process.exit() // A timer of DynamoBao would keep the process alive.
