/** Workspaces, their projects and documents: who may do what, and what must hold, is said here and nowhere else. */
import { f, inherit, many, model } from 'partita'

/** Whose members a user must be among: those of the workspace of the document's project. */
const MEMBERS = 'Project(@projectId)._id->Workspace(@workspaceId)._id->userRoles.userId'

export const User = model('User', {
  fields: {
    userId: f.ulid().auto(),
    name: f.string().min(1).max(80),
    email: f.email(),
    /** Pictures only: no type in which a browser runs scripts, such as SVG. */
    avatar: f.asset({ types: ['image/png', 'image/jpeg', 'image/webp'], max: 1_000_000 }).optional(),
  },
  key: 'userId',
  unique: { email: { fields: ['email'], lower: true, trim: true } },
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ userId: String(actor) }),
      enforce: (user, { actor }) => user.userId === actor,
    },
  },
})

export const Workspace = model('Workspace', {
  fields: {
    workspaceId: f.ulid().auto(),
    name: f.string().min(1).max(80),
    ownerId: f.ref('User', { guard: true }),
    userRoles: f.list(f.map({ userId: f.string(), role: f.enum('owner', 'member') })).max(50),
    /** The users of `userRoles`, for the filter of the permissions. */
    memberIds: f.set(f.string()).optional(),
    projectCount: f.countOf('Project.workspaceId'),
  },
  key: 'workspaceId',
  relations: { projects: many('Project', 'byWorkspace') },
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ memberIds: { $contains: String(actor) } }),
      enforce: (workspace, { actor, model: of, operation }) =>
        // Members write what is in a workspace; only its owner writes the workspace itself and deletes its projects.
        (of === 'Workspace' && operation !== 'create') || (of === 'Project' && operation === 'delete')
          ? workspace.ownerId === actor
          : workspace.userRoles.some(({ userId }) => userId === actor),
    },
    locks: ['ownerId'],
    uniqueWithin: { userRoles: ['userId'] },
    references: { 'userRoles.userId': 'User._id' },
    audit: true,
    hooks: {
      preProcess(workspace) {
        workspace.memberIds = new Set(workspace.userRoles.map(({ userId }) => userId))
      },
      validate: workspace =>
        workspace.userRoles.some(({ userId, role }) => userId === workspace.ownerId && role === 'owner')
          ? undefined
          : [{ path: 'userRoles', message: 'must contain the owner' }],
    },
  },
})

export const Invitation = model('Invitation', {
  fields: {
    invitationId: f.ulid().auto(),
    workspaceId: f.ref('Workspace', { onDelete: 'cascade' }),
    email: f.email(),
  },
  key: 'invitationId',
  indexes: { byWorkspace: { on: 'gsi1', pk: 'INVITATIONS#{workspaceId}', sk: '{invitationId}' } },
  unique: { email: ['workspaceId', 'email'] },
  rules: {
    permissions: inherit('workspaceId'),
    // Who is a member is not invited again.
    limits: { email: 'Workspace(workspaceId)._id->User(userRoles.userId)._id->email' },
    locks: ['workspaceId', 'email'],
  },
})

export const Project = model('Project', {
  fields: {
    projectId: f.ulid().auto(),
    // A workspace is deleted when it has no projects left.
    workspaceId: f.ref('Workspace', { onDelete: 'restrict' }),
    name: f.string().min(1).max(80),
    documentCount: f.countOf('Document.projectId'),
  },
  key: 'projectId',
  indexes: { byWorkspace: { on: 'gsi1', pk: 'PROJECTS#{workspaceId}', sk: '{projectId}' } },
  relations: { documents: many('Document', 'byProject') },
  rules: { permissions: inherit('workspaceId'), locks: ['workspaceId'] },
})

export const Document = model('Document', {
  fields: {
    documentId: f.ulid().auto(),
    projectId: f.ref('Project', { onDelete: 'cascade' }),
    title: f.string().min(1).max(200),
    text: f.string().default(''),
    /** Who works on it. */
    userId: f.string().optional(),
    reviewers: f.list(f.map({ userId: f.string(), role: f.string() })).default([]),
    version: f.version(),
  },
  key: 'documentId',
  indexes: { byProject: { on: 'gsi1', pk: 'DOCUMENTS#{projectId}', sk: '{documentId}' } },
  softDelete: true,
  rules: {
    permissions: inherit('projectId'),
    references: { userId: MEMBERS, 'reviewers.userId': MEMBERS },
    uniqueWithin: { reviewers: ['userId'] },
    locks: ['projectId'],
    audit: true,
  },
})
