/** References and limits of Mongoose documents: which values a save refuses, and when it checks them. */
import { Schema } from 'mongoose'
import { goodies } from 'partita/mongoose'
import { expect, it } from 'vitest'
import { describeOnMongo, otherDatabase, type Program, plugged, ready, refused } from './programs.js'

const CHAIN = 'Project(@projectId)._id->Workspace(@workspaceId)._id->userIds'

async function withUsers(program: Program) {
  const { connection } = program
  const User = connection.model(
    'User',
    new Schema({ _id: String, alias: { type: String, index: true }, deletedAt: Date }),
  )
  const Workspace = connection.model('Workspace', new Schema({ _id: String, userIds: [String] }))
  const Project = connection.model('Project', new Schema({ _id: String, workspaceId: String, deletedAt: Date }))
  await User.create([{ _id: 'u1', alias: 'one' }, { _id: 'u2' }, { _id: 'gone', deletedAt: new Date() }])
  await Workspace.create([
    { _id: 'w1', userIds: ['u1'] },
    { _id: 'w2', userIds: ['u2'] },
  ])
  await Project.create([
    { _id: 'p1', workspaceId: 'w1' },
    { _id: 'p2', workspaceId: 'w2' },
  ])
  program.commands.length = 0
  return { User, Workspace, Project }
}

describeOnMongo('references', (start, supports) => {
  it('Each value must be in a living document, at any of the paths, and duplicates do not matter', async () => {
    const program = await start()
    await withUsers(program)
    const Task = program.connection.model(
      'Task',
      plugged({ userIds: { type: [String], goodiesForeignConstraints: 'User._id,alias' } }),
    )
    await Task.create({ userIds: ['u1', 'u1', 'one', 'u2'] })
    await Task.create([{ userIds: [] }, {}])
    program.commands.length = 0
    const call = Task.create({ userIds: ['u1', 'gone', 'nobody'] })
    const messages = (await refused(call)) as Record<string, string>
    expect(Object.keys(messages)).toEqual(['userIds.1', 'userIds.2'])
    expect(program.commands.map(({ name }) => name)).toEqual(['find'])
    // An absent document and a deleted one give the same message.
    const [gone, nobody] = Object.values(messages) as [string, string]
    expect(gone.replace('gone', 'nobody').replace('userIds.1', 'userIds.2')).toBe(nobody)
  })

  it('Values in lists of lists are constrained too', async () => {
    const program = await start()
    await withUsers(program)
    const Task = program.connection.model(
      'Task',
      plugged({ rows: [[{ type: String, goodiesForeignConstraints: 'User._id' }]] }),
    )
    await Task.create({ rows: [['u1'], ['u2', 'u1']] })
    expect(await refused(Task.create({ rows: [['u1'], ['u1', 'nobody']] }))).toHaveProperty(['rows.1.1'])
  })

  it('Of several constraints of one path all must hold', async () => {
    const program = await start()
    await withUsers(program)
    const Task = program.connection.model(
      'Task',
      plugged({ name: { type: String, goodiesForeignConstraints: ['User._id', 'User.alias', 'User._id'] } }),
    )
    expect((await refused(Task.create({ name: 'nobody' })))?.name?.split('; ')).toHaveLength(2)
    program.commands.length = 0
    expect((await refused(Task.create({ name: 'u1' })))?.name?.split('; ')).toHaveLength(1)
    // Both constraints are one query.
    expect(program.commands.map(({ name }) => name)).toEqual(['find'])
  })

  it('Chains that begin alike share their queries, and each value is looked up once', async () => {
    const program = await start()
    await withUsers(program)
    const other = 'Project(projectId)._id->Workspace(workspaceId)._id->_id'
    const Task = program.connection.model(
      'Task',
      plugged({
        projectId: { type: String, goodiesForeignConstraints: 'Project._id' },
        userId: { type: String, goodiesForeignConstraints: CHAIN },
        workspaceId: { type: String, goodiesForeignConstraints: other },
      }),
    )
    await Task.create({ projectId: 'p1', userId: 'u1', workspaceId: 'w1' })
    const reads = program.commands.filter(({ name }) => name === 'find').map(({ collection }) => collection)
    expect(reads).toEqual(['projects', 'workspaces'])
  })

  it('Parts have results of their own: the swapped users of two projects are two violations', async () => {
    const program = await start()
    await withUsers(program)
    const part = new Schema({
      projectId: String,
      userId: { type: String, goodiesForeignConstraints: CHAIN.replace('@', '') },
    })
    const Plan = program.connection.model('Plan', plugged({ parts: [part] }))
    await Plan.create({
      parts: [
        { projectId: 'p1', userId: 'u1' },
        { projectId: 'p2', userId: 'u2' },
      ],
    })
    program.commands.length = 0
    const swapped = [
      { projectId: 'p1', userId: 'u2' },
      { projectId: 'p2', userId: 'u1' },
      { projectId: 'p1', userId: 'u1' },
    ]
    expect(Object.keys((await refused(Plan.create({ parts: swapped }))) ?? {})).toEqual([
      'parts.0.userId',
      'parts.1.userId',
    ])
    expect(program.commands).toHaveLength(2)
  })

  it('The at sign begins at the document, also in parts of parts, maps and lists of the same schema', async () => {
    const program = await start()
    await withUsers(program)
    const leaf = new Schema({ userId: { type: String, goodiesForeignConstraints: CHAIN } })
    const node = new Schema({ leaf, byName: { type: Map, of: leaf } })
    node.add({ children: [node] } as never)
    const Tree = program.connection.model('Tree', plugged({ projectId: String, node }))
    const tree = (userId: string) => ({
      projectId: 'p1',
      node: { leaf: { userId: 'u1' }, children: [{ children: [{ byName: { x: { userId } } }] }] },
    })
    await Tree.create(tree('u1'))
    expect(Object.keys((await refused(Tree.create(tree('u2')))) ?? {})).toEqual([
      'node.children.0.children.0.byName.x.userId',
    ])
  })

  it('The kinds of one list have constraints of their own', async () => {
    const program = await start()
    await withUsers(program)
    const item = new Schema({}, { discriminatorKey: 'kind' })
    const schema = new Schema({ items: [item] })
    const items = schema.path<Schema.Types.DocumentArray>('items')
    items.discriminator('person', new Schema({ who: { type: String, goodiesForeignConstraints: 'User._id' } }))
    items.discriminator('text', new Schema({ who: String }))
    schema.plugin(goodies)
    const Cast = program.connection.model('Cast', schema)
    await Cast.create({
      items: [
        { kind: 'person', who: 'u1' },
        { kind: 'text', who: 'anything' },
      ],
    })
    const call = Cast.create({
      items: [
        { kind: 'text', who: 'u1' },
        { kind: 'person', who: 'anything' },
      ],
    })
    expect(Object.keys((await refused(call)) ?? {})).toEqual(['items.1.who'])
  })

  it('A reference is checked when the value or what its chain starts from changes, and with always at each save', async () => {
    const program = await start()
    const { Workspace } = await withUsers(program)
    const paths = (options: object) => ({
      title: String,
      projectId: String,
      userId: { type: String, goodiesForeignConstraints: { query: CHAIN, ...options } },
    })
    const Plain = program.connection.model('Plain', plugged(paths({})))
    const Always = program.connection.model('Always', plugged(paths({ always: true })))
    const plain = await Plain.create({ projectId: 'p1', userId: 'u1' })
    const always = await Always.create({ projectId: 'p1', userId: 'u1' })
    await Workspace.collection.updateOne({ _id: 'w1' as never }, { $set: { userIds: [] } })
    plain.set('title', 'new')
    program.commands.length = 0
    await plain.save()
    expect(program.commands.map(({ name }) => name)).toEqual(['update'])
    always.set('title', 'new')
    expect(await refused(always.save())).toHaveProperty('userId')
    plain.set('projectId', 'p2')
    expect(await refused(plain.save())).toHaveProperty('userId')
  })

  it('A document may refer to itself, and not to what it replaces or to itself once it is deleted', async () => {
    const program = await start()
    const Node = program.connection.model(
      'Node',
      plugged({
        _id: String,
        slug: { type: String, index: true },
        parent: { type: String, goodiesForeignConstraints: 'Node.slug' },
        deletedAt: Date,
      }),
    )
    const node = await Node.create({ _id: 'n', slug: 'a', parent: 'a' })
    node.set({ slug: 'b' })
    expect(await refused(node.save())).toHaveProperty('parent')
    node.set({ parent: 'b' })
    await node.save()
    expect(await refused(Node.create({ _id: 'm', slug: 'c', parent: 'c', deletedAt: new Date() }))).toHaveProperty(
      'parent',
    )
  })

  it('A document that the same transaction created counts as existing', async () => {
    const program = await start()
    const { User } = await withUsers(program)
    const Task = program.connection.model(
      'Task',
      plugged({ userId: { type: String, goodiesForeignConstraints: 'User._id' } }),
    )
    await ready(program)
    await Task.create({ userId: 'u1' })
    await program.connection.transaction(async session => {
      await User.create([{ _id: 'new' }], { session })
      await Task.create([{ userId: 'new' }], { session })
    })
    expect(await Task.countDocuments({ userId: 'new' })).toBe(1)
  })

  it('The session of a transaction that Mongoose carries itself is used, also for models of other databases', async () => {
    const program = await start()
    const { connection, mongoose } = program
    mongoose.set('transactionAsyncLocalStorage', true)
    const { User } = await withUsers(program)
    const other = await otherDatabase(program, 'other')
    const Task = other.model('Task', plugged({ userId: { type: String, goodiesForeignConstraints: 'User._id' } }))
    await Task.create({ userId: 'u1' })
    await connection.transaction(async () => {
      await User.create({ _id: 'new' })
      await Task.create({ userId: 'new' })
    })
    expect(await Task.countDocuments({ userId: 'new' })).toBe(1)
  })

  it('Violations are reported with what Mongoose itself finds wrong', async () => {
    const program = await start()
    await withUsers(program)
    const Task = program.connection.model(
      'Task',
      plugged({
        title: { type: String, required: true },
        userId: { type: String, goodiesForeignConstraints: 'User._id' },
        count: Number,
      }),
    )
    const task = new Task({ userId: 'nobody', count: 'many' })
    expect(Object.keys((await refused(task.save())) ?? {}).sort()).toEqual(['count', 'title', 'userId'])
    expect(Object.keys((await refused(task.validate())) ?? {}).sort()).toEqual(['count', 'title', 'userId'])
    task.set({ title: 't', userId: 'u1', count: 1 })
    await task.save()
  })

  it('A limit refuses each element that its query finds, and is checked when either side changes', async () => {
    const program = await start()
    await withUsers(program)
    const Team = program.connection.model(
      'Team',
      plugged({
        memberIds: [String],
        invited: [{ type: String, goodiesLimitByReference: 'User(memberIds)._id->alias' }],
      }),
    )
    const team = await Team.create({ memberIds: ['u2'], invited: ['one', 'two'] })
    team.set('memberIds', ['u1', 'u2'])
    expect(await refused(team.save())).toEqual({ 'invited.0': expect.stringContaining('is among the values of') })
  })

  it('A value whose document was loaded in part is not checked against what was left out', async () => {
    const program = await start()
    await withUsers(program)
    const Task = program.connection.model(
      'Task',
      plugged({ projectId: String, userId: { type: String, goodiesForeignConstraints: CHAIN } }),
    )
    const { _id } = await Task.create({ projectId: 'p1', userId: 'u1' })
    const part = await Task.findById(_id).select('userId')
    part?.set('userId', 'u2')
    expect((await refused(part?.save() as Promise<unknown>))?.userId).toContain('loaded without projectId, __v')
  })

  it('A guarded reference writes to the documents that it found, and needs a transaction', async () => {
    const program = await start()
    const { User } = await withUsers(program)
    const Task = program.connection.model(
      'Task',
      plugged({ userId: { type: String, goodiesForeignConstraints: { query: 'User._id', guard: true } } }),
    )
    await ready(program)
    await expect(Task.create({ userId: 'u1' })).rejects.toThrow('needs a transaction')
    await program.connection.transaction(session => Task.create([{ userId: 'u1' }], { session }))
    expect(await User.collection.findOne({ _id: 'u1' as never })).toHaveProperty('goodiesGuard')
  })

  it.runIf(supports.conflicts)(
    'A document that a guarded reference found cannot be deleted before the commit',
    async () => {
      const program = await start()
      const { User } = await withUsers(program)
      const Task = program.connection.model(
        'Task',
        plugged({ userId: { type: String, goodiesForeignConstraints: { query: 'User._id', guard: true } } }),
      )
      await ready(program)
      let attempts = 0
      const writing = program.connection.transaction(async session => {
        attempts++
        await Task.create([{ userId: 'u2' }], { session })
        if (attempts > 1) return
        const rival = await program.connection.startSession()
        rival.startTransaction()
        await expect(User.deleteOne({ _id: 'u2' }, { session: rival })).rejects.toMatchObject({ code: 112 })
        await rival.endSession()
      })
      await writing
      expect([await Task.countDocuments(), await User.countDocuments({ _id: 'u2' })]).toEqual([1, 1])
    },
  )
})
