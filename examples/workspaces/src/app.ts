/**
 * The HTTP server. Each request acts for the user of its token; the handlers contain no checks of permissions, since no call
 * of the database can go around those of the models.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { App, Environment } from './acting.js'
import { addAvatars } from './avatars.js'
import type { Workspaces } from './database.js'
import { addDocuments } from './documents.js'
import { failureOf } from './http-errors.js'
import { addWorkspaces } from './workspaces.js'

/** Finds the user of a token; undefined for an unknown token. */
export type Authenticate = (token: string) => string | undefined

/** The greatest body of a request in bytes. The bytes of avatars are limited by their field. */
const MAX_BODY = 100_000
const AVATAR = '/me/avatar'

/** Builds the server. */
export function makeApp(db: Workspaces, authenticate: Authenticate): App {
  const app = new Hono<Environment>()
  const limit = bodyLimit({
    maxSize: MAX_BODY,
    onError: context => context.json({ error: 'The request is too large' }, 413),
  })
  app.use(async (context, next) => (context.req.path === AVATAR ? next() : limit(context, next)))
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
  addWorkspaces(app, db)
  addDocuments(app)
  addAvatars(app, db, AVATAR)
  return app
}
