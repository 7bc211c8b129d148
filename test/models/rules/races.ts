/** Races that rules must survive, as tests on each engine: short in each run of the suites, 200 rounds in the soak runs. */
import { connect, f, inherit, model } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { seed, seeded } from '../../seeded.js'
import { describeEachEngine } from './engines.js'
import { codeOf } from './goodies/observe.js'

const random = seeded(seed)

const Space = model('Space', {
  fields: { id: f.string(), members: f.set(f.string()) },
  key: 'id',
  rules: {
    permissions: {
      conditions: ({ actor }) => ({ members: { $contains: String(actor) } }),
      enforce: (space, { actor }) => space.members.has(String(actor)),
    },
  },
})
const Page = model('Page', {
  fields: { id: f.string(), spaceId: f.ref('Space'), n: f.integer().default(0) },
  key: 'id',
  rules: { permissions: inherit('spaceId') },
})
const User = model('User', { fields: { id: f.string(), email: f.string() }, key: 'id' })
const Team = model('Team', {
  fields: {
    id: f.string(),
    ownerId: f.string().optional(),
    roles: f.list(f.map({ userId: f.string(), by: f.string() })).default([]),
    memberIds: f.list(f.string()).default([]),
    invited: f.list(f.string()).default([]),
  },
  key: 'id',
  rules: {
    permissions: 'http',
    locks: ['ownerId'],
    uniqueWithin: { roles: ['userId'] },
    limits: { invited: 'User(memberIds)._id->email' },
  },
})
const Shelf = model('Shelf', { fields: { id: f.string(), books: f.countOf('Book.shelfId') }, key: 'id' })
const Book = model('Book', {
  fields: { id: f.string(), shelfId: f.ref('Shelf', { onDelete: 'restrict' }).optional() },
  key: 'id',
  softDelete: true,
})

/** Waits for less than this many milliseconds, so that rounds meet at different moments. */
const within = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, random() * milliseconds))

/**
 * Adds the races for each engine.
 * @param roundsOn the number of rounds on a store.
 */
export function describeRaces(roundsOn: (store: string) => number): void {
  describeEachEngine('Concurrent writers of models with rules', tested => {
    const rounds = roundsOn(tested.name)
    const timeout = 60_000 + rounds * 2000
    const open = () =>
      connect({
        models: { Space, Page, User, Team, Shelf, Book },
        store: tested.store,
        table: tested.tableName(),
        createTable: true,
      })
    let db: Awaited<ReturnType<typeof open>>
    beforeAll(async () => {
      db = await open()
      await db.User.create({ id: 'u1', email: 'a@x' })
    })
    const consistent = { consistent: true } as const

    it(`a member writes nothing after the removal from a workspace, in ${rounds} rounds`, { timeout }, async () => {
      const system = db.scope({ system: 'race' })
      const eve = db.scope({ actor: 'eve' })
      for (let round = 0; round < rounds; round++) {
        const [spaceId, id] = [`s${round}`, `p${round}`]
        await system.Space.create({ id: spaceId, members: ['ann', 'eve'] })
        await system.Page.create({ id, spaceId })
        const state = async () => [
          (await system.Page.get({ id }, consistent))?.n,
          (await system.Page.get({ id: `${id} new` }, consistent)) !== undefined,
        ]
        const writes = [
          codeOf(eve.Page.update({ id }, { n: 1 })),
          codeOf(eve.Page.create({ id: `${id} new`, spaceId })),
          codeOf(eve.transaction(tx => tx.Page.update({ id }, { n: 2 }))),
        ]
        if (round % 2 === 0) await within(4)
        await system.Space.update({ id: spaceId }, { members: ['ann'] })
        const atRemoval = await state()
        for (const code of await Promise.all(writes)) expect(['done', 'NotFound', 'PermissionDenied']).toContain(code)
        expect(await state()).toEqual(atRemoval)
        expect(await codeOf(eve.Page.update({ id }, { n: 3 }))).toBe('NotFound')
      }
    })

    it(`one of four writers sets a locked value, in ${rounds} rounds`, { timeout }, async () => {
      for (let round = 0; round < rounds; round++) {
        const key = { id: `lock${round}` }
        const record = await db.Team.create(key)
        record.ownerId = 'save'
        const writers = {
          save: record.save(),
          update: db.Team.update(key, { ownerId: 'update' }),
          put: db.Team.put({ ...key, ownerId: 'put' }),
          transaction: db.transaction(tx => tx.Team.update(key, { ownerId: 'transaction' })),
        }
        const codes = await Promise.all(Object.values(writers).map(codeOf))
        const winners = Object.keys(writers).filter((_, i) => codes[i] === 'done')
        expect({ round, winners: winners.length }).toEqual({ round, winners: 1 })
        expect((await db.Team.get(key, consistent))?.ownerId).toBe(winners[0])
      }
    })

    it(`one of three writers appends a user to the roles, in ${rounds} rounds`, { timeout }, async () => {
      for (let round = 0; round < rounds; round++) {
        const key = { id: `role${round}` }
        const record = await db.Team.create(key)
        record.roles.push({ userId: 'u1', by: 'save' })
        const append = (by: string) =>
          db.transaction(async tx => {
            const team = await tx.Team.get(key)
            await tx.Team.update(key, { roles: [...(team?.roles ?? []), { userId: 'u1', by }] })
          })
        const codes = await Promise.all([record.save(), append('first'), append('second')].map(codeOf))
        expect({ round, done: codes.filter(code => code === 'done').length }).toEqual({ round, done: 1 })
        expect((await db.Team.get(key, consistent))?.roles).toHaveLength(1)
      }
    })

    it(`a user is invited or a member, and never both, in ${rounds} rounds`, { timeout }, async () => {
      for (let round = 0; round < rounds; round++) {
        const key = { id: `limit${round}` }
        await db.Team.create(key)
        const codes = await Promise.all([
          codeOf(db.Team.update(key, { memberIds: ['u1'] })),
          codeOf(db.Team.update(key, { invited: ['a@x'] })),
        ])
        expect({ round, codes: codes.sort() }).toEqual({ round, codes: ['RuleViolated', 'done'] })
      }
    })

    it(`a row is moved or restored to a parent, or the parent is deleted, in ${rounds} rounds`, {
      timeout,
    }, async () => {
      for (let round = 0; round < rounds; round++) {
        const shelf = { id: `shelf${round}` }
        const book = { id: `book${round}` }
        await db.Shelf.create(shelf)
        if (round % 2 === 0) await db.Book.create(book)
        else {
          await db.Book.create({ ...book, shelfId: shelf.id })
          await db.Book.delete(book)
        }
        const arriving = () => (round % 2 === 0 ? db.Book.update(book, { shelfId: shelf.id }) : db.Book.restore(book))
        const deleting = async () => {
          if (round % 3 === 0) await within(4)
          await db.Shelf.delete(shelf)
        }
        const [arrived, deleted] = await Promise.all([codeOf(arriving()), codeOf(deleting())])
        expect({ round, codes: [arrived, deleted].sort() }).toEqual({ round, codes: ['RuleViolated', 'done'] })
        const [left, on] = [await db.Shelf.get(shelf, consistent), await db.Book.get(book, consistent)]
        expect(left?.books).toBe(arrived === 'done' ? 1 : undefined)
        expect(on?.shelfId).toBe(arrived === 'done' ? shelf.id : undefined)
      }
    })
  })
}
