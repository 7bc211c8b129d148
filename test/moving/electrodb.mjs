// ElectroDB and Partita on one table: each call of the page on moving, and its counterpart.
import assert from 'node:assert/strict'
import { Entity, Service } from 'electrodb'
import { add, collection, connect, f, model, unset } from 'partita'
import { makeTable } from './table.mjs'

const { store, client } = await makeTable({ pk: 'pk', sk: 'sk', index: 'gsi1', indexPk: 'gsi1pk', indexSk: 'gsi1sk' })
const Theirs = new Entity(
  {
    model: { entity: 'Task', version: '1', service: 'app' },
    attributes: {
      team: { type: 'string', required: true },
      id: { type: 'string', required: true },
      status: { type: ['open', 'closed'], required: true },
      n: { type: 'number', default: 0 },
      note: { type: 'string' },
    },
    indexes: {
      primary: { pk: { field: 'pk', composite: ['team'] }, sk: { field: 'sk', composite: ['id'] } },
      byStatus: {
        index: 'gsi1',
        collection: 'work',
        pk: { field: 'gsi1pk', composite: ['team', 'status'] },
        sk: { field: 'gsi1sk', composite: ['id'] },
      },
    },
  },
  { table: 'app', client },
)
const service = new Service({ task: Theirs })

const Task = model('Task', {
  fields: {
    team: f.string(),
    id: f.string(),
    status: f.enum('open', 'closed'),
    n: f.integer().default(0),
    note: f.string().optional(),
    edbVersion: f.string().default('1').attribute('__edb_v__'),
  },
  key: { pk: '$app#team_{team}', sk: '$task_1#id_{id}' },
  indexes: { byStatus: { on: 'gsi1', pk: '$app#team_{team}#status_{status}', sk: '$work#task_1#id_{id}' } },
  encoding: 'raw',
  iterable: false,
})
const Work = collection('Work', { on: 'gsi1', pk: '$app#team_{team}#status_{status}', many: { task: Task } })
const db = await connect({
  models: { Task },
  collections: { Work },
  store,
  table: 'app',
  layout: { type: '__edb_e__' },
})
const key = id => ({ team: 'a', id })

// create: never overwrites.
await Theirs.create({ ...key('1'), status: 'open', note: 'first' }).go()
await assert.rejects(Theirs.create({ ...key('1'), status: 'open' }).go(), { code: 4001 })
await db.Task.create({ ...key('2'), status: 'open', note: 'second' })
await assert.rejects(db.Task.create({ ...key('2'), status: 'open' }), { code: 'AlreadyExists' })

// get, of rows that the other one wrote.
assert.equal((await Theirs.get(key('2')).go()).data.note, 'second')
assert.equal((await db.Task.get(key('1'))).note, 'first')
assert.equal((await Theirs.get(key('9')).go()).data, null)
assert.equal(await db.Task.get(key('9')), undefined)
assert.equal((await Theirs.get([key('1'), key('9')]).go()).data.length, 1)
assert.deepEqual(
  (await db.Task.getMany([key('1'), key('9')])).map(row => row?.id),
  ['1', undefined],
)

// put replaces; upsert keeps attributes that it is not given.
await Theirs.upsert({ ...key('1'), status: 'open', n: 5 }).go()
assert.equal((await db.Task.get(key('1'))).note, 'first')
await Theirs.put({ ...key('1'), status: 'open', n: 5 }).go()
assert.equal((await db.Task.get(key('1'))).note, undefined)
await db.Task.put({ ...key('2'), status: 'open', n: 5 })
assert.equal((await Theirs.get(key('2')).go()).data.note, undefined)

// patch requires the row; update creates it.
await assert.rejects(Theirs.patch(key('9')).set({ n: 1 }).go(), { code: 4001 })
await assert.rejects(db.Task.update(key('9'), { n: 1 }), { code: 'NotFound' })
await Theirs.update(key('9')).set({ n: 1 }).go()
await Theirs.delete(key('9')).go()
await Theirs.patch(key('1')).set({ note: 'x' }).add({ n: 1 }).go()
await Theirs.patch(key('1'))
  .remove(['note'])
  .where((attr, op) => op.eq(attr.status, 'open'))
  .go()
await db.Task.update(key('2'), { note: 'x', n: add(1) })
await db.Task.update(key('2'), { note: unset() }, { if: { status: 'open' } })
for (const id of ['1', '2']) {
  const { note, n } = await db.Task.get(key(id))
  assert.deepEqual({ note, n }, { note: undefined, n: 6 })
}

// query, and its cursor.
const query = Theirs.query.byStatus({ team: 'a', status: 'open' })
const first = await query.go({ limit: 1 })
assert.equal(first.data.length, 1)
assert.equal((await query.go({ limit: 1, cursor: first.cursor })).data[0].id, '2')
assert.equal((await query.go({ pages: 'all' })).data.length, 2)
const ours = db.Task.query.byStatus({ team: 'a', status: 'open' }, { limit: 1 })
const { cursor } = await ours.page()
const next = await db.Task.query.byStatus({ team: 'a', status: 'open' }, { limit: 1, after: cursor }).page()
assert.equal(next.items[0].id, '2')
assert.equal((await db.Task.query.byStatus({ team: 'a', status: 'open' }).all()).length, 2)
const filtered = await Theirs.query
  .primary({ team: 'a' })
  .where(({ n }, { gt }) => gt(n, 5))
  .go({ order: 'desc' })
assert.deepEqual(
  filtered.data.map(row => row.id),
  ['2', '1'],
)
const where = await db.Task.query.key({ team: 'a' }, { where: { n: { $gt: 5 } }, order: 'desc' }).all()
assert.deepEqual(
  where.map(row => row.id),
  ['2', '1'],
)

// collections, transactions, delete.
assert.equal((await service.collections.work({ team: 'a', status: 'open' }).go()).data.task.length, 2)
assert.equal((await db.Work.get({ team: 'a', status: 'open' })).task.length, 2)
await service.transaction.write(({ task }) => [task.create({ ...key('3'), status: 'open' }).commit()]).go()
await db.transaction(tx => tx.Task.create({ ...key('4'), status: 'open' }))
assert.equal((await Theirs.query.primary({ team: 'a' }).go()).data.length, 4)
await Theirs.delete(key('4')).go()
await db.Task.delete(key('3'))
assert.deepEqual(
  (await db.Task.query.key({ team: 'a' }).all()).map(row => row.id),
  ['1', '2'],
)

// ElectroDB writes key values in lower case, unless the index has `casing: 'none'`. Such a row is found by its stored key.
await Theirs.create({ team: 'B', id: 'X', status: 'open' }).go()
assert.equal(await db.Task.get({ team: 'B', id: 'X' }), undefined)
assert.equal((await db.Task.get({ team: 'b', id: 'x' })).team, 'B')
await db.close()
await store.close()
