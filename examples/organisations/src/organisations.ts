/** Organisations. */
import { copyOrganisation } from './copies.js'
import { type Db, found, type OrganisationRecord } from './database.js'
import { joined } from './membership.js'

/** The group whose members may do everything. */
export const OWNER = 'owner'

export interface NewOrganisation {
  readonly name: string
  readonly orgId?: string
}

/** Creates an organisation with its owner. Throws `AlreadyExistsError`, and `NotFoundError` for an unknown owner. */
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
 * Saves the changes of an organisation, then updates the copies of its name at its members. Throws `ConflictError` if
 * the organisation changed since it was read. After an error in between, call it again to update the copies.
 */
export async function putOrganisation(db: Db, organisation: OrganisationRecord): Promise<void> {
  await organisation.save()
  await copyOrganisation(db, organisation.orgId)
}
