/** Which calls of Mongoose the plugin refuses, and that no save passes the constraints by. */
import { Schema } from 'mongoose'
import { type GoodiesOptions, goodies } from 'partita/mongoose'
import { expect, it } from 'vitest'
import { describeOnMongo, type Program, refused } from './programs.js'

function tasks({ connection }: Program, options?: GoodiesOptions, prepare?: (schema: Schema) => void) {
  const User = connection.model('User', new Schema({ _id: String }))
  const schema = new Schema({ userId: { type: String, goodiesForeignConstraints: 'User._id' }, title: String })
  prepare?.(schema as unknown as Schema)
  schema.plugin(goodies, options)
  return { User, Task: connection.model('Task', schema) }
}

describeOnMongo('the write path', start => {
  it.each([
    'updateOne',
    'updateMany',
    'replaceOne',
    'findOneAndUpdate',
    'findOneAndReplace',
    'findByIdAndUpdate',
    'insertMany',
    'bulkWrite',
    'bulkSave',
    'document.updateOne',
    'document.replaceOne',
  ] as const)('%s is refused, and nothing is written', async call => {
    const program = await start()
    const { Task, User } = tasks(program)
    await User.create({ _id: 'u' })
    const task = await Task.create({ userId: 'u' })
    const change = { userId: 'nobody' }
    const calls: Record<typeof call, () => PromiseLike<unknown>> = {
      updateOne: () => Task.updateOne({}, change),
      updateMany: () => Task.updateMany({}, change),
      replaceOne: () => Task.replaceOne({}, change),
      findOneAndUpdate: () => Task.findOneAndUpdate({}, change),
      findOneAndReplace: () => Task.findOneAndReplace({}, change),
      findByIdAndUpdate: () => Task.findByIdAndUpdate(task._id, change),
      insertMany: () => Task.insertMany([change]),
      bulkWrite: () => Task.bulkWrite([{ insertOne: { document: change } }]),
      bulkSave: () => Task.bulkSave([new Task({ userId: 'u' })]),
      'document.updateOne': () => task.updateOne(change),
      'document.replaceOne': () => task.replaceOne(change),
    }
    program.commands.length = 0
    await expect(Promise.resolve().then(calls[call])).rejects.toThrow(
      /is refused: .* writes Task without its constraints/,
    )
    expect(program.commands.filter(({ name }) => name !== 'find')).toEqual([])
  })

  it('The option middleware: false does not turn the constraints off', async () => {
    const program = await start()
    const { Task } = tasks(program)
    const options = { middleware: false }
    expect(await refused(new Task({ userId: 'nobody' }).save(options))).toHaveProperty('userId')
    await expect(Task.updateOne({}, { userId: 'x' }, options as object)).rejects.toThrow('is refused')
    await expect(Task.insertMany([{ userId: 'x' }], options)).rejects.toThrow('is refused')
  })

  it('Calls that are allowed by name run, and a model without constraints has all calls', async () => {
    const program = await start()
    const { Task, User } = tasks(program, { allow: ['updateOne'] })
    await User.create({ _id: 'u' })
    const { _id } = await Task.create({ userId: 'u' })
    await Task.updateOne({ _id }, { $set: { userId: 'nobody' } })
    await expect(Task.updateMany({}, { title: 't' })).rejects.toThrow('is refused')
    const schema = new Schema({ title: String })
    schema.plugin(goodies)
    const Free = program.connection.model('Free', schema)
    await Free.insertMany([{ title: 'a' }])
    await Free.updateMany({}, { title: 'b' })
  })

  it('A save without validation is checked, and a change in a later hook too', async () => {
    const program = await start()
    const { Task, User } = tasks(program, {}, schema => {
      schema.pre('save', function () {
        if (this.get('title') === 'hooked') this.set('userId', 'nobody')
      })
    })
    await User.create({ _id: 'u' })
    expect(await refused(new Task({ userId: 'nobody' }).save({ validateBeforeSave: false }))).toHaveProperty('userId')
    expect(await refused(new Task({ userId: 'u', title: 'hooked' }).save())).toHaveProperty('userId')
  })

  it('Constraints see the values that hooks of the program have brought into one form', async () => {
    const program = await start()
    const { Task, User } = tasks(program, {}, schema => {
      schema.pre('validate', function () {
        this.set('userId', String(this.get('userId')).toLowerCase())
      })
    })
    await User.create({ _id: 'u' })
    program.commands.length = 0
    await Task.create({ userId: 'U' })
    expect(program.commands.map(({ name }) => name)).toEqual(['find', 'insert'])
  })

  it('A save of some paths alone is refused where constraints are checked', async () => {
    const program = await start()
    const { Task, User } = tasks(program)
    await User.create({ _id: 'u' })
    const task = await Task.create({ userId: 'u' })
    task.set({ title: 't', userId: 'u2' })
    await User.create({ _id: 'u2' })
    await expect(task.save({ pathsToSave: ['title'] })).rejects.toThrow('pathsToSave')
    task.set('userId', 'u')
    await task.save()
  })

  it('Two saves that change what one constraint reads do not pass each other by', async () => {
    const { connection } = await start()
    connection.model('Workspace', new Schema({ _id: String, userIds: [String] }))
    const schema = new Schema({
      workspaceId: String,
      userId: { type: String, goodiesForeignConstraints: 'Workspace(@workspaceId)._id->userIds' },
    })
    schema.plugin(goodies)
    const Seat = connection.model('Seat', schema)
    await connection.models.Workspace?.create([
      { _id: 'w1', userIds: ['a', 'b'] },
      { _id: 'w2', userIds: ['a'] },
    ])
    const { _id } = await Seat.create({ workspaceId: 'w1', userId: 'a' })
    const [moved, replaced] = [await Seat.findById(_id).orFail(), await Seat.findById(_id).orFail()]
    moved.set('workspaceId', 'w2')
    replaced.set('userId', 'b')
    await moved.save()
    await expect(replaced.save()).rejects.toMatchObject({ name: 'VersionError' })
  })

  it('Documents of discriminators have their own constraints and those of their base', async () => {
    const program = await start()
    const { connection } = program
    connection.model('User', new Schema({ _id: String }))
    const base = new Schema({ userId: { type: String, goodiesForeignConstraints: 'User._id' } })
    base.plugin(goodies)
    const Event = connection.model('Event', base)
    const Visit = Event.discriminator(
      'Visit',
      new Schema({ hostId: { type: String, goodiesForeignConstraints: 'User._id' } }),
    )
    program.commands.length = 0
    expect(await refused(Visit.create({ userId: 'x', hostId: 'y' }))).toEqual({
      userId: expect.any(String),
      hostId: expect.any(String),
    })
    expect(program.commands).toHaveLength(1)
    await expect(Visit.updateOne({}, { hostId: 'z' })).rejects.toThrow('is refused')
  })

  it('The base of a discriminator with constraints does not write its documents without them', async () => {
    const { connection } = await start()
    const base = new Schema({ title: String })
    base.plugin(goodies)
    const Event = connection.model('Event', base)
    Event.discriminator('Visit', new Schema({ host: { type: String, goodiesLock: true } }))
    await expect(Event.updateMany({}, { host: 'z' }, { strict: false })).rejects.toThrow('is refused')
    await expect(Event.bulkWrite([{ updateOne: { filter: {}, update: { title: 'z' } } }])).rejects.toThrow('is refused')
  })

  it.each([
    [{ deleted: 5 }, 'deleted'],
    [{ allow: ['save'] }, 'allow'],
    [{ allowScan: 'yes' }, 'allowScan'],
    [{ unknown: true }, 'unknown'],
  ])('The options %j are refused', (options, name) => {
    expect(() => new Schema({}).plugin(goodies, options as never)).toThrow(name)
  })

  it('A unique key of a list of lists is refused', () => {
    const parts = { type: [[new Schema({ name: String })]], goodiesUniqueArraySubDocument: ['name'] }
    expect(() => new Schema({ path: parts as never }).plugin(goodies)).toThrow('is an option of lists of parts')
  })

  it.each([
    [{ goodiesForeignConstraints: 5 }, 'goodiesForeignConstraints'],
    [{ goodiesForeignConstraints: { query: 'User._id', how: 'fast' } }, 'goodiesForeignConstraints'],
    [{ goodiesForeignConstraints: 'User(' }, 'the name of a field is missing'],
    [{ goodiesLock: 'name' }, 'goodiesLock'],
    [{ goodiesLock: ['nothing'] }, 'nothing'],
    [{ goodiesUniqueArraySubDocument: ['name'] }, 'is an option of lists of parts'],
  ])('The schema options %j are refused', (options, message) => {
    const schema = new Schema({ path: { type: String, ...options } as never })
    expect(() => schema.plugin(goodies)).toThrow(message)
  })
})
