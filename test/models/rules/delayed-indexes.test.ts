/** Deletes with `onDelete` where an index lists rows with a delay, and transactions conflict. */
import { connect, f, model, PartitaError } from 'partita'
import { memory } from 'partita/embedded'
import { expect, it } from 'vitest'

const Post = model('Post', { fields: { id: f.string(), comments: f.countOf('Comment.postId') }, key: 'id' })
const Comment = model('Comment', {
  fields: { id: f.string(), postId: f.ref('Post', { onDelete: 'cascade' }) },
  key: 'id',
  indexes: { byPost: { on: 'gsi1', pk: 'POST#{postId}' } },
})

const open = (faults: NonNullable<Parameters<typeof memory>[0]>['faults']) => {
  const store = memory({ faults: { ...faults } })
  return connect({ models: { Post, Comment }, store, createTable: true }).then(db => ({ db, store }))
}

it('A cascade deletes rows that the index does not list yet', async () => {
  const { db, store } = await open({ indexDelay: 150 })
  await db.Post.create({ id: 'p' })
  expect((await db.Comment.query.byPost({ postId: 'p' }).all()).length).toBe(0)
  for (let i = 0; i < 3; i++) await db.Comment.create({ id: `c${i}`, postId: 'p' })
  // The index still shows the state before the creates.
  expect((await db.Comment.query.byPost({ postId: 'p' }).all()).length).toBe(0)
  await db.Post.delete({ id: 'p' })
  expect(await db.Post.get({ id: 'p' })).toBeUndefined()
  expect(await db.Comment.getMany([{ id: 'c0' }, { id: 'c1' }, { id: 'c2' }])).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  await store.close()
})

it('A cascade in batches ends although the index still lists deleted rows', async () => {
  const { db, store } = await open({ indexDelay: 40 })
  await db.Post.create({ id: 'p' })
  for (let i = 0; i < 70; i++) await db.Comment.create({ id: `c${i}`, postId: 'p' })
  await db.Post.delete({ id: 'p' })
  expect(await db.Post.get({ id: 'p' })).toBeUndefined()
  const keys = Array.from({ length: 70 }, (_, i) => ({ id: `c${i}` }))
  expect((await db.Comment.getMany(keys)).filter(Boolean)).toEqual([])
  await store.close()
})

it('Counts are exact although one transaction in three conflicts', async () => {
  const { db, store } = await open({ conflict: 0.33, seed: 7 })
  await db.Post.create({ id: 'p' })
  await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      await db.Comment.create({ id: `c${i}`, postId: 'p' })
      if (i % 4 === 0) await db.Comment.delete({ id: `c${i}` })
    }),
  )
  expect((await db.Post.get({ id: 'p' }))?.comments).toBe(15)
  await db.Post.delete({ id: 'p' })
  const late = await db.Comment.create({ id: 'late', postId: 'p' }).catch(error => error)
  expect(PartitaError.is(late, 'RuleViolated')).toBe(true)
  await store.close()
})
