/** Values of every kind: stored exactly, refused if they are wrong, cleared and serialised. */
import {
  add,
  append,
  connect,
  type Database,
  Decimal,
  decimal,
  f,
  type Item,
  ifNotExists,
  model,
  prepend,
  removeFrom,
  unset,
  type ValidationError,
} from 'partita'
import { beforeAll, expect, it } from 'vitest'
import { knownProblems } from '../../known-problems/known-problems.js'
import { describeEachStore } from '../../stores.js'

const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV'
/** As many digits as every store keeps. */
const DIGITS = '0.1234567890123456789012345678901234'
const UUID = '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d'

const Value = model('Value', {
  fields: {
    id: f.string(),
    string: f.string().min(0).max(5).optional(),
    pattern: f
      .string()
      .pattern(/^[a-z]+$/)
      .optional(),
    number: f.number().min(-1).max(100).optional(),
    integer: f.integer().optional(),
    bigint: f
      .bigint()
      .max(2n ** 100n)
      .optional(),
    decimal: f.decimal().optional(),
    boolean: f.boolean().optional(),
    date: f.date().min(new Date(0)).optional(),
    ulid: f.ulid().optional(),
    uuid: f.uuid().optional(),
    email: f.email().optional(),
    url: f.url().optional(),
    enum: f.enum('a', 'b').optional(),
    bytes: f.bytes().max(4).optional(),
    list: f.list(f.string().min(1)).max(3).optional(),
    dates: f.list(f.date()).optional(),
    set: f.set(f.string()).max(3).default([]),
    numbers: f.set(f.bigint()).optional(),
    blobs: f.set(f.bytes()).optional(),
    map: f.map({ city: f.string(), since: f.date().optional(), lines: f.list(f.integer()).optional() }).optional(),
    record: f.record(f.integer()).optional(),
    json: f.json().optional(),
    ref: f.ref('Value').optional(),
    even: f
      .integer()
      .validate(value => value % 2 === 0 || 'must be even')
      .optional(),
    path: f
      .string()
      .transform<readonly string[]>({ encode: parts => parts.join('/'), decode: text => text.split('/') })
      .optional(),
    empty: f.string().default(''),
    zero: f.integer().default(0),
    off: f.boolean().default(false),
    ttl: f.ttl().optional(),
  },
  key: { pk: 'VALUE#{id}' },
})
const Lease = model('Lease', { fields: { id: f.string(), until: f.ttl() }, key: { pk: 'LEASE#{id}' } })

const models = { Value, Lease }

describeEachStore('values', tested => {
  const { absent, allAccountedFor } = knownProblems('dynamo-bao', import.meta.url)
  let table: string
  let now = Math.floor(Date.now() / 1000) * 1000 + 999
  let db: Database<typeof models>
  let rows = 0

  beforeAll(async () => {
    table = tested.tableName()
    db = await connect({ models, store: tested.store, table, createTable: true, clock: () => now })
  })

  const fresh = () => ({ id: `v${++rows}` })
  async function stored(id: string, kind = 'Value'): Promise<Item> {
    const { item } = await tested.store.get({ table, key: { pk: `${kind.toUpperCase()}#${id}`, sk: kind } })
    return item ?? {}
  }
  /** The paths of all issues of a validation error, sorted. */
  async function refused(work: Promise<unknown>): Promise<string[]> {
    const error = (await work.then(
      () => ({ code: 'no error' }),
      it => it,
    )) as ValidationError
    expect(error.code).toBe('ValidationFailed')
    return error.details.issues.map(it => it.path.join('.')).sort()
  }

  absent([16], 'optional fields of every kind can be cleared, and rows without a value can be saved', async () => {
    const full = {
      date: new Date(5),
      integer: 1,
      boolean: true,
      ref: 'x',
      bytes: new Uint8Array([1]),
      ttl: new Date(now + 9e6),
    }
    const key = fresh()
    const row = await db.Value.create({ ...key, ...full })
    const cleared = { date: null, integer: unset(), boolean: null, ref: null, bytes: unset(), ttl: null }
    await db.Value.update(key, cleared)
    for (const name of Object.keys(full)) expect(await stored(key.id)).not.toHaveProperty(name)
    await row.reload()
    expect([row.date, row.integer, row.boolean, row.ref, row.ttl]).toEqual(Array(5).fill(undefined))
    row.date = new Date(7)
    await row.save()
    expect((await db.Value.get(key))?.date).toEqual(new Date(7))
    row.date = undefined
    row.string = 'x'
    await row.save()
    expect(await stored(key.id)).not.toHaveProperty('date')
    expect((await db.Value.update(key, { integer: undefined, string: 'y' })).string).toBe('y')
    expect(await refused(db.Value.update(key, { zero: null } as never))).toEqual(['zero'])
    expect(await refused(db.Value.update(key, { empty: unset() } as never))).toEqual(['empty'])
  })

  absent([17], 'empty text, lists and numbers are stored exactly', async () => {
    const input = {
      ...fresh(),
      string: '',
      list: ['b', 'a', 'b'],
      bigint: 2n ** 70n + 1n,
      decimal: decimal(tested.supports.digits38 ? `${DIGITS}5678` : DIGITS),
      number: 0.1,
      numbers: new Set([2n ** 60n, 1n]),
      blobs: [new Uint8Array([0, 255])],
      json: { a: [1, null, 'x', { b: true }], empty: {}, none: [] },
      dates: [new Date(1), new Date(2)],
      map: { city: '', since: new Date(3), lines: [] },
      record: { constructor: 1, 'a.b': 2 },
      path: ['a', 'b'],
    }
    const made = await db.Value.create(input)
    const expected = { ...input, blobs: new Set(input.blobs), empty: '', zero: 0, off: false, set: new Set() }
    for (const row of [made, await db.Value.get({ id: input.id })]) expect({ ...row }).toEqual(expected)
    expect(await stored(input.id)).toMatchObject({
      list: ['b', 'a', 'b'],
      path: 'a/b',
      dates: [new Date(1).toISOString(), new Date(2).toISOString()],
    })
    // A number that a double cannot represent is reported, and never rounded.
    await tested.store.write({ kind: 'put', table, item: { ...(await stored(input.id)), number: 2n ** 53n + 1n } })
    await expect(db.Value.get({ id: input.id })).rejects.toThrow('number')
  })

  absent([19], 'rows show their fields and nothing else', async () => {
    const row = await db.Value.create({
      ...fresh(),
      date: new Date(5),
      set: ['b', 'a'],
      bytes: new Uint8Array([1, 2]),
      bigint: 2n ** 64n,
      decimal: '1.50',
    })
    const names = ['id', 'date', 'set', 'bytes', 'bigint', 'decimal', 'empty', 'zero', 'off']
    const shown = JSON.parse(JSON.stringify(row))
    expect(shown).toMatchObject({ id: row.id, date: new Date(5).toISOString(), bytes: 'AQI=', empty: '', off: false })
    expect([...shown.set].sort()).toEqual(['a', 'b'])
    expect([shown.bigint, shown.decimal]).toEqual([String(2n ** 64n), '1.5'])
    for (const [what, copy] of Object.entries({
      json: shown,
      spread: { ...row },
      entries: Object.fromEntries(Object.entries(row)),
    })) {
      expect(
        names.filter(name => !(name in copy)),
        what,
      ).toEqual([])
      expect(
        Object.keys(copy).filter(name => !(name in Value.definition.fields)),
        what,
      ).toEqual([])
    }
    const listed: string[] = []
    for (const name in row) listed.push(name)
    expect(listed).toEqual(Object.keys(row))
    expect(structuredClone({ ...row }).date).toEqual(new Date(5))
  })

  absent([53], 'wrong values are refused with the names of all their fields, before anything is written', async () => {
    const wrong: Record<string, readonly unknown[]> = {
      string: [5, {}, 'too long', null],
      pattern: ['ABC', ''],
      number: ['1', Number.NaN, Number.POSITIVE_INFINITY, -2, 101, 1n],
      integer: [1.5, 2 ** 53, '1', true],
      bigint: [1.5, '1', 2n ** 101n, 10n ** 39n],
      decimal: ['abc', '', {}],
      boolean: [0, 'true'],
      date: [5, '2026-01-01', new Date(Number.NaN), new Date(-1)],
      ulid: ['x', ULID.slice(1), `${ULID.slice(1)}U`],
      uuid: ['x', `${UUID}0`],
      email: ['x', 'a@', '@b.c', 'a b@c.d'],
      url: ['x', '/path'],
      enum: ['c', 'A', ''],
      bytes: ['x', [1], new Uint8Array(5)],
      list: ['x', [1], [''], ['a', 'b', 'c', 'd'], new Set(['a'])],
      set: ['x', [1], ['a', 'b', 'c', 'd']],
      numbers: [['1'], [1.5]],
      map: [{}, { city: 1 }, { city: 'x', zip: 1 }, [], { city: 'x', since: '2026' }],
      record: [{ a: 'x' }, { a: 1.5 }, []],
      json: [1n, new Date(), { a: undefined }, () => 1, Number.NaN],
      ref: [5, {}],
      even: [3],
      ttl: [1_700_000_000, '2026-01-01'],
      unknown: [1],
    }
    const key = fresh()
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        const paths = await refused(db.Value.create({ ...key, [name]: value } as never))
        expect(
          paths.map(path => path.split('.')[0]),
          `${name}: ${String(value)}`,
        ).toEqual([name])
      }
    }
    const all = Object.fromEntries(Object.entries(wrong).map(([name, [value]]) => [name, value]))
    expect(new Set((await refused(db.Value.create(all as never))).map(path => path.split('.')[0]))).toEqual(
      new Set([...Object.keys(wrong), 'id']),
    )
    expect(await db.Value.get(key)).toBe(undefined)

    const right = { string: '', number: 100, bigint: 2n ** 100n, date: new Date(0), bytes: new Uint8Array(4), even: 2 }
    const row = await db.Value.create({ ...key, ...right, ulid: ULID, uuid: UUID.toUpperCase(), url: 'http://a/b' })
    expect(row).toMatchObject({ ...right, uuid: UUID, url: 'http://a/b', empty: '', zero: 0, off: false })
    for (const [name, [value]] of Object.entries(wrong)) {
      if (value === null) continue
      const paths = await refused(db.Value.update(key, { [name]: value } as never))
      expect(paths.map(path => path.split('.')[0])).toEqual([name])
    }
    row.string = 'far too long'
    row.number = Number.NaN
    expect(await refused(row.save())).toEqual(['number', 'string'])
    expect(await db.Value.get(key)).toMatchObject({ string: '', number: 100 })
    expect(await refused(db.Value.update(key, { 'map.city': 5 } as never))).toEqual(['map.city'])
    expect(await refused(db.Value.create({} as never))).toEqual(['id'])
    for (const none of [undefined, null, 'x', []]) await refused(db.Value.create(none as never))
  })

  absent([54], 'a time to live is a Date stored in whole seconds, and expired rows are hidden', async () => {
    const key = fresh()
    await db.Lease.create({ ...key, until: new Date(now + 10_500) })
    const { ttl, until } = await stored(key.id, 'Lease')
    expect([ttl, until]).toEqual([Math.floor((now + 10_500) / 1000), undefined])
    const row = await db.Lease.get(key)
    expect(row?.until).toEqual(new Date(Number(ttl) * 1000))
    expect(await refused(db.Lease.create({ ...fresh(), until: 1_700_000_000 } as never))).toEqual(['until'])
    now += 11_000
    expect(await db.Lease.get(key)).toBe(undefined)
    expect(await db.Lease.getMany([key])).toEqual([undefined])
    expect(await db.Lease.query.key(key).all()).toEqual([])
    expect(await db.Lease.query.key(key).count()).toBe(0)
    const walked = []
    for await (const lease of db.Lease.iterate()) walked.push(lease.id)
    expect(walked).toEqual([])
    await expect(db.Lease.update(key, { until: new Date(now + 9e6) })).rejects.toMatchObject({ code: 'NotFound' })
    if (row) row.until = new Date(now + 9e6)
    await expect(row?.save()).rejects.toMatchObject({ code: 'NotFound' })
    expect(await db.Lease.delete(key)).toBe(undefined)
    // The row has expired, so another can be created with its key.
    await db.Lease.create({ ...key, until: new Date(now + 60_000) })
    expect((await db.Lease.get(key))?.until.getTime()).toBeGreaterThan(now)
  })

  it('updates support every operator, and validate the result', async () => {
    const key = fresh()
    await db.Value.create({
      ...key,
      list: ['b'],
      map: { city: 'Lyon' },
      number: 1,
      record: { a: 1 },
      json: { deep: [1] },
    })
    const row = await db.Value.update(key, {
      list: append('c'),
      number: add(0.5),
      integer: add(-2),
      bigint: add(2n ** 70n),
      decimal: add('0.1'),
      set: add('x', 'y'),
      string: ifNotExists('first'),
      'map.city': 'Oslo',
      'map.lines': append(7),
      'record.a': add(4),
      'record.b': 5,
      'json.deep[0]': 'one',
    })
    const expected = {
      list: ['b', 'c'],
      number: 1.5,
      integer: -2,
      bigint: 2n ** 70n,
      decimal: new Decimal('0.1'),
      set: new Set(['x', 'y']),
      string: 'first',
      map: { city: 'Oslo', lines: [7] },
      record: { a: 5, b: 5 },
      json: { deep: ['one'] },
    }
    expect(row).toMatchObject(expected)
    expect(await db.Value.get(key, { consistent: true })).toMatchObject(expected)
    const next = await db.Value.update(key, {
      list: prepend('a'),
      decimal: add('0.2'),
      set: removeFrom('x', 'z'),
      string: ifNotExists('other'),
      'map.lines': unset(),
      'record.b': unset(),
    })
    expect(next).toMatchObject({
      list: ['a', 'b', 'c'],
      decimal: new Decimal('0.3'),
      string: 'first',
      record: { a: 5 },
    })
    expect([next.set, next.map]).toEqual([new Set(['y']), { city: 'Oslo' }])
    // The complete field must be valid, not only the changed part.
    const wrong = [
      { list: append('d') },
      { list: append('') },
      { number: add(1000) },
      { set: add('1', '2', '3') },
      { even: add(1) },
      { 'map.city': unset() },
      { 'map.nobody': 1 },
      { string: add(1) },
      { list: add('x') },
      { number: append(1) },
      { enum: ifNotExists('c') },
      { number: add(1, 2) },
      { map: { city: 'x' }, 'map.city': 'y' },
    ]
    for (const change of wrong) {
      await expect(db.Value.update(key, change as never), JSON.stringify(change)).rejects.toMatchObject({
        code: 'ValidationFailed',
      })
    }
    expect({ ...(await db.Value.get(key, { consistent: true })) }).toEqual({ ...next })
  })

  it('a missing value is read as its default, and reported if the field has none', async () => {
    let calls = 0
    const Old = model('Old', { fields: { id: f.string() }, key: 'id' })
    const fields = { id: f.string(), role: f.string().default('none') }
    const New = model('Old', { fields, key: 'id' })
    const made = f.integer().default(() => ++calls)
    const Made = model('Old', { fields: { ...fields, made }, key: 'id' })
    const options = { store: tested.store, table }
    const before = await connect({ ...options, models: { Old } })
    for (const id of ['x', 'y']) await before.Old.create({ id })
    const between = await connect({ ...options, models: { Old: New } })
    expect(await between.Old.get({ id: 'x' })).toMatchObject({ role: 'none' })
    // A default function creates values for new rows only: for an old row, each read would return a different value.
    const after = await connect({ ...options, models: { Old: Made } })
    await expect(after.Old.get({ id: 'x' })).rejects.toThrow('made')
    await after.Old.create({ id: 'z' })
    expect(await after.Old.get({ id: 'z' })).toMatchObject({ made: 1 })
    expect(await after.Old.update({ id: 'x' }, { made: 5 })).toMatchObject({ made: 5 })
    expect(await after.Old.get({ id: 'x' })).toMatchObject({ made: 5 })
    expect(calls).toBe(1)
  })

  allAccountedFor()
})
