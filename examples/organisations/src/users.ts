/** The people. */
import { copyUser } from './copies.js'
import { type Db, found, type UserRecord } from './database.js'

export interface NewUser {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly phone?: string
}

export function createUser(db: Db, user: NewUser): Promise<UserRecord> {
  return db.User.create(user)
}

/** Throws `NotFoundError`. */
export function getUser(db: Db, userId: string): Promise<UserRecord> {
  return found(db.User.get({ userId }, { consistent: true }), `user ${userId}`)
}

/** Whichever way the address is written. Throws `NotFoundError`. */
export function getUserByEmail(db: Db, email: string): Promise<UserRecord> {
  return found(db.User.findBy({ email }, { consistent: true }), `user of ${email}`)
}

/** A user with organisations and invitations. Throws `NotFoundError`. */
export function getUserDetails(db: Db, userId: string) {
  return found(db.UserDetails.get({ userId }, { consistent: true }), `user ${userId}`)
}

/**
 * Writes what was changed of a user, then its copies in the organisations. Throws `ConflictError` where another has changed
 * the user since it was read. Where it ends half-way, doing it again makes the copies right.
 */
export async function putUser(db: Db, user: UserRecord): Promise<void> {
  await user.save()
  await copyUser(db, user.userId)
}
