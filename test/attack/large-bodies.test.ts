/** One body of about 1 MB, made of very many small parts, into the calls that look at each part. */
import { connect, f, model } from 'partita'
import { memory } from 'partita/embedded'
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

it('getMany takes 10,000 keys', async () => {
  const db = await open()
  const keys = Array.from({ length: 10_000 }, (_, i) => ({ id: i === 9_999 ? 'n' : `${i}` }))
  const rows = await db.Note.getMany(keys)
  expect([rows.length, rows.filter(row => row).length, rows[9_999]?.id]).toEqual([10_000, 1, 'n'])
  await expect(db.Note.getMany([...keys, { id: 'n' }])).rejects.toMatchObject({
    code: 'LimitExceeded',
    details: { limit: 'keys of getMany', maximum: 10_000, actual: 10_001 },
  })
})
