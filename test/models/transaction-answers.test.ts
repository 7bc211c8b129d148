/** What the store answers at the end of a transaction, and what becomes of its records. */
import { beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { ConflictError, OutcomeUnknownError, TransactionFailedError } from '../../packages/partita/src/errors/errors.js'
import { add, connect, f, model } from '../../packages/partita/src/index.js'
import { fresh } from './races/arena.js'
import { type Call, type WatchedStore, watch } from './watched-store.js'

const Post = model('Post', {
  fields: { id: f.string(), title: f.string(), likes: f.counter(), slug: f.string().optional() },
  key: 'id',
  unique: { slug: ['slug'] },
})
const Guarded = model('Guarded', { fields: { id: f.string(), title: f.string(), version: f.version() }, key: 'id' })
const models = { Post, Guarded }

let watched: WatchedStore
let db: Awaited<ReturnType<typeof open>>
const open = () => connect({ models, store: watched.store, table: 'answers', createTable: true })

beforeEach(async () => {
  watched = watch(memory())
  db = await open()
  return () => db.close()
})

/** Lets something happen at the next write of a transaction, once. */
function atTheNextEnd(happen: (call: Call & { operation: 'transactWrite' }) => unknown): void {
  watched.before = call => {
    if (call.operation !== 'transactWrite') return
    watched.before = undefined
    return happen(call)
  }
}

describe('an answer to a transaction', () => {
  const reasonsOf = ({ request }: Call & { operation: 'transactWrite' }, codes: Readonly<Record<number, string>>) =>
    request.writes.map((_, index) => ({ index, code: codes[index] ?? 'None' })) as never

  it.each([
    ['a row', { slug: undefined, at: 0 }],
    ['a unique value', { slug: 'slug', at: 1 }],
  ])('that says that another was in the way of %s to be created is no refusal', async (_, { slug, at }) => {
    for (const error of [ConflictError, TransactionFailedError]) {
      const id = fresh()
      let runs = 0
      atTheNextEnd(call => {
        const reasons = reasonsOf(call, { [at]: 'Conflict' })
        throw error === ConflictError
          ? new ConflictError('in the way', { reasons })
          : new TransactionFailedError({ reasons })
      })
      await db.transaction(async tx => {
        runs++
        await tx.Post.create({ id, title: 'a', ...(slug && { slug: `${slug}-${id}` }) })
      })
      expect(runs).toBe(2)
    }
  })

  it('that refuses one row while another was in the way of a second is not believed', async () => {
    const [one, two] = [fresh(), fresh()]
    let runs = 0
    atTheNextEnd(call => {
      throw new TransactionFailedError({ reasons: reasonsOf(call, { 0: 'ConditionFailed', 1: 'Conflict' }) })
    })
    await db.transaction(async tx => {
      runs++
      await tx.Post.create({ id: one, title: 'a' })
      await tx.Post.create({ id: two, title: 'b' })
    })
    expect(runs).toBe(2)
  })
})

describe('records of a transaction whose outcome is unknown', () => {
  const lost = () => new OutcomeUnknownError('The answer was lost', { operation: 'transactWrite', table: 'answers' })

  /** The next transaction is done, or not, and its answer lost either way. */
  function loseTheAnswer(isDone: boolean): void {
    atTheNextEnd(async ({ request }) => {
      if (isDone) await watched.store.transactWrite(request)
      throw lost()
    })
  }

  async function changed(kind: 'Post' | 'Guarded', isDone: boolean) {
    const rows = db[kind] as typeof db.Post
    const key = { id: fresh() }
    await rows.create({ ...key, title: 'first' })
    loseTheAnswer(isDone)
    let held: Awaited<ReturnType<typeof rows.create>> | undefined
    const call = db.transaction(async tx => {
      held = (await (tx[kind] as typeof tx.Post).get(key)) as typeof held
      if (!held) throw new Error('The row is gone')
      held.title = 'second'
      if (kind === 'Post') held.likes += 1
      await held.save()
    })
    await expect(call).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    if (!held) throw new Error('The function did not come to its end')
    return { held, read: () => rows.get(key, { consistent: true }) }
  }

  it.each(['Post', 'Guarded'] as const)('of %s are unsaved again, and saved where it was not done', async kind => {
    const { held, read } = await changed(kind, false)
    expect(held).toMatchObject({ title: 'second' })
    await held.save()
    expect(await read()).toMatchObject({ title: 'second', ...(kind === 'Post' ? { likes: 1 } : { version: 2 }) })
    await held.update({ title: 'third' })
    expect(await read()).toMatchObject({ title: 'third' })
  })

  it.each(['Post', 'Guarded'] as const)('of %s count and write nothing twice where it was done', async kind => {
    const { held, read } = await changed(kind, true)
    const conflict = { code: 'Conflict' }
    await expect(held.save()).rejects.toMatchObject(conflict)
    await expect(held.update({ title: 'third' })).rejects.toMatchObject(conflict)
    if (kind === 'Post') await expect(held.update({ likes: add(1) })).rejects.toMatchObject(conflict)
    await expect(held.delete()).rejects.toMatchObject(conflict)
    expect(await read()).toMatchObject({ title: 'second', ...(kind === 'Post' ? { likes: 1 } : { version: 2 }) })
    await held.reload()
    await held.save()
    await held.update({ title: 'third' })
    expect(await read()).toMatchObject({ title: 'third', ...(kind === 'Post' ? { likes: 1 } : { version: 3 }) })
  })

  it('are read anew in a scope that remembers reads', async () => {
    const key = { id: fresh() }
    await db.Post.create({ ...key, title: 'first' })
    await db.run({ loader: true }, async scope => {
      await scope.Post.get(key)
      loseTheAnswer(true)
      const call = scope.transaction(tx => tx.Post.update(key, { title: 'second' }))
      await expect(call).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      expect((await scope.Post.get(key))?.title).toBe('second')
    })
  })

  it.each([true, false])('that it created are written to where they are there (done: %s)', async isDone => {
    const id = fresh()
    let held: Awaited<ReturnType<typeof db.Post.create>> | undefined
    loseTheAnswer(isDone)
    const call = db.transaction(async tx => {
      held = await tx.Post.create({ id, title: 'first', slug: id })
    })
    await expect(call).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    if (!held) throw new Error('The function did not come to its end')
    held.title = 'second'
    if (isDone) await held.save()
    else await expect(held.save()).rejects.toMatchObject({ code: 'NotFound' })
    expect((await db.Post.get({ id }, { consistent: true }))?.title).toBe(isDone ? 'second' : undefined)
    expect((await db.Post.findBy({ slug: id }))?.title).toBe(isDone ? 'second' : undefined)
  })
})
