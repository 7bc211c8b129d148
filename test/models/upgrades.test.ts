/** Rows of an older form: upgraded on every read, decided on in the present form, and rewritten by the first write or reindex. */
import { add, collection, connect, f, type Item, many, model, one, UnreadableError, type WarningEvent } from 'partita'
import { consistency } from 'partita/testing'
import { beforeEach, expect, it } from 'vitest'
import { describeEachStore } from '../stores.js'
import { watch } from './watched-store.js'

const common = {
  id: f.string(),
  groupId: f.ref('Group'),
  mail: f.string(),
  score: f.counter(),
  note: f.string().optional(),
  version: f.version(),
}
const key = { pk: 'GROUP#{groupId}', sk: 'PERSON#{id}' }
const Group = model('Group', {
  fields: { groupId: f.string(), name: f.string() },
  key: { pk: 'GROUP#{groupId}', sk: 'GROUP' },
  relations: { people: many('Person', 'key') },
})
/** The older program: a name in one field, and teams in any spelling. */
const Old = model('Person', {
  fields: { ...common, full: f.string(), team: f.string() },
  key,
  unique: { mail: ['mail'] },
  indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}', sk: '{full}' } },
  relations: { group: one('Group', 'groupId') },
})
type Row = { readonly [attribute: string]: unknown }
const split = ({ full, ...rest }: Row) => {
  const [first, last] = String(full).split(' ')
  if (last === undefined) throw new TypeError(`${full} has no last name`)
  return { ...rest, first, last }
}
const lower = ({ team, mail, ...rest }: Row) => ({
  ...rest,
  team: String(team).toLowerCase(),
  mail: String(mail).toLowerCase(),
})
const Present = model('Person', {
  fields: { ...common, first: f.string(), last: f.string(), team: f.string() },
  key,
  unique: { mail: ['mail'], name: ['last', 'first'] },
  indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}', sk: '{last}' } },
  relations: { group: one('Group', 'groupId') },
  upgrade: [split, lower],
})
const collections = {
  Members: collection('Members', { pk: 'GROUP#{groupId}', one: { group: Group }, many: { people: Present } }),
}
const models = { Group, Person: Present }
const groupId = 'g'
const ada = { id: 'a', groupId }
const ADA = { id: 'a', groupId, mail: 'ada@x.org', score: 0, version: 1, first: 'Ada', last: 'Lovelace', team: 'red' }

describeEachStore('rows of an older form', tested => {
  let table = ''
  const open = () => connect({ models, collections, store: tested.store, table, createTable: true })
  const openOld = () => connect({ models: { Group, Person: Old }, store: tested.store, table, createTable: true })
  let before: Awaited<ReturnType<typeof openOld>>
  let db: Awaited<ReturnType<typeof open>>

  /** The stored item of a person, or of another key. */
  const stored = async (id: string, prefix = ''): Promise<Item | undefined> =>
    (await tested.store.get({ table, key: { pk: `${prefix}GROUP#g`, sk: `PERSON#${id}` }, consistent: true })).item

  beforeEach(async () => {
    table = tested.tableName()
    before = await openOld()
    await before.Group.create({ groupId, name: 'Group' })
    await before.Person.create({ ...ada, mail: 'Ada@x.org', full: 'Ada Lovelace', team: 'Red' })
    await before.Person.create({ id: 'b', groupId, mail: 'Bob@x.org', full: 'Bob Stone', team: 'Red', note: 'kept' })
    db = await open()
    await db.Person.create({ id: 'c', groupId, mail: 'cy@x.org', first: 'Cy', last: 'Young', team: 'red' })
  })

  it('every read returns them in the present form, and writes nothing', async () => {
    const row = await stored('a')
    expect(await db.Person.get(ada)).toEqual(ADA)
    expect(await db.Person.get(ada, { select: ['last'] })).toEqual({ last: 'Lovelace' })
    expect(await db.Person.getMany([ada, { id: 'b', groupId }])).toMatchObject([{ first: 'Ada' }, { note: 'kept' }])
    expect(await db.Person.query.key({ groupId }).all()).toMatchObject([ADA, { id: 'b' }, { id: 'c' }])
    const lasts = []
    for await (const { last } of db.Person.query.key({ groupId }, { select: ['last'] })) lasts.push(last)
    expect(lasts).toEqual(['Lovelace', 'Stone', 'Young'])
    const unknown = db.Person.query.key({ groupId }, { select: ['full' as 'last'] }).all()
    await expect(unknown).rejects.toThrow('"full" is not a field of Person')
    const iterated = []
    for await (const { first } of db.Person.iterate()) iterated.push(first)
    expect(iterated.sort()).toEqual(['Ada', 'Bob', 'Cy'])
    const scope = db.scope({ loader: true })
    expect(await Promise.all([scope.Person.get(ada), scope.Person.get(ada)])).toEqual([ADA, ADA])
    const read = await db.transaction(async tx => [
      await tx.Person.get(ada),
      ...(await tx.Person.query.key({ groupId }).all()),
    ])
    expect(read).toMatchObject([ADA, ADA, { id: 'b' }, { id: 'c' }])
    expect((await db.Members.get({ groupId }))?.people).toMatchObject([ADA, { id: 'b' }, { id: 'c' }])
    const group = await db.Group.get({ groupId }, { with: { people: true } })
    expect(group?.people).toMatchObject([ADA, { id: 'b' }, { id: 'c' }])
    const [first] = (await (await db.Person.get(ada))?.group()) ? await group!.people : []
    expect(first).toEqual(ADA)
    expect(await stored('a')).toEqual(row)
  })

  it('filters, counts, limits and cursors see the present form', async () => {
    const where = { last: { $in: ['Lovelace', 'Stone', 'Young'] }, team: 'red' } as const
    const query = db.Person.query.key({ groupId }, { where })
    expect((await query.all()).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(await query.count()).toBe(3)
    expect(await db.Person.query.key({ groupId }, { where: { first: 'Bob' } }).count()).toBe(1)
    expect(await db.Person.query.key({ groupId }, { where: { team: 'Red' } }).all()).toEqual([])
    const ids = []
    let after: string | undefined
    do {
      const page = await db.Person.query.key({ groupId }, { where, limit: 1, after }).page()
      ids.push(...page.items.map(({ id }) => id))
      after = page.cursor
    } while (after !== undefined)
    expect(ids).toEqual(['a', 'b', 'c'])
    const found = []
    for await (const { id } of db.Person.iterate({ where: { first: { $beginsWith: 'B' } } })) found.push(id)
    expect(found).toEqual(['b'])
    const inside = await db.transaction(tx => tx.Person.query.key({ groupId }, { where: { first: 'Bob' } }).all())
    expect(inside).toMatchObject([{ id: 'b' }])
  })

  it('an index that has their older keys lists them under no value that they do not have', async () => {
    expect(await db.Person.query.byTeam({ team: 'Red' }).all()).toEqual([])
    expect(await db.Person.query.byTeam({ team: 'red' }).all()).toMatchObject([{ id: 'c' }])
    await db.Person.reindex()
    await expect
      .poll(async () => (await db.Person.query.byTeam({ team: 'red' }).all()).map(({ id }) => id))
      .toEqual(['a', 'b', 'c'])
    expect(await db.Person.findBy({ first: 'Bob', last: 'Stone' })).toMatchObject({ id: 'b' })
  })

  it('an update first brings the row to the present form, with its keys and markers', async () => {
    expect(await db.Person.update(ada, { note: 'new', score: add(2) }, { if: { team: 'red' } })).toEqual({
      ...ADA,
      note: 'new',
      score: 2,
      version: 2,
    })
    const item = await stored('a')
    expect(item).toMatchObject({ first: 'Ada', team: 'red', gsi1pk: 'TEAM#red', gsi1sk: 'Lovelace', _upgrades: 2 })
    expect(item).not.toHaveProperty('full')
    expect(await db.Person.findBy({ first: 'Ada', last: 'Lovelace' })).toMatchObject({ id: 'a' })
    expect(await db.Person.findBy({ mail: 'ada@x.org' })).toMatchObject({ id: 'a' })
    expect((await consistency(db)).counts).toEqual({ upgrade: 1, index: 1, unique: 2, orphan: 1 })
    await expect(db.Person.update({ id: 'b', groupId }, { note: 'x' }, { if: { team: 'Red' } })).rejects.toMatchObject({
      code: 'ConditionFailed',
    })
    expect(await db.Person.get({ id: 'b', groupId })).toMatchObject({ note: 'kept', version: 1 })
  })

  it('save, with its guards, removes what the upgrade dropped and keeps what it does not know', async () => {
    const raw = await stored('a')
    await tested.store.write({ kind: 'put', table, item: { ...(raw as Item), foreign: 'stays' } })
    const record = (await db.Person.get(ada))!
    record.first = 'Augusta'
    await record.save({ ifUnchanged: true })
    expect(record).toMatchObject({ first: 'Augusta', version: 2 })
    const item = await stored('a')
    expect(item).toMatchObject({ first: 'Augusta', last: 'Lovelace', foreign: 'stays', version: 2 })
    expect(item).not.toHaveProperty('full')
    const unchanged = (await db.Person.get({ id: 'b', groupId }))!
    await unchanged.save()
    expect(await stored('b')).toMatchObject({ first: 'Bob', version: 1, _upgrades: 2 })
  })

  it('put and delete decide conditions on the present form, and free unique values of the older one', async () => {
    await expect(db.Person.delete(ada, { if: { team: 'Red' } })).rejects.toMatchObject({ code: 'ConditionFailed' })
    expect(await db.Person.delete(ada, { if: { team: 'red' } })).toEqual(ADA)
    const put = { id: 'b', groupId, mail: 'bo@x.org', first: 'Bo', last: 'Stone', team: 'blue' }
    await expect(db.Person.put(put, { if: { first: 'Robert' } })).rejects.toMatchObject({ code: 'ConditionFailed' })
    expect(await db.Person.put(put, { if: { first: 'Bob' } })).toMatchObject({ first: 'Bo', version: 2 })
    expect(await stored('b')).toMatchObject({ _upgrades: 2, gsi1pk: 'TEAM#blue' })
    expect((await consistency(db)).counts).toEqual({})
    for (const mail of ['Ada@x.org', 'Bob@x.org'])
      await before.Person.create({ id: mail, groupId, mail, full: 'Any Body', team: 'Red' })
  })

  it('a transaction reads, changes and deletes them, and guards what it read', async () => {
    await db.transaction(async tx => {
      const person = (await tx.Person.get(ada))!
      await tx.Person.update(ada, { last: `${person.last}-King` })
      await tx.Person.delete({ id: 'b', groupId })
    })
    expect(await stored('a')).toMatchObject({
      last: 'Lovelace-King',
      team: 'red',
      gsi1sk: 'Lovelace-King',
      _upgrades: 2,
    })
    expect(await stored('b')).toBeUndefined()
    expect((await consistency(db)).counts).toEqual({})
    expect(await db.Person.findBy({ first: 'Ada', last: 'Lovelace-King' })).toMatchObject({ id: 'a' })
  })

  it('they are an incomplete part until reindex has run, and the consistency check names them', async () => {
    const parts: string[] = []
    db.on('warning', event => void (event.kind === 'incomplete' && parts.push(`${event.part} ${event.name}`)))
    expect(parts).toEqual(['index byTeam', 'unique mail', 'unique name', 'upgrade upgrade'])
    expect((await consistency(db)).counts).toEqual({ upgrade: 2, index: 2, unique: 4, orphan: 2 })
    const versions = [await stored('a'), await stored('b')].map(item => item?._rev)
    expect(await db.Person.reindex()).toMatchObject({ counts: { written: 2, unreadable: 0 }, incomplete: [] })
    expect([await stored('a'), await stored('b')].map(item => item?._rev)).toEqual(versions)
    expect(await stored('b')).toMatchObject({ first: 'Bob', note: 'kept', version: 1, _upgrades: 2 })
    expect((await consistency(db)).counts).toEqual({})
    await connect({ models, collections, store: tested.store, table, strict: true })
  })

  it('a row whose upgrade fails is reported by every list, cannot be changed, and can be deleted', async () => {
    await before.Person.create({ id: 'z', groupId, mail: 'p@x.org', full: 'Prince', team: 'Red' })
    const row = await stored('z')
    const failure = {
      code: 'Unreadable',
      message: expect.stringMatching(/Person.*"z".*step 1 of 2 threw TypeError: Prince has no last name/),
      details: { model: 'Person', key: { groupId, id: 'z' } },
      cause: expect.any(TypeError),
    }
    const z = { id: 'z', groupId }
    await expect(db.Person.get(z)).rejects.toMatchObject(failure)
    for (const where of [undefined, { first: 'Cy' }]) {
      const page = await db.Person.query.key({ groupId }, where ? { where } : {}).page()
      expect(page.items).toHaveLength(where ? 1 : 3)
      expect(page.unreadable).toMatchObject([failure])
    }
    const unreadable: unknown[] = []
    for await (const { id } of db.Person.iterate({
      where: { first: 'Cy' },
      onUnreadable: key => void unreadable.push(key),
    }))
      expect(id).toBe('c')
    expect(unreadable).toEqual([z])
    for (const change of [
      () => db.Person.update(z, { note: 'x' }),
      () => db.Person.delete(z, { if: { team: 'red' } }),
      () => db.transaction(tx => tx.Person.update(z, { note: 'x' })),
    ])
      await expect(change()).rejects.toBeInstanceOf(UnreadableError)
    expect(await stored('z')).toEqual(row)
    expect(await db.Person.reindex()).toMatchObject({
      counts: { written: 2, unreadable: 1 },
      unreadable: [{ error: failure }],
      incomplete: [
        { reason: 'notUpgraded' },
        { part: 'unique' },
        { name: 'name' },
        { part: 'upgrade', reason: 'notUpgraded' },
      ],
    })
    expect((await consistency(db)).counts).toMatchObject({ unreadable: 1 })
    await db.Person.delete(z)
    expect(await stored('z')).toBeUndefined()
    expect(await db.Person.reindex()).toMatchObject({ incomplete: [] })
  })

  it('a program with fewer steps refuses rows of a newer form, and keeps them as they are', async () => {
    const Between = model('Person', {
      fields: { ...common, first: f.string(), last: f.string(), team: f.string() },
      key,
      upgrade: [split],
    })
    const c = { id: 'c', groupId }
    const row = await stored('c')
    const between = await connect({
      models: { Group: model('Group', Group.definition), Person: Between } as never,
      store: tested.store,
      table,
    })
    const { Person } = between as unknown as typeof db
    expect(await Person.get(ada)).toMatchObject({ first: 'Ada', team: 'Red' })
    const refused = {
      code: 'Unreadable',
      message: expect.stringContaining('passed 2 of the upgrade steps, and this program knows 1'),
    }
    await expect(Person.get(c)).rejects.toMatchObject(refused)
    await expect(Person.update(c, { note: 'x' })).rejects.toMatchObject(refused)
    await expect(Person.delete(c, { if: { first: 'Cy' } })).rejects.toMatchObject(refused)
    expect((await Person.query.key({ groupId }, { where: { first: 'Ada' } }).page()).unreadable).toMatchObject([
      refused,
    ])
    expect(await stored('c')).toEqual(row)
  })

  it('concurrent writes of one row of an older form are all kept', async () => {
    const other = await open()
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const by = i % 2 === 0 ? db : other
        if (i % 3 === 0) return by.transaction(tx => tx.Person.update(ada, { score: add(1) }), { attempts: 100 })
        return by.Person.update(ada, { score: add(1) })
      }),
    )
    expect(await db.Person.get(ada)).toMatchObject({ first: 'Ada', score: 12 })
    expect((await consistency(db)).inconsistencies.filter(it => 'key' in it && it.key.id === 'a')).toEqual([])
  })

  it('an older program that puts the row back meanwhile leaves no row of two forms', async () => {
    await db.Person.reindex()
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        if (i % 2 === 0) await before.Person.put({ ...ada, mail: 'ada@x.org', full: `Ada Older${i}`, team: 'Blue' })
        else await db.Person.update(ada, { note: `note ${i}` })
      }),
    )
    const item = (await stored('a')) as Item
    expect('full' in item).toBe(!('_upgrades' in item))
    expect('first' in item).toBe('_upgrades' in item)
    expect(await db.Person.get(ada)).toMatchObject({ first: 'Ada', team: 'blue' })
    await db.Person.update(ada, { note: 'last' })
    expect(await stored('a')).toMatchObject({ note: 'last', team: 'blue', gsi1pk: 'TEAM#blue', _upgrades: 2 })
  })

  it('an update that meets an older row at its last moment brings that row to the present form first', async () => {
    await db.Person.reindex()
    const watched = watch(tested.store)
    const late = await connect({ models, collections, store: watched.store, table })
    let puts = 0
    watched.before = async ({ operation }) => {
      if (!operation.includes('rite') || puts++ > 0) return
      await before.Person.put({ ...ada, mail: 'Ada@x.org', full: 'Augusta Byron', team: 'Blue' })
    }
    expect(await late.Person.update(ada, { score: add(1) }, { if: { team: 'blue' } })).toMatchObject({
      first: 'Augusta',
      score: 1,
    })
    expect(await stored('a')).toMatchObject({ last: 'Byron', mail: 'ada@x.org', gsi1pk: 'TEAM#blue', _upgrades: 2 })
    expect(await db.Person.findBy({ first: 'Augusta', last: 'Byron' })).toMatchObject({ id: 'a' })
    // The older program does not know the constraint whose marker it left.
    expect((await consistency(db)).counts).toEqual({ orphan: 1 })
  })

  it('a write completes a row that an older program wrote after reindex, which no record tells of', async () => {
    await db.Person.reindex()
    for (const [id, name] of ['a Augusta', 'b Bo'].map(text => text.split(' ')) as [string, string][])
      await before.Person.put({ id, groupId, mail: `${name}@x.org`, full: `${name} Byron`, team: 'Blue' })
    await db.Person.update(ada, { note: 'direct' })
    await db.transaction(tx => tx.Person.update({ id: 'b', groupId }, { note: 'in a transaction' }))
    for (const first of ['Augusta', 'Bo'])
      expect(await db.Person.findBy({ first, last: 'Byron' })).toMatchObject({ first })
    const { inconsistencies } = await consistency(db)
    expect(inconsistencies.filter(({ kind }) => kind !== 'orphan')).toEqual([])
  })

  it('a transaction that has read an older row runs again if another writer upgrades and changes it', async () => {
    let runs = 0
    await db.transaction(async tx => {
      const { score } = (await tx.Person.get(ada))!
      if (runs++ === 0) await db.outside(() => db.Person.update(ada, { score: add(5) }))
      await tx.Person.update(ada, { note: `score ${score}` })
    })
    expect(runs).toBe(2)
    expect(await db.Person.get(ada)).toMatchObject({ score: 5, note: 'score 5' })
  })

  it('tenants keep to themselves', async () => {
    const tenant = { tenant: 'one & two' }
    await before.scope(tenant).Person.create({ ...ada, mail: 'eve@x.org', full: 'Eve Other', team: 'Red' })
    expect(await db.scope(tenant).Person.get(ada)).toMatchObject({ first: 'Eve' })
    expect(await db.scope(tenant).Person.update(ada, { note: 'x' })).toMatchObject({ first: 'Eve', note: 'x' })
    expect(await db.Person.get(ada)).toEqual(ADA)
    expect(await db.Person.reindex()).toMatchObject({ counts: { written: 2, rows: 4 } })
  })
})

// biome-ignore lint/suspicious/noExplicitAny: databases of many models, whose answers the tests compare as a whole
type AnyDatabase = any

describeEachStore('upgrades beside other abilities', tested => {
  let table = ''
  const open = <const M extends object>(models: M, more: object = {}) =>
    connect({
      models,
      store: tested.store,
      table,
      createTable: true,
      ...more,
    } as never) as unknown as Promise<AnyDatabase>

  beforeEach(() => {
    table = tested.tableName()
  })

  it('rules see the present form: hooks, permissions, histories, soft deletes', async () => {
    const seen: unknown[] = []
    const own = { id: f.string(), deletedAt: f.deletedAt() }
    const shared = { key: 'id', softDelete: true } as const
    const before = await open({ Doc: model('Doc', { ...shared, fields: { ...own, by: f.string() } }) })
    const Doc = model('Doc', {
      ...shared,
      fields: { ...own, owner: f.string(), title: f.string().optional() },
      upgrade: ({ by, ...rest }) => ({ ...rest, owner: String(by).toLowerCase() }),
      rules: {
        audit: true,
        permissions: {
          conditions: ({ actor }: { actor: unknown }) => ({ owner: String(actor) }),
          enforce: (doc: { owner: string }, { actor }: { actor: unknown }) => doc.owner === actor,
        },
        hooks: { preSave: (doc: object) => void seen.push({ ...doc }) },
      },
    })
    for (const id of ['a', 'b', 'gone']) await before.Doc.create({ id, by: 'ADA' })
    await before.Doc.delete({ id: 'gone' })
    const db = await open({ Doc })
    const mine = db.scope({ actor: 'ada' })
    expect(await mine.Doc.get({ id: 'a' })).toEqual({ id: 'a', owner: 'ada' })
    expect(await db.scope({ actor: 'ADA' }).Doc.get({ id: 'a' })).toBeUndefined()
    expect(await mine.Doc.query.key({ id: 'a' }, { where: { owner: 'ada' } }).count()).toBe(1)
    await mine.Doc.update({ id: 'a' }, { title: 'T' })
    expect(seen).toEqual([{ id: 'a', owner: 'ada', title: 'T' }])
    const [entry] = await mine.Doc.history({ id: 'a' }).all()
    expect(entry.changes).toEqual({ title: { from: undefined, to: 'T' } })
    expect(await mine.Doc.get({ id: 'gone' })).toBeUndefined()
    expect(await mine.Doc.get({ id: 'gone' }, { withDeleted: true })).toMatchObject({ owner: 'ada' })
    expect(await mine.Doc.restore({ id: 'gone' })).toEqual({ id: 'gone', owner: 'ada' })
    await mine.Doc.delete({ id: 'b' })
    expect(await mine.Doc.get({ id: 'b' })).toBeUndefined()
    const { item } = await tested.store.get({ table, key: { pk: 'Doc#b', sk: 'Doc' }, consistent: true })
    expect(item).toMatchObject({ owner: 'ada', _upgrades: 1, deletedAt: expect.any(String) })
    expect(item).not.toHaveProperty('by')
  })

  it('permissions hide a row that cannot be upgraded, and a warning reports it', async () => {
    const before = await open({ Doc: model('Doc', { fields: { id: f.string(), owner: f.string() }, key: 'id' }) })
    await before.Doc.create({ id: 'a', owner: 'ada' })
    const Doc = model('Doc', {
      fields: { id: f.string(), owner: f.string() },
      key: 'id',
      upgrade: () => {
        throw new Error('no')
      },
      rules: {
        permissions: { conditions: ({ actor }: { actor: unknown }) => ({ owner: String(actor) }), enforce: () => true },
      },
    })
    const db = await open({ Doc })
    const warnings: WarningEvent[] = []
    db.on('warning', (event: WarningEvent) => void (event.kind === 'unreadable' && warnings.push(event)))
    expect(await db.scope({ actor: 'ada' }).Doc.get({ id: 'a' })).toBeUndefined()
    expect(warnings).toHaveLength(1)
    await expect(db.scope({ actor: 'ada' }).Doc.delete({ id: 'a' })).resolves.toBeUndefined()
    await expect(db.scope({ system: 'repair' }).Doc.get({ id: 'a' })).rejects.toMatchObject({ code: 'Unreadable' })
  })

  it('rules are not passed by a row that cannot be upgraded', async () => {
    const fields = { id: f.string(), state: f.string() }
    const before = await open({ Doc: model('Doc', { fields, key: 'id' }) })
    await before.Doc.create({ id: 'a', state: 'final' })
    const Doc = model('Doc', {
      fields,
      key: 'id',
      upgrade: () => {
        throw new Error('no')
      },
      rules: { permissions: 'http', locks: ['state'] },
    } as never)
    const db = await open({ Doc })
    for (const write of [
      () => db.Doc.put({ id: 'a', state: 'draft' }),
      () => db.Doc.update({ id: 'a' }, { state: 'draft' }),
      () => db.Doc.delete({ id: 'a' }),
    ])
      await expect(write()).rejects.toMatchObject({ code: 'Unreadable' })
  })

  it('rows of an adopted table are upgraded too, under its own names', async () => {
    const shared = { key: { pk: 'U#{id}', sk: 'U' }, type: null, iterable: false } as const
    const layout = { pk: 'PK', sk: 'SK', upgrades: 'form' }
    const before = await open(
      { User: model('User', { ...shared, fields: { id: f.string(), n: f.string() } }) },
      { layout },
    )
    await before.User.create({ id: 'u', n: '5' })
    const db = await open(
      {
        User: model('User', {
          ...shared,
          fields: { id: f.string(), n: f.number() },
          upgrade: row => ({ ...row, n: Number(row.n) }),
        }),
      },
      { layout },
    )
    expect(await db.User.query.key({ id: 'u' }, { where: { n: { $gt: 4 } } }).count()).toBe(1)
    expect(await db.User.update({ id: 'u' }, { n: add(1) })).toEqual({ id: 'u', n: 6 })
    const { item } = await tested.store.get({ table, key: { PK: 'U#u', SK: 'U' }, consistent: true })
    expect(item).toMatchObject({ n: 6, form: 1 })
  })

  it('items of the library that a raw key could name are not upgraded', async () => {
    const shared = { key: { pk: '{id}', sk: '{kind}' }, type: null, encoding: 'raw', iterable: false } as const
    const own = { id: f.string(), kind: f.string(), mail: f.string() }
    const before = await open({ Any: model('Any', { ...shared, fields: own, unique: { mail: ['mail'] } }) })
    await before.Any.create({ id: 'a', kind: 'k', mail: 'a@x.org' })
    const db = await open({
      Any: model('Any', {
        ...shared,
        fields: { ...own, n: f.number() },
        unique: { mail: ['mail'] },
        upgrade: ({ id, kind, mail }) => ({ id, kind, mail, n: 1 }),
      }),
    })
    expect(await db.Any.findBy({ mail: 'a@x.org' })).toEqual({ id: 'a', kind: 'k', mail: 'a@x.org', n: 1 })
    await expect(db.Any.create({ id: 'b', kind: 'k', mail: 'a@x.org', n: 2 })).rejects.toMatchObject({
      code: 'UniqueViolation',
    })
  })

  it('counts follow a ref that the upgrade made', async () => {
    const Post = model('Post', { fields: { id: f.string(), comments: f.countOf('Comment.postId') }, key: 'id' })
    const before = await open({
      Comment: model('Comment', { fields: { id: f.string(), post: f.string() }, key: 'id' }),
    })
    await before.Comment.create({ id: 'c', post: 'p' })
    const Comment = model('Comment', {
      fields: { id: f.string(), postId: f.ref('Post', { onDelete: 'cascade' }) },
      key: 'id',
      indexes: { byPost: { on: 'gsi1', pk: 'POST#{postId}', sk: '{id}' } },
      upgrade: ({ post, ...rest }) => ({ ...rest, postId: post }),
    })
    const db = await open({ Post, Comment })
    await db.Post.create({ id: 'p' })
    expect(await db.Comment.reindex()).toMatchObject({ incomplete: [] })
    expect(await db.Post.get({ id: 'p' }, { consistent: true })).toMatchObject({ comments: 1 })
    expect((await consistency(db)).counts).toEqual({})
  })

  it('a row that another program wrote without a revision is rewritten only if it has not changed', async () => {
    const Item = model('Item', {
      fields: { id: f.string(), size: f.number() },
      key: 'id',
      upgrade: ({ inches, ...rest }) => ({ ...rest, size: Number(inches) * 2.5 }),
    })
    const db = await open({ Item })
    const item = { pk: 'Item#i', sk: 'Item', _type: 'Item', id: 'i', inches: 2 }
    await tested.store.write({ kind: 'put', table, item })
    const record = await db.Item.get({ id: 'i' })
    await tested.store.write({ kind: 'put', table, item: { ...item, inches: 4 } })
    await record.save()
    expect(await db.Item.get({ id: 'i' })).toEqual({ id: 'i', size: 10 })
    expect(await db.Item.update({ id: 'i' }, { size: add(1) })).toEqual({ id: 'i', size: 11 })
    await tested.store.write({ kind: 'put', table, item: { ...item, pk: 'Item#j', id: 'j' } })
    await db.transaction((tx: AnyDatabase) => tx.Item.update({ id: 'j' }, { size: add(1) }))
    const { item: after } = await tested.store.get({ table, key: { pk: 'Item#j', sk: 'Item' }, consistent: true })
    expect(after).toMatchObject({ size: 6, _upgrades: 1 })
    expect(after).not.toHaveProperty('inches')
  })

  it('an expired row is absent whatever its form', async () => {
    const fields = { id: f.string(), until: f.ttl().optional() }
    const before = await open({ Code: model('Code', { fields, key: 'id' }) })
    await before.Code.create({ id: 'x', until: new Date(Date.now() + 2000) })
    const Code = model('Code', {
      fields: { ...fields, uses: f.number() },
      key: 'id',
      upgrade: row => ({ ...row, uses: 1 }),
    })
    const ahead = await open({ Code }, { clock: () => Date.now() + 5000 })
    expect(await ahead.Code.get({ id: 'x' })).toBeUndefined()
    expect(await ahead.Code.create({ id: 'x', uses: 2 })).toEqual({ id: 'x', uses: 2 })
  })

  it('a step that does wrong is refused with its number, and the row stays', async () => {
    const fields = { id: f.string(), n: f.number().optional(), until: f.ttl().optional() }
    const before = await open({ Thing: model('Thing', { fields, key: 'id' }) })
    await before.Thing.create({ id: 't', until: new Date(Date.now() + 3_600_000) })
    const wrong: [unknown, RegExp][] = [
      [() => undefined, /step 1 of 1 returned undefined; return the row as an object/],
      [() => [], /returned/],
      [async (row: object) => row, /returned a promise; a step is synchronous/],
      [(row: object) => ({ ...row, n: new Date() }), /returned a row that cannot be stored: n: is a Date/],
      [(row: object) => ({ ...row, n: 'x'.repeat(500_000) }), /400 KB/],
      [(row: object) => ({ ...row, _rev: 'x' }), /returned _rev, which only the library stores/],
      [(row: object) => ({ ...row, gsi3pk: 'x' }), /returned gsi3pk/],
      [(row: object) => ({ ...row, id: 'other' }), /changes id/],
      [({ ttl: _, ...row }: { ttl?: unknown }) => row, /changes ttl/],
    ]
    for (const [upgrade, message] of wrong) {
      const db = await open({ Thing: model('Thing', { fields, key: 'id', upgrade } as never) })
      await expect(db.Thing.get({ id: 't' })).rejects.toMatchObject({
        code: 'Unreadable',
        message: expect.stringMatching(message),
        details: { model: 'Thing', key: { id: 't' } },
      })
    }
    const mutating = await open({
      Thing: model('Thing', {
        fields,
        key: 'id',
        upgrade: row => Object.assign(row, { n: 1, gone: undefined }),
      }),
    })
    expect(await mutating.Thing.update({ id: 't' }, { n: 2 })).toMatchObject({ n: 2 })
  })

  it('an empty list of steps guards the first form against newer programs', async () => {
    const fields = { id: f.string(), n: f.number().optional() }
    const first = await open({ Thing: model('Thing', { fields, key: 'id', upgrade: [] }) })
    await first.Thing.create({ id: 't' })
    expect(await first.Thing.update({ id: 't' }, { n: 1 })).toEqual({ id: 't', n: 1 })
    const newer = await open({ Thing: model('Thing', { fields, key: 'id', upgrade: row => ({ ...row, n: 5 }) }) })
    expect(await newer.Thing.update({ id: 't' }, { n: add(1) })).toEqual({ id: 't', n: 6 })
    await expect(first.Thing.update({ id: 't' }, { n: 1 })).rejects.toMatchObject({ code: 'Unreadable' })
    expect(await newer.Thing.get({ id: 't' })).toEqual({ id: 't', n: 6 })
  })
})

it('steps that are no functions are refused when the model is defined', () => {
  const define = (upgrade: unknown) => () => model('A', { fields: { id: f.string() }, key: 'id', upgrade } as never)
  expect(define('no')).toThrow(/upgrade: is "no"; it is a function that takes a stored row/)
  expect(define([(row: object) => row, 1])).toThrow(/upgrade\[1\]: is 1/)
  expect(define([])).not.toThrow()
})
