/** Ways around the rules of a model, each of which must be closed. */
import { type AnyField, connect, f, inherit, model, PartitaError } from 'partita'
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

describe('Inherited permissions', () => {
  it('enforce can tell the creation of a row from that of a row that inherits its permissions', async () => {
    const Space = model('Space', {
      fields: { id: f.string(), adminId: f.string() },
      key: 'id',
      rules: {
        permissions: {
          enforce: (space, { actor, operation, model }) =>
            (model === 'Space' && operation === 'create') || space.adminId === actor,
        },
      },
    })
    const Entry = model('Entry', {
      fields: { id: f.string(), spaceId: f.ref('Space') },
      key: 'id',
      rules: { permissions: inherit('spaceId') },
    })
    await using db = await connect({ models: { Space, Entry }, store: 'memory:' })
    await db.scope({ actor: 'eve' }).Space.create({ id: 's', adminId: 'ann' })
    expect(await codeOf(db.scope({ actor: 'eve' }).Entry.create({ id: '1', spaceId: 's' }))).toBe('PermissionDenied')
    expect(await codeOf(db.scope({ actor: 'ann' }).Entry.create({ id: '1', spaceId: 's' }))).toBe('done')
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

  it('a row may refer to itself', async () => {
    const Person = model('Person', {
      fields: { id: f.string(), managerId: f.ref('Person', { guard: true }) },
      key: 'id',
    })
    await using db = await connect({ models: { Person }, store: 'memory:' })
    await db.Person.create({ id: '1', managerId: '1' })
    expect(await codeOf(db.Person.create({ id: '2', managerId: '3' }))).toBe('RuleViolated')
  })

  it.each([
    ['a list', f.list(f.ref('Parent', { guard: true }))],
    ['a set', f.set(f.ref('Parent', { guard: true }))],
    ['a map', f.map({ parentId: f.ref('Parent', { guard: true }) })],
  ])('connect refuses a guard inside %s, which no write would check', async (_, parents) => {
    const Nested = model('Nested', { fields: { id: f.string(), parents }, key: 'id' })
    await expect(connect({ models: { Parent, Nested }, store: 'memory:' })).rejects.toThrow(/guarded ref inside/)
  })
})

describe('References', () => {
  it('a row may refer to itself as it will be stored, and not as it was', async () => {
    const Page = model('Page', {
      fields: {
        id: f.string(),
        parentId: f.string().optional(),
        alias: f.string().optional(),
        canonical: f.string().optional(),
      },
      key: 'id',
      unique: { alias: ['alias'] },
      rules: { permissions: 'http', references: { parentId: 'Page._id', canonical: 'Page.alias' } },
    })
    await using db = await connect({ models: { Page }, store: 'memory:' })
    await db.Page.create({ id: '1', parentId: '1', alias: 'a' })
    expect(await codeOf(db.Page.update({ id: '1' }, { alias: 'b', canonical: 'a' }))).toBe('RuleViolated')
    expect(await codeOf(db.Page.update({ id: '1' }, { alias: 'b', canonical: 'b' }))).toBe('done')
    expect(await codeOf(db.Page.create({ id: '2', parentId: '3' }))).toBe('RuleViolated')
  })
})

describe('Values that no key can have', () => {
  const User = model('User', {
    fields: { id: f.string(), alias: f.string().optional(), mail: f.string().optional() },
    key: 'id',
    unique: { alias: ['alias'] },
    indexes: { byMail: { on: 'gsi1', pk: 'MAIL#{mail}' } },
  })
  const Entry = model('Entry', {
    fields: {
      id: f.string(),
      userId: f.string().optional(),
      alias: f.string().optional(),
      mail: f.string().optional(),
      ref: f.ref('User', { guard: true }).optional(),
    },
    key: 'id',
    rules: { permissions: 'http', references: { userId: 'User._id', alias: 'User.alias', mail: 'User.mail' } },
  })

  it.each([
    ['empty text', ''],
    ['text that is too long', 'x'.repeat(3000)],
    ['text that is not well-formed', 'a\ud800'],
  ])('a reference to %s is a violation, and not an error of the store', async (_, value) => {
    await using db = await connect({ models: { User, Entry }, store: 'memory:' })
    for (const field of ['userId', 'alias', 'mail']) {
      expect([field, await codeOf(db.Entry.create({ id: '1', [field]: value }))]).toEqual([field, 'RuleViolated'])
    }
    if (value.length > 2048) expect(await codeOf(db.Entry.create({ id: '1', ref: value }))).toBe('RuleViolated')
    expect((await db.crql('User._id', [value])).contexts).toMatchObject([{ all: new Set() }])
  })
})

describe('Locks', () => {
  const Order = model('Order', {
    fields: {
      id: f.string(),
      lines: f.list(f.map({ _id: f.string(), sku: f.string() })).default([]),
      extra: f.json().optional(),
      names: f.record(f.string()).optional(),
    },
    key: 'id',
    rules: { permissions: 'http', locks: ['lines.sku', 'extra.items.sku', 'names.constructor'] },
  })

  it('an element with a locked value cannot be removed, and so not added again with another value', async () => {
    await using db = await connect({ models: { Order }, store: 'memory:' })
    const id = '1'
    await db.Order.create({ id, lines: [{ _id: 'a', sku: 'x' }], extra: { items: [{ _id: 'a', sku: 'x' }] } })
    expect(await codeOf(db.Order.update({ id }, { lines: [] }))).toBe('RuleViolated')
    expect(await codeOf(db.Order.update({ id }, { lines: [{ _id: 'b', sku: 'x' }] }))).toBe('RuleViolated')
    expect(await codeOf(db.Order.update({ id }, { extra: { items: { sku: 'y' } } }))).toBe('RuleViolated')
    expect(await codeOf(db.Order.update({ id }, { extra: null }))).toBe('RuleViolated')
    const more = [
      { _id: 'b', sku: 'y' },
      { _id: 'a', sku: 'x' },
    ]
    expect(await codeOf(db.Order.update({ id }, { lines: more }))).toBe('done')
  })

  it('a locked name that every object has can be set once', async () => {
    await using db = await connect({ models: { Order }, store: 'memory:' })
    await db.Order.create({ id: '1', names: { other: 'x' } })
    expect(await codeOf(db.Order.update({ id: '1' }, { names: { constructor: 'x' } }))).toBe('done')
    expect(await codeOf(db.Order.update({ id: '1' }, { names: { constructor: 'y' } }))).toBe('RuleViolated')
  })
})

describe('Hooks', () => {
  it.each([true, false, 'is wrong', [{}], ['is wrong'], [{ path: 'id' }]])(
    'a validate hook that returns %j is reported, and the row is not stored',
    async answer => {
      const Item = model('Item', {
        fields: { id: f.string() },
        key: 'id',
        rules: { permissions: 'http', hooks: { validate: () => answer as [] } },
      })
      await using db = await connect({ models: { Item }, store: 'memory:' })
      await expect(db.Item.create({ id: '1' })).rejects.toThrow(/validate: returned/)
      expect(await db.Item.get({ id: '1' })).toBeUndefined()
    },
  )

  it('a hook that writes through the transaction that waits for it is refused, and does not hang', async () => {
    let write: (() => Promise<unknown>) | undefined
    const Item = model('Item', {
      fields: { id: f.string() },
      key: 'id',
      rules: {
        permissions: 'http',
        hooks: {
          async validate() {
            await write?.()
            return undefined
          },
        },
      },
    })
    const Log = model('Log', { fields: { id: f.string() }, key: 'id' })
    await using db = await connect({ models: { Item, Log }, store: 'memory:' })
    const writing = db.transaction(async tx => {
      write = () => tx.Log.create({ id: 'inside' })
      await tx.Item.create({ id: '1' })
    })
    await expect(writing).rejects.toThrow(/A hook wrote through the transaction/)
    write = () => db.Log.create({ id: 'beside' })
    await db.transaction(tx => tx.Item.create({ id: '1' }))
    expect(await db.Log.get({ id: 'inside' })).toBeUndefined()
    expect(await db.Log.get({ id: 'beside' })).toBeDefined()
  })
})

describe('Unique parts of lists', () => {
  const connectWith = (list: AnyField, keys: readonly string[] | readonly (readonly string[])[]) => {
    const Team = model('Team', {
      fields: { id: f.string(), members: list },
      key: 'id',
      rules: { permissions: 'http', uniqueWithin: { members: keys } },
    })
    return connect({ models: { Team }, store: 'memory:' })
  }

  it.each([
    ['a path through a list', f.list(f.map({ users: f.list(f.map({ id: f.string() })) })), ['users.id']],
    ['a list of lists', f.list(f.list(f.map({ id: f.string() }))), ['id']],
    ['an empty key', f.list(f.map({ id: f.string() })), []],
    ['an empty key among others', f.list(f.map({ id: f.string() })), [['id'], []]],
  ])('connect refuses %s, which would never be compared', async (_, list, keys) => {
    await expect(connectWith(list, keys)).rejects.toThrow(/uniqueWithin/)
  })

  it('an element is soft-deleted by its deletedAt whatever name that is stored under', async () => {
    const member = f.map({ id: f.string(), deletedAt: f.date().optional().attribute('d') })
    await using db = await connectWith(f.list(member), ['id'])
    const members = [{ id: 'a', deletedAt: new Date(0) }, { id: 'a' }]
    expect(await codeOf(db.Team.create({ id: '1', members }))).toBe('done')
    expect(await codeOf(db.Team.create({ id: '2', members: members.slice(1).concat(members) }))).toBe('RuleViolated')
  })
})
