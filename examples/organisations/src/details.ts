/** Two views, each read by one query: a user with organisations, and an organisation with groups and services. */
import { collection, type RowOf } from 'partita'
import { Member, Organisation, Service, User, UserOrganisation } from './models.js'

export const UserDetails = collection(
  'UserDetails',
  { pk: 'USER#{userId}', one: { user: User }, many: { memberships: UserOrganisation } },
  ({ user, memberships }) => ({
    user,
    organisations: memberships.filter(isAccepted).map(({ orgId, organisationName: name }) => ({ orgId, name })),
    invitations: memberships
      .filter(isPending)
      .map(({ orgId, organisationName: name, invitedAt }) => ({ orgId, name, invitedAt })),
  }),
)

export const OrganisationDetails = collection(
  'OrganisationDetails',
  { pk: 'ORG#{orgId}', one: { organisation: Organisation }, many: { members: Member, services: Service } },
  ({ organisation, members, services }) => {
    const { ofOrganisation, ofServices } = groupsOf(members.filter(isAccepted))
    const known = new Set(services.map(({ serviceId }) => serviceId))
    return {
      organisation,
      groups: ofOrganisation as Groups,
      services: services.map(({ serviceId, name }) => ({ serviceId, name, groups: ofServices.get(serviceId) ?? NONE })),
      invitations: members.filter(isPending).map(personOf),
      /** Ids of deleted services that still have group members. Their groups grant nothing. */
      orphanedServices: [...ofServices.keys()].filter(id => !known.has(id)).sort(),
    }
  },
)

type Person = Pick<RowOf<typeof Member>, 'userId' | 'email' | 'firstName' | 'lastName'>

/** The people of each group, by group name. Groups are sorted by name, people by id. */
export type Groups = ReadonlyMap<string, readonly Person[]>

const NONE: Groups = new Map()

const isAccepted = ({ acceptedAt }: { readonly acceptedAt?: Date }) => acceptedAt !== undefined
const isPending = ({ acceptedAt }: { readonly acceptedAt?: Date }) => acceptedAt === undefined

function personOf({ userId, email, firstName, lastName }: RowOf<typeof Member>): Person {
  return { userId, email, firstName, lastName }
}

function groupsOf(members: readonly RowOf<typeof Member>[]) {
  const grants = members.flatMap(member => [...member.groups].map(grant => ({ ...grant, person: personOf(member) })))
  // Groups are created in the order of their names. In each group, people keep the order of the rows.
  grants.sort((a, b) => (a.group === b.group ? 0 : a.group < b.group ? -1 : 1))
  const ofOrganisation = new Map<string, Person[]>()
  const ofServices = new Map<string, Map<string, Person[]>>()
  for (const { group, serviceId, person } of grants) {
    const groups = serviceId === undefined ? ofOrganisation : entry(ofServices, serviceId, () => new Map())
    entry(groups, group, () => []).push(person)
  }
  return { ofOrganisation, ofServices }
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}
