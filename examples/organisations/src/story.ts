/** Sarah is invited to three organisations, and one of them grows. */
import type { Db, UserRecord } from './database.js'
import type { Groups } from './details.js'
import { addToGroups } from './groups.js'
import { acceptInvitation, invite, rejectInvitation } from './membership.js'
import { createOrganisation, getOrganisation, getOrganisationDetails, putOrganisation } from './organisations.js'
import { createService, deleteService } from './services.js'
import { createUser, getUserByEmail, getUserDetails, putUser } from './users.js'

type Print = (line: string) => void

export async function tell(db: Db, print: Print): Promise<void> {
  const miles = await createUser(db, { email: 'miles@example.com', firstName: 'Miles', lastName: 'Dyson' })
  const { userId } = await createUser(db, { email: 'Sarah@example.com', firstName: 'Sarah', lastName: 'Connor' })
  const orgId = await tellOfInvitations(db, miles, userId, print)
  await tellOfGroups(db, orgId, userId, print)
  await tellOfChanges(db, orgId, print)
}

/** @returns the id of the organisation that Sarah joined. */
async function tellOfInvitations(db: Db, owner: UserRecord, userId: string, print: Print): Promise<string> {
  const a = await createOrganisation(db, owner.userId, { name: 'A' })
  const b = await createOrganisation(db, owner.userId, { name: 'B' })
  const c = await createOrganisation(db, owner.userId, { name: 'C' })
  for (const { orgId } of [a, b, c]) await invite(db, { orgId, userId }, [{ group: 'testers' }])
  await acceptInvitation(db, { orgId: b.orgId, userId })
  await rejectInvitation(db, { orgId: c.orgId, userId })

  const sarah = await getUserDetails(db, userId)
  print(`${sarah.user.firstName} is in ${namesOf(sarah.organisations)} and invited to ${namesOf(sarah.invitations)}.`)
  return b.orgId
}

async function tellOfGroups(db: Db, orgId: string, userId: string, print: Print): Promise<void> {
  for (const serviceId of ['billing', 'search/eu']) await createService(db, orgId, { serviceId, name: serviceId })
  await addToGroups(db, { orgId, userId }, [
    { group: 'admins' },
    { serviceId: 'billing', group: 'readers' },
    { serviceId: 'search/eu', group: 'readers/writers' },
  ])
  await printOrganisation(db, orgId, print)
}

async function tellOfChanges(db: Db, orgId: string, print: Print): Promise<void> {
  await deleteService(db, orgId, 'billing')
  const sarah = await getUserByEmail(db, 'sarah@EXAMPLE.com')
  sarah.lastName = 'Reese'
  await putUser(db, sarah)
  const organisation = await getOrganisation(db, orgId)
  organisation.name = 'Bee'
  await putOrganisation(db, organisation)
  print('Billing is closed, Sarah has another name, and B is Bee.')
  await printOrganisation(db, orgId, print)
  const { organisations } = await getUserDetails(db, sarah.userId)
  print(`Sarah is in ${namesOf(organisations)}.`)
}

function namesOf(organisations: readonly { readonly name: string }[]): string {
  return organisations.map(({ name }) => name).join(', ')
}

async function printOrganisation(db: Db, orgId: string, print: Print): Promise<void> {
  const { organisation, groups, services } = await getOrganisationDetails(db, orgId)
  print(`The groups of ${organisation.name}:`)
  printGroups(groups, print)
  for (const service of services) {
    print(`The groups of its service ${service.name}:`)
    printGroups(service.groups, print)
  }
}

function printGroups(groups: Groups, print: Print): void {
  for (const [name, people] of groups) {
    print(`  ${name}: ${people.map(({ firstName, lastName }) => `${firstName} ${lastName}`).join(', ')}`)
  }
}
