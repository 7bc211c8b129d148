/** `db.explain`: what a transaction would do is what it then does, and explaining it does nothing. */
import { connect, f, inherit, model, type Store, type TransactionExplanation } from 'partita'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'
import { type Call, type WatchedStore, watch } from '../watched-store.js'

const User = model('User', {
  fields: { userId: f.string(), email: f.email() },
  key: 'userId',
  unique: { email: ['email'] },
})
const Workspace = model('Workspace', {
  fields: { workspaceId: f.string(), userRoles: f.list(f.map({ userId: f.string() })) },
  key: 'workspaceId',
  rules: { permissions: { enforce: () => true } },
})
const Project = model('Project', {
  fields: { projectId: f.string(), workspaceId: f.ref('Workspace'), documents: f.countOf('Document.folderId') },
  key: 'projectId',
  rules: { permissions: inherit('workspaceId') },
})
const Remark = model('Remark', {
  fields: {
    remarkId: f.string(),
    userId: f.ref('User', { guard: true }),
    onId: f.ref('User', { onDelete: 'restrict' }),
  },
  key: 'remarkId',
})
const ran: string[] = []
const Document = model('Document', {
  fields: {
    documentId: f.string(),
    projectId: f.ref('Project', { guard: true }),
    folderId: f.ref('Project', { onDelete: 'cascade' }).optional(),
    userId: f.string(),
    editor: f.string().optional(),
    blocked: f.list(f.email()).default([]),
    slug: f.string().optional(),
  },
  key: 'documentId',
  unique: { slug: ['slug'] },
  indexes: { byFolder: { on: 'gsi1', pk: 'FOLDER#{folderId}', sk: '{documentId}' } },
  rules: {
    permissions: inherit('projectId'),
    references: {
      userId: 'Project(@projectId)._id->Workspace(@workspaceId)._id->userRoles.userId',
      editor: 'Project(@projectId)._id->Workspace(@workspaceId)._id->userRoles.userId',
      slug: 'Document.slug',
    },
    limits: { blocked: 'User(userId)._id->email' },
    audit: true,
    hooks: {
      preProcess: () => void ran.push('preProcess'),
      preSave: () => void ran.push('preSave'),
      postSave: () => void ran.push('postSave'),
      preDelete: () => void ran.push('preDelete'),
    },
  },
})

describeEachStore('Explaining a transaction', tested => {
  let watched: WatchedStore
  const open = (store: Store) =>
    connect({
      models: { User, Workspace, Project, Document, Remark },
      store,
      table: tested.tableName(),
      createTable: true,
    })
  let db: Awaited<ReturnType<typeof open>>
  let ann: ReturnType<typeof db.scope>
  beforeAll(async () => {
    watched = watch(tested.store)
    db = await open(watched.store)
    ann = db.scope({ actor: 'ann' })
    await ann.User.create({ userId: 'ann', email: 'ann@x.org' })
    await ann.Workspace.create({ workspaceId: 'w1', userRoles: [{ userId: 'ann' }, { userId: 'bob' }] })
    await ann.Project.create({ projectId: 'p1', workspaceId: 'w1' })
  })
  beforeEach(() => {
    watched.calls = []
    ran.length = 0
  })

  type Tx = Parameters<Parameters<typeof ann.transaction>[0]>[0]
  const one = { values: 1, lookedUp: 1, rows: 1 }
  const input = { documentId: 'd1', projectId: 'p1', userId: 'ann', editor: 'bob', blocked: ['x@x.org'] }

  /** What an explanation says of the requests, in the form of {@link sent}. */
  const foretold = ({ reads, writes }: TransactionExplanation) => ({
    reads: reads.map(({ operation, keys, index }) => ({ operation, keys, index })),
    writes: writes.map(({ kind }) => kind),
  })
  const keysOf = ({ operation, request }: Call) =>
    operation === 'get' ? 1 : 'gets' in request ? request.gets.length : undefined
  const sent = (calls: readonly Call[]) => ({
    reads: calls
      .filter(({ operation }) => operation !== 'transactWrite')
      .map(call => ({
        operation: call.operation,
        keys: keysOf(call),
        index: call.operation === 'query' ? call.request.index : undefined,
      })),
    writes: calls.flatMap(call =>
      call.operation === 'transactWrite' ? call.request.writes.map(({ kind }) => kind) : [],
    ),
  })

  /** Explains a transaction, runs it, and compares. Hooks before a commit read once more. */
  const compare = async (run: (tx: Tx) => Promise<unknown>) => {
    const explanation = await ann.explain(run)
    const read = watched.calls
    expect(
      read.filter(({ operation }) => /write/i.test(operation)),
      'explaining writes nothing',
    ).toEqual([])
    expect(sent(read).reads, 'the reads are those that were made').toEqual(foretold(explanation).reads)
    watched.calls = []
    await ann.transaction(run)
    const done = sent(watched.calls)
    const isSnapshot = ({ operation }: { operation: string }) => operation === 'transactGet'
    expect({ ...done, reads: done.reads.filter(call => !isSnapshot(call)) }).toEqual(foretold(explanation))
    watched.calls = []
    return explanation
  }

  it('an explained create names its chains, their hops and batches, its guards and its commit', async () => {
    const explanation = await ann.explain(tx => tx.Document.create({ ...input, slug: 'plan' }))
    expect(explanation.queries).toEqual([
      {
        rule: 'references',
        model: 'Document',
        path: 'userId',
        query: 'Project(@projectId)._id->Workspace(@workspaceId)._id->userRoles.userId',
        hops: [
          { model: 'Project', match: '_id', by: 'key', name: undefined, ...one, isGuarded: true },
          { model: 'Workspace', match: '_id', by: 'key', name: undefined, ...one, isGuarded: false },
        ],
      },
      {
        rule: 'references',
        model: 'Document',
        path: 'editor',
        query: 'Project(@projectId)._id->Workspace(@workspaceId)._id->userRoles.userId',
        hops: [
          { model: 'Project', match: '_id', by: 'key', name: undefined, ...one, lookedUp: 0, isGuarded: true },
          { model: 'Workspace', match: '_id', by: 'key', name: undefined, ...one, lookedUp: 0, isGuarded: false },
        ],
      },
      {
        rule: 'references',
        model: 'Document',
        path: 'slug',
        query: 'Document.slug',
        hops: [
          {
            model: 'Document',
            match: 'slug',
            by: 'unique',
            name: 'slug',
            values: 1,
            lookedUp: 1,
            rows: 0,
            isGuarded: false,
          },
        ],
      },
      {
        rule: 'limits',
        model: 'Document',
        path: 'blocked',
        query: 'User(userId)._id->email',
        hops: [{ model: 'User', match: '_id', by: 'key', name: undefined, ...one, isGuarded: false }],
      },
    ])
    const purposes = explanation.reads.map(({ purpose, model }) => `${purpose} ${model}`)
    expect(new Set(purposes)).toEqual(
      new Set([
        'permissions Project',
        'permissions Workspace',
        'constraints Workspace',
        'constraints User',
        'constraints Document',
      ]),
    )
    expect(explanation.writes.map(({ kind, of, model, constraint }) => [kind, of, model, constraint])).toEqual([
      ['check', 'row', 'Project', undefined],
      ['check', 'row', 'Workspace', undefined],
      ['put', 'row', 'Document', undefined],
      ['put', 'history', 'Document', undefined],
      ['put', 'unique', 'Document', 'slug'],
    ])
    expect(explanation.writes.find(({ model, of }) => model === 'Document' && of === 'row')).toMatchObject({
      key: { documentId: 'd1' },
      condition: expect.stringContaining('attribute_not_exists(pk)'),
      units: 2,
    })
    expect(explanation.hooks).toEqual([
      { model: 'Document', hook: 'preSave' },
      { model: 'Document', hook: 'postSave' },
    ])
    expect(explanation.capacity).toEqual({ read: expect.any(Number), write: 10 })
  })

  it('guarded and counted refs are read once, and their rows are checked or counted by the commit', async () => {
    await ann.User.create({ userId: 'bob', email: 'bob@x.org' })
    const { reads, writes } = await ann.explain(tx => tx.Remark.create({ remarkId: 'r1', userId: 'ann', onId: 'bob' }))
    const read = { purpose: 'guards', operation: 'get', model: 'User', index: undefined, keys: 1 }
    expect(reads).toEqual([read, read])
    expect(new Map(writes.map(({ kind, model, key }) => [`${kind} ${model}`, key]))).toEqual(
      new Map<string, object>([
        ['put Remark', { remarkId: 'r1' }],
        ['check User', { userId: 'ann' }],
        ['update User', { userId: 'bob' }],
      ]),
    )
    expect(writes.find(({ kind }) => kind === 'check')?.condition).toContain('attribute_exists(pk)')
  })

  it('an explained transaction writes nothing, runs no hooks around the commit, and its records cannot be saved', async () => {
    let record: { save(): Promise<unknown> } | undefined
    await ann.explain(async tx => {
      record = await tx.Document.create({ ...input, documentId: 'never' })
    })
    expect(ran).toEqual(['preProcess'])
    await expect(record?.save()).rejects.toMatchObject({ code: 'NotFound' })
    expect(await ann.Document.get({ documentId: 'never' })).toBeUndefined()
    expect(await db.Document.history({ documentId: 'never' }).all()).toEqual([])
  })

  it('a transaction makes exactly the requests that its explanation names', async () => {
    const created = await compare(tx => tx.Document.create({ ...input, folderId: 'p1', slug: undefined }))
    expect(created.writes.map(({ kind, model }) => `${kind} ${model}`)).toContain('put Project')
    const moved = await compare(tx => tx.Document.update({ documentId: 'd1' }, { editor: 'ann' }))
    expect(moved.queries.map(({ path }) => path)).toEqual(['editor'])
    expect(moved.writes.find(({ model, of }) => model === 'Document' && of === 'row')?.condition).toMatch(/^_rev="/)
    const unconstrained = await compare(tx => tx.Document.put({ ...input, editor: 'ann', folderId: 'p1' }))
    expect(unconstrained.queries).toEqual([])
    const several = await compare(async tx => {
      await tx.User.update({ userId: 'ann' }, { email: 'ann@y.org' })
      await tx.Workspace.create({ workspaceId: 'w2', userRoles: [] })
      await tx.Document.query.byFolder({ folderId: 'p1' }).all()
    })
    expect(
      several.writes.filter(({ of }) => of === 'unique').map(({ kind, constraint }) => [kind, constraint]),
    ).toEqual([
      ['delete', 'email'],
      ['put', 'email'],
    ])
    const cascade = await compare(tx => tx.Project.delete({ projectId: 'p1' }))
    expect(cascade.reads.some(({ purpose, operation }) => purpose === 'onDelete' && operation === 'query')).toBe(true)
    expect(cascade.writes.filter(({ kind }) => kind === 'delete')).toHaveLength(2)
    expect(await ann.Project.create({ projectId: 'p1', workspaceId: 'w1' })).toBeDefined()
  })

  // DynamoDB Local counts no units for checks.
  it.runIf(tested.supports.transactionCapacity)(
    'the explained write units are those that the commit consumes, apart from indexes',
    async () => {
      const run = (tx: Tx) => tx.Document.create({ ...input, documentId: 'units', userId: 'bob' })
      const { capacity } = await ann.explain(run)
      let units: number | undefined
      const off = db.on('operation', event => {
        if (event.operation === 'transactWrite') units = Object.values(event.capacity.tables)[0]?.write
      })
      await ann.transaction(run).finally(off)
      expect(units).toBe(capacity.write)
    },
  )

  it('an explained write that the rules refuse fails like the write', async () => {
    const wrong = (tx: Tx) => tx.Document.create({ ...input, documentId: 'd2', userId: 'eve' })
    await expect(ann.explain(wrong)).rejects.toMatchObject({
      code: 'RuleViolated',
      details: { violations: [{ rule: 'references', path: ['userId'], value: 'eve' }] },
    })
    await expect(db.scope({}).explain(wrong)).rejects.toMatchObject({ code: 'PermissionDenied' })
    const twice = ann.transaction(tx => ann.explain(() => tx.User.get({ userId: 'ann' })))
    await expect(twice).rejects.toThrow(/outside the transaction/)
    await expect(ann.explain('create' as never)).rejects.toMatchObject({ code: 'ValidationFailed' })
  })

  it('a query of the program says how each of its hops found rows', async () => {
    const { hops } = await db.crql('User(people)._id->email', [{ people: ['ann', 'nobody'] }, { people: ['ann'] }])
    expect(hops).toEqual([
      { model: 'User', match: '_id', by: 'key', name: undefined, values: 2, lookedUp: 2, rows: 1, isGuarded: false },
    ])
    const direct = await db.crql('User.email', ['ann@x.org', 'ann@y.org'])
    expect(direct.hops).toMatchObject([{ by: 'unique', name: 'email', values: 2 }])
    expect((await db.crql('Document(x).folderId->slug', [{ x: 'p1' }])).hops).toMatchObject([
      { by: 'index', name: 'byFolder', values: 1 },
    ])
  })
})
