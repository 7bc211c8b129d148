/** Problems of the store design that this example follows. Numbers in titles refer to test/known-problems/organisation.md. */
import type { Item } from 'partita'
import { memory } from 'partita/embedded'
import { beforeAll, expect } from 'vitest'
import { knownProblems } from '../../../test/known-problems/known-problems.js'
import { describeEachStore } from '../../../test/stores.js'
import { type Db, openOrganisations, type UserRecord } from './database.js'
import { addToGroups, membersIn, removeFromGroups } from './groups.js'
import {
  acceptInvitation,
  invite,
  inviteUnguarded,
  type MembershipKey,
  rejectInvitation,
  removeUser,
} from './membership.js'
import { createOrganisation, getOrganisation, getOrganisationDetails, OWNER, putOrganisation } from './organisations.js'
import { createService, deleteService, getService } from './services.js'
import { createUser, getUser, getUserByEmail, getUserDetails, putUser } from './users.js'

const NOBODY = '01ARZ3NDEKTSV4RRFFQ69G5FAV'

describeEachStore('the organisations', tested => {
  const { absent, allAccountedFor } = knownProblems('organisation', import.meta.url)
  let db: Db
  let table: string
  let owner: UserRecord
  let people = 0

  const somebody = () => createUser(db, { email: `user${++people}@example.com`, firstName: 'Some', lastName: 'Body' })
  const organisation = () => createOrganisation(db, owner.userId, { name: 'Acme' })
  const invited = async (groups: Parameters<typeof invite>[2] = []): Promise<MembershipKey> => {
    const key = { orgId: (await organisation()).orgId, userId: (await somebody()).userId }
    await invite(db, key, groups)
    return key
  }
  const membership = async (): Promise<MembershipKey> => {
    const key = await invited()
    await acceptInvitation(db, key)
    return key
  }
  /** Writes a row that no model would write. */
  const plant = (item: Item) => tested.store.batchWrite({ writes: [{ kind: 'put', table, item }] })
  const planted = async (key: { pk: string; sk: string }) =>
    (await tested.store.get({ table, key, consistent: true })).item

  beforeAll(async () => {
    table = tested.tableName()
    db = await openOrganisations({ store: tested.store, table })
    owner = await createUser(db, { email: 'owner@example.com', firstName: 'Olive', lastName: 'Owner' })
  })

  absent([1], 'a new organisation never overwrites an existing one', async () => {
    const { orgId } = await organisation()
    const thief = await somebody()
    await expect(createOrganisation(db, thief.userId, { name: 'Mine', orgId })).rejects.toMatchObject({
      code: 'AlreadyExists',
    })
    expect(await getOrganisation(db, orgId)).toMatchObject({ name: 'Acme', version: 1 })
    expect(await db.Member.get({ orgId, userId: thief.userId })).toBeUndefined()
    expect((await getUserDetails(db, thief.userId)).organisations).toEqual([])
  })

  absent([2], 'the groups of an invitation are stored as a set, and groups can be added to it', async () => {
    const key = await invited([{ group: 'readers' }])
    const { groups } = (await planted({ pk: `ORG#${key.orgId}`, sk: `MEMBER#${key.userId}` })) ?? {}
    expect(groups).toEqual(new Set(['organisationGroup/readers']))
    await addToGroups(db, key, [{ group: 'writers' }])
    await acceptInvitation(db, key)
    const details = await getOrganisationDetails(db, key.orgId)
    expect([...details.groups.keys()]).toEqual([OWNER, 'readers', 'writers'])
  })

  absent([3], 'both rows of a rejected invitation are deleted', async () => {
    const key = await invited()
    await rejectInvitation(db, key)
    expect((await getUserDetails(db, key.userId)).invitations).toEqual([])
    expect((await getOrganisationDetails(db, key.orgId)).invitations).toEqual([])
  })

  absent([4], 'a member who is no longer in any group remains a member', async () => {
    const key = await membership()
    await addToGroups(db, key, [{ group: 'only' }])
    await removeFromGroups(db, key, [{ group: 'only' }])
    expect(await db.Member.get(key)).toMatchObject({ groups: new Set() })
    expect([...(await getOrganisationDetails(db, key.orgId)).groups.keys()]).toEqual([OWNER])
  })

  absent(
    [5],
    'names with slashes and percent signs are distinct, and a text that is not a grant is refused',
    async () => {
      const key = await membership()
      for (const serviceId of ['a/b', 'a', 'a%2Fb']) await createService(db, key.orgId, { serviceId, name: serviceId })
      const grants = [
        { group: 'x/y' },
        { serviceId: 'a/b', group: 'c' },
        { serviceId: 'a', group: 'b/c' },
        { serviceId: 'a%2Fb', group: '%' },
      ]
      await addToGroups(db, key, grants)
      const { groups, services } = await getOrganisationDetails(db, key.orgId)
      expect([...groups.keys()]).toEqual([OWNER, 'x/y'])
      expect(Object.fromEntries(services.map(it => [it.serviceId, [...it.groups.keys()]]))).toEqual({
        'a/b': ['c'],
        a: ['b/c'],
        'a%2Fb': ['%'],
      })
      await removeFromGroups(db, key, grants.slice(1))
      expect(await db.Member.get(key)).toMatchObject({ groups: new Set(grants.slice(0, 1)) })

      const row = await planted({ pk: `ORG#${key.orgId}`, sk: `MEMBER#${key.userId}` })
      await plant({ ...row, groups: new Set(['serviceGroup/x']) })
      await expect(db.Member.get(key)).rejects.toThrow('serviceGroup/x')
    },
  )

  absent([6], 'an empty list of groups changes nothing', async () => {
    const key = await membership()
    await addToGroups(db, key, [{ group: 'a' }])
    await addToGroups(db, key, [])
    await removeFromGroups(db, key, [])
    expect(await db.Member.get(key)).toMatchObject({ groups: new Set([{ group: 'a' }]) })
    await expect(addToGroups(db, { ...key, userId: NOBODY }, [])).rejects.toMatchObject({ code: 'NotFound' })
  })

  absent([8], 'only a pending invitation is accepted, once, and no partial row is written', async () => {
    const [{ orgId }, { userId }] = await Promise.all([organisation(), somebody()])
    await expect(acceptInvitation(db, { orgId, userId })).rejects.toMatchObject({ code: 'NotFound' })
    expect(await planted({ pk: `USER#${userId}`, sk: `ORGANISATION#${orgId}` })).toBeUndefined()
    expect(await planted({ pk: `ORG#${orgId}`, sk: `MEMBER#${userId}` })).toBeUndefined()

    const key = await membership()
    const before = await db.UserOrganisation.get(key)
    await expect(acceptInvitation(db, key)).rejects.toMatchObject({ code: 'ConditionFailed' })
    await expect(rejectInvitation(db, key)).rejects.toMatchObject({ code: 'ConditionFailed' })
    expect(await db.UserOrganisation.get(key)).toEqual(before)
  })

  absent([9], 'groups contain members only, not invited users', async () => {
    const key = await invited([{ group: OWNER }])
    const { groups, invitations } = await getOrganisationDetails(db, key.orgId)
    expect(groups.get(OWNER)?.map(({ userId }) => userId)).toEqual([owner.userId])
    expect(invitations.map(({ userId }) => userId)).toEqual([key.userId])
    expect(await membersIn(db, key.orgId, { group: OWNER }).count()).toBe(1)
  })

  absent([10], 'both rows of a membership and the copies are changed', async () => {
    const key = await membership()
    await addToGroups(db, key, [{ group: 'a' }])
    const user = await getUser(db, key.userId)
    user.lastName = 'Else'
    user.phone = '123'
    await putUser(db, user)
    expect(await db.Member.get(key)).toMatchObject({ lastName: 'Else', phone: '123' })
    user.phone = undefined
    await putUser(db, user)
    expect(await db.Member.get(key)).not.toHaveProperty('phone')
    const org = await getOrganisation(db, key.orgId)
    org.name = 'Acme & Sons'
    await putOrganisation(db, org)
    expect((await getUserDetails(db, key.userId)).organisations).toEqual([{ orgId: key.orgId, name: 'Acme & Sons' }])
    await removeUser(db, key)
    expect((await getUserDetails(db, key.userId)).organisations).toEqual([])
    // Only members are in groups.
    await expect(addToGroups(db, key, [{ group: 'a' }])).rejects.toMatchObject({ code: 'NotFound' })
    expect(await db.Member.get(key)).toBeUndefined()
  })

  absent([11], 'a service is deleted with its groups and is no longer listed', async () => {
    const key = await membership()
    await createService(db, key.orgId, { serviceId: 'mail', name: 'Mail' })
    const [kept, lost] = [{ group: 'a' }, { serviceId: 'mail', group: 'a' }]
    await addToGroups(db, key, [kept, lost])
    await deleteService(db, key.orgId, 'mail')
    expect(await db.Member.get(key)).toMatchObject({ groups: new Set([kept]) })
    await expect(addToGroups(db, key, [lost])).rejects.toMatchObject({ code: 'NotFound' })

    await db.Member.update(key, { groups: [kept, lost] })
    expect(await getOrganisationDetails(db, key.orgId)).toMatchObject({ services: [], orphanedServices: ['mail'] })
    await deleteService(db, key.orgId, 'mail')
    expect(await getOrganisationDetails(db, key.orgId)).toMatchObject({ services: [], orphanedServices: [] })
  })

  absent([12], 'everything that does not exist is reported as NotFound', async () => {
    const { orgId } = await organisation()
    const { userId } = await somebody()
    const attempts: Record<string, () => Promise<unknown>> = {
      user: () => getUser(db, NOBODY),
      'user of nobody@example.com': () => getUserByEmail(db, 'nobody@example.com'),
      'details of a user': () => getUserDetails(db, NOBODY),
      organisation: () => getOrganisation(db, NOBODY),
      'details of an organisation': () => getOrganisationDetails(db, NOBODY),
      service: () => getService(db, orgId, 'nothing'),
      'a service to delete': () => deleteService(db, orgId, 'nothing'),
      'an organisation to invite to': () => invite(db, { orgId: NOBODY, userId }, []),
      'a user to invite': () => invite(db, { orgId, userId: NOBODY }, []),
      'a service to invite to': () => invite(db, { orgId, userId }, [{ serviceId: 'nothing', group: 'a' }]),
      'an organisation of a service': () => createService(db, NOBODY, { name: 'Mail' }),
      'a member to add': () => addToGroups(db, { orgId, userId }, [{ group: 'a' }]),
      'a member to take out': () => removeFromGroups(db, { orgId, userId }, [{ group: 'a' }]),
      'a member to remove': () => removeUser(db, { orgId, userId }),
      'an invitation to reject': () => rejectInvitation(db, { orgId, userId }),
    }
    const codes = await Promise.all(
      Object.entries(attempts).map(async ([what, attempt]) => [
        what,
        await attempt().then(
          () => 'done',
          (error: { code?: string }) => error.code ?? error,
        ),
      ]),
    )
    expect(Object.fromEntries(codes)).toEqual(Object.fromEntries(Object.keys(attempts).map(what => [what, 'NotFound'])))

    // A deleted organisation has no details, even if it had members. Its invitations cannot be accepted.
    const key = await invited()
    await db.Organisation.delete({ orgId: key.orgId })
    await expect(getOrganisationDetails(db, key.orgId)).rejects.toMatchObject({ code: 'NotFound' })
    await expect(acceptInvitation(db, key)).rejects.toMatchObject({ code: 'NotFound' })
    await rejectInvitation(db, key)
    expect((await getUserDetails(db, key.userId)).invitations).toEqual([])
  })

  absent([13], 'a concurrent change of a record is detected', async () => {
    const { orgId } = await organisation()
    const [mine, theirs] = [await getOrganisation(db, orgId), await getOrganisation(db, orgId)]
    mine.name = 'Mine'
    await putOrganisation(db, mine)
    theirs.name = 'Theirs'
    await expect(putOrganisation(db, theirs)).rejects.toMatchObject({ code: 'Conflict' })
    expect(await getOrganisation(db, orgId)).toMatchObject({ name: 'Mine', version: 2 })
  })

  absent([14], 'only one user has an e-mail address, and the address can change', async () => {
    const user = await createUser(db, { email: 'Sarah@Example.com', firstName: 'Sarah', lastName: 'Connor' })
    await expect(
      createUser(db, { email: 'sarah@example.com', firstName: 'Not', lastName: 'Sarah' }),
    ).rejects.toMatchObject({ code: 'UniqueViolation' })
    user.email = 'sarah@example.org'
    await putUser(db, user)
    expect(await getUserByEmail(db, 'SARAH@example.org')).toMatchObject({ userId: user.userId })
    await createUser(db, { email: 'sarah@example.com', firstName: 'Another', lastName: 'Sarah' })
  })

  absent([15], 'no more rows than the given limit are read into memory', async () => {
    const { orgId } = await organisation()
    for (const name of ['Mail', 'Search']) await createService(db, orgId, { name })
    await expect(db.OrganisationDetails.get({ orgId }, { maxItems: 3 })).rejects.toMatchObject({
      code: 'LimitExceeded',
    })
    expect((await db.OrganisationDetails.get({ orgId }, { maxItems: 4 }))?.services).toHaveLength(2)
  })

  absent([16], 'only rows of the models are read from a partition', async () => {
    const { userId } = await somebody()
    await plant({ pk: `USER#${userId}`, sk: 'A', id: 'something', userId: 'else' })
    await plant({ pk: `USER#${userId}`, sk: 'Z', _type: 'Unknown', email: null })
    const { user } = await getUserDetails(db, userId)
    expect({ ...user }).toEqual({ ...(await getUser(db, userId)) })
  })

  absent([17], 'groups and people are listed in one order, however they were added', async () => {
    const { orgId } = await organisation()
    const ids: string[] = []
    for (const name of ['c', 'a', 'b']) {
      const { userId } = await somebody()
      ids.push(userId)
      await invite(db, { orgId, userId }, [{ group: name }, { group: 'all' }])
      await acceptInvitation(db, { orgId, userId })
    }
    const { groups } = await getOrganisationDetails(db, orgId)
    expect([...groups.keys()]).toEqual(['a', 'all', 'b', 'c', OWNER])
    expect(groups.get('all')?.map(({ userId }) => userId)).toEqual(ids.sort())
  })

  absent(
    [18],
    'all groups that are added concurrently are kept, and more than an item can contain are refused',
    async () => {
      const key = await membership()
      const names = Array.from({ length: 8 }, (_, i) => `group ${i}`)
      await Promise.all(names.map(group => addToGroups(db, key, [{ group }])))
      expect(await db.Member.get(key)).toMatchObject({ groups: new Set(names.map(group => ({ group }))) })
      // All groups of a member are in one set. When the item is full, an update fails and the row is unchanged.
      const long = Array.from({ length: 420 }, (_, i) => ({ group: `${i}`.padEnd(1000, '-') }))
      await expect(addToGroups(db, key, long)).rejects.toMatchObject({ code: 'LimitExceeded' })
      expect(await db.Member.get(key)).toMatchObject({ groups: new Set(names.map(group => ({ group }))) })
      // The query reads only members, and the store returns no other rows.
      expect((await membersIn(db, key.orgId, { group: 'group 3' }).all()).map(it => it.userId)).toEqual([key.userId])
    },
  )

  absent(
    [7],
    'both rows of an invitation are written although the store leaves half of the writes unprocessed',
    async () => {
      const store = memory({ faults: { seed: 7, unprocessed: 0.5 } })
      const flaky = await openOrganisations({ store, table: 'flaky' })
      try {
        const miles = await createUser(flaky, { email: 'miles@example.com', firstName: 'Miles', lastName: 'Dyson' })
        const org = await createOrganisation(flaky, miles.userId, { name: 'Cyberdyne' })
        for (let i = 0; i < 20; i++) {
          const user = await createUser(flaky, { email: `${i}@example.com`, firstName: 'Some', lastName: 'Body' })
          await inviteUnguarded(flaky, org, user, [{ group: 'readers' }])
          const key = { orgId: org.orgId, userId: user.userId }
          expect(await flaky.Member.get(key)).toBeDefined()
          expect(await flaky.UserOrganisation.get(key)).toBeDefined()
        }
      } finally {
        await flaky.close()
        await store.close()
      }
    },
  )

  allAccountedFor()
})
