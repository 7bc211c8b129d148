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

  it('a get and a batch of gets show their commands, a batch one for each table and 100 keys', async () => {
    const store = mongodb({ client, database: 'shop' })
    const [table = ''] = await store.listTables()
    const keyOf = (n: number) => ({ pk: `p${n}`, sk: 's' })
    const always = { collection: table, when: 'always', index: '_id_' }
    expect(await store.explain({ table, key: keyOf(1) })).toEqual([
      { command: 'findOne', ...always, filter: { _id: 'p1|s' } },
    ])
    const get = { table, key: keyOf(1) }
    const twice = { gets: [get, { ...get, projection: [['pk'] as const] }, { table, key: keyOf(2) }] }
    expect(await store.explain(twice)).toEqual([
      { command: 'find', ...always, filter: { _id: { $in: ['p1|s', 'p2|s'] } } },
    ])
    const many = await store.explain({ gets: Array.from({ length: 101 }, (_, n) => ({ table, key: keyOf(n) })) })
    expect(many.map(({ filter }) => filter?._id.$in.length)).toEqual([100, 1])
    await store.close()
  })

  it('a query reads the attributes of the documents alone', async () => {
    const monitored = await MongoClient.connect(server.url, { monitorCommands: true })
    const store = mongodb({ client: monitored, database: 'shop' })
    const [table = ''] = await store.listTables()
    const projections: unknown[] = []
    monitored.on('commandStarted', ({ command }) => {
      if (command.find === table) projections.push(command.projection)
    })
    expect((await store.scan({ table })).items).toContainEqual(expect.objectContaining({ noteId: 'n1' }))
    expect(projections).toEqual([{ item: 1, _id: 0 }])
    await store.close()
    await monitored.close()
  })

  it('a transaction shows the commands of its reads and of its commit, and sends none of the commit', async () => {
    const { reads, commands } = await db.explain(async tx => {
      await tx.Note.query.byAuthor({ authorId: 'ada' }).all()
      await tx.Note.get({ noteId: 'n9' })
      await tx.Note.create({ noteId: 'n2', authorId: 'ada' })
    })
    expect(reads.find(({ operation }) => operation === 'query')?.commands).toMatchObject([{ command: 'find' }])
    expect(reads.filter(read => read.commands === undefined)).toEqual([])
    expect(reads.some(read => read.commands?.some(({ filter }) => JSON.stringify(filter).includes('n9')))).toBe(true)
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
