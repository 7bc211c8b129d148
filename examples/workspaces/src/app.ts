/**
 * The HTTP server. Each request acts for the user of its token; the handlers contain no checks of permissions, since no call
 * of the database can go around those of the models.
 */
import { Hono } from 'hono'
import type { Workspaces } from './database.js'
import { failureOf } from './http-errors.js'

/** Finds the user of a token; undefined for an unknown token. */
export type Authenticate = (token: string) => string | undefined

type Acting = ReturnType<Workspaces['scope']>
interface Environment {
  // Hono names this member.
  Variables: { acting: Acting; actor: string | undefined }
}

/** Builds the server. */
export function makeApp(db: Workspaces, authenticate: Authenticate): Hono<Environment> {
  const app = new Hono<Environment>()

  app.use(async (context, next) => {
    const [, token = ''] = /^Bearer (\S+)$/.exec(context.req.header('authorization') ?? '') ?? []
    const actor = authenticate(token)
    context.set('actor', actor)
    context.set('acting', db.scope({ actor }))
    await next()
  })
  app.onError((error, context) => {
    const { status, body } = failureOf(error)
    return context.json(body, status)
  })

  app.post('/workspaces', async context => {
    const actor = context.get('actor') ?? ''
    const { name } = await context.req.json()
    const userRoles = [{ userId: actor, role: 'owner' as const }]
    return context.json(await context.get('acting').Workspace.create({ name, ownerId: actor, userRoles }), 201)
  })

  app.get('/workspaces/:workspaceId', async context => {
    const key = { workspaceId: context.req.param('workspaceId') }
    return orNotFound(await context.get('acting').Workspace.get(key, { with: { projects: true } }))
  })

  app.delete('/workspaces/:workspaceId/members/:userId', async context => {
    const { workspaceId, userId } = context.req.param()
    const workspace = await context.get('acting').Workspace.get({ workspaceId })
    if (!workspace) return orNotFound(workspace)
    workspace.userRoles = workspace.userRoles.filter(role => role.userId !== userId)
    return context.json(await workspace.save())
  })

  app.post('/workspaces/:workspaceId/projects', async context => {
    const { workspaceId } = context.req.param()
    const { name } = await context.req.json()
    return context.json(await context.get('acting').Project.create({ workspaceId, name }), 201)
  })

  app.post('/workspaces/:workspaceId/invitations', async context => {
    const { workspaceId } = context.req.param()
    const { email } = await context.req.json()
    return context.json(await context.get('acting').Invitation.create({ workspaceId, email }), 201)
  })

  app.post('/invitations/:invitationId/accept', async context => {
    const key = { invitationId: context.req.param('invitationId') }
    const user = await context.get('acting').User.get({ userId: context.get('actor') ?? '' })
    // The invited user is not a member yet, so the program acts for itself, after it has compared the addresses.
    const invited = db.scope({ system: 'accept an invitation' })
    return invited.transaction(async tx => {
      const invitation = await tx.Invitation.get(key)
      if (!user || invitation?.email !== user.email) return orNotFound(undefined)
      const workspace = await tx.Workspace.get({ workspaceId: invitation.workspaceId })
      if (!workspace) return orNotFound(workspace)
      workspace.userRoles.push({ userId: user.userId, role: 'member' })
      await workspace.save()
      await invitation.delete()
      return context.json({ workspaceId: workspace.workspaceId })
    })
  })

  app.get('/projects/:projectId/documents', async context => {
    const { projectId } = context.req.param()
    const after = context.req.query('after')
    const page = await context.get('acting').Document.query.byProject({ projectId }, { limit: 20, after }).page()
    return context.json({ items: page.items, after: page.cursor })
  })

  app.post('/projects/:projectId/documents', async context => {
    const { projectId } = context.req.param()
    const input = await context.req.json()
    return context.json(await context.get('acting').Document.create({ ...input, projectId }), 201)
  })

  app.get('/documents/:documentId', async context =>
    orNotFound(await context.get('acting').Document.get({ documentId: context.req.param('documentId') })),
  )

  app.patch('/documents/:documentId', async context => {
    const changes = await context.req.json()
    const key = { documentId: context.req.param('documentId') }
    return context.json(await context.get('acting').Document.update(key, changes))
  })

  app.delete('/documents/:documentId', async context => {
    const deleted = await context.get('acting').Document.delete({ documentId: context.req.param('documentId') })
    return deleted ? context.body(null, 204) : orNotFound(deleted)
  })

  app.post('/documents/:documentId/restore', async context =>
    context.json(await context.get('acting').Document.restore({ documentId: context.req.param('documentId') })),
  )

  return app
}

function orNotFound(row: object | undefined): Response {
  return row ? Response.json(row) : Response.json({ error: 'There is no such thing' }, { status: 404 })
}
