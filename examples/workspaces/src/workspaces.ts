/** Workspaces, their members, projects and invitations. */
import type { CreateInput } from 'partita'
import { type App, bodyOf, orNotFound } from './acting.js'
import type { Workspaces } from './database.js'
import type { Invitation, Project, Workspace } from './models.js'

/** Adds the routes. */
export function addWorkspaces(app: App, db: Workspaces): void {
  app.post('/workspaces', async context => {
    const actor = context.get('actor') ?? ''
    const { name } = await bodyOf(context)
    const userRoles = [{ userId: actor, role: 'owner' as const }]
    const input = { name, ownerId: actor, userRoles } as CreateInput<typeof Workspace>
    return context.json(await context.get('acting').Workspace.create(input), 201)
  })

  app.get('/workspaces/:workspaceId', async context => {
    const key = { workspaceId: context.req.param('workspaceId') }
    return orNotFound(await context.get('acting').Workspace.get(key, { with: { projects: true } }))
  })

  app.delete('/workspaces/:workspaceId', async context => {
    const deleted = await context.get('acting').Workspace.delete({ workspaceId: context.req.param('workspaceId') })
    return deleted ? context.body(null, 204) : orNotFound(deleted)
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
    const { name } = await bodyOf(context)
    const input = { workspaceId, name } as CreateInput<typeof Project>
    return context.json(await context.get('acting').Project.create(input), 201)
  })

  app.delete('/projects/:projectId', async context => {
    const deleted = await context.get('acting').Project.delete({ projectId: context.req.param('projectId') })
    return deleted ? context.body(null, 204) : orNotFound(deleted)
  })

  app.post('/workspaces/:workspaceId/invitations', async context => {
    const { workspaceId } = context.req.param()
    const { email } = await bodyOf(context)
    const input = { workspaceId, email } as CreateInput<typeof Invitation>
    return context.json(await context.get('acting').Invitation.create(input), 201)
  })

  app.post('/invitations/:invitationId/accept', async context => {
    const key = { invitationId: context.req.param('invitationId') }
    const actor = context.get('actor')
    const user = actor === undefined ? undefined : await context.get('acting').User.get({ userId: actor })
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
}
