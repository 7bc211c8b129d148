/** Queries, filters and conditions: they find all matching rows and no others, and refuse invalid input. */
import { connect, type Database, f, model, type Where } from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'
import { operations, type WatchedStore, watch } from '../watched-store.js'

const Reading = model('Reading', {
  fields: {
    year: f.integer(),
    at: f.date(),
    value: f.number(),
    kind: f.string().default('plain'),
    note: f.string().optional(),
  },
  key: { pk: 'YEAR#{year}', sk: 'AT#{at}' },
  indexes: { byDay: { on: 'gsi1', pk: 'DAY#{at}', sk: '{kind}#{value}' } },
})
const Thing = model('Thing', {
  fields: {
    box: f.string(),
    n: f.integer(),
    name: f.string(),
    size: f.number().optional(),
    isOn: f.boolean().default(false),
    tags: f.set(f.string()).default([]),
    list: f.list(f.integer()).optional(),
    bytes: f.bytes().optional(),
    place: f.map({ city: f.string(), floor: f.integer().optional() }).optional(),
    big: f.bigint().optional(),
    made: f.createdAt(),
    touched: f.updatedAt(),
  },
  key: { pk: 'BOX#{box}', sk: 'THING#{n}' },
  indexes: { byTouched: { on: 'gsi1', pk: 'TOUCHED#{box}', sk: '{touched}' } },
})

const models = { Reading, Thing }
const invalid = expect.objectContaining({ code: 'ValidationFailed' })
const START = Date.UTC(2026, 0, 1)
const day = (n: number) => new Date(START + n * 86_400_000)

describeEachStore('queries', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  let seen: WatchedStore
  let now = START
  let db: Database<typeof models>

  beforeAll(async () => {
    seen = watch(tested.store)
    const table = tested.tableName()
    db = await connect({ models, store: seen.store, table, createTable: true, clock: () => now })
    await db.batch(batch => {
      for (const n of [0, 1, 2, 3, 4]) batch.Reading.put({ year: 2026, at: day(n), value: n - 2 })
      batch.Reading.put({ year: 20260, at: day(0), value: 9 })
    })
    const things = [
      { name: 'Ada', size: 1, tags: ['a'], list: [1, 2], place: { city: 'Lyon' }, isOn: true },
      { name: 'Bob', size: 2.5, tags: ['a', 'b'], big: 2n ** 70n, place: { city: 'Oslo', floor: 3 } },
      { name: 'Bo', size: -1, bytes: new Uint8Array([1, 2]) },
      { name: '', tags: ['c'], list: [] },
    ]
    // Each is created one day after the previous one.
    for (const [n, thing] of things.entries()) {
      now = day(n).getTime()
      await db.Thing.create({ box: 'x', n, ...thing })
    }
  })

  const found = async (where: Where<typeof Thing>) =>
    (await db.Thing.query.key({ box: 'x' }, { where }).all()).map(it => it.n)

  absent([36], 'keys of numbers and dates find their rows', async () => {
    const { key, byDay } = db.Reading.query
    const values = async (query: ReturnType<typeof key>) => (await query.all()).map(it => it.value)
    expect(await values(key({ year: 2026 }))).toEqual([-2, -1, 0, 1, 2])
    expect(await values(key({ year: 2026, at: { $gte: day(3) } }))).toEqual([1, 2])
    expect(await values(key({ year: 2026, at: { $between: [day(1), day(2)] } }, { order: 'desc' }))).toEqual([0, -1])
    expect((await byDay({ at: day(0), kind: 'plain', value: { $gt: -3, $lt: 9 } }).all()).map(it => it.year)).toEqual([
      2026,
    ])
    expect(await db.Reading.get({ year: 20260, at: day(0) })).toMatchObject({ value: 9 })
  })

  absent([37], 'sort keys accept equality, ranges with one or two bounds, and dates', async () => {
    const { key } = db.Reading.query
    const values = async (at: Parameters<typeof key>[0]['at']) =>
      (await key({ year: 2026, at }).all()).map(it => it.value)
    expect(await values(day(1))).toEqual([-1])
    expect(await values({ $eq: day(1) })).toEqual([-1])
    expect(await values({ $gte: day(1), $lt: day(3) })).toEqual([-1, 0])
    expect(await values({ $gt: day(1), $lte: day(3) })).toEqual([0, 1])
    expect(await values({ $lt: day(1) })).toEqual([-2])
    expect(await values({ $lte: day(1) })).toEqual([-2, -1])
    expect(await values({ $gt: day(2) })).toEqual([1, 2])
    expect(await values({ $between: [day(3), day(1)] }).catch(it => it.code)).toSatisfy(
      it => it === 'ValidationFailed' || (Array.isArray(it) && it.length === 0),
    )
    // Several operators on one field all apply.
    expect(await values({ $gt: day(1), $gte: day(3) } as never)).toEqual([1, 2])
    expect(await values({ $gt: day(1), $lt: day(9), $lte: day(2) } as never)).toEqual([0])
    expect(await values({ $eq: day(1), $lt: day(2) } as never)).toEqual([-1])
    for (const wrong of [
      { $ne: day(1) },
      { $in: [day(1)] },
      { $gt: null },
      { $gt: undefined },
      { $between: [day(1)] },
      'x',
      5,
    ]) {
      await expect(values(wrong as never), JSON.stringify(wrong)).rejects.toEqual(invalid)
    }
    for (const wrong of [{}, { year: { $gt: 1 } }, { year: '2026' }, { year: 2026, value: 1 }, { at: day(1) }, null]) {
      await expect((async () => await key(wrong as never).all())(), JSON.stringify(wrong)).rejects.toEqual(invalid)
    }
  })

  absent([38], 'conditions compare times with the given time, not with the current time', async () => {
    expect(await found({ touched: { $lt: day(2) } })).toEqual([0, 1])
    expect(await found({ touched: day(2) })).toEqual([2])
    expect(await found({ made: { $between: [day(1), day(2)] } })).toEqual([1, 2])
    const listed = await db.Thing.query.byTouched({ box: 'x', touched: { $gte: day(1), $lt: day(3) } }).all()
    expect(listed.map(it => it.n)).toEqual([1, 2])
    const change = { size: 1 }
    await expect(
      db.Thing.update({ box: 'x', n: 0 }, change, { if: { touched: { $gt: day(0) } } }),
    ).rejects.toMatchObject({
      code: 'ConditionFailed',
    })
    now = day(0).getTime()
    await db.Thing.update({ box: 'x', n: 0 }, change, { if: { touched: day(0), made: { $lte: day(0) } } })
    // A time may also be an ISO string, as in JSON. Other text is refused.
    expect(await found({ touched: { $gte: day(2).toISOString() } } as never)).toEqual([2, 3])
    for (const touched of ['yesterday', 'x2026', '', 5]) {
      await expect(found({ touched } as never), String(touched)).rejects.toEqual(invalid)
    }
  })

  absent([39], 'conditions are combined and negated as written', async () => {
    const all = [0, 1, 2, 3]
    expect(await found({ $not: { size: { $gt: 1, $lt: 3 } } })).toEqual([0, 2, 3])
    expect(await found({ $not: { name: 'Ada', isOn: false } })).toEqual(all)
    expect(await found({ $not: { $or: [{ name: 'Ada' }, { name: 'Bob' }] } })).toEqual([2, 3])
    expect(await found({ $and: [{}, { isOn: true }] })).toEqual([0])
    expect(await found({})).toEqual(all)
    expect(await found({ name: { $in: [] } })).toEqual([])
    expect(await found({ $not: { name: { $in: [] } } })).toEqual(all)
    const names = Array.from({ length: 250 }, (_, i) => `name ${i}`)
    expect(await found({ name: { $in: [...names, 'Bo'] } })).toEqual([2])
    expect(await found({ $not: { name: { $in: [...names, 'Bo'] } } })).toEqual([0, 1, 3])
    expect(
      await found({ $or: [{ name: 'Ada' }, { $and: [{ size: { $lt: 0 } }, { bytes: { $exists: true } }] }] }),
    ).toEqual([0, 2])
  })

  it('filters support every operator, and refuse invalid conditions', async () => {
    const cases: [Where<typeof Thing>, number[]][] = [
      [{ name: 'Bo' }, [2]],
      [{ name: { $eq: '' } }, [3]],
      [{ size: { $ne: 1 } }, [1, 2, 3]],
      [{ size: { $gt: 1 } }, [1]],
      [{ size: { $gte: 1 } }, [0, 1]],
      [{ size: { $lt: 1 } }, [2]],
      [{ size: { $lte: 1 } }, [0, 2]],
      [{ size: { $between: [-1, 1] } }, [0, 2]],
      [{ size: { $in: [1, -1, 7] } }, [0, 2]],
      [{ size: { $exists: false } }, [3]],
      [{ size: { $exists: true }, isOn: false }, [1, 2]],
      [{ name: { $beginsWith: 'Bo' } }, [1, 2]],
      [{ name: { $contains: 'o' } }, [1, 2]],
      [{ tags: { $contains: 'a' } }, [0, 1]],
      [{ list: { $contains: 2 } }, [0]],
      [{ tags: { $size: 2 } }, [1]],
      [{ name: { $size: { $gte: 3 } } }, [0, 1]],
      [{ list: { $size: 0 } }, [3]],
      [{ bytes: { $type: 'B' } }, [2]],
      [{ bytes: new Uint8Array([1, 2]) }, [2]],
      [{ big: 2n ** 70n }, [1]],
      [{ big: { $gt: 2n ** 69n } }, [1]],
      [{ isOn: true }, [0]],
      [{ 'place.city': 'Lyon' }, [0]],
      [{ 'place.floor': { $gte: 3 } }, [1]],
      [{ 'list[0]': 1 }, [0]],
      [{ n: { $gte: 1 }, box: 'x', name: { $ne: '' } }, [1, 2]],
    ]
    for (const [where, expected] of cases)
      expect(await found(where), JSON.stringify(Object.keys(where))).toEqual(expected)
    const wrong: unknown[] = [
      { nobody: 1 },
      { size: { $above: 1 } },
      { size: { $gt: undefined } },
      { size: undefined },
      { size: 'x' },
      { size: { $in: 1 } },
      { size: { $exists: 'yes' } },
      { size: { $between: [1] } },
      { tags: { $size: 'x' } },
      { isOn: { $beginsWith: 't' } },
      { bytes: { $type: 'bytes' } },
      { $or: { name: 'x' } },
      { $or: [] },
      { $or: [{}, { name: 'x' }] },
      { $not: {} },
      { $nor: [] },
      { $not: [] },
      { 'place.nobody': 1 },
      'x',
      [],
      null,
    ]
    for (const where of wrong) {
      await expect((async () => await found(where as never))(), JSON.stringify(where)).rejects.toEqual(invalid)
      const update = async () => await db.Thing.update({ box: 'x', n: 0 }, { size: 1 }, { if: where as never })
      await expect(update(), JSON.stringify(where)).rejects.toEqual(invalid)
    }
  })

  absent([40], 'count() counts over all pages', async () => {
    const { key } = db.Reading.query
    expect(await key({ year: 2026 }, { pageSize: 2 }).count()).toBe(5)
    expect(await key({ year: 2026 }, { pageSize: 1, where: { value: { $gte: 0 } } }).count()).toBe(3)
    expect(await key({ year: 2026, at: { $lt: day(3) } }, { pageSize: 2, limit: 2 }).count()).toBe(2)
    seen.calls = []
    expect(await key({ year: 2026 }).count()).toBe(5)
    expect(seen.calls).toMatchObject([{ operation: 'query', request: { countOnly: true } }])
    // A page ends at 1 MB.
    for (const n of [0, 1, 2, 3, 4]) {
      await db.Reading.create({ year: 1999, at: day(n), value: n, note: 'x'.repeat(350 * 1024) })
    }
    seen.calls = []
    expect(await key({ year: 1999 }).count()).toBe(5)
    expect(seen.calls.length).toBeGreaterThan(1)
  })

  absent([41], 'a query returns as many rows as its limit after filters, and reports why it stopped', async () => {
    const query = (
      limit: number,
      more: { after?: string; maxRequests?: number; pageSize?: number; order?: 'desc' } = {},
    ) => db.Reading.query.key({ year: 2026 }, { where: { value: { $ne: -1 } }, limit, ...more })
    for (const [order, expected] of [
      [undefined, [-2, 0, 1, 2]],
      ['desc', [2, 1, 0, -2]],
    ] as const) {
      const values: number[] = []
      let after: string | undefined
      do {
        const page = await query(2, { ...(order && { order }), ...(after && { after }), pageSize: 1 }).page()
        expect(page.items.length).toBe(values.length < 4 ? 2 : 0)
        if (page.items.length > 0) expect(page.capacity.read).toBeGreaterThan(0)
        values.push(...page.items.map(it => it.value))
        after = page.cursor
        expect(page.stopped).toBe(after ? 'limit' : page.items.length === 2 ? page.stopped : 'end')
      } while (after)
      expect(values).toEqual(expected)
    }
    expect(await query(9).page()).toMatchObject({ stopped: 'end', items: { length: 4 } })
    const short = await query(9, { maxRequests: 1, pageSize: 2 }).page()
    expect([short.stopped, short.items.length, typeof short.cursor]).toEqual(['budget', 1, 'string'])
    expect((await query(9, { after: short.cursor as string }).page()).items).toHaveLength(3)
    await expect(query(9, { maxRequests: 1, pageSize: 2 }).all()).rejects.toMatchObject({ code: 'LimitExceeded' })
    expect((await query(3).all()).map(it => it.value)).toEqual([-2, 0, 1])
    expect((await query(1).first())?.value).toBe(-2)
    expect(await db.Reading.query.key({ year: 1 }).first()).toBe(undefined)
    const walked: number[] = []
    for await (const { value } of query(3, { pageSize: 1 })) walked.push(value)
    expect(walked).toEqual([-2, 0, 1])
    const wrong = [
      { order: 'DESC' },
      { limit: 0 },
      { limit: -1 },
      { limit: 1.5 },
      { limit: '5' },
      { pageSize: 0 },
      { maxRequests: 0 },
      { filter: {} },
      { direction: 'DESC' },
      { select: ['nobody'] },
      { select: [] },
      { with: { nobody: true } },
    ]
    for (const options of wrong) {
      const run = async () => await db.Reading.query.key({ year: 2026 }, options as never).page()
      await expect(run(), JSON.stringify(options)).rejects.toEqual(invalid)
    }
    expect('then' in query(1)).toBe(false)
  })

  absent([42], 'reads are consistent only if requested', async () => {
    const key = { year: 2026, at: day(0) }
    const consistency = async (read: () => Promise<unknown>) => {
      seen.calls = []
      await read()
      return seen.calls.map(({ request }) => 'consistent' in request && request.consistent === true)
    }
    expect(await consistency(() => db.Reading.get(key))).toEqual([false])
    expect(await consistency(() => db.Reading.get(key, { consistent: true }))).toEqual([true])
    expect(await consistency(() => db.Reading.query.key({ year: 2026 }).all())).toEqual([false])
    expect(await consistency(() => db.Reading.query.key({ year: 2026 }, { consistent: true }).all())).toEqual([true])
    seen.calls = []
    await db.Reading.getMany([key], { consistent: true })
    expect(seen.calls).toMatchObject([{ request: { gets: [{ consistent: true }] } }])
    const { byDay } = db.Reading.query
    await expect((async () => await byDay({ at: day(0) }, { consistent: true }).all())()).rejects.toEqual(invalid)
    await expect(db.Reading.get(key, { consistentRead: true } as never)).rejects.toEqual(invalid)
  })

  it('a query selects fields, and explain() describes the request', async () => {
    seen.calls = []
    const selected = await db.Reading.query.key({ year: 2026 }, { select: ['value', 'kind'], limit: 1 }).all()
    expect(selected).toEqual([{ value: -2, kind: 'plain' }])
    expect(Object.getPrototypeOf(selected[0])).toBe(Object.prototype)
    expect(await db.Reading.get({ year: 2026, at: day(1) }, { select: ['value'] })).toEqual({ value: -1 })
    expect(
      await db.Reading.getMany(
        [
          { year: 2026, at: day(1) },
          { year: 1, at: day(1) },
        ],
        { select: ['at'] },
      ),
    ).toEqual([{ at: day(1) }, undefined])
    const plan = await db.Thing.query.byTouched({ box: 'x' }, { where: { size: { $gt: 1 } }, order: 'desc' }).explain()
    expect(plan).toMatchObject({ model: 'Thing', index: 'gsi1', order: 'desc', consistent: false })
    expect(plan.keyCondition).toContain('TOUCHED#x')
    expect(plan.filter).toContain('size')
    expect(plan.capacity.rows).toBeGreaterThan(0)
    const plain = await db.Thing.query.key({ box: 'x' }).explain()
    expect([plain.index, plain.filter, plain.projection]).toEqual([undefined, undefined, undefined])
  })

  it('queries read no more than their limit and make no more requests than allowed, also as iterations', async () => {
    const { key } = db.Reading.query
    const walk = async (options: { limit?: number; pageSize?: number; maxRequests?: number }) => {
      seen.calls = []
      const rows = []
      for await (const row of key({ year: 2026 }, options)) rows.push(row.value)
      return rows
    }
    expect(await walk({ limit: 2 })).toEqual([-2, -1])
    expect(seen.calls).toMatchObject([{ operation: 'query', request: { limit: 2 } }])
    expect(await walk({ limit: 3, pageSize: 2, maxRequests: 2 })).toEqual([-2, -1, 0])
    await expect(walk({ pageSize: 2, maxRequests: 2 })).rejects.toMatchObject({ code: 'LimitExceeded' })
    expect(operations(seen)).toEqual(['query', 'query'])
  })

  it('a query sends nothing to the store before one of its methods is called', async () => {
    seen.calls = []
    const query = db.Reading.query.key({ year: 2026 })
    expect(operations(seen)).toEqual([])
    expect(await query.count()).toBe(5)
    expect((await query.all()).length).toBe(5)
    expect(operations(seen)).toEqual(['query', 'query'])
  })

  allAccountedFor()
})
