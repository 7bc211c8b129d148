/** Handles requests as a web server would: for one tenant, by the user of the session token. */
import type { Account, Saas } from './database.js'
import { type Clock, useSession } from './sessions.js'

export interface Request {
  readonly tenant: string
  readonly token: string
}

/**
 * Answers requests. All database calls of `work`, and of the functions that it calls, belong to the request's tenant.
 */
export function makeHandler(db: Saas, clock: Clock) {
  return <Answer>(
    { tenant, token }: Request,
    work: (user: Account) => Promise<Answer>,
  ): Promise<Answer | 'signed out'> =>
    db.run({ tenant, actor: token, loader: true }, async () => {
      const session = await useSession(db, clock, token)
      const user = await session?.user()
      return user ? work(user) : 'signed out'
    })
}
