/** Sessions that end after half an hour without a request. */
import { randomUUID } from 'node:crypto'
import { NotFoundError } from 'partita'
import type { Account, Saas, SessionRecord } from './database.js'

/** Milliseconds since 1970. */
export type Clock = () => number

export const IDLE = 30 * 60_000

const expiry = (clock: Clock) => new Date(clock() + IDLE)

/** @returns the token, for a cookie. Throws `NotFoundError` for an unknown address. */
export async function signIn(db: Saas, clock: Clock, email: string, token: string = randomUUID()): Promise<string> {
  const user = await db.User.findBy({ email })
  if (!user) throw new NotFoundError(`There is no user of ${email}`, {})
  await db.Session.create({ token, userId: user.userId, expiresAt: expiry(clock) })
  return token
}

/** Returns the session of a token and extends it by half an hour from now; undefined if it has expired. */
export async function useSession(db: Saas, clock: Clock, token: string): Promise<SessionRecord | undefined> {
  const session = await db.Session.findBy({ token })
  try {
    return await session?.update({ expiresAt: expiry(clock) })
  } catch (error) {
    // It expired since it was read.
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

/** Ends all sessions of a user. */
export async function signOut(user: Account): Promise<void> {
  for await (const session of user.sessions()) await session.delete()
}
