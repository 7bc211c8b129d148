/** The examples of the README of goodies 0.1.12, in its order, on models of Partita. */
import { connect, type DatabaseConfig, f, inherit, model } from 'partita'
import { memoryAssets } from 'partita/assets'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { describeEachEngine } from '../engines.js'
import { codeOf, readsOf, violationsOf } from './observe.js'

const calls: string[] = []
const called = (name: string) => () => void calls.push(name)

const User = model('User', {
  fields: {
    id: f.uuid(),
    email: f.email(),
    asset: f.asset({ max: 500, types: { image: { max: 200 }, '*': {} } }).optional(),
    path: f.map({ to: f.map({ a: f.map({ nested: f.map({ field: f.string() }) }) }) }).optional(),
    /** The nested value again, so that rows can be found by it. */
    nestedField: f.string().optional(),
  },
  key: 'id',
  unique: { email: ['email'] },
  indexes: { byNestedField: { on: 'gsi1', pk: 'NESTED#{nestedField}' } },
  softDelete: true,
  rules: {
    permissions: 'http',
    hooks: {
      preProcess(user) {
        if (user.path) user.nestedField = user.path.to.a.nested.field
      },
    },
  },
})
const Workspace = model('Workspace', {
  fields: {
    id: f.uuid(),
    name: f.string().default(''),
    userRoles: f.list(f.map({ userId: f.string(), role: f.string() })),
    memberIds: f.set(f.string()).optional(),
    something: f.map({ else: f.string().optional() }).optional(),
    and: f.map({ also: f.map({ this: f.list(f.string()) }) }).optional(),
  },
  key: 'id',
  rules: {
    permissions: {
      // getPermissionConditions and enforcePermissions.
      conditions: ({ actor }) => ({ memberIds: { $contains: String(actor) } }),
      enforce: (workspace, { actor }) => workspace.userRoles.some(({ userId }) => userId === actor),
    },
    hooks: {
      preProcess(workspace) {
        workspace.memberIds = new Set(workspace.userRoles.map(({ userId }) => userId))
      },
    },
  },
})
const Project = model('Project', {
  fields: { id: f.uuid(), workspaceId: f.ref('Workspace') },
  key: 'id',
  rules: { permissions: inherit('workspaceId') },
})
const Document = model('Document', {
  fields: {
    id: f.uuid(),
    projectId: f.ref('Project'),
    userId: f.string().optional(),
    authorEmail: f.email().optional(),
    nested: f.string().optional(),
    value: f.string().optional(),
    confirmedMemberUserIds: f.list(f.uuid()).default([]),
    invitedEmails: f.list(f.email()).default([]),
    roles: f
      .list(f.map({ _id: f.string(), userId: f.string(), role: f.string(), deletedAt: f.date().optional() }))
      .default([]),
    ownerId: f.string().optional(),
  },
  key: 'id',
  softDelete: true,
  rules: {
    permissions: inherit('projectId'),
    references: {
      userId: ['User._id', 'Project(@projectId)._id->Workspace(@workspaceId)._id->userRoles.userId'],
      authorEmail: 'User.email',
      nested: 'User . nestedField , email',
      value: `
        Project(@projectId)._id
          ->Workspace(@workspaceId)._id
          ->userRoles.userId,something.else,and.also.this`,
    },
    limits: { invitedEmails: 'User(confirmedMemberUserIds)._id->email' },
    uniqueWithin: { roles: ['userId'] },
    locks: ['ownerId', 'roles.role'],
    hooks: {
      preProcess: called('onPreProcess'),
      validate: called('onValidate') as () => undefined,
      preSave: called('onPreSave'),
      postSave: called('onPostSave'),
      preDelete: called('onPreDelete'),
      postDelete: called('onPostDelete'),
    },
  },
})
const AssociatedDataModel3 = model('AssociatedDataModel3', {
  fields: { path: f.string(), third: f.map({ path: f.string() }) },
  key: 'path',
})
const AssociatedDataModel2 = model('AssociatedDataModel2', {
  fields: { path: f.string(), secondPath: f.string() },
  key: 'path',
})
const AssociatedDataModel1 = model('AssociatedDataModel1', {
  fields: { path: f.string(), firstPath: f.string() },
  key: 'path',
})

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const [ANN, BEN, EVE] = [uuid(1), uuid(2), uuid(3)] as const

describeEachEngine('The README of goodies', tested => {
  const open = () =>
    connect({
      models: { User, Workspace, Project, Document, AssociatedDataModel1, AssociatedDataModel2, AssociatedDataModel3 },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
      assets: memoryAssets(),
    })
  let db: Awaited<ReturnType<typeof open>>
  let ann: ReturnType<typeof db.scope>
  let ids = 100
  const projectId = uuid(20)
  const create = (fields: object) => violationsOf(ann.Document.create({ id: uuid(++ids), projectId, ...fields }))
  beforeEach(() => {
    calls.length = 0
  })
  beforeAll(async () => {
    db = await open()
    ann = db.scope({ actor: ANN })
    for (const [id, email] of [
      [ANN, 'ann@x.org'],
      [BEN, 'ben@x.org'],
      [EVE, 'eve@x.org'],
    ] as const) {
      await db.User.create({ id, email, path: { to: { a: { nested: { field: `${email} nested` } } } } })
    }
    const userRoles = [ANN, BEN].map(userId => ({ userId, role: 'member' }))
    await ann.Workspace.create({
      id: uuid(10),
      userRoles,
      something: { else: 'other' },
      and: { also: { this: ['more'] } },
    })
    await ann.Project.create({ id: projectId, workspaceId: uuid(10) })
  })

  it('a primary database and two that reuse its store share transactions', async () => {
    const fields = { id: f.string() }
    const models = {
      One: model('One', { fields, key: 'id' }),
      Two: model('Two', { fields, key: 'id', database: 'secondary' }),
      Three: model('Three', { fields, key: 'id', database: 'tertiary' }),
    }
    const store = tested.store
    const prefix = tested.tableName()
    const table = (name: string) => `\${gestalt.environment.PREFIX}-${name}`
    const databases: readonly DatabaseConfig[] = [
      { id: 'primary', type: 'store', connectionDetails: { store, table: table('primary') } },
      { id: 'secondary', type: 'store', connectionDetails: { reuseId: 'primary', table: table('secondary') } },
      { id: 'tertiary', type: 'store', connectionDetails: { reuseId: 'primary', table: table('tertiary') } },
    ]
    await using three = await connect({ models, databases, createTable: true, environment: { PREFIX: prefix } })
    const failing = three.transaction(async tx => {
      await tx.One.create({ id: '1' })
      await tx.Two.create({ id: '1' })
      await tx.Three.create({ id: '1' })
      await tx.One.create({ id: '1' })
    })
    expect(await codeOf(failing)).toBe('AlreadyExists')
    expect(await three.Three.get({ id: '1' }, { consistent: true })).toBeUndefined()
  })

  it('the size of an asset is limited by its type, else in general, else by defaults', async () => {
    const upload = (type: string, size: number) => db.assets.upload('User.asset', new Uint8Array(size), { type })
    for (const [type, size, expected] of [
      ['image/png', 200, 'done'],
      ['image/png', 201, 'ValidationFailed'],
      ['application/pdf', 500, 'done'],
      ['application/pdf', 501, 'ValidationFailed'],
      ['application/pdf', 1, 'done'],
      ['application/pdf', 0, 'ValidationFailed'],
    ] as const) {
      expect([type, size, await codeOf(upload(type, size))]).toEqual([type, size, expected])
    }
    const asset = await upload('image/png', 200)
    expect((await db.User.update({ id: ANN }, { asset })).asset).toEqual(asset)
  })

  it('the permissions of a workspace decide for its projects and their documents', async () => {
    const document = await ann.Document.create({ id: uuid(++ids), projectId })
    const eve = db.scope({ actor: EVE })
    const { id } = document
    expect(await db.scope({ actor: BEN }).Document.get({ id })).toBeDefined()
    expect([await eve.Workspace.get({ id: uuid(10) }), await eve.Project.get({ id: projectId })]).toEqual([
      undefined,
      undefined,
    ])
    expect(await eve.Document.get({ id })).toBeUndefined()
    expect(await codeOf(eve.Document.update({ id }, { ownerId: EVE }))).toBe('NotFound')
    expect(await codeOf(eve.Document.create({ id: uuid(++ids), projectId }))).toBe('PermissionDenied')
    expect(await codeOf(eve.Workspace.update({ id: uuid(10) }, { name: 'mine' }))).toBe('NotFound')
  })

  it('there is no insertMany and no findOneAndUpdate, which would pass the hooks by', async () => {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(db.Document))
    expect(methods.filter(name => /many|insert|replace|upsert|findOneAnd|bulk/i.test(name))).toEqual([
      'createMany',
      'getMany',
      'upsert',
    ])
    const saved = ['onPreProcess', 'onValidate', 'onPreSave', 'onPostSave']
    const [document] = await ann.Document.createMany([{ id: uuid(++ids), projectId }])
    expect(calls.splice(0)).toEqual(saved)
    await ann.Document.upsert({ id: String(document?.id) }, { create: { projectId }, update: { ownerId: ANN } })
    expect(calls.splice(0)).toEqual(saved)
  })

  it('the hooks of a create, a patch and a delete run in the order of the README', async () => {
    const document = await ann.Document.create({ id: uuid(++ids), projectId })
    const saved = ['onPreProcess', 'onValidate', 'onPreSave', 'onPostSave']
    expect(calls.splice(0)).toEqual(saved)
    document.ownerId = ANN
    await document.save()
    expect(calls.splice(0)).toEqual(saved)
    await document.delete()
    expect(calls).toEqual(['onPreDelete', 'onPostDelete'])
  })

  it.each([
    'AssociatedDataModel1(zerothPath).path->AssociatedDataModel2(firstPath).path->AssociatedDataModel3(secondPath).path->third.path',
    `AssociatedDataModel1(zerothPath).path
      ->AssociatedDataModel2(firstPath).path
      ->AssociatedDataModel3(secondPath).path
      ->third.path`,
  ])('a chain of three models leads to the value at its end: %#', async text => {
    await db.AssociatedDataModel1.put({ path: 'zeroth', firstPath: 'first' })
    await db.AssociatedDataModel2.put({ path: 'first', secondPath: 'second' })
    await db.AssociatedDataModel3.put({ path: 'second', third: { path: 'found' } })
    const { contexts, queries } = await db.crql(text, [{ zerothPath: 'zeroth' }, { zerothPath: 'first' }])
    expect([queries, ...contexts.map(({ all }) => [...all])]).toEqual([3, ['found'], []])
  })

  it('the user of a document is a user, and has a role in the workspace of its project', async () => {
    const reads = await readsOf(db, async () => expect(await create({ userId: BEN })).toEqual([]))
    expect(reads.filter(read => read === 'batchGet').length).toBeGreaterThanOrEqual(2)
    expect(await create({ userId: EVE })).toEqual(['references userId'])
    expect(await create({ userId: uuid(99) })).toEqual(['references userId', 'references userId'])
  })

  it('the last step of a chain reads several paths', async () => {
    for (const value of [BEN, 'other', 'more']) expect(await create({ value })).toEqual([])
    expect(await create({ value: 'else' })).toEqual(['references value'])
  })

  it('a direct constraint is of the key, of another field, or of one of several', async () => {
    expect(await create({ authorEmail: 'eve@x.org', nested: 'eve@x.org nested' })).toEqual([])
    expect(await create({ nested: 'eve@x.org' })).toEqual([])
    expect(await create({ authorEmail: 'nobody@x.org', nested: 'x' })).toEqual([
      'references authorEmail',
      'references nested',
    ])
    await db.User.delete({ id: EVE })
    expect(await create({ authorEmail: 'eve@x.org' })).toEqual(['references authorEmail'])
    await db.User.restore({ id: EVE })
  })

  it('a nested path without an index is refused, and a field that repeats it is found', async () => {
    await expect(db.crql('User.path.to.a.nested.field', ['x'])).rejects.toThrow(/no index finds rows of User by path/)
    expect((await db.crql('User.nestedField', ['ann@x.org nested'])).contexts[0]?.all.size).toBe(1)
  })

  it('a user who is a member already cannot be invited', async () => {
    const confirmedMemberUserIds = [ANN, BEN]
    expect(await create({ confirmedMemberUserIds, invitedEmails: ['eve@x.org'] })).toEqual([])
    expect(await create({ confirmedMemberUserIds, invitedEmails: ['eve@x.org', 'ben@x.org'] })).toEqual([
      'limits invitedEmails.1',
    ])
  })

  it('keys of sub-documents are unique among those that are not deleted', async () => {
    const [first, second] = [
      { _id: '1', userId: ANN, role: 'a' },
      { _id: '2', userId: ANN, role: 'b' },
    ]
    expect(await create({ roles: [first, second] })).toEqual(['uniqueWithin roles.1'])
    expect(await create({ roles: [{ ...first, deletedAt: new Date() }, second] })).toEqual([])
  })

  it('locked keys do not change, in deleted sub-documents and documents neither', async () => {
    const key = { id: uuid(++ids) }
    const role = { _id: '1', userId: ANN, role: 'a', deletedAt: new Date() }
    await ann.Document.create({ ...key, projectId, ownerId: ANN, roles: [role] })
    expect(await violationsOf(ann.Document.update(key, { ownerId: BEN, roles: [{ ...role, role: 'b' }] }))).toEqual([
      'locks ownerId',
      'locks roles.0.role',
    ])
    await ann.Document.delete(key)
    expect(await codeOf(ann.Document.put({ ...key, projectId, ownerId: BEN }))).toBe('AlreadyExists')
    expect(await ann.Document.restore(key)).toMatchObject({ ownerId: ANN })
  })
})
