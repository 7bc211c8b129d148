/** The chained reference query language, and the references and limits that are written in it. */
import { connect, f, model, PartitaError } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'

const CHAIN = `
  Project(@projectId)._id
    ->Workspace(@workspaceId)._id
    ->userRoles.userId`

const User = model('User', {
  fields: { userId: f.string(), email: f.email().optional(), alias: f.string().optional() },
  key: 'userId',
  indexes: { byEmail: { on: 'gsi1', pk: 'EMAIL#{email}' } },
  unique: { alias: ['alias'] },
  softDelete: true,
})
const Workspace = model('Workspace', {
  fields: { workspaceId: f.string(), userRoles: f.list(f.map({ userId: f.string(), role: f.string() })) },
  key: 'workspaceId',
})
const Project = model('Project', {
  fields: { projectId: f.string(), workspaceId: f.ref('Workspace') },
  key: 'projectId',
  softDelete: true,
})
const Document = model('Document', {
  fields: {
    documentId: f.string(),
    projectId: f.string().optional(),
    userId: f.string().optional(),
    confirmedMemberUserIds: f.set(f.string()).optional(),
    invitedEmails: f.list(f.email()).default([]),
    assignments: f.list(f.map({ projectId: f.string(), userId: f.string() })).default([]),
    editor: f.string().optional(),
    title: f.string().optional(),
  },
  key: 'documentId',
  rules: {
    permissions: 'http',
    references: {
      userId: CHAIN,
      editor: 'User.email, alias',
      'assignments.userId': 'Project(projectId)._id->Workspace(workspaceId)._id->userRoles.userId',
    },
    limits: { invitedEmails: 'User(confirmedMemberUserIds)._id->email' },
  },
})

describeEachStore('CRQL', tested => {
  const open = () =>
    connect({
      models: { User, Workspace, Project, Document },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
  let db: Awaited<ReturnType<typeof open>>
  let ids = 0
  const documentId = () => `d${++ids}`
  beforeAll(async () => {
    db = await open()
    await db.User.create({ userId: 'u1', email: 'a@x.org', alias: 'ann' })
    await db.User.create({ userId: 'u2', alias: 'x' })
    await db.User.create({ userId: 'u9', email: 'gone@x.org' })
    await db.User.delete({ userId: 'u9' })
    const roles = (...users: string[]) => users.map(userId => ({ userId, role: 'member' }))
    await db.Workspace.create({ workspaceId: 'w1', userRoles: roles('u1', 'u2') })
    await db.Workspace.create({ workspaceId: 'w2', userRoles: roles('u3') })
    for (const [projectId, workspaceId] of [
      ['p1', 'w1'],
      ['p2', 'w2'],
      ['p3', 'w1'],
      ['gone', 'w1'],
    ] as const) {
      await db.Project.create({ projectId, workspaceId })
    }
    await db.Project.delete({ projectId: 'gone' })
  })

  const reads = async (work: () => Promise<unknown>) => {
    const operations: string[] = []
    const off = db.on('operation', ({ operation }) => void operations.push(operation))
    await work().finally(off)
    return operations.filter(operation => !/write/i.test(operation))
  }

  it('a chain reads one batch for each hop, however many contexts there are', async () => {
    const contexts = Array.from({ length: 50 }, (_, i) => ({ projectId: `p${(i % 3) + 1}` }))
    let outcome: Awaited<ReturnType<typeof db.crql>> | undefined
    const operations = await reads(async () => {
      outcome = await db.crql(CHAIN, contexts)
    })
    expect(operations).toEqual(['batchGet', 'batchGet'])
    expect(outcome).toMatchObject({ queries: 2, documentsRead: 5 })
    expect(outcome?.contexts.slice(0, 3).map(({ all }) => [...all].sort())).toEqual([
      ['u1', 'u2'],
      ['u3'],
      ['u1', 'u2'],
    ])
    expect(outcome?.contexts[0]?.byPath.get('userRoles.userId')).toEqual(new Set(['u1', 'u2']))
  })

  it('a query stops when nothing is left to look up, and does not find soft-deleted rows', async () => {
    expect(await db.crql(CHAIN, [{ projectId: 'gone' }])).toMatchObject({ queries: 1, contexts: [{ all: new Set() }] })
    expect(await db.crql(CHAIN, [{}, { projectId: null }])).toMatchObject({ queries: 0, documentsRead: 0 })
    expect(await db.crql('User._id', ['u1', 'u9', 5])).toMatchObject({
      queries: 1,
      contexts: [{ all: new Set(['u1']) }, { all: new Set() }, { all: new Set() }],
    })
  })

  it('values are found by index and by unique constraint, through sets, without null and duplicates', async () => {
    const { contexts, queries } = await db.crql('User(confirmedMemberUserIds)._id->email', [
      { confirmedMemberUserIds: ['u1', 'u1', 'u2'] },
      { confirmedMemberUserIds: new Set(['u2']) },
    ])
    expect(queries).toBe(1)
    expect(contexts.map(({ all }) => [...all])).toEqual([['a@x.org'], []])
    const direct = await db.crql('User.email,alias', ['x', 'a@x.org', 'nobody'])
    expect(direct.queries).toBe(1)
    expect(direct.contexts.map(({ all }) => all.size)).toEqual([1, 1, 0])
  })

  it('a reference within its own chain is accepted, and any other is refused by path and value', async () => {
    const operations = await reads(() =>
      db.Document.create({ documentId: documentId(), projectId: 'p1', userId: 'u1' }),
    )
    expect(operations).toEqual(['batchGet', 'batchGet'])
    const at = (projectId: string | undefined, userId: string) =>
      db.Document.create({ documentId: documentId(), userId, ...(projectId !== undefined && { projectId }) })
    for (const projectId of ['p2', 'gone', 'absent', undefined]) {
      expect(await violations(at(projectId, 'u1'))).toEqual([['references', 'userId', 'u1']])
    }
  })

  it('an absent row and a deleted row give the same message', async () => {
    const messageOf = (projectId: string) =>
      db.Document.create({ documentId: 'same', projectId, userId: 'u1' }).then(
        () => 'written',
        error => error.message,
      )
    expect(await messageOf('gone')).toBe(await messageOf('absent'))
  })

  it('each part of a document is evaluated by itself, so swapped users of two projects are two violations', async () => {
    const swapped = db.Document.create({
      documentId: documentId(),
      assignments: [
        { projectId: 'p1', userId: 'u3' },
        { projectId: 'p2', userId: 'u1' },
        { projectId: 'p3', userId: 'u2' },
      ],
    })
    expect(await violations(swapped)).toEqual([
      ['references', 'assignments.0.userId', 'u3'],
      ['references', 'assignments.1.userId', 'u1'],
    ])
  })

  it('a constraint is checked again when any path that it reads changes, and only then', async () => {
    const id = documentId()
    const document = await db.Document.create({ documentId: id, projectId: 'p1', userId: 'u1' })
    expect(await violations(db.Document.update({ documentId: id }, { projectId: 'p2' }))).toEqual([
      ['references', 'userId', 'u1'],
    ])
    expect(await reads(() => document.update({ title: 'x' }))).not.toContain('batchGet')
    await db.Project.delete({ projectId: 'p1' })
    await db.Document.update({ documentId: id }, { title: 'ann' })
    await db.Project.restore({ projectId: 'p1' })
  })

  it('values are limited by what other rows have when either side changes', async () => {
    const id = documentId()
    const invited = { documentId: id, confirmedMemberUserIds: ['u1'], invitedEmails: ['b@x.org', 'a@x.org'] }
    expect(await violations(db.Document.create(invited))).toEqual([['limits', 'invitedEmails.1', 'a@x.org']])
    await db.Document.create({ ...invited, confirmedMemberUserIds: ['u2', 'u9'] })
    expect(await violations(db.Document.update({ documentId: id }, { confirmedMemberUserIds: ['u1'] }))).toEqual([
      ['limits', 'invitedEmails.1', 'a@x.org'],
    ])
  })

  it('a row that the same transaction creates exists for references', async () => {
    await db.transaction(async tx => {
      await tx.Workspace.create({ workspaceId: 'wt', userRoles: [{ userId: 'ut', role: 'owner' }] })
      await tx.Project.create({ projectId: 'pt', workspaceId: 'wt' })
      await tx.Document.create({ documentId: documentId(), projectId: 'pt', userId: 'ut' })
    })
    expect((await db.crql(CHAIN, [{ projectId: 'pt' }])).contexts[0]?.all).toEqual(new Set(['ut']))
  })

  it.each([
    ['', 'line 1, column 1'],
    ['User', 'column 5'],
    ['User.', 'column 6'],
    ['Nobody._id', 'not a connected model'],
    ['User.nothing', 'not a field of User'],
    ['User.__proto__', 'not a field of User'],
    ['User.constructor.name', 'not a field of User'],
    ['Workspace.userRoles.userId', 'no index finds rows'],
    ['Project(projectId)._id', 'ends without paths'],
    ['Project(projectId)._id->', 'missing after ->'],
    ['Project(projectId)._id->Workspace(workspaceId)._id', 'ends without paths'],
    ['Project(projectId)._id,workspaceId->x', 'only the last step'],
    ['Project(projectId)._id->workspaceId->_id', 'only the last step has bare paths'],
    ['Project(project Id)._id->_id', ') is missing'],
    ['Project(projectId)._id - > _id', 'not part of a query'],
    ['Project(projectId)._id->\n  Workspace(nothing)._id->userRoles', 'line 2, column 13'],
    ['Workspace(x)._id->userRoles.role.more', 'has no parts'],
    ['('.repeat(10_000), 'begins with the name of a model'],
    [`${'Project(projectId)._id->'.repeat(10_000)}_id`, 'at most 20000'],
    [`${'Project(projectId)._id->'.repeat(500)}_id`, 'at most 100 hops'],
    [`User.${'a.'.repeat(500)}a`, 'at most 32 names'],
    ['Üser.é', 'not a connected model'],
    ['User\u2028(\u00a0x )\u3000.\t_id\n->\r\nemail', undefined],
  ])('the query %j is read, or refused with its position', async (text, message) => {
    if (message === undefined) await db.crql(text, [{ x: 'u1' }])
    else await expect(db.crql(text, [{}])).rejects.toThrow(message)
  })
})

/** The violations of a write, as rule, path and value. */
async function violations(write: Promise<unknown>) {
  const error = await write.then(
    () => undefined,
    thrown => thrown,
  )
  if (!PartitaError.is(error, 'RuleViolated')) throw error ?? new Error('The write succeeded')
  return error.details.violations.map(({ rule, path, value }) => [rule, path.join('.'), value])
}

it('a limit sees the values that the write gives the row itself, in a create and in an update', async () => {
  const Page = model('Page', {
    fields: { id: f.string(), slug: f.string(), aliases: f.list(f.string()) },
    key: 'id',
    indexes: { bySlug: { on: 'gsi1', pk: 'SLUG#{slug}' } },
    rules: { permissions: 'http', limits: { aliases: 'Page.slug' } },
  })
  await using db = await connect({ models: { Page }, store: 'memory:' })
  const refused = [['limits', 'aliases.0', 'home']]
  expect(await violations(db.Page.create({ id: 'a', slug: 'home', aliases: ['home'] }))).toEqual(refused)
  await db.Page.create({ id: 'a', slug: 'start', aliases: ['home'] })
  expect(await violations(db.Page.update({ id: 'a' }, { slug: 'home' }))).toEqual(refused)
  await db.Page.update({ id: 'a' }, { slug: 'home', aliases: ['start'] })
  expect(await violations(db.Page.update({ id: 'a' }, { aliases: ['home'] }))).toEqual(refused)
})

it('every mistake of the queries is found when the models are connected', async () => {
  const Broken = model('Broken', {
    fields: { id: f.string(), n: f.integer(), list: f.list(f.string()) },
    key: 'id',
    rules: {
      permissions: 'http',
      references: { n: 'User._id', list: ['Broken(nothing)._id->id', 'User(n)._id->email'], id: 'User.(' },
      limits: { n: 'Workspace.userRoles.role' },
      locks: ['nothing'],
    },
  })
  // @ts-expect-error The compiler finds the unknown names and the syntax error.
  const error = await connect({ models: { User, Workspace, Broken }, store: 'memory:' }).then(
    () => undefined,
    thrown => thrown,
  )
  expect(PartitaError.is(error, 'ValidationFailed') && error.details.issues.map(({ path }) => path.join('.'))).toEqual([
    'Broken.rules.locks',
    'Broken.rules.references.n',
    'Broken.rules.references.list',
    'Broken.rules.references.list',
    'Broken.rules.references.id',
    'Broken.rules.limits.n',
  ])
})
