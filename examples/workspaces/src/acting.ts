/** What every route needs: the database in the scope of the user who sends the request, and the body of the request. */
import type { Context, Hono } from 'hono'
import type { Workspaces } from './database.js'

/** The database in the scope of a user. */
type Acting = ReturnType<Workspaces['scope']>

/** What the routes find in the context of a request. */
export interface Environment {
  // Hono names this member.
  Variables: {
    acting: Acting
    /** The user's id; undefined for nobody. */
    actor: string | undefined
  }
}

/** The server. */
export type App = Hono<Environment>

/** The body of a request is not a JSON object. */
export class BadBody extends Error {}

/**
 * Reads the body of a request.
 * @throws BadBody
 */
export async function bodyOf(context: Context<Environment>): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await context.req.json().catch(() => undefined)
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  throw new BadBody()
}

/** The row as JSON, or the same answer for all that does not exist or may not be seen. */
export function orNotFound(row: object | undefined): Response {
  return row ? Response.json(row) : Response.json({ error: 'There is no such thing' }, { status: 404 })
}
