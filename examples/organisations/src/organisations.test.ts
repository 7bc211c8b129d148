import { PartitaError } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../../test/stores.js'
import { type Db, openOrganisations, type UserRecord } from './database.js'
import { addToGroups, membersIn, removeFromGroups } from './groups.js'
import { acceptInvitation, invite, inviteUnguarded, rejectInvitation, removeUser } from './membership.js'
import { createOrganisation, getOrganisation, getOrganisationDetails, OWNER, putOrganisation } from './organisations.js'
import { createService, deleteService, getService, putService } from './services.js'
import { tell } from './story.js'
import { createUser, getUser, getUserDetails, putUser } from './users.js'

describeEachStore('the organisations example', tested => {
  let db: Db
  let owner: UserRecord
  let people = 0

  const somebody = () => createUser(db, { email: `user${++people}@example.com`, firstName: 'Some', lastName: 'Body' })
  const organisation = (name = 'Acme') => createOrganisation(db, owner.userId, { name })
  /** An organisation with a member who accepted an invitation. */
  const membership = async () => {
    const [{ orgId }, { userId }] = await Promise.all([organisation(), somebody()])
    await invite(db, { orgId, userId }, [])
    await acceptInvitation(db, { orgId, userId })
    return { orgId, userId }
  }

  beforeAll(async () => {
    db = await openOrganisations({ store: tested.store, table: tested.tableName() })
    owner = await createUser(db, { email: 'owner@example.com', firstName: 'Olive', lastName: 'Owner' })
  })

  it('the program prints its story', async () => {
    const lines: string[] = []
    await tell(db, line => lines.push(line))
    expect(lines).toEqual([
      'Sarah is in B and invited to A.',
      'The groups of B:',
      '  admins: Sarah Connor',
      '  owner: Miles Dyson',
      '  testers: Sarah Connor',
      'The groups of its service billing:',
      '  readers: Sarah Connor',
      'The groups of its service search/eu:',
      '  readers/writers: Sarah Connor',
      'Billing is closed, Sarah has another name, and B is Bee.',
      'The groups of Bee:',
      '  admins: Sarah Reese',
      '  owner: Miles Dyson',
      '  testers: Sarah Reese',
      'The groups of its service search/eu:',
      '  readers/writers: Sarah Reese',
      'Sarah is in Bee.',
    ])
  })

  it('a user who is invited to three organisations ignores one invitation, accepts one and rejects one', async () => {
    const user = await createUser(db, {
      email: 'test@example.com',
      firstName: 'Sarah',
      lastName: 'Connor',
      phone: '4476123456789',
    })
    const { userId } = user
    const [a, b, c] = [await organisation('A'), await organisation('B'), await organisation('C')]
    for (const { orgId } of [a, b, c]) await invite(db, { orgId, userId }, [{ group: 'testGroup' }])
    await acceptInvitation(db, { orgId: b.orgId, userId })
    await rejectInvitation(db, { orgId: c.orgId, userId })

    const details = await getUserDetails(db, userId)
    expect(details.user).toEqual({ ...user })
    expect(details.organisations).toEqual([{ orgId: b.orgId, name: 'B' }])
    expect(details.invitations).toEqual([{ orgId: a.orgId, name: 'A', invitedAt: expect.any(Date) }])

    const person = { userId, email: 'test@example.com', firstName: 'Sarah', lastName: 'Connor' }
    const inA = await getOrganisationDetails(db, a.orgId)
    expect([...inA.groups.keys()]).toEqual([OWNER])
    expect(inA.invitations).toEqual([person])
    const inB = await getOrganisationDetails(db, b.orgId)
    expect([...inB.groups.keys()]).toEqual([OWNER, 'testGroup'])
    expect(inB.groups.get('testGroup')).toEqual([person])
    expect(inB.invitations).toEqual([])
    const inC = await getOrganisationDetails(db, c.orgId)
    expect([[...inC.groups.keys()], inC.invitations]).toEqual([[OWNER], []])
  })

  it('a new organisation has its owner in the group of owners', async () => {
    const { orgId } = await organisation('Acme')
    const { organisation: read, groups } = await getOrganisationDetails(db, orgId)
    expect(read).toMatchObject({ orgId, name: 'Acme', version: 1 })
    expect([...groups]).toEqual([[OWNER, [expect.objectContaining({ userId: owner.userId })]]])
    expect((await getUserDetails(db, owner.userId)).organisations).toContainEqual({ orgId, name: 'Acme' })
  })

  it('an organisation with an unknown owner is refused', async () => {
    await expect(createOrganisation(db, '01ARZ3NDEKTSV4RRFFQ69G5FAV', { name: 'X' })).rejects.toMatchObject({
      code: 'NotFound',
    })
  })

  it('groups and services are listed with their people, always in the same order', async () => {
    const { orgId } = await organisation()
    for (const serviceId of ['s2', 's1']) await createService(db, orgId, { serviceId, name: `Service ${serviceId}` })
    const users = [await somebody(), await somebody(), await somebody()]
    for (const { userId } of users) {
      await invite(db, { orgId, userId }, [
        { group: 'zebras' },
        { group: 'apes' },
        { serviceId: 's1', group: 'readers' },
      ])
      await acceptInvitation(db, { orgId, userId })
    }
    const ids = users.map(({ userId }) => userId).sort()
    const { groups, services, orphanedServices } = await getOrganisationDetails(db, orgId)
    expect([...groups.keys()]).toEqual(['apes', OWNER, 'zebras'])
    expect(groups.get('zebras')?.map(({ userId }) => userId)).toEqual(ids)
    expect(services.map(({ serviceId, name }) => [serviceId, name])).toEqual([
      ['s1', 'Service s1'],
      ['s2', 'Service s2'],
    ])
    expect(services.map(service => [...service.groups.keys()])).toEqual([['readers'], []])
    expect(services[0]?.groups.get('readers')?.map(({ userId }) => userId)).toEqual(ids)
    expect(orphanedServices).toEqual([])
  })

  it('members are added to groups of both levels, and removed again', async () => {
    const key = await membership()
    await createService(db, key.orgId, { serviceId: 'mail', name: 'Mail' })
    const grants = [{ group: 'a' }, { group: 'b' }, { serviceId: 'mail', group: 'a' }]
    await addToGroups(db, key, grants)
    await addToGroups(db, key, [{ group: 'a' }])
    expect(await db.Member.get(key)).toMatchObject({ groups: new Set(grants) })
    expect((await membersIn(db, key.orgId, { serviceId: 'mail', group: 'a' }).all()).map(it => it.userId)).toEqual([
      key.userId,
    ])

    await removeFromGroups(db, key, [{ group: 'a' }, { group: 'never in it' }])
    expect(await db.Member.get(key)).toMatchObject({ groups: new Set(grants.slice(1)) })
    await removeFromGroups(db, key, grants)
    expect(await db.Member.get(key)).toMatchObject({ groups: new Set() })
    expect(await membersIn(db, key.orgId, { group: 'b' }).all()).toEqual([])
  })

  it('an invitation without a transaction costs two single writes', async () => {
    const [org, user] = [await organisation(), await somebody()]
    const key = { orgId: org.orgId, userId: user.userId }
    const cost = async (run: () => Promise<void>) =>
      db.run({}, async scope => {
        await run()
        return scope.capacity.write
      })
    const cheap = await cost(() => inviteUnguarded(db, org, user, [{ group: 'readers' }]))
    expect((await getUserDetails(db, user.userId)).invitations).toHaveLength(1)
    await addToGroups(db, key, [{ group: 'writers' }])
    await acceptInvitation(db, key)
    const { groups } = await getOrganisationDetails(db, org.orgId)
    expect([...groups.keys()]).toEqual([OWNER, 'readers', 'writers'])

    const other = await somebody()
    const guarded = await cost(() => invite(db, { ...key, userId: other.userId }, [{ group: 'readers' }]))
    expect(cheap).toBe(2)
    if (tested.supports.transactionCapacity) expect(guarded).toBeGreaterThanOrEqual(2 * cheap)
  })

  it('the copies are updated with the original', async () => {
    const key = await membership()
    const org = await getOrganisation(db, key.orgId)
    org.name = 'Another name'
    await putOrganisation(db, org)
    expect((await getUserDetails(db, key.userId)).organisations).toEqual([{ orgId: key.orgId, name: 'Another name' }])

    const user = await getUser(db, key.userId)
    user.firstName = 'Sara'
    user.email = 'sara@example.com'
    await putUser(db, user)
    await addToGroups(db, key, [{ group: 'x' }])
    const { groups } = await getOrganisationDetails(db, key.orgId)
    expect(groups.get('x')).toEqual([
      { userId: key.userId, email: 'sara@example.com', firstName: 'Sara', lastName: 'Body' },
    ])
  })

  it('the copies of more members than one transaction allows are updated', async () => {
    const org = await organisation('Many')
    const users = await Promise.all(Array.from({ length: 60 }, somebody))
    await Promise.all(users.map(user => inviteUnguarded(db, org, user, [])))
    org.name = 'Even more'
    await putOrganisation(db, org)
    const mirrors = await db.UserOrganisation.getMany(users.map(({ userId }) => ({ userId, orgId: org.orgId })))
    expect(new Set(mirrors.map(mirror => mirror?.organisationName))).toEqual(new Set(['Even more']))
  })

  it('the copies have the newest name after concurrent changes', async () => {
    const { orgId, userId } = await membership()
    const rename = async (name: string): Promise<void> => {
      for (;;) {
        const org = await getOrganisation(db, orgId)
        org.name = name
        try {
          return await putOrganisation(db, org)
        } catch (error) {
          if (!PartitaError.is(error, 'Conflict')) throw error
        }
      }
    }
    await Promise.all(['one', 'two', 'three'].map(rename))
    const { name } = await getOrganisation(db, orgId)
    expect((await getUserDetails(db, userId)).organisations).toEqual([{ orgId, name }])
  })

  it('a service is renamed, and saving an outdated record is a conflict', async () => {
    const { orgId } = await organisation()
    const { serviceId } = await createService(db, orgId, { name: 'Mail' })
    const [mine, theirs] = [await getService(db, orgId, serviceId), await getService(db, orgId, serviceId)]
    mine.name = 'Letters'
    await putService(mine)
    theirs.name = 'Post'
    await expect(putService(theirs)).rejects.toMatchObject({ code: 'Conflict' })
    expect(await getService(db, orgId, serviceId)).toMatchObject({ name: 'Letters', version: 2 })
  })

  it('a new service does not get the groups of a deleted one with the same id', async () => {
    const key = await membership()
    await createService(db, key.orgId, { serviceId: 's', name: 'S' })
    await addToGroups(db, key, [{ serviceId: 's', group: 'g' }])
    await deleteService(db, key.orgId, 's')
    await createService(db, key.orgId, { serviceId: 's', name: 'S again' })
    const { services } = await getOrganisationDetails(db, key.orgId)
    expect(services).toEqual([{ serviceId: 's', name: 'S again', groups: new Map() }])
  })

  it('both rows of a removed member are deleted, and the user can be invited again', async () => {
    const key = await membership()
    await removeUser(db, key)
    expect(await db.Member.get(key)).toBeUndefined()
    expect((await getUserDetails(db, key.userId)).organisations).toEqual([])
    await invite(db, key, [])
    expect((await getUserDetails(db, key.userId)).invitations).toHaveLength(1)
  })

  it('either the acceptance or the rejection of an invitation wins, in both rows', async () => {
    const { orgId } = await organisation()
    for (let round = 0; round < 5; round++) {
      const key = { orgId, userId: (await somebody()).userId }
      await invite(db, key, [])
      const outcomes = await Promise.allSettled([acceptInvitation(db, key), rejectInvitation(db, key)])
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const sides = await Promise.all([db.Member.get(key), db.UserOrganisation.get(key)])
      const accepted = outcomes[0].status === 'fulfilled'
      expect(sides.map(side => side?.acceptedAt instanceof Date)).toEqual([accepted, accepted])
      expect(sides.map(side => side !== undefined)).toEqual([accepted, accepted])
    }
  })
})
