/** Permissions: what an actor may not read looks absent everywhere, and what it may not write is refused. */
import { collection, connect, f, inherit, many, model, one, PartitaError, through } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'

const Workspace = model('Workspace', {
  fields: { workspaceId: f.string(), members: f.set(f.string()), admins: f.set(f.string()) },
  key: { pk: 'WORKSPACE#{workspaceId}' },
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ members: { $contains: String(actor) } }),
      enforce: async (workspace, { actor, operation }) =>
        operation === 'create' || (operation === 'delete' ? workspace.admins : workspace.members).has(String(actor)),
    },
  },
})
const Project = model('Project', {
  fields: { projectId: f.string(), workspaceId: f.ref('Workspace'), name: f.string() },
  key: { pk: 'PROJECT#{projectId}' },
  indexes: { byWorkspace: { on: 'gsi1', pk: 'PROJECTS#{workspaceId}', sk: '{projectId}' } },
  relations: {
    documents: many('Document', 'byProject'),
    read: through('Document', 'Reading', 'byProject', { to: 'document' }),
  },
  rules: { permissions: inherit('workspaceId') },
})
const Document = model('Document', {
  fields: { documentId: f.string(), projectId: f.ref('Project'), title: f.string(), version: f.version() },
  key: { pk: 'DOCUMENT#{documentId}' },
  indexes: { byProject: { on: 'gsi1', pk: 'DOCUMENTS#{projectId}', sk: '{documentId}' } },
  unique: { title: ['title'] },
  relations: { project: one('Project', 'projectId') },
  softDelete: true,
  rules: { permissions: inherit('projectId') },
})
/** Without rules: its rows show everybody which documents there are to be seen. */
const Reading = model('Reading', {
  fields: { readingId: f.string(), documentId: f.string(), projectId: f.string() },
  key: { pk: 'READING#{readingId}' },
  indexes: { byProject: { on: 'gsi1', pk: 'READINGS#{projectId}', sk: '{readingId}' } },
  relations: { document: one('Document', 'documentId'), project: one('Project', 'projectId') },
})
const board = collection('board', { pk: 'DOCUMENTS#{projectId}', on: 'gsi1', many: { documents: Document } })

describeEachStore('Permissions', tested => {
  const open = () =>
    connect({
      models: { Workspace, Project, Document, Reading },
      collections: { board },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
  type Db = Awaited<ReturnType<typeof open>>
  type As = ReturnType<Db['scope']>
  let db: Db
  let system: As
  let member: As
  let other: As
  const nobody = () => db.scope({})
  beforeAll(async () => {
    db = await open()
    system = db.scope({ system: 'test data' })
    member = db.scope({ actor: 'ann' })
    other = db.scope({ actor: 'bob' })
    await system.Workspace.create({ workspaceId: 'w1', members: ['ann'], admins: ['ann'] })
    await system.Workspace.create({ workspaceId: 'w2', members: ['bob'], admins: [] })
    for (const n of ['1', '2']) {
      await system.Project.create({ projectId: `p${n}`, workspaceId: `w${n}`, name: 'secret' })
      await system.Document.create({ documentId: `d${n}`, projectId: `p${n}`, title: `title ${n}` })
      await system.Reading.create({ readingId: `r${n}`, documentId: `d${n}`, projectId: `p${n}` })
    }
  })

  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      error => (error instanceof PartitaError ? error.code : Promise.reject(error)),
    )

  /** What each way to read says of the document d1, as a list of what it found. */
  const reads: Record<string, (as: As) => Promise<unknown[]>> = {
    get: async as => [await as.Document.get({ documentId: 'd1' })],
    'get selected': async as => [await as.Document.get({ documentId: 'd1' }, { select: ['title'] })],
    'get loaded': async as => [(await as.Reading.get({ readingId: 'r1' }, { with: { document: true } }))?.document],
    'get by a loader': as => as.run({ loader: true }, async in_ => [await in_.Document.get({ documentId: 'd1' })]),
    'get in an explained transaction': async as => {
      const found: unknown[] = []
      await as.explain(async tx => found.push(await tx.Document.get({ documentId: 'd1' })))
      return found
    },
    'get in a transaction': as => as.transaction(async tx => [await tx.Document.get({ documentId: 'd1' })]),
    getMany: as => as.Document.getMany([{ documentId: 'd1' }, { documentId: 'absent' }]),
    findBy: async as => [await as.Document.findBy({ title: 'title 1' })],
    'query page': async as => (await as.Document.query.byProject({ projectId: 'p1' }).page()).items,
    'query all': as => as.Document.query.byProject({ projectId: 'p1' }).all(),
    'query first': async as => [await as.Document.query.byProject({ projectId: 'p1' }).first()],
    'query count': async as => Array(await as.Document.query.byProject({ projectId: 'p1' }).count()).fill('one'),
    'query explain': async as =>
      (await as.Document.query.byProject({ projectId: 'p1' }).explain()).capacity.bytesPerRow > 0 ? ['a size'] : [],
    'query selected': as => as.Document.query.byProject({ projectId: 'p1' }, { select: ['title'] }).all(),
    'query of the key': as => as.Document.query.key({ documentId: 'd1' }).all(),
    'query in a transaction': as => as.transaction(tx => tx.Document.query.byProject({ projectId: 'p1' }).all()),
    'for await': async as => {
      const found = []
      for await (const row of as.Document.query.byProject({ projectId: 'p1' })) found.push(row)
      return found
    },
    iterate: async as => {
      const found = []
      for await (const row of as.Document.iterate({ where: { projectId: 'p1' } })) found.push(row)
      return found
    },
    'iterate batches': async as => {
      const found = []
      for await (const { items } of as.Document.iterate().batches()) found.push(...items)
      return found.filter(({ documentId }) => documentId === 'd1')
    },
    'a relation to one': async as => [await (await as.Reading.get({ readingId: 'r1' }))?.document()],
    'a relation to many': async as => {
      const project = await system.Project.get({ projectId: 'p1' })
      return (
        await as.Project.getMany([{ projectId: project?.projectId ?? '' }], { with: { documents: true } })
      ).flatMap(found => found?.documents ?? [])
    },
    'a relation through pairs': async as => {
      const readings = await as.Reading.query.byProject({ projectId: 'p1' }).all()
      return Promise.all(readings.map(reading => reading.document()))
    },
    'a collection': async as => (await as.board.get({ projectId: 'p1' }))?.documents ?? [],
  }

  it.each(Object.keys(reads))('a hidden row is absent from every way to read: %s', async name => {
    const found = async (as: As) => (await reads[name]?.(as))?.filter(row => row !== undefined).length
    expect(await found(system), 'the program itself').toBe(1)
    expect(await found(member), 'a member').toBe(1)
    expect(await found(other), 'a member of another workspace').toBe(0)
    expect(await found(nobody()), 'nobody').toBe(0)
    expect(await found(db.scope({ actor: '' })), 'an empty actor').toBe(0)
  })

  it('the permission tests cover every public method, so that a new one cannot be forgotten', () => {
    const methodsOf = (value: object) => {
      const { constructor: _, ...methods } = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(value))
      return Object.keys(methods).sort()
    }
    expect(methodsOf(db.Document)).toEqual(
      [
        'create',
        'createMany',
        'delete',
        'findBy',
        'get',
        'getMany',
        'history',
        'iterate',
        'purge',
        'put',
        'query',
        'reindex',
        'restore',
        'update',
        'upsert',
      ].sort(),
    )
    expect(methodsOf(db.Document.query.key({ documentId: 'd' }))).toEqual(['all', 'count', 'explain', 'first', 'page'])
    expect(methodsOf(db.Document.iterate())).toEqual(['batches'])
    expect(methodsOf(db.board)).toEqual(['get'])
    // Bytes are read by an asset value, which only a row has; the other two are below and in the tests of assets.
    expect(methodsOf(db.assets)).toEqual(['open', 'sweep', 'upload'])
    expect(
      Object.keys(db.scope({}))
        .filter(name => !['Workspace', 'Project', 'Document', 'Reading', 'board'].includes(name))
        .sort(),
    ).toEqual([
      ...[
        'actor',
        'assets',
        'batch',
        'capacity',
        'crql',
        'decodeKey',
        'explain',
        'on',
        'outside',
        'run',
        'scope',
        'tenant',
        'transaction',
      ],
    ])
  })

  it('the writes of a hidden row fail like those of an absent row', async () => {
    for (const as of [other, nobody(), db.scope({ actor: '' })]) {
      for (const documentId of ['d1', 'absent']) {
        const key = { documentId }
        expect(await codeOf(as.Document.update(key, { title: 'x' }))).toBe('NotFound')
        expect(await codeOf(as.transaction(tx => tx.Document.update(key, { title: 'x' })))).toBe('NotFound')
        expect(await codeOf(as.explain(tx => tx.Document.update(key, { title: 'x' })))).toBe('NotFound')
        expect(await as.Document.delete(key)).toBeUndefined()
        expect(await codeOf(as.Document.restore(key))).toBe('NotFound')
        expect(await codeOf(as.Document.purge(key))).toBe('NotFound')
      }
      expect(await codeOf(as.Document.put({ documentId: 'd1', projectId: 'p2', title: 'x' }))).toBe('PermissionDenied')
      expect(await codeOf(as.batch(batch => batch.Document.delete({ documentId: 'd1' })))).toBe('ValidationFailed')
      expect(await codeOf(as.Document.reindex())).toBe('ValidationFailed')
      expect(await codeOf(as.assets.sweep())).toBe('ValidationFailed')
    }
    expect(await system.Document.get({ documentId: 'd1' })).toMatchObject({ title: 'title 1', version: 1 })
  })

  it('rows that would belong to what the actor may not write are refused', async () => {
    expect(await codeOf(other.Document.create({ documentId: 'd3', projectId: 'p1', title: 't3' }))).toBe(
      'PermissionDenied',
    )
    expect(await codeOf(member.Document.update({ documentId: 'd1' }, { projectId: 'p2' }))).toBe('PermissionDenied')
    const many = other.Document.createMany([{ documentId: 'd3', projectId: 'p1', title: 't3' }], {
      skipDuplicates: true,
    })
    await expect(many).rejects.toMatchObject({ code: 'PartlyCreated', cause: { code: 'PermissionDenied' } })
    // Whether there is a row with this key is not for who may not create it.
    const existing = other.Document.createMany([{ documentId: 'd1', projectId: 'p1', title: 't' }], {
      skipDuplicates: true,
    })
    await expect(existing).rejects.toMatchObject({ code: 'PartlyCreated', cause: { code: 'PermissionDenied' } })
    const upsert = other.Document.upsert({ documentId: 'd1' }, { create: { projectId: 'p1', title: 't' } })
    expect(await codeOf(upsert)).toBe('PermissionDenied')
    expect(await codeOf(nobody().Workspace.create({ workspaceId: 'w3', members: [], admins: [] }))).toBe(
      'PermissionDenied',
    )
    expect(await codeOf(other.Workspace.delete({ workspaceId: 'w2' }))).toBe('PermissionDenied')
    expect(await system.Document.get({ documentId: 'd3' })).toBeUndefined()
  })

  it('permissions end with the membership, also for records that were read before', async () => {
    await system.Workspace.create({ workspaceId: 'w4', members: ['eve'], admins: [] })
    await system.Project.create({ projectId: 'p4', workspaceId: 'w4', name: 'n' })
    const eve = db.scope({ actor: 'eve' })
    const document = await eve.Document.create({ documentId: 'd4', projectId: 'p4', title: 't4' })
    await system.Workspace.update({ workspaceId: 'w4' }, { members: [] })
    document.title = 'mine'
    expect(await codeOf(document.save())).toBe('NotFound')
    expect(await codeOf(document.reload())).toBe('NotFound')
    await document.delete()
    expect(await document.project()).toBeUndefined()
    expect(await system.Document.get({ documentId: 'd4' })).toMatchObject({ title: 't4' })
  })

  it('permissions are evaluated once for each parent, however many rows there are', async () => {
    await system.transaction(async tx => {
      for (let n = 0; n < 20; n++)
        await tx.Document.create({ documentId: `many${n}`, projectId: 'p2', title: `many ${n}` })
    })
    const operations: string[] = []
    const off = db.on('operation', ({ operation }) => void operations.push(operation))
    expect(await other.Document.query.byProject({ projectId: 'p2' }).all()).toHaveLength(21)
    off()
    expect(operations).toEqual(['query', 'batchGet', 'batchGet'])
  })

  it('permissions do not apply to a system scope, whose reason is in the events, but to an actor within it', async () => {
    const reasons = new Set<unknown>()
    const off = db.on('operation', ({ system }) => void reasons.add(system))
    await db.run({ system: 'nightly export' }, async () => {
      expect(await db.Document.get({ documentId: 'd1' })).toBeDefined()
      await db.run({ actor: 'bob' }, async () => expect(await db.Document.get({ documentId: 'd1' })).toBeUndefined())
    })
    off()
    expect(reasons).toEqual(new Set(['nightly export', undefined]))
    expect(() => db.scope({ system: '' })).toThrow(/say why/)
  })
})

it.each([
  ['no permissions', {}, 'are missing'],
  ['no enforce', { permissions: { conditions: () => true } }, 'no function enforce'],
  ['an unknown parent', { permissions: inherit('nothing') }, 'name of a ref field'],
  ['a parent without rules', { permissions: inherit('plainId') }, 'has no rules'],
  ['a circle', { permissions: inherit('selfId') }, 'in a circle'],
  ['an unknown rule', { permissions: 'http', lock: ['id'] }, 'not a kind of rule'],
  ['an unknown hook', { permissions: 'http', hooks: { onSave() {} } }, 'is not a hook'],
])('connect refuses rules with %s', async (_, rules, message) => {
  const Plain = model('Plain', { fields: { plainId: f.string() }, key: 'plainId' })
  const Wrong = model('Wrong', {
    fields: { id: f.string(), plainId: f.ref('Plain'), selfId: f.ref('Wrong') },
    key: 'id',
    rules: rules as { permissions: 'http' },
  })
  await expect(connect({ models: { Plain, Wrong }, store: 'memory:' })).rejects.toThrow(message)
})

it.each([1, 'true', {}, undefined, Promise.resolve(1)])(
  'enforce permits by nothing but true, not by %s',
  async answer => {
    const Strict = model('Strict', {
      fields: { id: f.string() },
      key: 'id',
      rules: { permissions: { enforce: () => answer as boolean } },
    })
    await using db = await connect({ models: { Strict }, store: 'memory:' })
    await expect(db.scope({ actor: 'ann' }).Strict.create({ id: '1' })).rejects.toMatchObject({
      code: 'PermissionDenied',
    })
  },
)
