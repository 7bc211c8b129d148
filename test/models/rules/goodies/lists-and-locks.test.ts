/** Unique parts of lists, and locked values. Numbers refer to test/known-problems/goodies.md. */
import { connect, f, model, PartitaError } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../../known-problems/known-problems.js'
import type { StoreUnderTest } from '../../../stores.js'
import { describeEachEngine } from '../engines.js'
import { codeOf, readsOf, violationsOf } from './observe.js'

const { holds, allAccountedFor } = knownProblems('goodies', import.meta.url)

const member = f.map({
  _id: f.string().optional(),
  userId: f.string().optional(),
  role: f.string().optional(),
  badge: f.map({ number: f.decimal() }).optional(),
  deletedAt: f.date().optional(),
})
const fields = {
  id: f.string(),
  ownerId: f.string().optional(),
  address: f.map({ country: f.string(), city: f.string().optional() }).optional(),
  members: f.list(member).default([]),
  pairs: f.list(member).default([]),
  either: f.list(member).default([]),
  lines: f.list(member).default([]),
  note: f.string().optional(),
}
const Team = model('Team', {
  fields,
  key: 'id',
  softDelete: true,
  rules: {
    permissions: 'http',
    uniqueWithin: { members: ['userId'], pairs: ['userId', 'role'], either: [['userId'], ['badge']] },
    locks: ['ownerId', 'address', 'lines.userId'],
  },
})
/** The same rows without locks, for a migration. */
const Unlocked = model('Team', { fields, key: 'id', softDelete: true })

const deletedAt = new Date('2026-01-01T00:00:00Z')

async function open(
  tested: StoreUnderTest,
  table = tested.tableName(),
  models: { readonly Team: typeof Team } = { Team },
) {
  return connect({ models, store: tested.store, table, createTable: true })
}

describeEachEngine('Unique parts and locks', tested => {
  let db: Awaited<ReturnType<typeof open>>
  const table = () => tested.tableName()
  let name = ''
  let ids = 0
  const id = () => `t${++ids}`
  const create = (given: object) => violationsOf(db.Team.create({ id: id(), ...given }))
  beforeAll(async () => {
    name = table()
    db = await open(tested, name)
  })

  holds([39], 'elements differ in one key, in a compound key, or in each of several keys, without a read', async () => {
    const twice = [{ userId: 'u1', role: 'a' }, { userId: 'u2' }, { userId: 'u1', role: 'b' }]
    expect(await create({ members: twice })).toEqual(['uniqueWithin members.2'])
    expect(await create({ pairs: twice })).toEqual([])
    expect(await create({ pairs: [...twice, { userId: 'u1', role: 'a' }] })).toEqual(['uniqueWithin pairs.3'])
    expect(await create({ either: twice })).toEqual(['uniqueWithin either.2'])
    const reads = await readsOf(db, () => db.Team.create({ id: id(), members: twice.slice(0, 2), pairs: twice }))
    expect(reads.filter(read => read !== 'get')).toEqual([])
  })

  holds([40], 'soft-deleted elements do not count, so that a removed member can come back', async () => {
    const key = { id: id() }
    const team = await db.Team.create({
      ...key,
      members: [
        { userId: 'u1', deletedAt },
        { userId: 'u1', deletedAt },
      ],
    })
    team.members.push({ userId: 'u1' } as (typeof team.members)[number])
    expect(await violationsOf(team.save())).toEqual([])
    team.members.push({ userId: 'u1' } as (typeof team.members)[number])
    expect(await violationsOf(team.save())).toEqual(['uniqueWithin members.3'])
  })

  holds([41], 'elements that lack a part of the key are not compared', async () => {
    expect(
      await create({ members: [{ role: 'a' }, { role: 'a' }], pairs: [{ userId: 'u' }, { userId: 'u' }] }),
    ).toEqual([])
  })

  holds([42], 'parts are compared by content, and the violation names both elements', async () => {
    const badge = (number: string) => ({ badge: { number } })
    expect(await create({ either: [badge('1.50'), badge('15e-1')] })).toEqual(['uniqueWithin either.1'])
    expect(await create({ either: [badge('1.50'), badge('1.51')] })).toEqual([])
    const error = await db.Team.create({ id: id(), members: [{ userId: 'a' }, {}, { userId: 'a' }] }).catch(
      error => error,
    )
    expect(PartitaError.is(error, 'RuleViolated') && error.details.violations).toMatchObject([
      { rule: 'uniqueWithin', path: ['members', 2], value: 'a', message: 'has the same userId as members[0]' },
    ])
  })

  holds([43], 'of several writers that append the same part at once, one succeeds', async () => {
    const key = { id: id() }
    await db.Team.create({ ...key, members: [{ userId: 'first' }] })
    const append = () =>
      violationsOf(
        db.transaction(async tx => {
          const team = await tx.Team.get(key)
          await tx.Team.update(key, { members: [...(team?.members ?? []), { userId: 'same' }] })
        }),
      )
    const outcomes = await Promise.all([append(), append(), append()])
    expect(outcomes.filter(violations => violations.length === 0)).toHaveLength(1)
    expect((await db.Team.get(key, { consistent: true }))?.members.map(({ userId }) => userId)).toEqual([
      'first',
      'same',
    ])
  })

  holds([44], 'a locked value is set once; the same value again changes nothing', async () => {
    const key = { id: id() }
    await db.Team.create(key)
    await db.Team.update(key, { ownerId: 'ann' })
    expect(await violationsOf(db.Team.update(key, { ownerId: 'ann', note: 'x' }))).toEqual([])
    expect(await violationsOf(db.Team.update(key, { ownerId: 'eve' }))).toEqual(['locks ownerId'])
    expect(await violationsOf(db.Team.update(key, { ownerId: null }))).toEqual(['locks ownerId'])
    expect(await db.Team.get(key, { consistent: true })).toMatchObject({ ownerId: 'ann', note: 'x' })
  })

  holds([45], 'a lock covers what is below its path, and replacing the parent counts', async () => {
    const key = { id: id() }
    await db.Team.create({ ...key, address: { country: 'CH' } })
    expect(await violationsOf(db.Team.update(key, { address: { country: 'DE' } }))).toEqual(['locks address'])
    expect(await violationsOf(db.Team.update(key, { address: { country: 'CH', city: 'Bern' } }))).toEqual([
      'locks address',
    ])
    expect(await violationsOf(db.Team.put({ ...key }))).toEqual(['locks address'])
    expect(await violationsOf(db.Team.put({ ...key, address: { country: 'CH' } }))).toEqual([])
  })

  holds(
    [46],
    'elements keep their locked values by _id, also soft-deleted ones, and cannot be added again',
    async () => {
      const key = { id: id() }
      const [a, b] = [
        { _id: 'a', userId: 'u1', deletedAt },
        { _id: 'b', userId: 'u2' },
      ]
      await db.Team.create({ ...key, lines: [a, b] })
      const update = (lines: object[]) => violationsOf(db.Team.update(key, { lines }))
      expect(await update([b, a])).toEqual([])
      expect(await update([b, { ...a, userId: 'u9', deletedAt: undefined }])).toEqual(['locks lines.1.userId'])
      expect(await update([b])).toEqual(['locks lines.1.userId'])
      expect(await update([{ _id: 'c', userId: 'u3' }, b, { ...a, deletedAt: undefined }])).toEqual([])
    },
  )

  it('elements with the same _id keep their locked values, each in its turn', async () => {
    const key = { id: id() }
    const lines = ['u1', 'u2'].map(userId => ({ _id: 'a', userId }))
    await db.Team.create({ ...key, lines })
    expect(await violationsOf(db.Team.update(key, { note: 'unchanged lines' }))).toEqual([])
    expect(await violationsOf(db.Team.update(key, { lines: [{ _id: 'b', userId: 'u3' }, ...lines] }))).toEqual([])
    expect(await violationsOf(db.Team.update(key, { lines }))).toEqual(['locks lines.0.userId'])
    const turned = [...lines].reverse()
    expect(await violationsOf(db.Team.update(key, { lines: [{ _id: 'b', userId: 'u3' }, ...turned] }))).toEqual([
      'locks lines.1.userId',
      'locks lines.2.userId',
    ])
  })

  holds([47], 'a soft-deleted row keeps its locked values until it is purged', async () => {
    const key = { id: id() }
    await db.Team.create({ ...key, ownerId: 'ann' })
    await db.Team.delete(key)
    expect(await codeOf(db.Team.create({ ...key, ownerId: 'eve' }))).toBe('AlreadyExists')
    expect(await codeOf(db.Team.put({ ...key, ownerId: 'eve' }))).toBe('AlreadyExists')
    expect(await codeOf(db.Team.update(key, { ownerId: 'eve' }))).toBe('NotFound')
    expect((await db.Team.restore(key)).ownerId).toBe('ann')
    await db.Team.delete(key)
    await db.Team.purge(key)
    expect((await db.Team.create({ ...key, ownerId: 'eve' })).ownerId).toBe('eve')
  })

  holds([48], 'a refused change is an error in every write, and never dropped in silence', async () => {
    const key = { id: id() }
    const team = await db.Team.create({ ...key, ownerId: 'ann' })
    team.ownerId = 'eve'
    const writes = [
      team.save(),
      db.Team.update(key, { ownerId: 'eve' }),
      db.Team.put({ ...key, ownerId: 'eve' }),
      db.transaction(tx => tx.Team.update(key, { ownerId: 'eve' })),
      db.transaction(tx => tx.Team.put({ ...key, ownerId: 'eve' })),
      db.scope({ system: 'rules apply to it' }).Team.update(key, { ownerId: 'eve' }),
    ]
    for (const violations of await Promise.all(writes.map(violationsOf))) expect(violations).toEqual(['locks ownerId'])
    expect((await db.Team.get(key, { consistent: true }))?.ownerId).toBe('ann')
  })

  holds([49], 'a lock holds against what is stored, and not against the copy that was read', async () => {
    const key = { id: id() }
    const [mine, theirs] = [await db.Team.create(key), await db.Team.get(key, { consistent: true })]
    mine.ownerId = 'ann'
    await mine.save()
    if (theirs) theirs.ownerId = 'eve'
    expect(['Conflict', 'RuleViolated']).toContain(await codeOf(theirs?.save() ?? Promise.resolve()))
    expect((await db.Team.get(key, { consistent: true }))?.ownerId).toBe('ann')
  })

  holds([50], 'of several writers that set a locked value at once, one succeeds', async () => {
    const key = { id: id() }
    await db.Team.create(key)
    const outcomes = await Promise.all(
      ['a', 'b', 'c', 'd'].map(ownerId => violationsOf(db.Team.update(key, { ownerId }))),
    )
    expect(outcomes.filter(violations => violations.length === 0)).toHaveLength(1)
  })

  holds([51], 'a migration changes locked values through a model without the lock', async () => {
    const key = { id: id() }
    await db.Team.create({ ...key, ownerId: 'ann' })
    const migration = await connect({ models: { Team: Unlocked }, store: tested.store, table: name })
    await migration.Team.update(key, { ownerId: 'ben' })
    expect((await db.Team.get(key, { consistent: true }))?.ownerId).toBe('ben')
    await migration.close()
  })
})

allAccountedFor()
