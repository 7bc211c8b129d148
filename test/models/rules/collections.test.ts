/** Collections of models with permissions and soft deletes. */
import { collection, connect, f, model } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'

const Team = model('Team', { fields: { id: f.string() }, key: { pk: 'TEAM#{id}', sk: 'A' } })
const Note = model('Note', {
  fields: { teamId: f.string(), id: f.string(), ownerId: f.string() },
  key: { pk: 'TEAM#{teamId}', sk: 'NOTE#{id}' },
  softDelete: true,
  rules: { permissions: { conditions: ({ actor }) => ({ ownerId: String(actor) }), enforce: () => true } },
})
const Other = model('Other', {
  fields: { teamId: f.string(), id: f.string() },
  key: { pk: 'TEAM#{teamId}', sk: 'OTHER#{id}' },
})
const Page = collection('Page', { pk: 'TEAM#{id}', one: { team: Team }, many: { notes: Note } })

describeEachStore('The rows of a collection', tested => {
  const open = () =>
    connect({
      models: { Team, Note, Other },
      collections: { Page },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
  let db: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    db = await open()
    await db.Team.create({ id: 't' })
    const system = db.scope({ system: 'test' })
    for (let i = 0; i < 12; i++) {
      await system.Note.create({ teamId: 't', id: String(i).padStart(2, '0'), ownerId: i < 4 ? 'ann' : 'ben' })
      await db.Other.create({ teamId: 't', id: String(i) })
    }
    await system.Note.delete({ teamId: 't', id: '03' })
  })
  const notes = async (options: object, as: object = { actor: 'ann' }) =>
    (await db.scope(as).Page.get({ id: 't' }, options))?.notes.map(({ id }) => id)

  it('a collection counts only the rows that it returns towards maxItems', async () => {
    expect(await notes({ maxItems: 4 })).toEqual(['00', '01', '02'])
    const exceeded = { code: 'LimitExceeded', details: { limit: 'maxItems', maximum: 3, actual: 4 } }
    await expect(notes({ maxItems: 3 })).rejects.toMatchObject(exceeded)
    expect(await notes({ maxItems: 12 }, { system: 'test' })).toHaveLength(11)
  })

  it('a collection with the option withDeleted has the soft-deleted rows that the actor may read', async () => {
    expect(await notes({ withDeleted: true })).toEqual(['00', '01', '02', '03'])
    expect(await notes({ withDeleted: false }, { actor: 'ann', withDeleted: true })).toEqual(['00', '01', '02'])
    expect(await notes({}, { actor: 'ann', withDeleted: true })).toEqual(['00', '01', '02', '03'])
    expect(await notes({ withDeleted: true }, { actor: 'eve' })).toEqual([])
    await expect(notes({ withDeleted: true, maxItems: 4 })).rejects.toMatchObject({ code: 'LimitExceeded' })
  })
})
