/** The organisations. */
import { copyOrganisation } from './copies.js'
import { type Db, found, type OrganisationRecord } from './database.js'
import { joined } from './membership.js'

/** The group of those who may do everything. */
export const OWNER = 'owner'

export interface NewOrganisation {
  readonly name: string
  readonly orgId?: string
}

/** Creates an organisation with its owner, or nothing. Throws `AlreadyExistsError`, and `NotFoundError` for no such owner. */
export function createOrganisation(
  db: Db,
  ownerId: string,
  { name, orgId }: NewOrganisation,
): Promise<OrganisationRecord> {
  return db.transaction(async tx => {
    const owner = await found(tx.User.get({ userId: ownerId }), `user ${ownerId}`)
    const organisation = await tx.Organisation.create({ name, ...(orgId !== undefined && { orgId }) })
    const now = new Date()
    const { member, mirror } = joined(organisation, owner, { invitedAt: now, acceptedAt: now })
    await tx.Member.create({ ...member, groups: [{ group: OWNER }] })
    await tx.UserOrganisation.create(mirror)
    return organisation
  })
}

/** Throws `NotFoundError`. */
export function getOrganisation(db: Db, orgId: string): Promise<OrganisationRecord> {
  return found(db.Organisation.get({ orgId }, { consistent: true }), `organisation ${orgId}`)
}

/** An organisation with its groups, services and invitations. Throws `NotFoundError`. */
export function getOrganisationDetails(db: Db, orgId: string) {
  return found(db.OrganisationDetails.get({ orgId }, { consistent: true }), `organisation ${orgId}`)
}

/**
 * Writes what was changed of an organisation, then the copies of its name at its members. Throws `ConflictError` where
 * another has changed it since it was read. Where it ends half-way, doing it again makes the copies right.
 */
export async function putOrganisation(db: Db, organisation: OrganisationRecord): Promise<void> {
  await organisation.save()
  await copyOrganisation(db, organisation.orgId)
}
