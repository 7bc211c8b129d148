/** Refs with `onDelete`, and exact counts of the rows that refer to a row. */
import { connect, f, model, PartitaError } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { seed, seeded } from '../../seeded.js'
import { describeEachStore } from '../../stores.js'

const random = seeded(seed)

const Post = model('Post', {
  fields: {
    id: f.string(),
    title: f.string().optional(),
    comments: f.countOf('Comment.postId'),
    version: f.version(),
  },
  key: 'id',
})
const Comment = model('Comment', {
  fields: {
    id: f.string(),
    postId: f.ref('Post', { onDelete: 'restrict' }).optional(),
    text: f.string().optional(),
  },
  key: 'id',
  softDelete: true,
})

const deleted: string[] = []
const Folder = model('Folder', {
  fields: {
    id: f.string(),
    parentId: f.ref('Folder', { onDelete: 'cascade' }).optional(),
    folders: f.countOf('Folder.parentId'),
    files: f.countOf('File.folderId'),
  },
  key: 'id',
  indexes: { byParent: { on: 'gsi1', pk: 'PARENT#{parentId}', sk: '{id}' } },
})
const File = model('File', {
  fields: {
    id: f.string(),
    folderId: f.ref('Folder', { onDelete: 'cascade' }),
    tagId: f.ref('Tag', { onDelete: 'setNull' }).optional(),
    name: f.string(),
  },
  key: 'id',
  unique: { name: ['name'] },
  indexes: {
    byFolder: { on: 'gsi1', pk: 'FOLDER#{folderId}' },
    byTag: { on: 'gsi2', pk: 'TAG#{tagId}', sk: '{name}' },
  },
  rules: {
    permissions: { conditions: () => false, enforce: () => false },
    hooks: { postDelete: ({ id }) => void deleted.push(id) },
  },
})
const Tag = model('Tag', { fields: { id: f.string() }, key: 'id', softDelete: true })

const models = { Post, Comment, Folder, File, Tag }
/** Rounds of a race: fewer on servers, whose calls take longer. `refs.soak.ts` runs ten times as many. */
const roundsOn = (store: string) =>
  (store === 'memory' || store === 'embedded' ? 100 : 20) * Number(process.env.PARTITA_RACE_SCALE ?? 1)

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const row of rows) found.push(row)
  return found
}

describeEachStore('A ref with onDelete', tested => {
  const rounds = roundsOn(tested.name)
  const open = (table: string) => connect({ models, store: tested.store, table, createTable: true })
  let db: Awaited<ReturnType<typeof open>>
  let table: string
  beforeAll(async () => {
    table = tested.tableName()
    db = await open(table)
  })
  const system = () => db.scope({ system: 'test' })

  const isRefused = (write: Promise<unknown>) =>
    write.then(
      () => false,
      error => (PartitaError.is(error, 'RuleViolated') ? true : Promise.reject(error)),
    )
  const countOf = async (id: string) => (await db.Post.get({ id }, { consistent: true }))?.comments

  it('counts rows as they are created, moved, deleted, restored and purged', async () => {
    await db.Post.create({ id: 'p1' })
    await db.Post.create({ id: 'p2' })
    await db.Comment.create({ id: 'c1', postId: 'p1' })
    await db.Comment.put({ id: 'c2', postId: 'p1' })
    await db.Comment.create({ id: 'c3' })
    expect([await countOf('p1'), await countOf('p2')]).toEqual([2, 0])
    await db.Comment.update({ id: 'c3' }, { postId: 'p1' })
    await db.Comment.put({ id: 'c2', postId: 'p2', text: 'Moved' })
    await db.Comment.put({ id: 'c2', postId: 'p2', text: 'Again' })
    expect([await countOf('p1'), await countOf('p2')]).toEqual([2, 1])
    await db.Comment.delete({ id: 'c1' })
    expect(await countOf('p1')).toBe(1)
    await db.Comment.restore({ id: 'c1' })
    expect(await countOf('p1')).toBe(2)
    await db.Comment.delete({ id: 'c1' })
    await db.Comment.purge({ id: 'c1' })
    await db.Comment.update({ id: 'c3' }, { postId: null })
    expect([await countOf('p1'), await countOf('p2')]).toEqual([0, 1])
  })

  it('a write of the row that holds a count keeps the count, and a program cannot set it', async () => {
    await db.Post.create({ id: 'p3' })
    const post = await db.Post.get({ id: 'p3' })
    await db.Comment.create({ id: 'c4', postId: 'p3' })
    if (post) {
      post.title = 'Saved with the version that was read'
      await post.save()
    }
    expect(await db.Post.put({ ...post, id: 'p3', title: 'Put', comments: 7 })).toMatchObject({
      comments: 1,
      version: 3,
    })
    await db.Post.update({ id: 'p3' }, { title: 'Updated' })
    expect(await countOf('p3')).toBe(1)
    const untyped = db.Post as unknown as Record<'create' | 'update', (...given: unknown[]) => Promise<unknown>>
    await expect(untyped.create({ id: 'p4', comments: 1 })).rejects.toThrow(/written by the library/)
    await expect(untyped.update({ id: 'p3' }, { comments: 1 })).rejects.toThrow(/written by the library/)
    expect(
      await db.transaction(async tx => {
        await tx.Post.update({ id: 'p3' }, { title: 'Both' })
        await tx.Comment.create({ id: 'c5', postId: 'p3' })
        await tx.Comment.delete({ id: 'c4' })
        await tx.Comment.create({ id: 'c6', postId: 'p3' })
      }),
    ).toBeUndefined()
    expect(await db.Post.get({ id: 'p3' }, { consistent: true })).toMatchObject({ comments: 2, title: 'Both' })
  })

  it('counts exactly under concurrent creates, moves and deletes', async () => {
    await db.Post.create({ id: 'busy1' })
    await db.Post.create({ id: 'busy2' })
    const posts = ['busy1', 'busy2']
    const writer = async (n: number) => {
      for (let i = 0; i < 4; i++) {
        const id = `busy ${n} ${i}`
        await db.Comment.create({ id, postId: posts[(n + i) % 2] as string })
        if (i % 2 === 0) await db.Comment.update({ id }, { postId: posts[n % 2] as string })
        if (i % 4 === 3) await db.Comment.delete({ id })
      }
    }
    const titles = async () => {
      for (let i = 0; i < 5; i++) await db.Post.update({ id: 'busy1' }, { title: String(i) })
    }
    await Promise.all([...[0, 1, 2, 3, 4].map(writer), titles()])
    const rows = await all(db.Comment.iterate())
    for (const id of posts) expect(await countOf(id)).toBe(rows.filter(({ postId }) => postId === id).length)
    expect(((await countOf('busy1')) ?? 0) + ((await countOf('busy2')) ?? 0)).toBe(15)
  })

  it('restrict refuses the delete of a row while rows refer to it, and says which', async () => {
    await db.Post.create({ id: 'p5' })
    await db.Comment.create({ id: 'c7', postId: 'p5' })
    await expect(db.Post.delete({ id: 'p5' })).rejects.toMatchObject({
      code: 'RuleViolated',
      details: {
        model: 'Post',
        key: { id: 'p5' },
        violations: [{ rule: 'onDelete', message: 'cannot be deleted while rows of Comment refer to it by postId' }],
      },
    })
    await db.transaction(async tx => {
      await tx.Post.delete({ id: 'p5' })
      await tx.Comment.delete({ id: 'c7' })
    })
    expect(await db.Post.get({ id: 'p5' })).toBeUndefined()
    expect(await isRefused(db.Comment.restore({ id: 'c7' }))).toBe(true)
    expect(await isRefused(db.Comment.create({ id: 'c8', postId: 'p5' }))).toBe(true)
  })

  it('a transaction that creates a row and deletes the row that it refers to is refused, also after reading it', async () => {
    await db.Post.create({ id: 'p6' })
    for (const isRead of [false, true]) {
      const both = db.transaction(async tx => {
        if (isRead) await tx.Post.get({ id: 'p6' })
        await tx.Comment.create({ id: 'c9', postId: 'p6' })
        await tx.Post.delete({ id: 'p6' })
      })
      expect(await isRefused(both)).toBe(true)
    }
    expect(await countOf('p6')).toBe(0)
  })

  it(`restrict leaves no orphan in ${rounds} races of a create with a delete`, async () => {
    const outcomes = { created: 0, deleted: 0 }
    for (let round = 0; round < rounds; round++) {
      const id = `race${round}`
      await db.Post.create({ id })
      const isLate = round % 2 === 0
      const [created, removed] = await Promise.all([
        isRefused(db.Comment.create({ id, postId: id })).then(refused => !refused),
        (async () => {
          if (isLate) await new Promise(resolve => setTimeout(resolve, random() * 4))
          return isRefused(db.Post.delete({ id })).then(refused => !refused)
        })(),
      ])
      expect({ round, created, removed }).toEqual({ round, created, removed: !created })
      expect((await db.Post.get({ id }, { consistent: true }))?.comments).toBe(created ? 1 : undefined)
      if (created) outcomes.created++
      else outcomes.deleted++
    }
    expect(outcomes.created + outcomes.deleted).toBe(rounds)
  })

  it('cascade deletes the rows that refer to a row by their own rules, at every depth', async () => {
    await db.Folder.create({ id: 'a' })
    await db.Folder.create({ id: 'b', parentId: 'a' })
    await db.Folder.create({ id: 'c', parentId: 'b' })
    await system().File.create({ id: 'f1', folderId: 'b', name: 'f1' })
    await system().File.create({ id: 'f2', folderId: 'c', name: 'f2' })
    expect(await db.Folder.get({ id: 'b' }, { consistent: true })).toMatchObject({ folders: 1, files: 1 })
    deleted.length = 0
    await db.Folder.delete({ id: 'a' })
    expect(deleted.sort()).toEqual(['f1', 'f2'])
    expect(await db.Folder.getMany([{ id: 'a' }, { id: 'b' }, { id: 'c' }])).toEqual([undefined, undefined, undefined])
    expect(await system().File.findBy({ name: 'f2' })).toBeUndefined()
  })

  it('cascade ends for rows that refer to each other in a circle or to themselves', async () => {
    await db.Folder.create({ id: 'x' })
    await db.Folder.create({ id: 'y', parentId: 'x' })
    await db.Folder.update({ id: 'x' }, { parentId: 'y' })
    await db.Folder.delete({ id: 'x' })
    await db.Folder.create({ id: 'z' })
    await db.Folder.update({ id: 'z' }, { parentId: 'z' })
    await db.Folder.delete({ id: 'z' })
    expect(await db.Folder.getMany([{ id: 'x' }, { id: 'y' }, { id: 'z' }])).toEqual([undefined, undefined, undefined])
  })

  it('setNull clears the refs, also when the row is soft-deleted', async () => {
    await db.Folder.create({ id: 'tagged' })
    await db.Tag.create({ id: 't1' })
    await system().File.create({ id: 'f3', folderId: 'tagged', tagId: 't1', name: 'f3' })
    await db.Tag.delete({ id: 't1' })
    expect((await system().File.get({ id: 'f3' }, { consistent: true }))?.tagId).toBeUndefined()
    expect(await isRefused(system().File.update({ id: 'f3' }, { tagId: 't1' }))).toBe(true)
    await db.Tag.restore({ id: 't1' })
    await system().File.update({ id: 'f3' }, { tagId: 't1' })
    await db.Tag.delete({ id: 't1' })
    await db.Tag.purge({ id: 't1' })
    expect((await system().File.get({ id: 'f3' }, { consistent: true }))?.tagId).toBeUndefined()
  })

  it('handles more rows than a transaction can in batches, and continues where it was interrupted', async () => {
    await db.Folder.create({ id: 'big' })
    await db.Tag.create({ id: 'many' })
    const ids = Array.from({ length: 130 }, (_, i) => `big${i}`)
    for (let i = 0; i < ids.length; i += 10) {
      await db
        .transaction(async tx => {
          for (const id of ids.slice(i, i + 10)) {
            await tx.File.create({ id, folderId: 'big', tagId: 'many', name: id }).catch(() => {})
          }
        })
        .catch(() => {})
    }
    for (const id of ids) {
      if (!(await system().File.get({ id })))
        await system().File.create({ id, folderId: 'big', tagId: 'many', name: id })
    }
    expect((await db.Folder.get({ id: 'big' }, { consistent: true }))?.files).toBe(130)

    const cleared: number[] = []
    await db.Tag.delete({ id: 'many' }, { onProgress: ({ done }) => cleared.push(done) })
    expect(cleared.length).toBeGreaterThan(3)
    expect((await system().File.getMany(ids.map(id => ({ id })))).filter(file => file?.tagId)).toEqual([])

    let seen = 0
    const stopped = db.Folder.delete(
      { id: 'big' },
      {
        onProgress: ({ done, total }) => {
          expect(total).toBe(130)
          seen = done
          if (done >= 50) throw new Error('The process stops')
        },
      },
    )
    await expect(stopped).rejects.toThrow('The process stops')
    const left = (
      await system().File.getMany(
        ids.map(id => ({ id })),
        { consistent: true },
      )
    ).filter(Boolean)
    expect(left).toHaveLength(130 - seen)
    expect((await db.Folder.get({ id: 'big' }, { consistent: true }))?.files).toBe(130 - seen)
    // No row may refer to the row from now on, and the rows that are left do not refer to nothing.
    expect(await isRefused(system().File.create({ id: 'late', folderId: 'big', name: 'late' }))).toBe(true)

    await db.Folder.delete({ id: 'big' })
    expect(await db.Folder.get({ id: 'big' })).toBeUndefined()
    expect(
      (
        await system().File.getMany(
          ids.map(id => ({ id })),
          { consistent: true },
        )
      ).filter(Boolean),
    ).toEqual([])
  })

  it('cascade leaves no orphan in races with creates', async () => {
    for (let round = 0; round < 30; round++) {
      const id = `cascade${round}`
      await db.Folder.create({ id })
      await system().File.create({ id: `${id} first`, folderId: id, name: `${id} first` })
      const creates = [1, 2, 3].map(i =>
        isRefused(system().File.create({ id: `${id} ${i}`, folderId: id, name: `${id} ${i}` })),
      )
      await Promise.all([db.Folder.delete({ id }), ...creates])
      const keys = ['first', '1', '2', '3'].map(i => ({ id: `${id} ${i}` }))
      expect(await db.Folder.get({ id }, { consistent: true })).toBeUndefined()
      expect((await system().File.getMany(keys, { consistent: true })).filter(Boolean)).toEqual([])
    }
  })

  it('counts for each tenant', async () => {
    const [one, two] = [db.scope({ tenant: 'one' }), db.scope({ tenant: 'two' })]
    await one.Post.create({ id: 'shared' })
    await two.Post.create({ id: 'shared' })
    await one.Comment.create({ id: 'c1', postId: 'shared' })
    expect((await one.Post.get({ id: 'shared' }, { consistent: true }))?.comments).toBe(1)
    expect((await two.Post.get({ id: 'shared' }, { consistent: true }))?.comments).toBe(0)
    expect(await isRefused(one.Post.delete({ id: 'shared' }))).toBe(true)
    expect(await two.Post.delete({ id: 'shared' })).toMatchObject({ comments: 0 })
  })

  it('counts rows from before the refs were counted when they are written or reindexed, once', async () => {
    const name = tested.tableName()
    const OldPost = model('Post', {
      fields: { id: f.string(), title: f.string().optional(), version: f.version() },
      key: 'id',
    })
    const OldComment = model('Comment', {
      fields: { id: f.string(), postId: f.string().optional(), text: f.string().optional() },
      key: 'id',
    })
    const old = await connect({
      models: { Post: OldPost, Comment: OldComment },
      store: tested.store,
      table: name,
      createTable: true,
    })
    await old.Post.create({ id: 'p' })
    for (let i = 0; i < 12; i++) await old.Comment.create({ id: `c${i}`, postId: i === 11 ? 'gone' : 'p' })
    await old.close()
    const now = await open(name)
    const warnings: string[] = []
    now.on('warning', warning => warnings.push(warning.kind === 'incomplete' ? warning.part : warning.kind))
    expect(warnings).toContain('count')
    await expect(now.Post.delete({ id: 'p' })).rejects.toMatchObject({ code: 'Incomplete' })
    await now.Comment.update({ id: 'c0' }, { text: 'Counted by its first write' })
    await now.Comment.delete({ id: 'c1' })
    const counted = async () => (await now.Post.get({ id: 'p' }, { consistent: true }))?.comments
    expect(await counted()).toBe(1)
    const [{ incomplete, counts }] = await Promise.all([
      now.Comment.reindex({ batchSize: 5 }),
      now.Comment.delete({ id: 'c2' }),
      now.Comment.create({ id: 'new', postId: 'p' }),
      now.Comment.update({ id: 'c3' }, { postId: null }),
    ])
    expect(incomplete).toEqual([])
    expect(counts.written).toBeGreaterThan(4)
    expect(await counted()).toBe(9)
    expect((await now.Comment.reindex()).counts.written).toBe(0)
    expect(await counted()).toBe(9)
    expect(await isRefused(now.Post.delete({ id: 'p' }))).toBe(true)
    for (const { id } of await all(now.Comment.iterate())) await now.Comment.delete({ id })
    expect(await now.Post.delete({ id: 'p' })).toMatchObject({ comments: 0 })
  })

  it('filters and selects by counts', async () => {
    await db.Post.create({ id: 'filtered' })
    await db.Comment.create({ id: 'filtered', postId: 'filtered' })
    await db.Post.update({ id: 'filtered' }, { title: 'Has one' }, { if: { comments: 1 } })
    expect(await db.Post.get({ id: 'filtered' }, { select: ['comments'], consistent: true })).toEqual({ comments: 1 })
  })

  it('connect refuses onDelete and countOf where they cannot work', async () => {
    const problems = async (given: object) => {
      const error = await connect({ models: given as never, store: tested.store, table: tested.tableName() }).then(
        () => undefined,
        thrown => thrown,
      )
      if (!PartitaError.is(error, 'ValidationFailed')) throw error ?? new Error('It connected')
      return error.details.issues.map(({ path, message }) => `${path.join('.')} ${message}`).sort()
    }
    const Parent = model('Parent', {
      fields: {
        id: f.string(),
        a: f.countOf('Child.plain'),
        b: f.countOf('Child.nothing'),
        c: f.countOf('Child.other'),
      },
      key: 'id',
    })
    const Other = model('Other', { fields: { id: f.string(), until: f.ttl().optional() }, key: 'id' })
    const Child = model('Child', {
      fields: {
        id: f.string(),
        plain: f.ref('Parent'),
        other: f.ref('Other', { onDelete: 'restrict' }),
        needed: f.ref('Parent', { onDelete: 'setNull' }),
        unindexed: f.ref('Parent', { onDelete: 'cascade' }),
        list: f.list(f.ref('Parent', { onDelete: 'restrict' })),
        wrong: f.ref('Parent', { onDelete: 'remove' as 'cascade' }),
      },
      key: 'id',
      indexes: { some: { on: 'gsi1', pk: 'P#{unindexed}#{id}' } },
    })
    expect(await problems({ Parent, Other, Child })).toEqual([
      'Parent.fields.a counts Child.plain, which does not say what happens when its Parent is deleted; give it onDelete',
      'Parent.fields.b counts Child.nothing, which is not a ref field of a connected model',
      'Parent.fields.c counts Child.other, which refers to Other',
    ])
    const Plain = model('Parent', { fields: { id: f.string() }, key: 'id' })
    const Locked = model('Locked', {
      fields: { id: f.string(), parentId: f.ref('Parent', { onDelete: 'setNull' }).optional() },
      key: 'id',
      indexes: { byParent: { on: 'gsi1', pk: 'PARENT#{parentId}' } },
      rules: { permissions: 'http', locks: ['parentId'] },
    })
    expect(await problems({ Parent: Plain, Locked })).toEqual([
      "Locked.rules.locks has parentId, which onDelete: 'setNull' clears",
    ])
    expect(await problems({ Parent: Plain, Other, Child })).toEqual([
      'Child.fields.list has a guarded ref inside it; only a ref that is a field of the model can be guarded',
      'Child.fields.needed.onDelete is setNull, so the ref must be optional',
      'Child.fields.other.onDelete does not work with the field until of Other: rows that expire are deleted by no transaction',
      'Child.fields.unindexed.onDelete is cascade, but no index finds the rows of Child by unindexed; add an index without when whose partition key has only this field and whose sort key has only fields that every row has',
      'Child.fields.wrong.onDelete is "remove"; use restrict, cascade, setNull',
    ])
  })
})
