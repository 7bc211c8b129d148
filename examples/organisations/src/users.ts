/** Users. */
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

/** Finds a user by e-mail address. Case and surrounding white space are ignored. Throws `NotFoundError`. */
export function getUserByEmail(db: Db, email: string): Promise<UserRecord> {
  return found(db.User.findBy({ email }, { consistent: true }), `user of ${email}`)
}

/** A user with organisations and invitations. Throws `NotFoundError`. */
export function getUserDetails(db: Db, userId: string) {
  return found(db.UserDetails.get({ userId }, { consistent: true }), `user ${userId}`)
}

/**
 * Saves the changes of a user, then updates the copies in the organisations. Throws `ConflictError` if the user changed
 * since it was read. After an error in between, call it again to update the copies.
 */
export async function putUser(db: Db, user: UserRecord): Promise<void> {
  await user.save()
  await copyUser(db, user.userId)
}
