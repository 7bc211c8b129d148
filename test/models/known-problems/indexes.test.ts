/** Index keys: in the order of their values, complete or absent, and never equal to those of another row. */
import { add, connect, type Database, f, type Item, many, model, one } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'
import { faultsOf } from '../consistency.js'

const Score = model('Score', {
  fields: {
    id: f.string(),
    board: f.string(),
    score: f.number().optional(),
    points: f.counter(),
    on: f.boolean().default(false),
    at: f.date().optional(),
  },
  key: { pk: 'SCORE#{id}' },
  indexes: {
    byScore: { on: 'gsi1', pk: 'BOARD#{board}', sk: '{score}' },
    byPoints: { on: 'gsi2', pk: 'BOARD#{board}', sk: '{points}#{id}' },
    byMoment: { on: 'gsi3', pk: 'BOARD#{board}#{on}', sk: '{at}' },
  },
})
const Task = model('Task', {
  fields: {
    id: f.string(),
    name: f.string().default('task'),
    status: f.string().optional(),
    due: f.integer().optional(),
    owner: f.ref('Task').optional(),
    cat: f.string().optional(),
    n: f.integer().optional(),
    updatedAt: f.updatedAt(),
  },
  key: { pk: 'TASK#{id}' },
  indexes: {
    byStatus: { on: 'gsi1', pk: 'STATUS#{status}', sk: '{due}#{owner}' },
    byNumber: { on: 'gsi2', pk: 'CAT#{cat}', sk: '{n}' },
    byTime: { on: 'gsi3', pk: 'CAT#{cat}', sk: '{updatedAt}' },
  },
})
const Path = model('Path', {
  fields: { a: f.string(), b: f.string() },
  key: { pk: 'PATH#{a}', sk: 'SUB#{b}' },
  indexes: { byB: { on: 'gsi1', pk: 'SUB#{b}', sk: '{a}#{b}' } },
})

const models = { Score, Task, Path }

describeEachStore('indexes', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  let table: string
  let now = Date.now()
  let db: Database<typeof models>
  let ids = 0

  beforeAll(async () => {
    table = tested.tableName()
    db = await connect({ models, store: tested.store, table, createTable: true, clock: () => now })
  })

  const fresh = () => `i${++ids}`
  async function keysOf(id: string): Promise<Item> {
    const { item = {} } = await tested.store.get({ table, key: { pk: `TASK#${id}`, sk: 'Task' } })
    return Object.fromEntries(Object.entries(item).filter(([name]) => name.startsWith('gsi')))
  }

  absent([11], 'an index on a counter keeps its rows in order while the counter changes', async () => {
    const board = fresh()
    const [first, second] = [
      await db.Score.create({ id: fresh(), board }),
      await db.Score.create({ id: fresh(), board }),
    ]
    const order = async () => (await db.Score.query.byPoints({ board }).all()).map(it => [it.id, it.points])
    await db.Score.update({ id: second.id }, { points: add(2) })
    await db.Score.update({ id: first.id }, { points: add(11) })
    expect(await order()).toEqual([
      [second.id, 2],
      [first.id, 11],
    ])
    await Promise.all(Array.from({ length: 4 }, () => db.Score.update({ id: second.id }, { points: add(3) })))
    expect(await order()).toEqual([
      [first.id, 11],
      [second.id, 14],
    ])
    await first.reload()
    first.points -= 20
    await first.save()
    second.points += 1
    await second.save()
    expect(await order()).toEqual([
      [first.id, -9],
      [second.id, 15],
    ])
    expect(await db.Score.query.byPoints({ board, points: { $lt: 0 } }).count()).toBe(1)
  })

  absent([33], 'an index sorts numbers, dates and booleans by value', async () => {
    const board = fresh()
    const scores = [-1e30, -200, -10, -2.5, -0.25, 0, 1e-7, 0.5, 2, 9, 15, 100.25, 2 ** 53, 1e21]
    const shuffled = [...scores].sort((a, b) => Math.sin(a) - Math.sin(b))
    await db.batch(batch => {
      for (const score of shuffled) batch.Score.put({ id: fresh(), board, score })
    })
    const found = async (query: ReturnType<typeof db.Score.query.byScore>) => (await query.all()).map(it => it.score)
    const { byScore } = db.Score.query
    expect(await found(byScore({ board }))).toEqual(scores)
    expect(await found(byScore({ board }, { order: 'desc' }))).toEqual([...scores].reverse())
    expect(await found(byScore({ board, score: { $gte: -2.5, $lt: 15 } }))).toEqual(scores.slice(3, 10))
    expect(await found(byScore({ board, score: { $between: [-10, 0] } }))).toEqual(scores.slice(2, 6))
    const moments = [0, 5, 1000, Date.UTC(1999, 11, 31), Date.UTC(2026, 0, 1)].map(it => new Date(it))
    for (const at of [...moments].reverse()) await db.Score.create({ id: fresh(), board, at, on: true })
    const dated = await db.Score.query.byMoment({ board, on: true, at: { $gt: new Date(0) } }).all()
    expect(dated.map(it => it.at)).toEqual(moments.slice(1))
    expect(await db.Score.query.byMoment({ board, on: false }).count()).toBe(0)
  })

  absent([34], 'an index contains a row only with its complete key', async () => {
    const id = fresh()
    const row = await db.Task.create({ id, status: id })
    expect(await keysOf(id)).toEqual({})
    await db.Task.update({ id }, { due: 2 })
    expect(await keysOf(id)).toEqual({})
    // The last field completes the key, together with the stored ones.
    await db.Task.update({ id }, { owner: 'x' })
    expect(Object.keys(await keysOf(id)).sort()).toEqual(['gsi1pk', 'gsi1sk'])
    expect(await db.Task.query.byStatus({ status: id, due: 2, owner: 'x' }).count()).toBe(1)
    for (const cleared of [{ status: null }, { due: null }, { owner: null }, { status: '' }] as const) {
      await db.Task.update({ id }, cleared)
      expect(await keysOf(id), JSON.stringify(cleared)).toEqual({})
      await db.Task.update({ id }, { status: id, due: 3, owner: 'x' })
      expect(Object.keys(await keysOf(id))).toHaveLength(2)
    }
    expect(await db.Task.query.byStatus({ status: 'null' }).all()).toEqual([])
    expect(await db.Task.query.byStatus({ status: 'undefined' }).all()).toEqual([])
    // By save(), from a record that knows only some of the fields.
    row.status = `${id}-moved`
    await row.save()
    expect(await db.Task.query.byStatus({ status: `${id}-moved`, due: 3 }).count()).toBe(1)
    expect(await db.Task.query.byStatus({ status: id }).count()).toBe(0)
    row.owner = undefined
    await row.save()
    expect(await keysOf(id)).toEqual({})
    await expect(db.Task.query.byStatus({ status: '' }).all()).rejects.toMatchObject({ code: 'ValidationFailed' })
  })

  absent([35], 'a change updates every index that contains a changed field, in any order of definition', async () => {
    const id = fresh()
    const cat = fresh()
    await db.Task.create({ id, cat })
    const times = async (of = cat) => (await db.Task.query.byTime({ cat: of }).all()).map(it => it.updatedAt.getTime())
    for (const change of [{ name: 'x' }, { n: 1 }, { name: 'y' }, { n: null }]) {
      now += 10
      await db.Task.update({ id }, change)
      expect(await times(), JSON.stringify(change)).toEqual([now])
      expect(await db.Task.query.byNumber({ cat }).count()).toBe(
        'n' in change && change.n ? 1 : change.name === 'y' ? 1 : 0,
      )
    }
    const other = fresh()
    await db.Task.update({ id }, { cat: other, n: 5 })
    expect([await times(), await times(other)]).toEqual([[], [now]])
    expect(await db.Task.query.byNumber({ cat: other, n: 5 }).count()).toBe(1)
    await db.Task.update({ id }, { cat: null })
    expect(await keysOf(id)).toEqual({})
  })

  absent([43], 'models that cannot be distinguished and invalid indexes are refused', async () => {
    const fields = { id: f.string(), name: f.string().optional(), other: f.string().optional(), word: f.string() }
    const A = model('A', { fields, key: { pk: 'SAME#{id}', sk: 'ROW' } })
    const on = (index: string) => ({ by: { on: index, pk: '{name}' } })
    const refused: [string, () => unknown][] = [
      [
        'gsi1',
        () =>
          model('X', {
            fields,
            key: 'id',
            indexes: { a: { on: 'gsi1', pk: 'A#{name}' }, b: { on: 'gsi1', pk: 'B#{other}' } } as never,
          }),
      ],
      ['gsi99', () => model('X', { fields, key: 'id', indexes: on('gsi99') })],
      ['by', () => model('X', { fields, key: 'id', indexes: on(undefined as never) })],
      ['nobody', () => model('X', { fields, key: { pk: 'X#{nobody}' } as never })],
      ['name', () => model('X', { fields, key: 'name' })],
      [
        'tags',
        () => model('X', { fields: { ...fields, tags: f.set(f.string()) }, key: 'id', unique: { a: ['tags'] } }),
      ],
      ['raw', () => model('X', { fields: { ...fields, raw: f.bytes() }, key: { pk: 'X#{raw}' } })],
      ['T#', () => model('X', { fields, key: { pk: 'T#{id}' } })],
      ['itrable', () => model('X', { fields, key: 'id', itrable: true } as never)],
      ['sort', () => model('X', { fields, key: { pk: 'X#{id}', sort: 'x' } })],
      ['sort', () => model('X', { fields, key: 'id', indexes: { by: { on: 'gsi1', pk: '{name}', sort: 'x' } } })],
      ['anyCase', () => model('X', { fields, key: 'id', unique: { a: { fields: ['name'], anyCase: true } } })],
      ['save', () => model('X', { fields: { ...fields, save: f.string() }, key: 'id' })],
      ['__proto__', () => model('X', { fields: { ...fields, ['__proto__']: f.string() }, key: 'id' })],
      ['x', () => model('x', { fields, key: 'id' })],
      ['A', () => ({ A, B: model('B', { fields, key: 'id', type: 'A' }) })],
      ['B', () => ({ A, B: model('B', { fields, key: { pk: 'SAME#{id}', sk: 'ROW' } }) })],
      ['B', () => ({ A, B: model('B', { fields, key: { pk: 'SAME#{id}', sk: '{word}' } }) })],
      ['C', () => ({ C: A })],
      ['Nobody', () => ({ A: model('A', { fields, key: 'id', relations: { to: one('Nobody', 'name') } }) })],
      ['nowhere', () => ({ A: model('A', { fields, key: 'id', relations: { to: many('A', 'nowhere') } }) })],
      ['nothing', () => ({ A: model('A', { fields, key: 'id', relations: { to: one('A', 'nothing') } }) })],
    ]
    for (const [what, define] of refused) {
      const work = async () => {
        const made = define() as object
        const models = 'definition' in made ? { X: made } : made
        return await connect({ models: models as never, store: tested.store, table })
      }
      const error = await work().catch(it => it)
      expect(error, what).toMatchObject({ code: 'ValidationFailed' })
      expect(error.message, what).toContain(what)
    }
    const both = { unique: { a: ['nobody'] }, key: { pk: 'X#{noone}' } }
    expect(() => model('X', { fields, ...both } as never)).toThrow(/(nobody.*noone|noone.*nobody)/s)
  })

  absent([44], 'every character of a key value is preserved and sorted', async () => {
    const texts = [
      'a',
      'a#b',
      'b',
      '#',
      '##__SK__##',
      '%',
      '%23',
      ' ',
      '{b}',
      'é',
      '😀',
      '\u0000',
      '\uffff',
      'SUB',
      '/',
    ]
    const rows = texts.flatMap(a => texts.map(b => ({ a, b })))
    await db.batch(batch => {
      for (const row of rows) batch.Path.put(row)
    })
    const found = await db.Path.getMany(rows)
    expect(found.map(it => it && { ...it })).toEqual(rows)
    for (const a of texts) {
      // In the order of the UTF-8 bytes.
      const sorted = [...texts].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
      const listed = (await db.Path.query.key({ a }).all()).map(it => it.b)
      expect(listed).toEqual(sorted)
      const prefixed = (await db.Path.query.key({ a, b: { $beginsWith: 'a' } }).all()).map(it => it.b)
      expect(prefixed).toEqual(['a', 'a#b'])
      expect((await db.Path.query.byB({ b: a, a: 'a' }).all()).map(it => it.a)).toEqual(['a'])
    }
    const { items } = await tested.store.scan({ table, limit: 50 })
    const keys = items
      .filter(it => it._type === 'Path')
      .map(it => [db.decodeKey(String(it.pk), String(it.sk)), it] as const)
    expect(keys.length).toBeGreaterThan(0)
    for (const [decoded, { a, b }] of keys)
      expect(decoded).toEqual({ model: 'Path', tenant: undefined, fields: { a, b } })
    for (const [pk, sk] of [
      ['PATH#%zz', 'SUB#a'],
      ['PATH#a', 'sub#a'],
      ['PATH#', 'SUB#a'],
      ['PATH#a#b', 'SUB#a'],
      ['', ''],
    ] as const) {
      expect(() => db.decodeKey(pk, sk), `${pk} ${sk}`).toThrow(expect.objectContaining({ code: 'ValidationFailed' }))
    }
  })

  it('empty and long keys are refused before anything is sent', async () => {
    for (const row of [
      { a: '', b: 'x' },
      { a: 'x', b: '' },
    ]) {
      await expect(db.Path.create(row)).rejects.toMatchObject({ code: 'ValidationFailed' })
      await expect(db.Path.get(row)).rejects.toMatchObject({ code: 'ValidationFailed' })
    }
    for (const row of [
      { a: 'x'.repeat(2050), b: 'x' },
      { a: 'x', b: '#'.repeat(400) },
    ]) {
      await expect(db.Path.create(row)).rejects.toMatchObject({
        code: expect.stringMatching(/LimitExceeded|ValidationFailed/),
      })
    }
  })

  it('index keys agree with the rows', async () => {
    expect(await faultsOf({ store: tested.store, table, models, now })).toEqual([])
  })

  allAccountedFor()
})
