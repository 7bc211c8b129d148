/** Which groups the members are in. */
import { add, removeFrom } from 'partita'
import type { Db } from './database.js'
import type { Grant } from './grant.js'
import type { MembershipKey } from './membership.js'
import { checkServices } from './services.js'

/** Puts a member, or an invited user, into groups. Throws `NotFoundError` for no such member or service. */
export async function addToGroups(db: Db, key: MembershipKey, groups: readonly Grant[]): Promise<void> {
  await db.transaction(async tx => {
    await checkServices(tx, key.orgId, groups)
    await tx.Member.update(key, { groups: add(...groups) })
  })
}

/** Takes a member out of groups; those that the member is not in are no error. Throws `NotFoundError` for no such member. */
export async function removeFromGroups(db: Db, key: MembershipKey, groups: readonly Grant[]): Promise<void> {
  await db.Member.update(key, { groups: removeFrom(...groups) })
}

/** The members who are in a group. All members of the organisation are read for it, but only these are returned. */
export function membersIn(db: Db, orgId: string, group: Grant) {
  const where = { groups: { $contains: group }, acceptedAt: { $exists: true } }
  return db.Member.query.key({ orgId }, { where, consistent: true })
}
