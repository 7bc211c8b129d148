/** The models of the examples: users, workspaces with members, projects of a workspace. */
import { f, model } from 'partita'

/** The chain of the README: the members of the workspace of the project of a document. */
export const CHAIN = `
  Project(@projectId)._id
    ->Workspace(@workspaceId)._id
    ->userRoles.userId`

export const User = model('User', {
  fields: {
    userId: f.string(),
    email: f.string().optional(),
    alias: f.string().optional(),
    deviceId: f.uuid().optional(),
    number: f.integer().optional(),
  },
  key: 'userId',
  indexes: { byEmail: { on: 'gsi1', pk: 'EMAIL#{email}' } },
  unique: { alias: ['alias'], deviceId: ['deviceId'], number: ['number'] },
  softDelete: true,
})

export const Workspace = model('Workspace', {
  fields: {
    workspaceId: f.string(),
    userRoles: f.list(f.map({ userId: f.string(), role: f.string().optional() })).default([]),
    something: f.map({ else: f.string() }).optional(),
    and: f.map({ also: f.map({ this: f.list(f.list(f.string())) }) }).optional(),
    labels: f.record(f.string()).default({}),
  },
  key: 'workspaceId',
})

export const Project = model('Project', {
  fields: { projectId: f.string(), workspaceId: f.ref('Workspace') },
  key: 'projectId',
  softDelete: true,
})

/** Roles of a workspace. */
export const roles = (...users: string[]) => users.map(userId => ({ userId }))
