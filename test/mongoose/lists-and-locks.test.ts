/** Unique keys in lists, and locks, of Mongoose documents. */
import { Schema } from 'mongoose'
import { goodies } from 'partita/mongoose'
import { expect, it } from 'vitest'
import { describeOnMongo, plugged, refused } from './programs.js'

const member = () => ({ userId: 'UUID', role: String, deletedAt: Date })
const ann = '00000000-0000-4000-8000-00000000000a'
const ben = '00000000-0000-4000-8000-00000000000b'

describeOnMongo('unique keys in lists', (start, supports) => {
  it.each([
    ['one key', 'userId', [1]],
    ['a compound key', ['userId', 'role'], []],
    ['several keys', [['userId'], ['role']], [1, 2]],
  ] as const)('Elements are unique by %s, without a query', async (_, keys, wrong) => {
    const { connection, commands } = await start()
    const Team = connection.model(
      'Team',
      plugged({ members: { type: [member()], goodiesUniqueArraySubDocument: keys } }),
    )
    const team = new Team({
      members: [
        { userId: ann, role: 'owner' },
        { userId: ann.toUpperCase(), role: 'guest' },
        { userId: ben, role: 'owner' },
        { role: null },
        {},
      ],
    })
    commands.length = 0
    const messages = await refused(team.save())
    expect(Object.keys(messages ?? {})).toEqual(wrong.map(index => `members.${index}`))
    expect(commands.filter(({ name }) => name === 'find')).toEqual([])
    if (wrong.length > 0) expect(messages?.['members.1']).toContain('has the same userId as members.0')
  })

  it('Deleted elements do not count, so that a removed member can be added again', async () => {
    const { connection } = await start()
    const Team = connection.model(
      'Team',
      plugged({ members: { type: [member()], goodiesUniqueArraySubDocument: ['userId'] } }),
    )
    const team = await Team.create({ members: [{ userId: ann, deletedAt: new Date() }, { userId: ann }] })
    team.set('members.0.deletedAt', null)
    expect(await refused(team.save())).toHaveProperty(['members.1'])
  })

  it('Keys that are documents are compared by content, and the deleted path can be named', async () => {
    const { connection } = await start()
    const schema = new Schema({
      list: { type: [{ at: { x: Number, y: Number }, gone: Boolean }], goodiesUniqueArraySubDocument: ['at'] },
    })
    schema.plugin(goodies, { deleted: 'gone' })
    const Thing = connection.model('Thing', schema)
    const list = [{ at: { x: 1, y: 2 } }, { at: { y: 2, x: 1 } }, { at: { x: 1, y: 2 }, gone: true }]
    expect(Object.keys((await refused(Thing.create({ list }))) ?? {})).toEqual(['list.1'])
  })

  it('Of several writers that append the same key at once, one succeeds', async () => {
    const { connection } = await start()
    const Team = connection.model(
      'Team',
      plugged({ members: { type: [member()], goodiesUniqueArraySubDocument: ['userId'] } }),
    )
    const { _id } = await Team.create({ members: [{ userId: ben, role: 'first' }] })
    const loaded = await Promise.all(Array.from({ length: 8 }, () => Team.findById(_id).orFail()))
    const results = await Promise.allSettled(
      loaded.map(team => {
        team.set('members', [...(team.get('members') as object[]), { userId: ann }])
        return team.save()
      }),
    )
    const failures = results.flatMap(each => (each.status === 'rejected' ? [each.reason.name] : []))
    expect(new Set(failures)).toEqual(new Set(['VersionError']))
    expect(failures).toHaveLength(7)
    expect((await Team.findById(_id).orFail()).get('members')).toHaveLength(2)
  })

  it.runIf(supports.elements)('A change of an element and an append at once do not pass each other by', async () => {
    const { connection } = await start()
    const Team = connection.model(
      'Team',
      plugged({ members: { type: [member()], goodiesUniqueArraySubDocument: ['userId'] } }),
    )
    const { _id } = await Team.create({ members: [{ userId: ben }] })
    const [first, second] = [await Team.findById(_id).orFail(), await Team.findById(_id).orFail()]
    first.set('members.0.userId', ann)
    await first.save()
    second.set('members', [...(second.get('members') as object[]), { userId: ann }])
    await expect(second.save()).rejects.toMatchObject({ name: 'VersionError' })
  })

  it('A document that was stored without a version is guarded too', async () => {
    const { connection } = await start()
    const Team = connection.model(
      'Team',
      plugged({ members: { type: [member()], goodiesUniqueArraySubDocument: ['userId'] } }),
    )
    const { insertedId } = await Team.collection.insertOne({ members: [] })
    const [first, second] = [await Team.findById(insertedId).orFail(), await Team.findById(insertedId).orFail()]
    for (const team of [first, second]) team.set('members', [{ userId: ann }])
    await first.save()
    await expect(second.save()).rejects.toMatchObject({ name: 'VersionError' })
    first.set('members', [{ userId: ben }])
    await first.save()
    expect(first.$where).toBeUndefined()
  })
})

describeOnMongo('locks', start => {
  it('A value is set once, equal values are no change, and a lock covers what is below it', async () => {
    const { connection } = await start()
    const Project = connection.model(
      'Project',
      plugged(
        { ownerId: 'UUID', address: { country: String, city: String }, slug: { type: String, goodiesLock: true } },
        { goodiesLock: ['ownerId', 'address'] },
      ),
    )
    const project = await Project.create({ slug: 'a' })
    project.set({ ownerId: ann, address: { country: 'CH' } })
    await project.save()
    project.set({ ownerId: ann.toUpperCase() })
    project.markModified('ownerId')
    await project.save()
    project.set({ ownerId: ben, slug: null, address: { country: 'CH', city: 'Bern' } })
    expect(await refused(project.save())).toEqual({
      ownerId: 'ownerId: is locked and cannot change',
      slug: 'slug: is locked and cannot be removed',
      address: 'address: is locked and cannot change',
    })
    project.set('address', undefined)
    expect(await refused(project.save())).toHaveProperty('address')
  })

  it('Elements are matched by _id, deleted ones too, and a locked one cannot be removed', async () => {
    const { connection } = await start()
    const Team = connection.model('Team', plugged({ members: { type: [member()], goodiesLock: ['userId'] } }))
    const team = await Team.create({
      members: [
        { userId: ann, deletedAt: new Date() },
        { userId: ben, role: 'a' },
      ],
    })
    const [first, second] = team.toObject().members as { _id: unknown; userId: unknown }[]
    team.set('members', [{ ...second, role: 'b' }, first])
    await team.save()
    team.set('members', [{ ...second }, { ...first, userId: ben }, { userId: ann }])
    expect(await refused(team.save())).toEqual({ 'members.1.userId': expect.stringContaining('cannot change') })
    team.set('members', [second])
    expect(await refused(team.save())).toEqual({ 'members.1.userId': expect.stringContaining('cannot be removed') })
  })

  it('A lock of a part holds in lists, in maps and in parts of parts', async () => {
    const { connection } = await start()
    const part = new Schema({ code: { type: String, goodiesLock: true }, name: String })
    const outer = new Schema({ inner: part })
    const Thing = connection.model('Thing', plugged({ one: outer, many: [outer], named: { type: Map, of: part } }))
    const inner = { code: 'c', name: 'n' }
    const thing = await Thing.create({ one: { inner }, many: [{ inner }], named: { x: inner } })
    thing.set('one.inner.name', 'other')
    await thing.save()
    thing.set({ 'one.inner.code': 'd', 'many.0.inner.code': 'd', 'named.x.code': 'd' })
    expect(Object.keys((await refused(thing.save())) ?? {}).sort()).toEqual([
      'many.0.inner.code',
      'named.x.code',
      'one.inner.code',
    ])
  })

  it('A lock is enforced against the stored document, also one that is deleted, and not against the loaded copy', async () => {
    const { connection } = await start()
    const Project = connection.model(
      'Project',
      plugged({ ownerId: String, title: String, deletedAt: Date }, { goodiesLock: ['ownerId'] }),
    )
    const { _id } = await Project.create({ ownerId: 'ann', deletedAt: new Date() })
    const partly = await Project.findById(_id).select('title __v').orFail()
    partly.set('ownerId', 'ben')
    expect(await refused(partly.save())).toHaveProperty('ownerId')
    const hydrated = Project.hydrate({ _id, __v: 0 })
    hydrated.set('ownerId', 'ben')
    expect(await refused(hydrated.save())).toHaveProperty('ownerId')
    const restored = await Project.findById(_id).orFail()
    restored.set({ deletedAt: null, ownerId: 'ben' })
    expect(await refused(restored.save())).toHaveProperty('ownerId')
  })

  it('Of several writers that set a locked value at once, one succeeds', async () => {
    const { connection } = await start()
    const Project = connection.model('Project', plugged({ ownerId: String }, { goodiesLock: ['ownerId'] }))
    const { _id } = await Project.create({})
    const documents = await Promise.all(Array.from({ length: 6 }, () => Project.findById(_id).orFail()))
    const results = await Promise.allSettled(
      documents.map((document, i) => {
        document.set('ownerId', `owner-${i}`)
        return document.save()
      }),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const winner = results.findIndex(({ status }) => status === 'fulfilled')
    expect((await Project.findById(_id).orFail()).get('ownerId')).toBe(`owner-${winner}`)
  })

  it('The write itself requires the locked value, also if another tool wrote without a version', async () => {
    const { connection } = await start()
    const schema = plugged({ ownerId: String }, { goodiesLock: ['ownerId'] })
    let rival = async () => {}
    schema.pre('save', () => rival())
    const Project = connection.model('Project', schema)
    const project = await Project.create({})
    project.set('ownerId', 'ann')
    rival = async () => {
      await Project.collection.updateOne({ _id: project._id as never }, { $set: { ownerId: 'ben' } })
    }
    await expect(project.save()).rejects.toMatchObject({ name: 'VersionError' })
    expect((await Project.findById(project._id).orFail()).get('ownerId')).toBe('ben')
    expect(project.$where).toBeUndefined()
  })
})
