/** Refs with `guard`: the row that they refer to exists when the write commits. */
import { connect, f, model, PartitaError } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { seed, seeded } from '../../seeded.js'
import { describeEachStore } from '../../stores.js'

const random = seeded(seed)

const Post = model('Post', {
  fields: { id: f.string(), title: f.string().optional() },
  key: 'id',
  softDelete: true,
})
const Plain = model('Plain', { fields: { id: f.string() }, key: 'id' })
const Comment = model('Comment', {
  fields: {
    id: f.string(),
    postId: f.ref('Post', { guard: true }).optional(),
    plainId: f.ref('Plain', { guard: true }).optional(),
    text: f.string().optional(),
  },
  key: 'id',
})

const Project = model('Project', { fields: { id: f.string(), memberIds: f.set(f.string()) }, key: 'id' })
const Task = model('Task', {
  fields: { id: f.string(), projectId: f.ref('Project', { guard: true }), userId: f.string() },
  key: 'id',
  rules: { permissions: 'http', references: { userId: 'Project(@projectId).id->memberIds' } },
})

/** Rounds of a race: fewer on servers, whose calls take longer. `refs.soak.ts` runs ten times as many. */
const roundsOn = (store: string) =>
  (store === 'memory' || store === 'embedded' ? 100 : 20) * Number(process.env.PARTITA_RACE_SCALE ?? 1)

describeEachStore('A guarded ref', tested => {
  const rounds = roundsOn(tested.name)
  const open = () =>
    connect({
      models: { Post, Plain, Comment, Project, Task },
      store: tested.store,
      table: tested.tableName(),
      createTable: true,
    })
  let db: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    db = await open()
  })

  const isRefused = (write: Promise<unknown>) =>
    write.then(
      () => false,
      error => (PartitaError.is(error, 'RuleViolated') ? true : Promise.reject(error)),
    )

  it(`stores a child or refuses it in ${rounds} races with the delete of its parent, and refuses it afterwards`, async () => {
    const outcomes = { refused: 0, created: 0 }
    for (let round = 0; round < rounds; round++) {
      const id = `race${round}`
      await db.Plain.create({ id })
      const wait = () => (round % 3 === 0 ? new Promise(resolve => setTimeout(resolve, random() * 3)) : undefined)
      const [wasRefused] = await Promise.all([
        isRefused(db.Comment.create({ id, plainId: id })),
        (async () => {
          await wait()
          await db.Plain.delete({ id })
        })(),
      ])
      if (wasRefused) outcomes.refused++
      else outcomes.created++
      expect(await db.Comment.get({ id }, { consistent: true }).then(comment => comment !== undefined)).toBe(
        !wasRefused,
      )
      // The delete may follow the create, but not the other way round: a create after the delete is refused.
      expect(await isRefused(db.Comment.create({ id: `${id} late`, plainId: id }))).toBe(true)
    }
    expect(outcomes.refused + outcomes.created).toBe(rounds)
  })

  it('a guarded ref is refused if its parent is deleted while its transaction runs', async () => {
    await db.Plain.create({ id: 'p1' })
    let runs = 0
    const late = db.transaction(async tx => {
      await tx.Comment.create({ id: 'c1', plainId: 'p1' })
      if (++runs === 1) await db.outside(() => db.Plain.delete({ id: 'p1' }))
    })
    expect(await isRefused(late)).toBe(true)
    expect(await db.Comment.get({ id: 'c1' })).toBeUndefined()
  })

  it('a write of the parent does not disturb a transaction that sets a guarded ref', async () => {
    await db.Post.create({ id: 'p2' })
    let runs = 0
    await db.transaction(async tx => {
      runs++
      await tx.Comment.create({ id: 'c2', postId: 'p2' })
      await db.outside(() => db.Post.update({ id: 'p2' }, { title: 'New' }))
    })
    expect(runs).toBe(1)
  })

  it('a hop through a guarded ref counts only if its row is unchanged when the write commits', async () => {
    await db.Project.create({ id: 'j1', memberIds: ['u1', 'u2'] })
    let runs = 0
    const assigning = db.transaction(async tx => {
      await tx.Task.create({ id: 't1', projectId: 'j1', userId: 'u1' })
      if (++runs === 1) await db.outside(() => db.Project.update({ id: 'j1' }, { memberIds: ['u2'] }))
    })
    expect(await isRefused(assigning)).toBe(true)
    expect(runs).toBe(1)
    await db.Task.create({ id: 't1', projectId: 'j1', userId: 'u2' })
  })

  it('treats a soft-deleted parent as absent, also while its transaction runs', async () => {
    await db.Post.create({ id: 'p3' })
    await db.Post.create({ id: 'p4' })
    await db.Post.delete({ id: 'p3' })
    expect(await isRefused(db.Comment.create({ id: 'c3', postId: 'p3' }))).toBe(true)
    let runs = 0
    const late = db.transaction(async tx => {
      await tx.Comment.create({ id: 'c4', postId: 'p4' })
      if (++runs === 1) await db.outside(() => db.Post.delete({ id: 'p4' }))
    })
    expect(await isRefused(late)).toBe(true)
    await db.Post.restore({ id: 'p3' })
    expect(await isRefused(db.Comment.create({ id: 'c3', postId: 'p3' }))).toBe(false)
  })

  it('a guarded ref accepts a parent that the same transaction creates, and refuses one that it deletes', async () => {
    await db.transaction(async tx => {
      await tx.Post.create({ id: 'p5' })
      await tx.Comment.create({ id: 'c5', postId: 'p5' })
    })
    const deleting = db.transaction(async tx => {
      await tx.Comment.create({ id: 'c6', postId: 'p5' })
      await tx.Post.delete({ id: 'p5' })
    })
    expect(await isRefused(deleting)).toBe(true)
  })

  it('may stay after its parent is deleted, but not be set again', async () => {
    await db.Plain.create({ id: 'p6' })
    await db.Comment.create({ id: 'c7', plainId: 'p6' })
    await db.Plain.delete({ id: 'p6' })
    expect(await db.Comment.update({ id: 'c7' }, { text: 'Still here' })).toMatchObject({ plainId: 'p6' })
    await db.Plain.create({ id: 'p7' })
    await db.Comment.update({ id: 'c7' }, { plainId: 'p7' })
    expect(await isRefused(db.Comment.update({ id: 'c7' }, { plainId: 'p6' }))).toBe(true)
  })
})
