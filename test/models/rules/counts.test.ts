/** Counts that other tools make wrong: the consistency check reports them, and `reindex` corrects them beside writers. */
import { connect, f, model } from 'partita'
import { consistency } from 'partita/testing'
import { beforeEach, expect, it } from 'vitest'
import type { Item } from '../../../packages/partita/src/value/value.js'
import { seed, seeded } from '../../seeded.js'
import { describeEachStore } from '../../stores.js'
import { faultsOf } from '../consistency.js'

const random = seeded(seed)

const Post = model('Post', {
  fields: { id: f.string(), title: f.string().optional(), comments: f.countOf('Comment.postId') },
  key: 'id',
})
const Comment = model('Comment', {
  fields: { id: f.string(), postId: f.ref('Post', { onDelete: 'restrict' }).optional() },
  key: 'id',
  softDelete: true,
})
const models = { Post, Comment }

describeEachStore('A count that another tool has made wrong', tested => {
  const open = () =>
    connect({ models, store: tested.store, table, createTable: true, tenancy: 'required' }).then(db => ({
      db,
      scope: db.scope({ tenant: 't' }),
    }))
  let table: string
  let db: Awaited<ReturnType<typeof open>>['db']
  let scope: Awaited<ReturnType<typeof open>>['scope']
  beforeEach(async () => {
    table = tested.tableName()
    ;({ db, scope } = await open())
    for (const id of ['p1', 'p2']) await scope.Post.create({ id })
    for (const n of [1, 2, 3]) await scope.Comment.create({ id: `c${n}`, postId: 'p1' })
    await scope.Comment.create({ id: 'deleted', postId: 'p1' })
    await scope.Comment.delete({ id: 'deleted' })
  })

  const keyOf = (type: string, id: string) => ({ pk: `T#t#${type}#${id}`, sk: type })
  const stored = async (type: string, id: string): Promise<Item> =>
    (await tested.store.get({ table, key: keyOf(type, id), consistent: true })).item ?? {}
  const put = async (type: string, id: string, change: (item: Item) => Item) =>
    tested.store.write({ kind: 'put', table, item: { ...change(await stored(type, id)), ...keyOf(type, id) } })
  const remove = (type: string, id: string) => tested.store.write({ kind: 'delete', table, key: keyOf(type, id) })
  const without = (item: Item, name: string): Item =>
    Object.fromEntries(Object.entries(item).filter(([other]) => other !== name)) as Item
  const countOf = async (id: string) => (await scope.Post.get({ id }, { consistent: true }))?.comments
  /** As the library finds them; the check that uses nothing of the library must agree. */
  const wrongCounts = async () => {
    const { inconsistencies } = await consistency(db)
    const wrong = inconsistencies.filter(({ kind }) => kind === 'count')
    const faults = await faultsOf({ store: tested.store, table, models })
    expect(faults.filter(fault => fault.includes('count')).length > 0).toBe(wrong.length > 0)
    return wrong
  }
  const COUNT = '_count.Comment.postId'

  it('right counts are not reported, and a reindex changes nothing', async () => {
    expect(await consistency(db)).toEqual({ rows: 6, markers: 0, others: 0, counts: {}, inconsistencies: [] })
    const before = await stored('Post', 'p1')
    expect((await db.Post.reindex()).counts.written).toBe(0)
    expect(await stored('Post', 'p1')).toEqual(before)
  })

  it.each<[string, () => Promise<unknown>, object, number]>([
    ['a row that was deleted', () => remove('Comment', 'c1'), { problem: 'number', expected: 2, actual: 3 }, 2],
    [
      'another number',
      () => put('Post', 'p1', item => ({ ...item, [COUNT]: 7 })),
      { problem: 'number', expected: 3, actual: 7 },
      3,
    ],
    ['a lost number', () => put('Post', 'p1', item => without(item, COUNT)), { expected: 3, actual: 0 }, 3],
    [
      'a row without a revision',
      () => put('Post', 'p1', item => without({ ...item, [COUNT]: 1 }, '_rev')),
      { expected: 3, actual: 1 },
      3,
    ],
    [
      'a row that was added',
      () => put('Comment', 'added', () => ({ _type: 'Comment', id: 'added', postId: 'p1' })),
      { problem: 'notCounted', model: 'Comment', key: { id: 'added' } },
      4,
    ],
    [
      'a row that was moved',
      () => put('Comment', 'c2', item => ({ ...item, postId: 'p2' })),
      { problem: 'notCounted', key: { id: 'c2' } },
      2,
    ],
    [
      'a soft delete',
      () => put('Comment', 'c3', item => ({ ...item, deletedAt: '2026-01-01T00:00:00.000Z' })),
      { problem: 'notCounted', key: { id: 'c3' } },
      2,
    ],
  ])('the check reports %s, and a reindex corrects it', async (_, break_, expected, count) => {
    await break_()
    expect(await wrongCounts()).toEqual([
      expect.objectContaining({ kind: 'count', counted: 'Comment.postId', ...expected }),
    ])
    const anyTenant = await connect({ models, store: tested.store, table })
    expect(await anyTenant.Post.reindex()).toMatchObject({ counts: { written: 1 }, incomplete: [] })
    expect(await wrongCounts()).toEqual([])
    expect(await countOf('p1')).toBe(count)
    expect((await countOf('p2')) ?? 0).toBe((await scope.Comment.get({ id: 'c2' }))?.postId === 'p2' ? 1 : 0)
  })

  it('the check reports rows that are counted in a row that another tool deleted, and a reindex leaves them', async () => {
    await remove('Post', 'p1')
    const expected = [
      expect.objectContaining({ problem: 'missingRow', model: 'Post', key: { id: 'p1' }, expected: 3, actual: 0 }),
    ]
    expect((await consistency(db)).inconsistencies).toEqual(expected)
    expect((await db.Post.reindex()).counts.written).toBe(0)
    expect((await consistency(db)).inconsistencies).toEqual(expected)
    await scope.Post.create({ id: 'p1' })
    await db.Post.reindex()
    expect(await countOf('p1')).toBe(3)
    expect((await consistency(db)).inconsistencies).toEqual([])
  })

  it('a reindex corrects counts exactly while programs create, move, delete and exchange rows', async () => {
    await scope.Post.create({ id: 'wrong' })
    await put('Post', 'wrong', item => ({ ...item, [COUNT]: 5 }))
    await put('Post', 'p2', item => ({ ...item, [COUNT]: 9 }))
    let isDone = false
    const write = async (n: number) => {
      for (let turn = 0; !isDone && turn < 20; turn++) {
        const [id, next] = [`w${n} ${turn % 6}`, `w${n} ${(turn + 1) % 6}`]
        await scope.Comment.put({ id, postId: turn % 2 === 0 ? 'p1' : 'p2' }).catch(() => undefined)
        // The number stays, and the rows that are counted change.
        await scope
          .transaction(async tx => {
            await tx.Comment.put({ id: next, postId: 'p1' })
            await tx.Comment.put({ id, postId: 'p2' })
          })
          .catch(() => undefined)
        if (turn % 5 === 4) await scope.Comment.update({ id }, { postId: null })
        await new Promise(resolve => setTimeout(resolve, random() * 10))
      }
    }
    const writers = [0, 1].map(write)
    const during = await db.Post.reindex()
    isDone = true
    await Promise.all(writers)
    // The row that nobody wrote is right already; the others are, unless they were written during each scan.
    expect(await countOf('wrong')).toBe(0)
    if (during.incomplete.length > 0) {
      expect(during.incomplete).toEqual([{ part: 'count', name: 'Comment.postId', reason: 'busy' }])
      await db.Post.reindex()
    }
    expect((await consistency(db)).inconsistencies).toEqual([])
  })

  it('the check reports nothing while programs exchange the rows that a count includes', async () => {
    let isDone = false
    const exchange = async (n: number) => {
      await scope.Comment.create({ id: `x${n} 0`, postId: 'p1' })
      for (let turn = 0; !isDone; turn++) {
        // Timers have their turn too: in memory no call waits for anything.
        await new Promise(resolve => setTimeout(resolve, 1))
        await scope.transaction(async tx => {
          await tx.Comment.update({ id: `x${n} ${turn}` }, { postId: null })
          await tx.Comment.create({ id: `x${n} ${turn + 1}`, postId: 'p1' })
        })
      }
    }
    const writers = [0, 1].map(exchange)
    try {
      for (let i = 0; i < 3; i++) expect((await consistency(db)).inconsistencies).toEqual([])
    } finally {
      isDone = true
      await Promise.all(writers)
    }
    expect(await countOf('p1')).toBe(5)
  })
})
