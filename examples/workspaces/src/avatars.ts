/** Avatars: each user has one, and the members of a workspace see those of each other. */
import type { Asset } from 'partita'
import { type App, orNotFound } from './acting.js'
import type { Workspaces } from './database.js'

/**
 * Adds the routes.
 * @param own the path of the user's own avatar.
 */
export function addAvatars(app: App, db: Workspaces, own: string): void {
  app.put(own, async context => {
    const { acting, actor } = context.var
    // Before any byte is read: only users may store some.
    const user = actor === undefined ? undefined : await acting.User.get({ userId: actor })
    if (!user) return orNotFound(undefined)
    const type = context.req.header('content-type') ?? ''
    const avatar = await db.assets.upload('User.avatar', context.req.raw.body ?? new Uint8Array(), { type })
    await user.update({ avatar })
    return context.body(null, 204)
  })

  app.get(own, async context => {
    const { acting, actor } = context.var
    const user = actor === undefined ? undefined : await acting.User.get({ userId: actor })
    return shown(db, user?.avatar)
  })

  app.delete(own, async context => {
    const { acting, actor } = context.var
    if (actor === undefined) return orNotFound(undefined)
    await acting.User.update({ userId: actor }, { avatar: null })
    return context.body(null, 204)
  })

  app.get('/workspaces/:workspaceId/members/:userId/avatar', async context => {
    const { workspaceId, userId } = context.req.param()
    const workspace = await context.get('acting').Workspace.get({ workspaceId })
    if (!workspace?.userRoles.some(role => role.userId === userId)) return orNotFound(undefined)
    // Users are hidden from each other, so the program reads the avatar for itself, after both are known to be members.
    const user = await db.scope({ system: 'show the avatar of a member' }).User.get({ userId })
    return shown(db, user?.avatar)
  })
}

function shown(db: Workspaces, avatar: Asset | undefined): Response {
  if (!avatar) return orNotFound(undefined)
  return new Response(ReadableStream.from(db.assets.open(avatar)), {
    headers: {
      // The uploader chose it, among the types of the field; the browser must not guess another.
      'content-type': avatar.type,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-length': String(avatar.size),
      etag: `"${avatar.sha256}"`,
      'cache-control': 'private, no-cache',
    },
  })
}
