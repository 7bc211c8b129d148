/** Queries over references of Mongoose documents: what they find, and how many queries they send. */
import { Schema } from 'mongoose'
import { checkConstraints, crql, goodies } from 'partita/mongoose'
import { expect, it } from 'vitest'
import { describeOnMongo, otherDatabase, type Program } from './programs.js'

const CHAIN = 'Project(@projectId)._id->Workspace(@workspaceId)._id->userRoles.userId'

function models({ connection }: Program) {
  const deletedAt = Date
  const Workspace = connection.model(
    'Workspace',
    new Schema({ _id: String, userRoles: [{ userId: String, teams: [[String]] }], deletedAt }),
  )
  const Project = connection.model('Project', new Schema({ _id: String, workspaceId: String, deletedAt }))
  const User = connection.model(
    'User',
    new Schema({
      _id: Schema.Types.UUID,
      email: { type: String, index: true },
      alias: { type: String, index: true },
      unindexed: String,
      deletedAt,
    }),
  )
  return { Workspace, Project, User }
}

describeOnMongo('queries', start => {
  it('The result of each document is its own, and the queries are as many as the hops', async () => {
    const program = await start()
    const { Workspace, Project } = models(program)
    await Workspace.create([
      { _id: 'w1', userRoles: [{ userId: 'u1' }, { userId: 'u2' }, {}, { userId: null }] },
      { _id: 'w2', userRoles: [{ userId: 'u3' }, { userId: 'u3' }] },
    ])
    await Project.create([
      { _id: 'p1', workspaceId: 'w1' },
      { _id: 'p2', workspaceId: 'w2' },
      { _id: 'p3', workspaceId: 'w2', deletedAt: new Date() },
    ])
    program.commands.length = 0
    const documents = Array.from({ length: 50 }, (_, i) => ({ projectId: `p${(i % 3) + 1}` }))
    const { contexts, queries, documentsRead } = await crql(program.connection, CHAIN, documents)
    expect(contexts.slice(0, 4).map(({ all }) => [...all])).toEqual([['u1', 'u2'], ['u3'], [], ['u1', 'u2']])
    expect(contexts[1]?.byPath.get('userRoles.userId')).toEqual(new Set(['u3']))
    expect({ queries, documentsRead, sent: program.commands.map(({ name }) => name) }).toEqual({
      queries: 2,
      documentsRead: 4,
      sent: ['find', 'find'],
    })
  })

  it('A query without anything to look up ends, and finds empty sets', async () => {
    const program = await start()
    models(program)
    const { contexts, queries } = await crql(program.connection, CHAIN, [{ projectId: 'gone' }, {}, null])
    expect({ found: contexts.map(({ all }) => all.size), queries }).toEqual({ found: [0, 0, 0], queries: 1 })
    expect((await crql(program.connection, CHAIN, [{}])).queries).toBe(0)
  })

  it('A direct query with several paths is one query', async () => {
    const program = await start()
    const { User } = models(program)
    await User.create({ _id: '00000000-0000-4000-8000-00000000000a', email: 'x', alias: 'y' })
    const { contexts, queries } = await crql(program.connection, 'User.email,alias', ['x', 'y', 'z'])
    expect({
      queries,
      found: contexts.map(({ byPath }) => [...byPath].map(([path, { size }]) => [path, size])),
    }).toEqual({
      queries: 1,
      found: [
        [
          ['email', 1],
          ['alias', 0],
        ],
        [
          ['email', 0],
          ['alias', 1],
        ],
        [
          ['email', 0],
          ['alias', 0],
        ],
      ],
    })
  })

  it('Values are compared in the type of the path that is matched', async () => {
    const program = await start()
    const { User } = models(program)
    await User.create({ _id: '00000000-0000-4000-8000-00000000000a', email: 'x' })
    const ids = ['00000000-0000-4000-8000-00000000000A', 'no id', 5, { $gt: '' }, /0/]
    const { contexts } = await crql(program.connection, 'User._id', ids)
    expect(contexts.map(({ all }) => all.size)).toEqual([1, 0, 0, 0, 0])
  })

  it('Operators and patterns in values of any type are not executed', async () => {
    const program = await start()
    program.connection.model('Note', new Schema({ any: { type: {}, index: true }, names: { type: Map, of: String } }))
    const Note = program.connection.models.Note
    await Note?.create({ any: 'text', names: { a: 'b' } })
    const values = [{ $ne: null }, { $where: 'true' }, /t/, '$any', 'text', new Map(), [['text']], null, undefined]
    const { contexts } = await crql(program.connection, 'Note.any', values)
    expect(contexts.map(({ all }) => all.size)).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0])
  })

  it('Middleware of the program neither hides documents nor runs', async () => {
    const program = await start()
    const { connection, mongoose } = program
    mongoose.set('sanitizeFilter', true)
    mongoose.set('strictQuery', 'throw')
    const schema = new Schema({ _id: String, name: String })
    schema.pre('find', function () {
      this.where({ tenant: 'other' })
    })
    const Hidden = connection.model('Hidden', schema)
    await Hidden.create({ _id: 'h', name: 'n' })
    const { contexts } = await crql(connection, 'Hidden(id)._id->name', [{ id: 'h' }])
    expect(contexts[0]?.all).toEqual(new Set(['n']))
  })

  it('A query finds models of other databases that share the client', async () => {
    const program = await start()
    const { connection } = program
    const other = await otherDatabase(program, 'other')
    await other.model('Account', new Schema({ _id: String, owner: String })).create({ _id: 'a', owner: 'ann' })
    const third = await otherDatabase(program, 'third')
    const { contexts } = await crql(third, 'Account(id)._id->owner', [{ id: 'a' }])
    expect(contexts[0]?.all).toEqual(new Set(['ann']))
    connection.model('Account', new Schema({ _id: String, owner: String }))
    await expect(crql(third, 'Account(id)._id->owner', [])).rejects.toThrow('is a model of the databases')
  })

  it('More values than one query can carry are looked up in several', async () => {
    const program = await start()
    const { User } = models(program)
    await User.create({ _id: '00000000-0000-4000-8000-00000000000a', email: 'e7000' })
    const { contexts, queries } = await crql(
      program.connection,
      'User.email',
      Array.from({ length: 7001 }, (_, i) => `e${i}`),
    )
    expect({
      queries,
      last: contexts[7000]?.all.size,
      found: contexts.filter(({ all }) => all.size > 0).length,
    }).toEqual({
      queries: 2,
      last: 1,
      found: 1,
    })
  })

  it.each([
    ['Nobody._id', '"Nobody" is not a connected model'],
    ['User.nothing', 'nothing is not a path of User'],
    ['User.unindexed', 'no index finds documents of User by unindexed'],
    ['User(id)._id', 'the chain ends without paths'],
    ['User(id)._id,email->email', 'only the last step'],
    ['Project(id)._id->User(workspaceId).email->alias.part', 'alias, which has no parts'],
    ['Project(id)._id->User(deletedAt).email->alias', 'deletedAt is a Date and User.email a String'],
    ['Workspace(id)._id->userRoles."$where"', 'cannot be looked up in MongoDB'],
    ['Workspace(id)._id->constructor', 'constructor is not a path'],
    ['Workspace(id)._id->userRoles.__proto__', '__proto__ is not a path'],
  ])('The query %s is refused with its line and column', async (text, message) => {
    const program = await start()
    models(program)
    const error: Error = await crql(program.connection, text, []).then(
      () => new Error('It was accepted'),
      (error: Error) => error,
    )
    expect(error.message).toContain(message)
    expect(error.message).toMatch(/line 1, column \d+/)
  })

  it('The check of a connection lists every mistake in its constraints', async () => {
    const { connection } = await start()
    const part = new Schema({ who: { type: String, goodiesForeignConstraints: 'User._id' } })
    const schema = new Schema(
      { parts: [part], at: { type: Date, goodiesLimitByReference: 'Thing._id' } },
      { versionKey: false },
    )
    schema.plugin(goodies)
    connection.model('Thing', schema)
    const mistakes = [/"User" is not a connected model/, /is of Date, but the query finds _id/, /versionKey/]
    for (const mistake of mistakes) expect(() => checkConstraints(connection)).toThrow(mistake)
  })
})
