/** Signing in, staying in, and being out after half an hour of doing nothing. */
import { randomUUID } from 'node:crypto'
import { NotFoundError } from 'partita'
import type { Account, Saas, SessionRecord } from './database.js'

/** Milliseconds since 1970. */
export type Clock = () => number

export const IDLE = 30 * 60_000

const expiry = (clock: Clock) => new Date(clock() + IDLE)

/** @returns the token, for a cookie. Throws `NotFoundError` for an address that nobody has here. */
export async function signIn(db: Saas, clock: Clock, email: string, token: string = randomUUID()): Promise<string> {
  const user = await db.User.findBy({ email })
  if (!user) throw new NotFoundError(`There is no user of ${email}`, {})
  await db.Session.create({ token, userId: user.userId, expiresAt: expiry(clock) })
  return token
}

/** The session of a token, which lasts for another half hour from now; undefined where it has ended. */
export async function useSession(db: Saas, clock: Clock, token: string): Promise<SessionRecord | undefined> {
  const session = await db.Session.findBy({ token })
  try {
    return await session?.update({ expiresAt: expiry(clock) })
  } catch (error) {
    // It ended since it was found.
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

/** Ends all sessions of a user. */
export async function signOut(user: Account): Promise<void> {
  for await (const session of user.sessions()) await session.delete()
}
