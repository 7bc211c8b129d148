/** What the compiler finds in CRQL queries, and what it accepts; checked by `tsc -p test`. */
import { type AnyModel, connect, type Database, f, inherit, type Model, model } from 'partita'

const User = model('User', {
  fields: { userId: f.string(), email: f.email().optional(), alias: f.string().optional(), _tags: f.set(f.string()) },
  key: 'userId',
  unique: { email: ['email'], alias: ['alias'] },
})
const Workspace = model('Workspace', {
  fields: {
    workspaceId: f.string(),
    userRoles: f
      .list(f.map({ userId: f.string(), in: f.map({ team: f.string(), 'odd name': f.string() }) }))
      .optional(),
    groups: f.list(f.list(f.map({ memberIds: f.set(f.string()) }))),
    byName: f.record(f.map({ ownerId: f.string() })),
    settings: f.json<{ theme: string }>(),
    options: f.map({ extra: f.json(), at: f.date() }),
    size: f.integer(),
  },
  key: 'workspaceId',
})
const Project = model('Project', {
  fields: { projectId: f.string(), workspaceId: f.ref('Workspace') },
  key: 'projectId',
  softDelete: true,
})
const Pair = model('Pair', { fields: { a: f.string(), b: f.string() }, key: { pk: 'PAIR#{a}', sk: '{b}' } })
const CHAIN = `
  Project(@projectId)._id
    ->Workspace ( @ workspaceId ) . _id
    ->userRoles . userId`

const documentFields = {
  documentId: f.string(),
  projectId: f.ref('Project', { guard: true }).optional(),
  userId: f.string().optional(),
  memberIds: f.set(f.string()),
  emails: f.list(f.email()),
  roles: f.list(f.map({ projectId: f.string(), userId: f.string(), inner: f.list(f.map({ id: f.string() })) })),
  data: f.json(),
}
const Document = model('Document', {
  fields: documentFields,
  key: 'documentId',
  rules: {
    permissions: inherit('projectId'),
    references: {
      userId: [CHAIN, 'User.userId,alias', 'User . email'],
      'roles.userId': 'Project(projectId)._id->Workspace(@workspaceId)._id->@userRoles.in.team, groups.memberIds',
      'roles.inner.id': 'User(id)._id->_tags',
      'data.anything.at.all': 'User(other.thing)._id->email',
    },
    limits: { emails: 'User(memberIds)._id->email' },
    hooks: { validate: ({ userId }) => (userId === '' ? [{ path: 'userId', message: 'is empty' }] : undefined) },
  },
})
const models = { User, Workspace, Project, Pair, Document }

export async function accepts(text: string, name: `User.${string}`): Promise<void> {
  const db = await connect({ models })
  await db.crql('Workspace(x)._id->size,byName.anyone.ownerId,settings.not.described,options.extra.a.0.b', [])
  await db.crql('Workspace(at.a."quoted, name".3)._id->userRoles.0.in."odd name"', [])
  await db.crql('Workspace(x)._id->userRoles.0.in.team,groups.1.2.memberIds', [])
  await db.crql(text, [])
  await db.crql(name, [])
  await db.crql('User."not checked here"', [])
  await db.crql(text === '' ? 'User.email' : 'User.alias', [])
}

/** Models whose types say nothing are accepted, and a generic function says that its text is any text. */
export async function acceptsAnyModels(
  // biome-ignore lint/suspicious/noExplicitAny: what an untyped module exports.
  untyped: any,
  loose: AnyModel,
  named: Model<'User'>,
  byName: Record<string, AnyModel>,
): Promise<void> {
  for (const db of [
    await connect({ models: { User: untyped, Workspace, Project } }),
    await connect({ models: { User: loose, Workspace, Project, Document } }),
    await connect({ models: { User: named, Workspace, Project, Document } }),
  ]) {
    await db.crql('User(anything)._id->Workspace(at.all)._id->userRoles.userId', [])
  }
  await (await connect({ models: byName })).crql('Any(a)._id->b.c', [])
  await (await connect({ models: untyped })).crql('Any(a)._id->b.c', [])
  // @ts-expect-error Usr is not a connected model.
  await (await connect({ models: { User: untyped } })).crql('Usr.email', [])
}

export async function generic<Text extends string>(db: Database<typeof models>, text: Text): Promise<void> {
  await db.crql<string>(text, [])
}

export async function rejects(): Promise<void> {
  const db = await connect({ models })
  // @ts-expect-error Usr is not a connected model.
  await db.crql('Usr.email', [])
  // @ts-expect-error mail is not a field of User.
  await db.crql('User.email,mail', [])
  // @ts-expect-error The name of a field is missing.
  await db.crql('User.', [])
  // @ts-expect-error A query names paths.
  await db.crql('User', [])
  // @ts-expect-error An empty text is no query.
  await db.crql('', [])
  // @ts-expect-error The chain ends without paths.
  await db.crql('User(a)._id', [])
  // @ts-expect-error The chain ends without paths.
  await db.crql('User(a)._id->Workspace(userId)._id', [])
  // @ts-expect-error A hop has a path in parentheses.
  await db.crql('User._id->email', [])
  // @ts-expect-error A hop has a path behind its parentheses.
  await db.crql('User(a)_id->email', [])
  // @ts-expect-error Only the last step names several paths.
  await db.crql('User(a)._id,email->email', [])
  // @ts-expect-error userId is not a field of Workspace.
  await db.crql('Project(a)._id->Workspace(workspaceId)._id->userId', [])
  // @ts-expect-error team is not a field of an element of userRoles.
  await db.crql('Workspace(a)._id->userRoles.team', [])
  // @ts-expect-error A text has no parts.
  await db.crql('Workspace(a)._id->userRoles.userId.length', [])
  // @ts-expect-error workspace is not a field of Project.
  await db.crql('Project(a)._id->Workspace(workspace)._id->userRoles.userId', [])
  // @ts-expect-error A model with two key fields has no _id.
  await db.crql('Pair._id', [])
  // @ts-expect-error One of the texts is wrong.
  await db.crql(Math.random() > 2 ? 'User.email' : 'User.mail', [])
}

export async function rejectsRules(): Promise<void> {
  const Unknown = model('Unknown', {
    fields: documentFields,
    key: 'documentId',
    rules: { permissions: 'http', references: { userId: 'Projct(@projectId)._id->workspaceId' } },
  })
  // @ts-expect-error Unknown.rules.references.userId: Projct is not a connected model.
  await connect({ models: { Project, Workspace, Unknown } })
  const Relative = model('Relative', {
    fields: documentFields,
    key: 'documentId',
    rules: { permissions: 'http', limits: { 'roles.userId': ['User.userId', 'User(memberIds)._id->email'] } },
  })
  // @ts-expect-error Relative.rules.limits.roles.userId: memberIds is not a field there.
  await connect({ models: { Project, Workspace, User, Relative } })
  const Part = model('Part', {
    fields: documentFields,
    key: 'documentId',
    rules: { permissions: 'http', references: { 'roles.user': 'User.userId' } },
  })
  // @ts-expect-error Part.rules.references.roles.user: user is not a field there.
  await connect({ models: { Project, Workspace, User, Part } })
  // @ts-expect-error Document refers to Workspace in a query.
  await connect({ models: { User, Project, Document } })
}
