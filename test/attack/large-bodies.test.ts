/** Bodies of about 1 MB that consist of very many small parts, in calls that look at each part. */
import { connect, f, model } from 'partita'
import { memory } from 'partita/embedded'
import { createServer } from 'partita/wire'
import { expect, it } from 'vitest'

const Note = model('Note', {
  fields: {
    id: f.string(),
    words: f.record(f.string()).default({}),
    list: f.list(f.string()).default([]),
  },
  key: 'id',
})

const words = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, 'x']))
const wrong = Array.from({ length: 400_000 }, () => 1) as never

async function save(change: { words?: typeof words; list?: never }) {
  const db = await open()
  const note = await db.Note.get({ id: 'n' })
  await Object.assign(note as object as { save(): Promise<unknown> }, change).save()
}

async function open() {
  const db = await connect({ store: memory(), models: { Note } })
  await db.Note.put({ id: 'n' })
  return db
}

it.each([
  ['saving a record of 100,000 members', 'LimitExceeded', () => save({ words })],
  ['saving a list of 400,000 wrong elements', 'ValidationFailed', () => save({ list: wrong })],
  [
    'an update with a list of 400,000 wrong elements',
    'ValidationFailed',
    async () => (await open()).Note.update({ id: 'n' }, { list: wrong }),
  ],
  [
    'getMany of 100,000 keys',
    'LimitExceeded',
    async () => (await open()).Note.getMany(Object.keys(words).map(id => ({ id }))),
  ],
])('%s is refused within 1 s of CPU', async (_, code, call) => {
  const before = process.cpuUsage()
  await expect(call()).rejects.toMatchObject({ code })
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1e6).toBeLessThan(1)
})

it('getMany accepts 10,000 keys and refuses one more', async () => {
  const db = await open()
  const keys = Array.from({ length: 10_000 }, (_, i) => ({ id: i === 9_999 ? 'n' : `${i}` }))
  const rows = await db.Note.getMany(keys)
  expect([rows.length, rows.filter(row => row).length, rows[9_999]?.id]).toEqual([10_000, 1, 'n'])
  await expect(db.Note.getMany([...keys, { id: 'n' }])).rejects.toMatchObject({
    code: 'LimitExceeded',
    details: { limit: 'keys of getMany', maximum: 10_000, actual: 10_001 },
  })
})

it('the server refuses a set with more members than an item has bytes within 1.5 s of CPU', async () => {
  const store = memory()
  const server = createServer(store, { port: 0 })
  const url = await server.listen()
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.PutItem',
    'x-amz-date': '20260101T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=a/20260101/local/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0',
  }
  try {
    await store.createTable({ name: 'things', key: { partition: { name: 'pk', type: 'S' } } })
    const SS = Array.from({ length: 900_000 }, (_, i) => `m${i}`)
    const body = JSON.stringify({ TableName: 'things', Item: { pk: { S: 'a' }, set: { SS } } })
    const before = process.cpuUsage()
    const response = await fetch(url, { method: 'POST', headers, body })
    const { user, system } = process.cpuUsage(before)
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('Item size has exceeded')])
    expect((user + system) / 1e6).toBeLessThan(1.5)
  } finally {
    await server.close()
    await store.close()
  }
})
