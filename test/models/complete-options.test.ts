/** Parts of several tables, and of models whose soft deletes change. */
import { connect, f, model } from 'partita'
import { memory } from 'partita/embedded'
import { consistency } from 'partita/testing'
import { expect, it } from 'vitest'

const indexes = { byName: { on: 'gsi1', pk: 'NAME#{name}' } } as const

it('A strict connect reports the incomplete parts of all tables, and records nothing in any of them', async () => {
  const store = memory()
  const databases = [
    { id: 'one', type: 'store', connectionDetails: { store, table: 'one' } },
    { id: 'two', type: 'store', connectionDetails: { reuseId: 'one', table: 'two' } },
  ] as const
  const fields = { id: f.string(), name: f.string() }
  const older = {
    A: model('A', { fields, key: 'id', indexes }),
    B: model('B', { fields, key: 'id', database: 'two' }),
  }
  const newer = {
    A: model('A', { fields, key: 'id' }),
    B: model('B', { fields, key: 'id', database: 'two', indexes }),
  }
  const open = (models: typeof older | typeof newer, strict: boolean) =>
    connect({ models: models as typeof older, databases, strict })
  const db = await open(older, false)
  await db.A.create({ id: 'a', name: 'a' })
  await db.B.create({ id: 'b', name: 'b' })
  // The table of A comes first and lacks nothing. If it were recorded, the index of A would be incomplete from now on.
  await expect(open(newer, true)).rejects.toMatchObject({
    code: 'Incomplete',
    details: { parts: [{ model: 'B', part: 'index', name: 'byName' }] },
  })
  await open(older, true)
  const both = { ...newer, A: model('A', { fields, key: 'id', unique: { name: ['name'] } }) }
  await expect(open(both as never, true)).rejects.toMatchObject({
    details: { parts: [expect.objectContaining({ model: 'A' }), expect.objectContaining({ model: 'B' })] },
  })
  await store.close()
})

type Options = { readonly indexes?: 'keep' | 'remove'; readonly unique?: 'keep' | 'free' }
const noteWith = (softDelete: Options) =>
  model('Note', {
    fields: { id: f.string(), name: f.string() },
    key: 'id',
    indexes,
    unique: { name: ['name'] },
    softDelete,
  })

it.each<[Options, Options, { part: string; name: string }]>([
  [{ indexes: 'keep' }, { indexes: 'remove' }, { part: 'index', name: 'byName' }],
  [{ indexes: 'remove' }, { indexes: 'keep' }, { part: 'index', name: 'byName' }],
  [{ unique: 'free' }, { unique: 'keep' }, { part: 'unique', name: 'name' }],
  [{ unique: 'keep' }, { unique: 'free' }, { part: 'unique', name: 'name' }],
])('A change of softDelete from %j to %j makes a part incomplete until a reindex', async (from, to, part) => {
  const store = memory()
  const open = (softDelete: Options, strict = false) =>
    connect({ models: { Note: noteWith(softDelete) }, store, strict })
  const before = await open(from)
  await before.Note.create({ id: 'n', name: 'a' })
  await before.Note.delete({ id: 'n' })
  await expect(open(to, true)).rejects.toMatchObject({ details: { parts: [{ model: 'Note', ...part }] } })
  const db = await open(to)
  expect((await db.Note.reindex()).incomplete).toEqual([])
  await open(to, true)
  const listed = await db.Note.query.byName({ name: 'a' }, { withDeleted: true }).all()
  expect(listed).toHaveLength(to.indexes === 'remove' ? 0 : 1)
  const created = db.Note.create({ id: 'other', name: 'a' })
  if (to.unique === 'keep') await expect(created).rejects.toMatchObject({ code: 'UniqueViolation' })
  else await created
  expect((await consistency(db)).inconsistencies).toEqual([])
  await store.close()
})
