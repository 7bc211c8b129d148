// A process that is killed: writes rows of models on its own lanes, while it adds and drops indexes, switches time to live
// on and off, and creates and drops a table. It records what it begins and what was acknowledged, a line each in a file
// that outlives it: `begin <lane> <version>`, `ack <lane> <version>`, `kept <session>`.
import { openSync, writeSync } from 'node:fs'
import { connect, f, model } from 'partita'
import { embedded } from 'partita/embedded'

const [path, lanes, log, seed] = process.argv.slice(2)
const file = openSync(log, 'a')
const record = line => writeSync(file, `${line}\n`)
const HOUR = 3_600_000

const models = {
  Post: model('Post', {
    fields: { postId: f.string(), author: f.string(), slug: f.string().optional(), n: f.number(), text: f.string() },
    key: 'postId',
    unique: { slug: ['slug'] },
    indexes: { byAuthor: { on: 'gsi1', pk: 'A#{author}', sk: 'P#{postId}' } },
  }),
  Session: model('Session', { fields: { sessionId: f.string(), ends: f.ttl() }, key: 'sessionId' }),
}

let state = Number(seed)
const random = below => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
  return Math.floor((state / 0x80000000) * below)
}

const store = embedded({ path, sweepInterval: 100 })
const db = await connect({ models, store })

/** Writes versions of a row. Every seventh version is a deletion, and the unique value changes each time. */
async function writeLane(name, version) {
  for (let next = version + 1; ; next++) {
    record(`begin ${name} ${next}`)
    const row = { author: `a${next % 5}`, slug: `${name}-${next}`, n: next, text: 't'.repeat(random(500)) }
    if (next % 7 === 0) await db.Post.delete({ postId: name })
    else if (next % 7 === 1) await db.Post.create({ postId: name, ...row })
    else await db.Post.update({ postId: name }, row)
    record(`ack ${name} ${next}`)
  }
}

/** Errors that are expected because another process may have made the same change or the opposite just before. */
const EXPECTED = ['NotFound', 'TableNotFound', 'IndexNotFound', 'AlreadyExists']
const attempt = work =>
  work().catch(error => {
    if (!EXPECTED.includes(error.code)) throw error
  })

const text = name => ({ name, type: 'S' })
const scratch = { name: 'scratch', key: { partition: text('id') } }
const administrate = [
  () => store.updateTable('partita', { createIndexes: { extra: { partition: text('author') } } }),
  () =>
    store.updateTable('partita', { createIndexes: { keys: { partition: text('author'), projection: 'keysOnly' } } }),
  () => store.updateTable('partita', { deleteIndexes: ['extra'] }),
  () => store.updateTable('partita', { deleteIndexes: ['keys'] }),
  () =>
    store.updateTable('partita', { deleteIndexes: ['extra'], createIndexes: { extra: { partition: text('slug') } } }),
  () => store.updateTable('partita', { timeToLive: false }),
  () => store.updateTable('partita', { timeToLive: 'ttl' }),
  async () => {
    await store.createTable(scratch)
    const item = i => ({ id: `s${i}`, kind: `k${i % 3}`, ttl: Math.floor(Date.now() / 1000) + 3600 })
    await store.batchWrite({
      writes: Array.from({ length: 700 }, (_, i) => ({ kind: 'put', table: scratch.name, item: item(i) })),
    })
    await store.updateTable(scratch.name, { createIndexes: { byKind: { partition: text('kind') } }, timeToLive: 'ttl' })
  },
  () => store.deleteTable(scratch.name),
]

async function changeTables() {
  for (let i = 0; ; i++) {
    await attempt(administrate[random(administrate.length)])
    const name = `${seed}-${i}`
    await db.Session.create({ sessionId: `over-${name}`, ends: new Date(Date.now() - HOUR) })
    await db.Session.create({ sessionId: `kept-${name}`, ends: new Date(Date.now() + HOUR) })
    record(`kept kept-${name}`)
  }
}

process.stdout.write('begun\n')
await Promise.all([
  ...Object.entries(JSON.parse(lanes)).map(([name, version]) => writeLane(name, version)),
  changeTables(),
])
