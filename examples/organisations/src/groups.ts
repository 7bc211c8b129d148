/** Group membership. */
import { add, removeFrom } from 'partita'
import type { Db } from './database.js'
import type { Grant } from './grant.js'
import type { MembershipKey } from './membership.js'
import { checkServices } from './services.js'

/** Adds a member, or an invited user, to groups. Throws `NotFoundError` if the member or a service does not exist. */
export async function addToGroups(db: Db, key: MembershipKey, groups: readonly Grant[]): Promise<void> {
  await db.transaction(async tx => {
    await checkServices(tx, key.orgId, groups)
    await tx.Member.update(key, { groups: add(...groups) })
  })
}

/**
 * Removes a member from groups, and ignores groups without the member. Throws `NotFoundError` for an unknown member.
 */
export async function removeFromGroups(db: Db, key: MembershipKey, groups: readonly Grant[]): Promise<void> {
  await db.Member.update(key, { groups: removeFrom(...groups) })
}

/** The members of a group. It reads all members of the organisation and returns only these. */
export function membersIn(db: Db, orgId: string, group: Grant) {
  const where = { groups: { $contains: group }, acceptedAt: { $exists: true } }
  return db.Member.query.key({ orgId }, { where, consistent: true })
}
