/** Ways around the rules of a model, each of which must be closed. */
import { connect, f, inherit, model, PartitaError } from 'partita'
import { describe, expect, it } from 'vitest'

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    error => (error instanceof PartitaError ? error.code : Promise.reject(error)),
  )

describe('Permissions', () => {
  it('a put whose preProcess changes the key does not overwrite the row of another actor', async () => {
    const Page = model('Page', {
      fields: { slug: f.string(), owner: f.string() },
      key: 'slug',
      rules: {
        permissions: {
          conditions: ({ actor }) => ({ owner: String(actor) }),
          enforce: (page, { actor }) => page.owner === actor,
        },
        locks: ['owner'],
        hooks: {
          preProcess(page) {
            page.slug = page.slug.toLowerCase()
          },
        },
      },
    })
    await using db = await connect({ models: { Page }, store: 'memory:' })
    await db.scope({ actor: 'ann' }).Page.create({ slug: 'Home', owner: 'ann' })
    const eve = db.scope({ actor: 'eve' })
    expect(await codeOf(eve.Page.put({ slug: 'HOME', owner: 'eve' }))).toBe('ValidationFailed')
    expect(await codeOf(eve.Page.create({ slug: 'HOME', owner: 'eve' }))).toBe('AlreadyExists')
    expect(await db.scope({ actor: 'ann' }).Page.get({ slug: 'home' })).toMatchObject({ owner: 'ann' })
  })

  it('conditions that return undefined show nothing', async () => {
    const Note = model('Note', {
      fields: { id: f.string() },
      key: 'id',
      rules: { permissions: { conditions: () => undefined, enforce: () => true } },
    })
    await using db = await connect({ models: { Note }, store: 'memory:' })
    await db.scope({ system: 'test data' }).Note.create({ id: '1' })
    await expect(db.scope({ actor: 'eve' }).Note.get({ id: '1' })).rejects.toThrow(/returned undefined/)
  })

  it('violations tell nothing to an actor who may not write the row', async () => {
    const Project = model('Project', {
      fields: { id: f.string(), members: f.set(f.string()) },
      key: 'id',
      rules: {
        permissions: { conditions: ({ actor }) => ({ members: { $contains: String(actor) } }), enforce: () => true },
      },
    })
    const Task = model('Task', {
      fields: { id: f.string(), projectId: f.ref('Project', { guard: true }), userId: f.string().optional() },
      key: 'id',
      rules: { permissions: inherit('projectId'), references: { userId: 'Project(projectId)._id->members' } },
    })
    await using db = await connect({ models: { Project, Task }, store: 'memory:' })
    await db.scope({ system: 'test data' }).Project.create({ id: 'p', members: ['ann', 'ben'] })
    const tasks = [
      { id: 't', projectId: 'p', userId: 'ben' },
      { id: 't', projectId: 'p', userId: 'nobody' },
      { id: 't', projectId: 'absent' },
    ]
    for (const as of [db.scope({ actor: 'eve' }), db.scope({})]) {
      for (const task of tasks) expect(await codeOf(as.Task.create(task))).toBe('PermissionDenied')
    }
    expect(await codeOf(db.scope({ actor: 'ann' }).Task.create(tasks[1] as { id: string; projectId: string }))).toBe(
      'RuleViolated',
    )
  })
})

describe('Guarded refs', () => {
  const Parent = model('Parent', { fields: { id: f.string() }, key: 'id' })
  const Child = model('Child', { fields: { id: f.string(), parentId: f.ref('Parent', { guard: true }) }, key: 'id' })

  it('a transaction that refers to a row that it has read or created cannot delete it afterwards', async () => {
    await using db = await connect({ models: { Parent, Child }, store: 'memory:' })
    await db.Parent.create({ id: 'read' })
    for (const id of ['read', 'created']) {
      const orphaning = db.transaction(async tx => {
        if (id === 'read') await tx.Parent.get({ id })
        else await tx.Parent.create({ id })
        await tx.Child.create({ id, parentId: id })
        await tx.Parent.delete({ id })
      })
      expect(await codeOf(orphaning)).toBe('RuleViolated')
      expect(await db.Child.get({ id })).toBeUndefined()
    }
    expect(await db.Parent.get({ id: 'read' })).toBeDefined()
  })
})
