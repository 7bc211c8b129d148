/** Responses of the store at the end of a transaction, and their effect on the records of the transaction. */
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

/** Runs a function once, at the next write of a transaction. */
function beforeTheNextCommit(action: (call: Call & { operation: 'transactWrite' }) => unknown): void {
  watched.before = call => {
    if (call.operation !== 'transactWrite') return
    watched.before = undefined
    return action(call)
  }
}

describe('the response to a transaction', () => {
  const reasonsOf = ({ request }: Call & { operation: 'transactWrite' }, codes: Readonly<Record<number, string>>) =>
    request.writes.map((_, index) => ({ index, code: codes[index] ?? 'None' })) as never

  it.each([
    ['a row', { slug: undefined, at: 0 }],
    ['a unique value', { slug: 'slug', at: 1 }],
  ])('a conflict over %s to create is retried, and is not reported as a refusal', async (_, { slug, at }) => {
    for (const error of [ConflictError, TransactionFailedError]) {
      const id = fresh()
      let runs = 0
      beforeTheNextCommit(call => {
        const reasons = reasonsOf(call, { [at]: 'Conflict' })
        throw error === ConflictError
          ? new ConflictError('Another transaction is in flight', { reasons })
          : new TransactionFailedError({ reasons })
      })
      await db.transaction(async tx => {
        runs++
        await tx.Post.create({ id, title: 'a', ...(slug && { slug: `${slug}-${id}` }) })
      })
      expect(runs).toBe(2)
    }
  })

  it('a condition that fails beside a conflict is retried, and is not reported as a refusal', async () => {
    const [one, two] = [fresh(), fresh()]
    let runs = 0
    beforeTheNextCommit(call => {
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
  const lost = () => new OutcomeUnknownError('The response was lost', { operation: 'transactWrite', table: 'answers' })

  /** Applies the next transaction or not, and loses its response in both cases. */
  function loseTheResponse(isApplied: boolean): void {
    beforeTheNextCommit(async ({ request }) => {
      if (isApplied) await watched.store.transactWrite(request)
      throw lost()
    })
  }

  async function changed(kind: 'Post' | 'Guarded', isApplied: boolean) {
    const rows = db[kind] as typeof db.Post
    const key = { id: fresh() }
    await rows.create({ ...key, title: 'first' })
    loseTheResponse(isApplied)
    let record: Awaited<ReturnType<typeof rows.create>> | undefined
    const call = db.transaction(async tx => {
      record = (await (tx[kind] as typeof tx.Post).get(key)) as typeof record
      if (!record) throw new Error('The row is gone')
      record.title = 'second'
      if (kind === 'Post') record.likes += 1
      await record.save()
    })
    await expect(call).rejects.toMatchObject({ code: 'OutcomeUnknown' })
    if (!record) throw new Error('The function did not finish')
    return { record, read: () => rows.get(key, { consistent: true }) }
  }

  it.each(['Post', 'Guarded'] as const)(
    'records of %s are unsaved again, and can be saved if the transaction was not applied',
    async kind => {
      const { record, read } = await changed(kind, false)
      expect(record).toMatchObject({ title: 'second' })
      await record.save()
      expect(await read()).toMatchObject({ title: 'second', ...(kind === 'Post' ? { likes: 1 } : { version: 2 }) })
      await record.update({ title: 'third' })
      expect(await read()).toMatchObject({ title: 'third' })
    },
  )

  it.each(['Post', 'Guarded'] as const)(
    'records of %s apply nothing twice if the transaction was applied',
    async kind => {
      const { record, read } = await changed(kind, true)
      const conflict = { code: 'Conflict' }
      await expect(record.save()).rejects.toMatchObject(conflict)
      await expect(record.update({ title: 'third' })).rejects.toMatchObject(conflict)
      if (kind === 'Post') await expect(record.update({ likes: add(1) })).rejects.toMatchObject(conflict)
      await expect(record.delete()).rejects.toMatchObject(conflict)
      expect(await read()).toMatchObject({ title: 'second', ...(kind === 'Post' ? { likes: 1 } : { version: 2 }) })
      await record.reload()
      await record.save()
      await record.update({ title: 'third' })
      expect(await read()).toMatchObject({ title: 'third', ...(kind === 'Post' ? { likes: 1 } : { version: 3 }) })
    },
  )

  it('a scope with a loader reads the rows again', async () => {
    const key = { id: fresh() }
    await db.Post.create({ ...key, title: 'first' })
    await db.run({ loader: true }, async scope => {
      await scope.Post.get(key)
      loseTheResponse(true)
      const call = scope.transaction(tx => tx.Post.update(key, { title: 'second' }))
      await expect(call).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      expect((await scope.Post.get(key))?.title).toBe('second')
    })
  })

  it.each([true, false])(
    'records that the transaction created can be saved only if it was applied (applied: %s)',
    async isApplied => {
      const id = fresh()
      let record: Awaited<ReturnType<typeof db.Post.create>> | undefined
      loseTheResponse(isApplied)
      const call = db.transaction(async tx => {
        record = await tx.Post.create({ id, title: 'first', slug: id })
      })
      await expect(call).rejects.toMatchObject({ code: 'OutcomeUnknown' })
      if (!record) throw new Error('The function did not finish')
      record.title = 'second'
      if (isApplied) await record.save()
      else await expect(record.save()).rejects.toMatchObject({ code: 'NotFound' })
      expect((await db.Post.get({ id }, { consistent: true }))?.title).toBe(isApplied ? 'second' : undefined)
      expect((await db.Post.findBy({ slug: id }))?.title).toBe(isApplied ? 'second' : undefined)
    },
  )
})
