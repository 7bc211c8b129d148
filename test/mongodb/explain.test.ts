/** `explain` of models on MongoDB: the commands that the engine gets, beside what every engine explains. */
import { MongoClient } from 'mongodb'
import { connect, f, model } from 'partita'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mongodb } from '../../packages/partita/src/mongodb/index.js'
import { type MemoryMongo, startMemoryMongo } from '../servers/mongo/memory/server.js'

const Note = model('Note', {
  fields: { noteId: f.string(), authorId: f.string(), stars: f.number().default(0) },
  key: 'noteId',
  indexes: { byAuthor: { on: 'gsi1', pk: 'AUTHOR#{authorId}', sk: '{noteId}' } },
})
const open = () => connect({ models: { Note }, store: mongodb({ client, database: 'shop' }), createTable: true })

let server: MemoryMongo
let client: MongoClient
let db: Awaited<ReturnType<typeof open>>
beforeAll(async () => {
  server = await startMemoryMongo()
  client = await MongoClient.connect(server.url)
  db = await open()
  await db.Note.create({ noteId: 'n1', authorId: 'ada' })
})
afterAll(async () => {
  await db.close()
  await client.close()
  await server.close()
})

describe('explain of models on MongoDB', () => {
  it('a query shows the command with its filter, its index, and that its filter runs in the library', async () => {
    const query = db.Note.query.byAuthor({ authorId: 'ada' }, { where: { stars: { $gt: 1 } } })
    const { filter, commands } = await query.explain()
    expect(filter).toContain('stars')
    expect(commands).toMatchObject([
      { command: 'find', when: 'always', index: 'index:item.gsi1pk:S,item.gsi1sk:S', isFiltered: true },
    ])
    expect(JSON.stringify(commands?.[0]?.filter)).toContain('AUTHOR#ada')
  })

  it('a transaction shows the commands of its queries and of its commit, and sends none of the commit', async () => {
    const { reads, commands } = await db.explain(async tx => {
      await tx.Note.query.byAuthor({ authorId: 'ada' }).all()
      await tx.Note.create({ noteId: 'n2', authorId: 'ada' })
    })
    expect(reads.find(({ operation }) => operation === 'query')?.commands).toMatchObject([{ command: 'find' }])
    expect(commands?.map(({ command, index }) => [command, index])).toEqual([
      ['find', '_id_'],
      ['bulkWrite', '_id_'],
    ])
    expect(JSON.stringify(commands?.[1]?.filter)).toContain('n2')
    expect(await db.Note.get({ noteId: 'n2' })).toBeUndefined()
  })

  it('an engine without a language of its own shows no commands', async () => {
    const memory = await connect({ models: { Note }, store: 'memory:' })
    expect(await memory.Note.query.byAuthor({ authorId: 'ada' }).explain()).not.toHaveProperty('commands')
    expect(await memory.explain(tx => tx.Note.create({ noteId: 'n', authorId: 'a' }))).not.toHaveProperty('commands')
    await memory.close()
  })
})
