/** Memberships: invite, accept, reject, remove. Each operation changes both rows of a membership in one transaction. */
import { type CreateInput, NotFoundError, type RowOf } from 'partita'
import { type Db, found } from './database.js'
import type { Grant } from './grant.js'
import type { Member, Organisation, User, UserOrganisation } from './models.js'
import { checkServices } from './services.js'

export interface MembershipKey {
  readonly orgId: string
  readonly userId: string
}

interface Dates {
  readonly invitedAt: Date
  readonly acceptedAt?: Date
}

const PENDING = { acceptedAt: { $exists: false } } as const

/**
 * The two rows of a membership: the organisation's row copies the user, the user's row copies the organisation's name.
 */
export function joined(
  { orgId, name }: RowOf<typeof Organisation>,
  { userId, email, firstName, lastName, phone }: RowOf<typeof User>,
  dates: Dates,
): {
  member: Omit<CreateInput<typeof Member>, 'groups'>
  mirror: CreateInput<typeof UserOrganisation>
} {
  return {
    member: { orgId, userId, email, firstName, lastName, ...(phone !== undefined && { phone }), ...dates },
    mirror: { userId, orgId, organisationName: name, ...dates },
  }
}

/**
 * Invites a user to groups, which take effect when the invitation is accepted. Throws `AlreadyExistsError` for a member
 * or an invited user, and `NotFoundError` if the user, the organisation or a service does not exist.
 */
export async function invite(db: Db, { orgId, userId }: MembershipKey, groups: readonly Grant[]): Promise<void> {
  await db.transaction(async tx => {
    const organisation = await found(tx.Organisation.get({ orgId }), `organisation ${orgId}`)
    const user = await found(tx.User.get({ userId }), `user ${userId}`)
    await checkServices(tx, orgId, groups)
    const { member, mirror } = joined(organisation, user, { invitedAt: new Date() })
    await tx.Member.create({ ...member, groups })
    await tx.UserOrganisation.create(mirror)
  })
}

/**
 * Invites at half the cost of a transaction: both rows are sent together, but written independently. It overwrites
 * existing rows, so use it only for users who are not members. If the process ends in between, one row can be missing:
 * such an invitation cannot be accepted, but it can be rejected or sent again.
 */
export async function inviteUnguarded(
  db: Db,
  organisation: RowOf<typeof Organisation>,
  user: RowOf<typeof User>,
  groups: readonly Grant[],
): Promise<void> {
  const { member, mirror } = joined(organisation, user, { invitedAt: new Date() })
  await db.batch(batch => {
    batch.Member.put({ ...member, groups })
    batch.UserOrganisation.put(mirror)
  })
}

/**
 * Throws `NotFoundError` for an unknown invitation or organisation, `ConditionFailedError` if it was accepted before.
 */
export async function acceptInvitation(db: Db, key: MembershipKey): Promise<void> {
  await db.transaction(async tx => {
    await found(tx.Organisation.get({ orgId: key.orgId }), `organisation ${key.orgId}`)
    const acceptedAt = new Date()
    await tx.Member.update(key, { acceptedAt }, { if: PENDING })
    await tx.UserOrganisation.update(key, { acceptedAt }, { if: PENDING })
  })
}

/** Throws `NotFoundError` for an unknown invitation, `ConditionFailedError` if it was accepted before. */
export async function rejectInvitation(db: Db, key: MembershipKey): Promise<void> {
  await db.transaction(async tx => {
    const sides = await Promise.all([tx.Member.get(key), tx.UserOrganisation.get(key)])
    if (sides.every(side => side === undefined)) throw new NotFoundError(`There is no invitation of ${key.userId}`, {})
    for (const side of sides) await side?.delete({ if: PENDING })
  })
}

/** Removes a member or an invited user from an organisation and all its groups. Throws `NotFoundError`. */
export async function removeUser(db: Db, key: MembershipKey): Promise<void> {
  await db.transaction(async tx => {
    const sides = await Promise.all([tx.Member.delete(key), tx.UserOrganisation.delete(key)])
    if (sides.every(side => side === undefined)) throw new NotFoundError(`There is no member ${key.userId}`, {})
  })
}
