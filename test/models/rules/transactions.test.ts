/** Rules in transactions that write a row several times, run again, or read many rows that others hide. */
import { connect, f, inherit, model, PartitaError } from 'partita'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { describeEachStore } from '../../stores.js'

const calls: string[] = []
const Parent = model('Parent', { fields: { id: f.string() }, key: 'id' })
const Child = model('Child', {
  fields: {
    id: f.string(),
    parentId: f.ref('Parent', { guard: true }).optional(),
    otherId: f.ref('Parent', { guard: true }).optional(),
    text: f.string().optional(),
  },
  key: 'id',
})
interface Row {
  readonly id: string
  readonly text?: string | undefined
}
interface Context {
  readonly operation: string
  readonly original: unknown
  readonly changed: readonly string[]
}
let onPreSave: (() => Promise<void>) | undefined
const nameOf = (id: string) => (/^[0-9A-Z]{26}$/.test(id) ? 'new' : id)
const hooks = {
  async preSave({ id, text }: Row, { operation }: Context) {
    calls.push(`preSave ${operation} ${nameOf(id)} ${text ?? ''}`.trim())
    await onPreSave?.()
  },
  postSave: ({ id }: Row) => void calls.push(`postSave ${nameOf(id)}`),
  preDelete: ({ id }: Row, { operation, original, changed }: Context) =>
    void calls.push(`preDelete ${operation} ${id} ${original !== undefined} ${changed.length}`),
  postDelete: ({ id }: Row, { operation }: Context) => void calls.push(`postDelete ${operation} ${id}`),
}
const Note = model('Note', {
  fields: { id: f.string(), text: f.string().optional() },
  key: 'id',
  softDelete: true,
  rules: { permissions: 'http', hooks },
})
const Log = model('Log', {
  fields: { id: f.ulid().auto(), text: f.string() },
  key: 'id',
  rules: { permissions: 'http', hooks },
})
const Team = model('Team', {
  fields: { id: f.string(), memberIds: f.set(f.string()) },
  key: 'id',
  rules: {
    permissions: { conditions: ({ actor }) => ({ memberIds: { $contains: String(actor) } }), enforce: () => true },
  },
})
const Task = model('Task', {
  fields: { id: f.string(), teamId: f.ref('Team'), board: f.string() },
  key: 'id',
  indexes: { byBoard: { on: 'gsi1', pk: 'BOARD#{board}', sk: '{id}' } },
  rules: { permissions: inherit('teamId') },
})
const Page = model('Page', {
  fields: { id: f.string(), parentId: f.ref('Parent', { guard: true }).optional(), text: f.string().optional() },
  key: 'id',
  unique: { text: ['text'] },
  rules: {
    permissions: 'http',
    hooks,
    // A history cannot record a bigint, so the last step of such a write fails.
    audit: { actor: actor => (actor === 'eve' ? 1n : actor) },
  },
})
const models = { Parent, Child, Note, Log, Team, Task, Page }

describeEachStore('Rules in a transaction', tested => {
  const open = () => connect({ models, store: tested.store, table: tested.tableName(), createTable: true })
  let db: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    db = await open()
  })
  beforeEach(() => {
    calls.length = 0
  })
  const isRefused = (write: Promise<unknown>) =>
    write.then(
      () => false,
      error => (PartitaError.is(error, 'RuleViolated') ? true : Promise.reject(error)),
    )
  const parents = async (...ids: string[]) => {
    for (const id of ids) await db.Parent.put({ id })
  }

  it('a guarded ref that the transaction changes or clears again no longer guards', async () => {
    await parents('a', 'b')
    let runs = 0
    await db.transaction(async tx => {
      runs++
      await tx.Child.create({ id: 'moved', parentId: 'a', otherId: 'a' })
      await tx.Child.update({ id: 'moved' }, { parentId: 'b', otherId: null })
      await tx.Child.update({ id: 'moved' }, { text: 'The guard of b stays' })
      // The delete by the transaction itself, and one by another program.
      await tx.Parent.delete({ id: 'a' })
    })
    expect(await db.Child.get({ id: 'moved' }, { consistent: true })).toMatchObject({ parentId: 'b' })
    await parents('a')
    await db.transaction(async tx => {
      runs++
      await tx.Child.create({ id: 'cleared', parentId: 'a' })
      await tx.Child.update({ id: 'cleared' }, { parentId: null })
      await db.outside(() => db.Parent.delete({ id: 'a' }))
    })
    expect(runs).toBe(2)
    await parents('a')
    await db.transaction(async tx => {
      await tx.Child.create({ id: 'gone', parentId: 'a' })
      await tx.Child.delete({ id: 'gone' })
      await tx.Parent.delete({ id: 'a' })
    })
    expect(await db.Parent.get({ id: 'a' }, { consistent: true })).toBeUndefined()
  })

  it('a guard stays as long as one ref of the transaction needs it', async () => {
    await parents('a', 'b')
    const kept = db.transaction(async tx => {
      await tx.Child.create({ id: 'k1', parentId: 'a' })
      await tx.Child.create({ id: 'k2', parentId: 'a', otherId: 'a' })
      await tx.Child.update({ id: 'k1' }, { parentId: 'b' })
      await tx.Child.update({ id: 'k2' }, { parentId: 'b', text: 'The other ref still refers to a' })
      await db.outside(() => db.Parent.delete({ id: 'a' }))
    })
    expect(await isRefused(kept)).toBe(true)
    await parents('a')
    const refused = db.transaction(async tx => {
      await tx.Child.create({ id: 'k3', parentId: 'a' })
      expect(await isRefused(tx.Child.update({ id: 'k3' }, { parentId: 'missing' }))).toBe(true)
      await db.outside(() => db.Parent.delete({ id: 'a' }))
    })
    expect(await isRefused(refused)).toBe(true)
    expect(await db.Child.getMany([{ id: 'k1' }, { id: 'k2' }, { id: 'k3' }])).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('preSave runs once for each row over all attempts, also for a row that only the last one writes', async () => {
    await parents('switch')
    let attempt = 0
    onPreSave = async () => {
      onPreSave = undefined
      await db.Parent.delete({ id: 'switch' })
    }
    await db.transaction(async tx => {
      attempt++
      await tx.Parent.get({ id: 'switch' })
      await tx.Note.create({ id: `row ${attempt}` })
      await tx.Note.create({ id: 'both', text: `attempt ${attempt}` })
      await tx.Note.update({ id: 'both' }, { text: 'again' })
      await tx.Log.create({ text: `attempt ${attempt}` })
    })
    expect(calls).toEqual([
      'preSave create row 1',
      'preSave create both attempt 1',
      'preSave update both again',
      // Its key is another in each attempt.
      'preSave create new attempt 1',
      'preSave create row 2',
      'postSave row 2',
      'postSave both',
      'postSave both',
      'postSave new',
    ])
  })

  it('a create that fails within a transaction has no hooks', async () => {
    await db.Note.create({ id: 'taken' })
    calls.length = 0
    await db.transaction(async tx => {
      await tx.Note.get({ id: 'taken' })
      await expect(tx.Note.create({ id: 'taken' })).rejects.toMatchObject({ code: 'AlreadyExists' })
      await tx.Note.create({ id: 'free' })
    })
    expect(calls).toEqual(['preSave create free', 'postSave free'])
  })

  it('a write that fails at its last step leaves nothing in a transaction that goes on', async () => {
    await parents('a', 'b')
    const ann = db.scope({ actor: 'ann' })
    await ann.Page.create({ id: 'old', text: 'old' })
    await ann.Page.create({ id: 'stays', text: 'stays' })
    calls.length = 0
    const eve = db.scope({ actor: 'eve' })
    await eve.transaction(async tx => {
      const refused = { code: 'ValidationFailed' }
      await expect(tx.Page.create({ id: 'new', text: 'new', parentId: 'b' })).rejects.toMatchObject(refused)
      await expect(tx.Page.update({ id: 'old' }, { text: 'changed', parentId: 'b' })).rejects.toMatchObject(refused)
      await expect(tx.Page.delete({ id: 'stays' })).rejects.toMatchObject(refused)
      expect(await tx.Page.getMany([{ id: 'new' }, { id: 'old' }])).toMatchObject([undefined, { text: 'old' }])
      await tx.Note.create({ id: 'goes on' })
      // No page refers to it.
      await db.outside(() => db.Parent.delete({ id: 'b' }))
    })
    expect(calls).toEqual(['preSave create goes on', 'postSave goes on'])
    const pages = await db.Page.getMany([{ id: 'new' }, { id: 'old' }, { id: 'stays' }], { consistent: true })
    expect(pages.map(page => page?.text)).toEqual([undefined, 'old', 'stays'])
    expect(await db.Page.findBy({ text: 'new' }, { consistent: true })).toBeUndefined()
    expect(
      (await db.Page.history({ id: 'old' }, { consistent: true }).all()).map(({ operation }) => operation),
    ).toEqual(['create'])
  })

  it('purge runs the hooks of a delete and says that it is a purge', async () => {
    await db.Note.create({ id: 'purged' })
    await db.Note.delete({ id: 'purged' })
    await db.Note.purge({ id: 'purged' })
    expect(calls.slice(2)).toEqual([
      'preDelete delete purged true 0',
      'postDelete delete purged',
      'preDelete purge purged true 0',
      'postDelete purge purged',
    ])
  })

  it('a query guards the parents of the rows that it returns, and not those of rows that permissions hide', async () => {
    const system = db.scope({ system: 'test' })
    const all = Array.from({ length: 120 }, (_, i) => String(i).padStart(3, '0'))
    for (let i = 0; i < all.length; i += 40) {
      const ids = all.slice(i, i + 40)
      await system.transaction(async tx => {
        for (const id of ids) await tx.Team.create({ id, memberIds: Number(id) % 40 === 0 ? ['ann', 'ben'] : ['ben'] })
        for (const id of ids) await tx.Task.create({ id, teamId: id, board: 'many' })
      })
    }
    const ann = db.scope({ actor: 'ann' })
    const read = () =>
      ann.transaction(async tx => {
        const tasks = await tx.Task.query.byBoard({ board: 'many' }).all()
        await tx.Task.update({ id: '040' }, { board: 'done' })
        return tasks.map(({ id }) => id)
      })
    expect(await read()).toEqual(['000', '040', '080'])
    await system.Task.update({ id: '040' }, { board: 'many' })
    let attempts = 0
    const found = await ann.transaction(async tx => {
      attempts++
      const tasks = await tx.Task.query.byBoard({ board: 'many' }).all()
      // Nobody sees the first of these teams, so the transaction does not depend on it; it does on the second.
      if (attempts === 1) {
        await db.outside(() => system.Team.update({ id: '001' }, { memberIds: ['eve'] }))
        await db.outside(() => system.Team.update({ id: '080' }, { memberIds: ['ben'] }))
      }
      await tx.Task.update({ id: '040' }, { board: 'many' })
      return tasks.map(({ id }) => id)
    })
    expect({ attempts, found }).toEqual({ attempts: 2, found: ['000', '040'] })
  })
})
