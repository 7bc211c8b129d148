/** Single rows: the attributes that a write changes, and those that it must not change. */
import { add, connect, type Database, f, type Item, model, removeFrom } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'
import { operations, type WatchedStore, watch } from '../watched-store.js'

const Note = model('Note', {
  fields: {
    noteId: f.string(),
    name: f.string().default('untitled'),
    text: f.string().optional(),
    views: f.counter(),
    tags: f.set(f.string()).optional(),
    author: f.string().optional(),
    createdAt: f.createdAt(),
    updatedAt: f.updatedAt(),
  },
  key: { pk: 'NOTE#{noteId}' },
  indexes: { byAuthor: { on: 'gsi1', pk: 'AUTHOR#{author}', sk: '{noteId}' } },
})
const Paper = model('Paper', {
  fields: { paperId: f.string(), title: f.string(), version: f.version() },
  key: { pk: 'PAPER#{paperId}' },
})
/** Its fields have names that expressions may use as placeholders. */
const Odd = model('Odd', {
  fields: {
    id: f.string(),
    name: f.string(),
    n0: f.string(),
    n1: f.string(),
    v0: f.string(),
    v1: f.string(),
    p: f.string().attribute('#n0'),
    q: f.string().attribute(':v0'),
    set: f.string().attribute('a.b'),
  },
  key: 'id',
})
const Automatic = model('Automatic', {
  fields: { id: f.ulid().auto(), made: f.date().default(() => new Date()), tags: f.list(f.string()) },
  key: 'id',
})

const models = { Note, Paper, Odd, Automatic }
const failsWith = (code: string) => expect.objectContaining({ code })

describeEachStore('rows', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  let seen: WatchedStore
  let table: string
  let now = Date.now()
  let db: Database<typeof models>
  let notes = 0

  beforeAll(async () => {
    seen = watch(tested.store)
    table = tested.tableName()
    db = await connect({ models, store: seen.store, table, createTable: true, clock: () => now })
  })

  const addNote = (more: { text?: string; tags?: string[]; author?: string } = {}) =>
    db.Note.create({ noteId: `n${++notes}`, name: 'draft', ...more })

  async function stored(pk: string, sk: string): Promise<Item | undefined> {
    return (await tested.store.get({ table, key: { pk, sk }, consistent: true })).item
  }

  absent([7], 'field names never collide with the placeholders of expressions', async () => {
    const row = { id: '7', name: 'old', n0: 'a', n1: 'b', v0: 'c', v1: 'd', p: 'e', q: 'f', set: 'g' }
    await db.Odd.create(row)
    await db.Odd.update({ id: '7' }, { name: 'new', q: 'F' }, { if: { n1: 'b', v1: 'd', p: 'e', set: { $ne: 'x' } } })
    const changed = { ...row, name: 'new', q: 'F' }
    expect({ ...(await db.Odd.get({ id: '7' })) }).toEqual(changed)
    const { p, q, set, ...same } = changed
    expect(await stored('Odd#7', 'Odd')).toMatchObject({ ...same, '#n0': p, ':v0': q, 'a.b': set })
    await expect(db.Odd.update({ id: '7' }, { name: 'x' }, { if: { p: 'f' } })).rejects.toEqual(
      failsWith('ConditionFailed'),
    )
    const Keyed = model('Keyed', { fields: { id: f.string(), pk: f.string() }, key: 'id' })
    await expect(connect({ models: { Keyed }, store: seen.store, table })).rejects.toThrow('pk')
    const Renamed = model('Renamed', { fields: { id: f.string(), pk: f.string().attribute('own_pk') }, key: 'id' })
    const renamed = await connect({ models: { Renamed }, store: seen.store, table })
    await renamed.Renamed.create({ id: '7', pk: 'mine' })
    await renamed.Renamed.update({ id: '7' }, { pk: 'still mine' })
    expect(await stored('Renamed#7', 'Renamed')).toMatchObject({ own_pk: 'still mine' })
  })

  absent([8], 'a deleted row is never recreated, and an existing row is never overwritten by create', async () => {
    const row = await addNote()
    const key = { noteId: row.noteId }
    await expect(db.Note.create({ ...key, name: 'again' })).rejects.toEqual(failsWith('AlreadyExists'))
    expect(await db.Note.get(key)).toMatchObject({ name: 'draft' })
    await db.Note.delete(key)
    row.name = 'ghost'
    await expect(row.save()).rejects.toEqual(failsWith('NotFound'))
    await expect(row.update({ views: add(1) })).rejects.toEqual(failsWith('NotFound'))
    await expect(row.reload()).rejects.toEqual(failsWith('NotFound'))
    await expect(db.Note.update(key, { name: 'ghost' })).rejects.toEqual(failsWith('NotFound'))
    await expect(db.Note.update(key, { name: 'ghost' }, { if: { name: 'draft' } })).rejects.toEqual(
      failsWith('NotFound'),
    )
    const absentRow = { if: { name: 'draft' } }
    await expect(db.Note.put({ ...key, name: 'ghost' }, absentRow)).rejects.toEqual(failsWith('ConditionFailed'))
    await expect(db.Note.delete(key, absentRow)).rejects.toEqual(failsWith('ConditionFailed'))
    expect(await db.Note.delete(key)).toBe(undefined)
    expect(await stored(`NOTE#${row.noteId}`, 'Note')).toBe(undefined)
  })

  absent([9], 'no write changes a key', async () => {
    const row = await addNote()
    const { noteId } = row
    row.noteId = 'elsewhere'
    await expect(row.save()).rejects.toThrow('noteId')
    await expect(db.Note.update({ noteId }, { noteId: 'elsewhere' } as never)).rejects.toThrow('noteId')
    await expect(db.Note.update({ noteId }, { createdAt: new Date(0) } as never)).rejects.toThrow('createdAt')
    await expect(db.Note.update({ noteId }, { updatedAt: new Date(0) } as never)).rejects.toThrow('updatedAt')
    expect(await stored('NOTE#elsewhere', 'Note')).toBe(undefined)
    expect(await stored(`NOTE#${noteId}`, 'Note')).toMatchObject({ noteId })
  })

  absent([10], 'additions to counters accumulate, also through save', async () => {
    const { noteId } = await addNote()
    const copies = await Promise.all(Array.from({ length: 5 }, () => db.Note.get({ noteId })))
    await Promise.all(
      copies.map(async copy => {
        if (copy) copy.views += 2
        await copy?.save()
      }),
    )
    await db.Note.update({ noteId }, { views: add(-3) })
    const row = await db.Note.get({ noteId }, { consistent: true })
    expect(row?.views).toBe(7)
    // Another write happens in between, and is kept.
    await db.Note.update({ noteId }, { views: add(10) })
    if (row) row.views -= 1
    expect((await row?.save())?.views).toBe(16)
    expect((await db.Note.update({ noteId }, { views: 1 })).views).toBe(1)
    await expect(db.Note.update({ noteId }, { views: '+1' } as never)).rejects.toThrow('views')
    await expect(db.Note.update({ noteId }, { views: add(0.5) })).rejects.toThrow('views')
  })

  absent([12], 'changes made while a save is in flight are kept', async () => {
    const row = await addNote({ tags: ['a'] })
    row.name = 'first'
    row.views = 1
    row.tags?.add('b')
    const saving = row.save()
    row.name = 'second'
    row.text = 'new'
    row.views += 1
    row.tags?.add('c')
    await saving
    expect(row).toMatchObject({ name: 'second', text: 'new', views: 2, tags: new Set(['a', 'b', 'c']) })
    const key = { noteId: row.noteId }
    const between = await db.Note.get(key, { consistent: true })
    expect(between).toMatchObject({ name: 'first', views: 1, tags: new Set(['a', 'b']) })
    expect(between?.text).toBe(undefined)
    await row.save()
    const after = await db.Note.get(key, { consistent: true })
    expect(after).toMatchObject({ name: 'second', text: 'new', views: 2, tags: new Set(['a', 'b', 'c']) })
  })

  absent([12], 'additions made while a save is in flight are added to those of others', async () => {
    const row = await addNote({ tags: ['a', 'b'] })
    const key = { noteId: row.noteId }
    row.views = 1
    row.tags?.delete('a')
    await db.Note.update(key, { views: add(10), tags: add('theirs') })
    const saving = row.save()
    row.views += 1
    row.tags?.add('mine')
    await saving
    await row.save()
    expect(await db.Note.get(key, { consistent: true })).toMatchObject({
      views: 12,
      tags: new Set(['b', 'theirs', 'mine']),
    })
    // The same holds for unsaved changes during another write of the record.
    row.views += 1
    row.tags?.delete('b')
    await db.Note.update(key, { views: add(10), tags: add('later') })
    await row.update({ name: 'x' })
    await row.save()
    expect(await db.Note.get(key, { consistent: true })).toMatchObject({
      views: 23,
      tags: new Set(['theirs', 'mine', 'later']),
    })
  })

  absent([12], 'concurrent saves of one record write each change once', async () => {
    const row = await addNote()
    row.views += 1
    row.name = 'once'
    await Promise.all([row.save(), row.save(), row.save()])
    expect(await db.Note.get({ noteId: row.noteId }, { consistent: true })).toMatchObject({ views: 1, name: 'once' })
    const paper = await db.Paper.create({ paperId: row.noteId, title: 'first' })
    paper.title = 'second'
    await Promise.all([paper.save(), paper.save()])
    expect(await db.Paper.get({ paperId: row.noteId }, { consistent: true })).toMatchObject({
      title: 'second',
      version: 2,
    })
  })

  absent([13], 'save writes the changed fields and nothing else', async () => {
    const stale = await addNote({ tags: ['a'] })
    const key = { noteId: stale.noteId }
    await db.Note.update(key, { text: 'theirs', views: add(5), tags: add('b'), author: 'ada' })
    stale.name = 'mine'
    await stale.save()
    const expected = { name: 'mine', text: 'theirs', views: 5, tags: new Set(['a', 'b']), author: 'ada' }
    expect(stale).toMatchObject(expected)
    expect(await db.Note.get(key, { consistent: true })).toMatchObject(expected)
    expect(await db.Note.query.byAuthor({ author: 'ada' }).count()).toBe(1)
    // Setting a field to its stored value is not a change, and a save without changes sends no request.
    seen.calls = []
    stale.name = 'other'
    stale.name = 'mine'
    stale.tags = new Set(['b', 'a'])
    await stale.save()
    await stale.save()
    expect(operations(seen)).toEqual([])
  })

  absent([14], 'input objects are never modified', async () => {
    const input = Object.freeze({ tags: Object.freeze(['x']) })
    const [one, two] = [await db.Automatic.create(input), await db.Automatic.create(input)]
    expect(one.id).not.toBe(two.id)
    expect(input).toEqual({ tags: ['x'] })
    // Later changes of the input do not change the row.
    const tags = ['y']
    const { id } = await db.Automatic.create({ tags })
    tags.push('z')
    expect((await db.Automatic.get({ id }))?.tags).toEqual(['y'])
  })

  absent([15], 'sets are changed by their differences, whatever others add or remove', async () => {
    const row = await addNote({ tags: ['a', 'b'] })
    const key = { noteId: row.noteId }
    await db.Note.update(key, { tags: add('theirs') })
    row.tags?.delete('a')
    row.tags?.add('mine')
    await row.save()
    const kept = new Set(['b', 'theirs', 'mine'])
    expect(row.tags).toEqual(kept)
    expect((await db.Note.get(key, { consistent: true }))?.tags).toEqual(kept)
    expect((await stored(`NOTE#${row.noteId}`, 'Note'))?.tags).toEqual(kept)
    await db.Note.update(key, { tags: removeFrom('b', 'nobody') })
    await Promise.all(['1', '2', '3'].map(tag => db.Note.update(key, { tags: add(tag) })))
    expect((await row.reload()).tags).toEqual(new Set(['theirs', 'mine', '1', '2', '3']))
    // The last member is removed: DynamoDB has no empty sets.
    row.tags?.clear()
    await row.save()
    expect((await db.Note.get(key, { consistent: true }))?.tags ?? new Set()).toEqual(new Set())
    expect(await stored(`NOTE#${row.noteId}`, 'Note')).not.toHaveProperty('tags')
  })

  absent([18], 'a row without a version always reads the same, and can be written', async () => {
    const { paperId } = await db.Paper.create({ paperId: '18', title: 'first' })
    const { version: _, ...old } = (await stored('PAPER#18', 'Paper')) ?? {}
    await tested.store.write({ kind: 'put', table, item: old })
    const [one, two] = [await db.Paper.get({ paperId }), await db.Paper.get({ paperId })]
    expect(one?.version).toBe(two?.version)
    if (one) one.title = 'second'
    await one?.save()
    if (two) two.title = 'lost'
    await expect(two?.save()).rejects.toEqual(failsWith('Conflict'))
    expect(await db.Paper.get({ paperId })).toMatchObject({ title: 'second' })
  })

  absent([55], 'a save of a row that another program has changed is refused', async () => {
    const row = await db.Paper.create({ paperId: '55', title: 'first' })
    expect(row.version).toBe(1)
    const other = await db.Paper.get({ paperId: '55' })
    expect((await row.update({ title: 'theirs' })).version).toBe(2)
    if (other) other.title = 'mine'
    await expect(other?.save()).rejects.toEqual(failsWith('Conflict'))
    expect(await db.Paper.get({ paperId: '55' })).toMatchObject({ title: 'theirs', version: 2 })
    await other?.reload()
    if (other) other.title = 'mine'
    expect((await other?.save())?.version).toBe(3)
    await expect(db.Paper.update({ paperId: '55' }, { title: 'x' }, { if: { version: 2 } })).rejects.toEqual(
      failsWith('ConditionFailed'),
    )
    // Without a version field, ifUnchanged requests the same check.
    const note = await addNote()
    await db.Note.update({ noteId: note.noteId }, { views: add(1) })
    note.name = 'mine'
    await expect(note.save({ ifUnchanged: true })).rejects.toEqual(failsWith('Conflict'))
    await note.save()
    note.name = 'again'
    expect((await note.save({ ifUnchanged: true })).name).toBe('again')
  })

  it('createdAt and updatedAt follow the writes of a row', async () => {
    const row = await addNote()
    const made = now
    expect([row.createdAt, row.updatedAt]).toEqual([new Date(made), new Date(made)])
    now += 1000
    row.name = 'later'
    await row.save()
    expect([row.createdAt, row.updatedAt]).toEqual([new Date(made), new Date(now)])
    now += 1000
    await row.save()
    expect(row.updatedAt).toEqual(new Date(now - 1000))
    const given = await db.Note.create({ noteId: `given-${row.noteId}`, createdAt: new Date(5) })
    expect(given.createdAt).toEqual(new Date(5))
  })

  it('each write gives a row a new revision, and delete returns the deleted row', async () => {
    const row = await addNote({ text: 'x' })
    const revision = async () => (await stored(`NOTE#${row.noteId}`, 'Note'))?._rev
    const first = await revision()
    expect(first).toBeTypeOf('string')
    await row.update({ name: 'x' })
    expect(await revision()).not.toBe(first)
    const gone = await db.Note.delete({ noteId: row.noteId }, { if: { name: 'x' } })
    expect({ ...gone }).toEqual({ ...row })
    expect(await db.Note.get({ noteId: row.noteId })).toBe(undefined)
  })

  it('put replaces a row completely', async () => {
    const row = await addNote({ text: 'x', author: 'bob' })
    const put = await db.Note.put({ noteId: row.noteId, name: 'whole' }, { if: { text: 'x' } })
    expect(put).toMatchObject({ name: 'whole', views: 0 })
    expect(await stored(`NOTE#${row.noteId}`, 'Note')).not.toHaveProperty('text')
    expect(await db.Note.query.byAuthor({ author: 'bob' }).count()).toBe(0)
    await expect(db.Note.put({ noteId: row.noteId }, { if: { text: 'x' } })).rejects.toEqual(
      failsWith('ConditionFailed'),
    )
  })

  allAccountedFor()
})
