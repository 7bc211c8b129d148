/** The two large views, each read by one query: a user with organisations, an organisation with groups and services. */
import { collection, type RowOf } from 'partita'
import { Member, Organisation, Service, User, UserOrganisation } from './models.js'

export const UserDetails = collection(
  'UserDetails',
  { pk: 'USER#{userId}', one: { user: User }, many: { memberships: UserOrganisation } },
  ({ user, memberships }) => ({
    user,
    organisations: memberships.filter(isAccepted).map(({ orgId, organisationName: name }) => ({ orgId, name })),
    invitations: memberships
      .filter(membership => !isAccepted(membership))
      .map(({ orgId, organisationName: name, invitedAt }) => ({ orgId, name, invitedAt })),
  }),
)

export const OrganisationDetails = collection(
  'OrganisationDetails',
  { pk: 'ORG#{orgId}', one: { organisation: Organisation }, many: { members: Member, services: Service } },
  ({ organisation, members, services }) => {
    const groups = groupsOf(members.filter(isAccepted))
    const known = new Set(services.map(({ serviceId }) => serviceId))
    return {
      organisation,
      /** Who is in which of the organisation's groups. */
      groups: groups.get(undefined) ?? new Map(),
      services: services.map(({ serviceId, name }) => ({
        serviceId,
        name,
        groups: groups.get(serviceId) ?? (new Map() as Groups),
      })),
      invitations: members.filter(member => !isAccepted(member)).map(personOf),
      /** Ids of services that are gone, of which members are still in groups; they grant nothing. */
      orphanedServices: [...groups.keys()].filter(id => id !== undefined && !known.has(id)).sort(),
    }
  },
)

type Person = Pick<RowOf<typeof Member>, 'userId' | 'email' | 'firstName' | 'lastName'>

/** Groups by their names, in order; the people of each in the order of their ids. */
export type Groups = ReadonlyMap<string, readonly Person[]>

function isAccepted({ acceptedAt }: { readonly acceptedAt?: Date }): boolean {
  return acceptedAt !== undefined
}

function personOf({ userId, email, firstName, lastName }: RowOf<typeof Member>): Person {
  return { userId, email, firstName, lastName }
}

/** The groups of each service, and under `undefined` those of the organisation. */
function groupsOf(members: readonly RowOf<typeof Member>[]): Map<string | undefined, Groups> {
  const all = new Map<string | undefined, Map<string, Person[]>>()
  for (const member of members) {
    for (const { group, serviceId } of member.groups) {
      const groups = all.get(serviceId) ?? new Map<string, Person[]>()
      all.set(serviceId, groups.set(group, [...(groups.get(group) ?? []), personOf(member)]))
    }
  }
  const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)
  return new Map([...all].map(([serviceId, groups]) => [serviceId, new Map([...groups].sort(byName))]))
}
