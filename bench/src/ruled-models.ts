/** One model with rules of several kinds and with none, and the rows that the rules refer to. */
import { connect, type Database, f, inherit, model } from 'partita'
import type { Store } from '../internals.mjs'

const USERS = 20
const PROJECTS = 50

const Workspace = model('Workspace', {
  fields: { workspaceId: f.string(), memberIds: f.set(f.string()) },
  key: 'workspaceId',
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ memberIds: { $contains: String(actor) } }),
      enforce: (workspace, { actor }) => workspace.memberIds.has(String(actor)),
    },
  },
})
const Project = model('Project', {
  fields: { projectId: f.string(), workspaceId: f.ref('Workspace') },
  key: 'projectId',
  rules: { permissions: inherit('workspaceId') },
})

const fields = {
  id: f.string(),
  projectId: f.ref('Project'),
  authorId: f.string(),
  editorId: f.string(),
  title: f.string(),
}
const guarded = { ...fields, projectId: f.ref('Project', { guard: true }) }
const MEMBERS = 'Project(projectId)._id->Workspace(workspaceId)._id->memberIds'
const chains = { authorId: MEMBERS, editorId: MEMBERS }

const Plain = model('Plain', { fields, key: 'id' })
const Locked = model('Locked', { fields, key: 'id', rules: { permissions: 'http', locks: ['authorId'] } })
const Guarded = model('Guarded', { fields: guarded, key: 'id' })
const Chained = model('Chained', { fields, key: 'id', rules: { permissions: 'http', references: chains } })
const Both = model('Both', { fields: guarded, key: 'id', rules: { permissions: 'http', references: chains } })
const Audited = model('Audited', { fields, key: 'id', rules: { permissions: 'http', audit: true } })
const Permitted = model('Permitted', { fields, key: 'id', rules: { permissions: inherit('projectId') } })

const models = { Workspace, Project, Plain, Locked, Guarded, Chained, Both, Audited, Permitted }

/** The kinds of rules that are measured, by the model that has them. */
export const KINDS = {
  Plain: 'no rules',
  Locked: 'a lock',
  Guarded: 'a guarded ref',
  Chained: 'two chains',
  Both: 'two chains and a guarded ref',
  Audited: 'a history',
  Permitted: 'inherited permissions',
} as const satisfies Partial<Record<keyof typeof models, string>>

/** The name of a measured model. */
export type Kind = keyof typeof KINDS

/** The database in the scope of a member. */
export type Ruled = Database<typeof models>

/** Connects the models on a store, with a workspace, its members and projects. */
export async function connectRuled(store: Store): Promise<Ruled> {
  const db = await connect({ models, store, createTable: true })
  const system = db.scope({ system: 'load the benchmark' })
  const memberIds = Array.from({ length: USERS }, (_, i) => userId(i))
  await system.Workspace.create({ workspaceId: 'workspace', memberIds })
  for (let i = 0; i < PROJECTS; i++) await system.Project.create({ projectId: projectId(i), workspaceId: 'workspace' })
  return db
}

/** A member of the workspace. */
export function userId(number: number): string {
  return `user-${number % USERS}`
}

/** A project of the workspace. */
function projectId(number: number): string {
  return `project-${number % PROJECTS}`
}

/** A new row that breaks no rule. */
export function ruledRow(number: number) {
  return {
    id: `row-${number}`,
    projectId: projectId(number),
    authorId: userId(number),
    editorId: userId(number + 1),
    title: `Title number ${number}`,
  }
}
