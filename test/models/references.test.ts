/** Refs are checked against the key of their model, invalid keys find nothing, and all written values can be read back. */
import { connect, f, model, one } from 'partita'
import { memory } from 'partita/embedded'
import { expect, it } from 'vitest'

const User = model('User', { fields: { userId: f.ulid().auto(), name: f.string() }, key: { pk: 'USER#{userId}' } })
const Device = model('Device', { fields: { deviceId: f.uuid() }, key: { pk: 'DEVICE#{deviceId}' } })
const Code = model('Code', { fields: { code: f.string().pattern(/^[A-Z]{3}$/) }, key: { pk: 'CODE#{code}' } })
const Seat = model('Seat', { fields: { row: f.integer() }, key: { pk: 'SEAT#{row}' } })
const Member = model('Member', {
  fields: { orgId: f.string(), userId: f.ref('User') },
  key: { pk: 'ORG#{orgId}', sk: 'USER#{userId}' },
})
const Post = model('Post', {
  fields: {
    blog: f.string(),
    n: f.integer(),
    authorId: f.ref('User').optional(),
    deviceId: f.ref('Device').optional(),
    codes: f.list(f.ref('Code')).default([]),
    seat: f.map({ row: f.ref('Seat').optional() }).default({}),
    ownerId: f.ref('Member').optional(),
  },
  key: { pk: 'BLOG#{blog}', sk: '{n}' },
  relations: { author: one('User', 'authorId'), owner: one('Member', { orgId: 'blog', userId: 'ownerId' }) },
})
const models = { User, Device, Code, Seat, Member, Post }
const open = () => connect({ models, store: memory() })
const refused = (path: readonly (string | number)[]) =>
  expect.objectContaining({ code: 'ValidationFailed', details: { issues: [expect.objectContaining({ path })] } })

it('every write refuses a ref that cannot be the key of a row', async () => {
  const db = await open()
  const { userId } = await db.User.create({ name: 'Ada' })
  const post = await db.Post.create({ blog: 'b', n: 1, authorId: userId, codes: ['ABC'] })
  const key = { blog: 'b', n: 1 }
  await expect(db.Post.create({ blog: 'b', n: 2, authorId: 'nobody' })).rejects.toEqual(refused(['authorId']))
  await expect(db.Post.put({ blog: 'b', n: 2, codes: ['ABC', 'x'] })).rejects.toEqual(refused(['codes', 1]))
  await expect(db.Post.create({ blog: 'b', n: 2, seat: { row: 'A' } })).rejects.toEqual(refused(['seat', 'row']))
  await expect(db.Post.update(key, { ownerId: 'nobody' })).rejects.toEqual(refused(['ownerId']))
  await expect(db.Post.update(key, { deviceId: 'no-uuid' })).rejects.toEqual(refused(['deviceId']))
  const upper = crypto.randomUUID().toUpperCase()
  await expect(db.Post.update(key, { deviceId: upper })).rejects.toEqual(refused(['deviceId']))
  post.authorId = 'nobody'
  await expect(post.save()).rejects.toEqual(refused(['authorId']))
})

it('a ref to a model that is not connected is refused', async () => {
  const Lost = model('Lost', { fields: { id: f.string(), refs: f.list(f.ref('Nobody')) }, key: 'id' })
  const error = await connect({ models: { Lost }, store: memory() }).catch(it => it)
  expect(error).toMatchObject({ code: 'ValidationFailed', message: expect.stringContaining('Nobody') })
})

it('a stored ref that is no longer valid loads nothing, and its row can be saved', async () => {
  const store = memory()
  const db = await connect({ models, store })
  await db.Post.create({ blog: 'b', n: 1 })
  const [item] = (await store.scan({ table: 'partita' })).items.filter(({ blog }) => blog === 'b')
  await store.write({ kind: 'put', table: 'partita', item: { ...item, authorId: 'nobody' } as never })
  const [post] = await db.Post.query.key({ blog: 'b' }, { with: { author: true } }).all()
  expect([post?.authorId, post?.author]).toEqual(['nobody', undefined])
  const plain = await db.Post.get({ blog: 'b', n: 1 })
  expect(await plain?.author()).toBeUndefined()
  Object.assign(plain as object, { codes: ['ABC'] })
  expect((await plain?.save())?.codes).toEqual(['ABC'])
})

it('reads by a key of an invalid format find nothing, and keys of a wrong type are refused', async () => {
  const db = await open()
  expect(await db.User.get({ userId: 'abc' })).toBeUndefined()
  expect(await db.Device.getMany([{ deviceId: 'x' }, { deviceId: 'y' }])).toEqual([undefined, undefined])
  expect(await db.Code.get({ code: 'lower' })).toBeUndefined()
  expect(await db.Seat.get({ row: 1.5 })).toBeUndefined()
  expect(await db.Seat.query.key({ row: 1.5 }).page()).toMatchObject({ items: [], stopped: 'end' })
  expect(await db.User.query.key({ userId: 'abc' }).count()).toBe(0)
  await expect(db.User.get({} as never)).rejects.toEqual(refused(['userId']))
  await expect(db.User.get({ userId: 5 } as never)).rejects.toEqual(refused(['userId']))
  await expect(db.User.get({ userId: null } as never)).rejects.toEqual(refused(['userId']))
  await expect(db.Seat.get({ row: '1' } as never)).rejects.toEqual(refused(['row']))
  await expect(db.User.update({ userId: 'abc' }, { name: 'x' })).rejects.toEqual(refused(['userId']))
})

it('values that cannot be read back are never written', async () => {
  const wrong = { encode: (it: string) => it, decode: (stored: string) => (stored === 'x' ? fail() : stored) }
  const fail = (): never => {
    throw new Error('cannot be decoded')
  }
  const Note = model('Note', {
    fields: {
      id: f.string(),
      text: f.string().transform(wrong).optional(),
      list: f.list(f.string().transform(wrong)).default([]),
    },
    key: { pk: 'NOTE#{id}' },
  })
  const db = await connect({ models: { Note }, store: memory() })
  await db.Note.create({ id: 'a' })
  const writes = [
    () => db.Note.create({ id: 'b', text: 'x' }),
    () => db.Note.put({ id: 'a', text: 'x' }),
    () => db.Note.update({ id: 'a' }, { text: 'x' }),
    () => db.Note.update({ id: 'a' }, { list: ['x'] }),
    () => db.transaction(tx => tx.Note.create({ id: 'b', text: 'x' })),
    () => db.batch(batch => batch.Note.put({ id: 'b', text: 'x' })),
  ]
  for (const write of writes) await expect(write(), String(write)).rejects.toMatchObject({ code: 'ValidationFailed' })
  const found: unknown[] = []
  for await (const note of db.Note.iterate({ strict: true })) found.push({ ...note })
  expect(found).toEqual([{ id: 'a', list: [] }])
})

it('NULL is read as missing if a field may be missing, and as NULL in a JSON field', async () => {
  const Row = model('Row', {
    fields: {
      id: f.string(),
      bio: f.string().optional(),
      tags: f.set(f.string()),
      doc: f.json().optional(),
      n: f.number(),
    },
    key: { pk: 'ROW#{id}' },
  })
  const store = memory()
  const db = await connect({ models: { Row }, store })
  await db.Row.create({ id: 'a', n: 1, tags: [] })
  const [item] = (await store.scan({ table: 'partita' })).items.filter(({ id }) => id === 'a')
  await store.write({ kind: 'put', table: 'partita', item: { ...item, bio: null, tags: null, doc: null } as never })
  expect({ ...(await db.Row.get({ id: 'a' })) }).toEqual({ id: 'a', tags: new Set(), doc: null, n: 1 })
  const row = await db.Row.get({ id: 'a' })
  Object.assign(row as object, { n: 2 })
  await row?.save()
  expect((await db.Row.get({ id: 'a' }))?.n).toBe(2)
})
