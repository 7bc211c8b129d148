/** A request, as a web server would handle it: of one tenant, by whoever the token says. */
import type { Account, Saas } from './database.js'
import { type Clock, useSession } from './sessions.js'

export interface Request {
  readonly tenant: string
  readonly token: string
}

/** Answers requests. What `work` does with the database, however deep, is of the request's tenant. */
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
