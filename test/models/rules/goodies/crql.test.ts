/** How chains are resolved, and what they read. Numbers refer to test/known-problems/goodies.md. */
import { connect, f, model } from 'partita'
import { beforeAll, expect } from 'vitest'
import { knownProblems } from '../../../known-problems/known-problems.js'
import { describeEachEngine } from '../engines.js'
import { CHAIN, Project, roles, User, Workspace } from './models.js'
import { readsOf, violationsOf } from './observe.js'

const { holds, allAccountedFor } = knownProblems('goodies', import.meta.url)

const Document = model('Document', {
  fields: {
    id: f.string(),
    projectId: f.string().optional(),
    userId: f.string().optional(),
    deputyId: f.string().optional(),
    /** Parts with fields of the same names as the document's. */
    parts: f
      .list(f.map({ projectId: f.string().optional(), userId: f.string(), ownerId: f.string().optional() }))
      .default([]),
    device: f.string().optional(),
    number: f.number().optional(),
  },
  key: 'id',
  rules: {
    permissions: 'http',
    references: {
      userId: CHAIN,
      deputyId: 'Project(projectId)._id->Workspace(workspaceId)._id->userRoles.userId',
      'parts.userId': 'Project(projectId)._id->Workspace(workspaceId)._id->userRoles.userId',
      'parts.ownerId': CHAIN,
      device: 'User.deviceId',
      number: 'User.number',
    },
  },
})

describeEachEngine('Chains of references', tested => {
  const open = () =>
    connect({
      models: { User, Workspace, Project, Document },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
  let db: Awaited<ReturnType<typeof open>>
  let ids = 0
  const id = () => `d${++ids}`
  const valuesOf = async (text: string, context: unknown) => [
    ...((await db.crql(text, [context])).contexts[0]?.all ?? []),
  ]
  beforeAll(async () => {
    db = await open()
    await db.Workspace.create({ workspaceId: 'w1', userRoles: roles('u1', 'u2', 'u1') })
    await db.Workspace.create({ workspaceId: 'w2', userRoles: roles('u3') })
    await db.Workspace.create({ workspaceId: 'w3', userRoles: [], and: { also: { this: [['x'], ['y', 'x']] } } })
    for (const [projectId, workspaceId] of [
      ['p1', 'w1'],
      ['p2', 'w2'],
      ['p3', 'w3'],
      ['gone', 'w1'],
    ] as const) {
      await db.Project.create({ projectId, workspaceId })
    }
    await db.Project.delete({ projectId: 'gone' })
    const deviceId = '0a1b2c3d-0000-4000-8000-00000000abcd'
    await db.User.create({ userId: 'u1', email: 'same@x', alias: 'a', deviceId, number: 7 })
    await db.User.create({ userId: 'u2', email: 'same@x' })
    await db.User.create({ userId: 'u9', email: 'same@x', alias: 'gone' })
    await db.User.delete({ userId: 'u9' })
  })

  holds([8], 'a path begins at the part that carries the constraint, and with @ at the document', async () => {
    const parts = [{ projectId: 'p2', userId: 'u3', ownerId: 'u1' }]
    expect(await violationsOf(db.Document.create({ id: id(), projectId: 'p1', parts }))).toEqual([])
    const swapped = [{ projectId: 'p2', userId: 'u1', ownerId: 'u3' }]
    expect(await violationsOf(db.Document.create({ id: id(), projectId: 'p1', parts: swapped }))).toEqual([
      'references parts.0.ownerId',
      'references parts.0.userId',
    ])
    // At the top of a document both are the same.
    const top = { projectId: 'p1', userId: 'u2', deputyId: 'u2' }
    expect(await violationsOf(db.Document.create({ id: id(), ...top }))).toEqual([])
    expect(await violationsOf(db.Document.create({ id: id(), ...top, userId: 'u3', deputyId: 'u3' }))).toEqual([
      'references deputyId',
      'references userId',
    ])
  })

  holds([9], 'in later hops a path begins at the rows that the previous hop found, with @ or without', async () => {
    for (const target of ['@workspaceId', 'workspaceId']) {
      const text = `Project(projectId)._id->Workspace(${target})._id->userRoles.userId`
      // A workspaceId of the first document does not count.
      expect(await valuesOf(text, { projectId: 'p2', workspaceId: 'w1' })).toEqual(['u3'])
    }
  })

  holds([10], 'paths lead through lists at any depth, and results have no duplicates and no null', async () => {
    expect(await valuesOf(CHAIN, { projectId: 'p1' })).toEqual(['u1', 'u2'])
    expect(await valuesOf('Workspace(a.b)._id->and.also.this', { a: [{ b: [['w3', null], 'w3'] }, {}, null] })).toEqual(
      ['x', 'y'],
    )
    expect(await valuesOf('User(a)._id->email', { a: ['u1', 'u2', undefined] })).toEqual(['same@x'])
    expect(await valuesOf('User(a)._id->alias', { a: new Set(['u2']) })).toEqual([])
  })

  holds([11], 'a chain is one batch of reads for each hop, whatever the number of documents and values', async () => {
    const contexts = Array.from({ length: 50 }, (_, i) => ({ projectId: `p${(i % 3) + 1}` }))
    let queries = 0
    const reads = await readsOf(db, async () => {
      const outcome = await db.crql(CHAIN, contexts)
      queries = outcome.queries
      expect(outcome.contexts).toHaveLength(50)
    })
    expect([queries, reads]).toEqual([2, ['batchGet', 'batchGet']])
    const saving = () => db.Document.create({ id: id(), projectId: 'p1', userId: 'u1' })
    expect((await readsOf(db, saving)).filter(read => read === 'batchGet')).toHaveLength(2)
  })

  holds([12], 'a direct query is one query, also with several paths', async () => {
    const outcome = await db.crql('User.email,alias', ['same@x', 'a', 'nothing'])
    expect(outcome.queries).toBe(1)
    expect(outcome.contexts.map(({ all }) => [...all])).toEqual([['same@x'], ['a'], []])
    expect([...(outcome.contexts[1]?.byPath.get('alias') ?? [])]).toEqual(['a'])
    expect([...(outcome.contexts[1]?.byPath.get('email') ?? [])]).toEqual([])
  })

  holds([13], 'a hop without values ends the query', async () => {
    expect(await db.crql(CHAIN, [{ projectId: 'absent' }])).toMatchObject({ queries: 1, documentsRead: 0 })
    expect(await readsOf(db, () => db.crql(CHAIN, [{}, { projectId: null }, { projectId: [] }]))).toEqual([])
    expect(await db.crql('Workspace(w)._id->User(userRoles.userId)._id->email', [{ w: 'w3' }])).toMatchObject({
      queries: 1,
      documentsRead: 1,
    })
  })

  holds([14], 'soft-deleted rows are not found by key, unique constraint or index', async () => {
    expect(await db.crql(CHAIN, [{ projectId: 'gone' }])).toMatchObject({ queries: 1, contexts: [{ all: new Set() }] })
    expect(await valuesOf('User._id', 'u9')).toEqual([])
    expect(await valuesOf('User.alias', 'gone')).toEqual([])
    expect((await valuesOf('User(mail).email->_id', { mail: 'same@x' })).sort()).toEqual(['u1', 'u2'])
  })

  holds([15], 'a value that one document reaches never approves another document', async () => {
    const { contexts } = await db.crql(CHAIN, [{ projectId: 'p1' }, { projectId: 'p2' }])
    expect(contexts.map(({ all }) => [...all])).toEqual([['u1', 'u2'], ['u3']])
    const parts = [
      { projectId: 'p1', userId: 'u3' },
      { projectId: 'p2', userId: 'u1' },
    ]
    expect(await violationsOf(db.Document.create({ id: id(), parts }))).toEqual([
      'references parts.0.userId',
      'references parts.1.userId',
    ])
  })

  holds([16], 'values are compared in the type of the field that is matched', async () => {
    const create = (fields: object) => violationsOf(db.Document.create({ id: id(), ...fields }))
    expect(await create({ device: '0A1B2C3D-0000-4000-8000-00000000ABCD', number: 7 })).toEqual([])
    expect(await create({ device: 'not a uuid', number: 7.5 })).toEqual(['references device', 'references number'])
    expect(await valuesOf('User.number', '7')).toEqual([])
  })

  holds([17], 'constraints of one save share equal queries and equal first hops', async () => {
    const saving = () =>
      db.Document.create({
        id: id(),
        projectId: 'p1',
        userId: 'u1',
        deputyId: 'u2',
        parts: [
          { projectId: 'p1', userId: 'u1', ownerId: 'u2' },
          { projectId: 'p1', userId: 'u2' },
        ],
      })
    expect((await readsOf(db, saving)).filter(read => read === 'batchGet')).toHaveLength(2)
  })

  holds([18], 'each document has its values, all and by path, and nothing found is an empty set', async () => {
    const outcome = await db.crql('Project(projectId)._id->workspaceId,_id', [{ projectId: 'p1' }, { projectId: 'no' }])
    expect([outcome.queries, outcome.documentsRead]).toEqual([1, 1])
    expect(outcome.contexts).toEqual([
      {
        all: new Set(['w1', 'p1']),
        byPath: new Map([
          ['workspaceId', new Set(['w1'])],
          ['_id', new Set(['p1'])],
        ]),
      },
      {
        all: new Set(),
        byPath: new Map([
          ['workspaceId', new Set()],
          ['_id', new Set()],
        ]),
      },
    ])
  })

  holds([19], 'more values than fit a request are still one query', async () => {
    const many = Array.from({ length: 105 }, (_, i) => `m${i}`)
    await db.batch(batch => {
      for (const workspaceId of many) batch.Workspace.put({ workspaceId, labels: { name: workspaceId } })
    })
    const byKey = await db.crql('Workspace(ids)._id->labels.name', [{ ids: many }])
    expect([byKey.queries, byKey.documentsRead, byKey.contexts[0]?.all.size]).toEqual([1, 105, 105])
    // An index has no IN: each value is a request of its own, but all of them are one query.
    const mails = ['same@x', ...many.slice(0, 20)]
    const reads = await readsOf(db, async () => {
      expect(await db.crql('User.email', mails)).toMatchObject({ queries: 1, documentsRead: 2 })
    })
    expect(reads).toEqual(mails.map(() => 'query'))
  })
})

allAccountedFor()
