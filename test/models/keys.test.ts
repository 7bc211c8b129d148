/** Laws of keys, on stored rows: keys are unique, they sort like their values, and ranges return the rows in them. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import type { CreateInput } from '../../packages/partita/src/model/define/definition.js'
import { connect, f, model, type SortRange } from '../../packages/partita/src/model/index.js'
import type { Database } from '../../packages/partita/src/model/types/database.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { compareNumbers, Decimal, decimal, type NumberValue } from '../../packages/partita/src/value/number.js'
import { failure } from '../store-contract/fixtures.js'
import { everyItem, faultsOf } from './consistency.js'
import { hostileText } from './hostile.js'

// Templates whose keys would collide if a value could extend beyond its position.
const Shelf = model('Shelf', {
  fields: { room: f.string(), place: f.string(), note: f.string() },
  key: { pk: 'ROOM#{room}', sk: '{place}' },
})
const Box = model('Box', {
  fields: { room: f.string(), place: f.string(), label: f.string(), note: f.string() },
  key: { pk: 'ROOM#{room}', sk: '{place}#{label}' },
})
const Drawer = model('Drawer', {
  fields: { room: f.string(), place: f.string(), label: f.string(), note: f.string() },
  key: { pk: 'ROOM#{room}#{place}', sk: '{label}' },
})
const Key = model('Key', { fields: { name: f.string(), note: f.string() }, key: 'name' })
const Reading = model('Reading', {
  fields: {
    value: f.number(),
    count: f.bigint(),
    price: f.decimal(),
    day: f.date(),
    valid: f.boolean(),
    mood: f.enum('fine', 'so#so', '100%'),
    note: f.string(),
  },
  key: { pk: 'READING#{value}#{valid}', sk: 'AT#{day}#{count}#{price}#{mood}' },
})

const Sorted = model('Sorted', {
  fields: {
    run: f.string(),
    seq: f.integer(),
    text: f.string().optional(),
    number: f.number().optional(),
    count: f.bigint().optional(),
    price: f.decimal().optional(),
    day: f.date().optional(),
    flag: f.boolean().optional(),
    lead: f.string().optional(),
    rank: f.number().optional(),
  },
  key: { pk: 'SORT#{run}', sk: 'ROW#{seq}' },
  indexes: {
    byText: { on: 'gsi1', pk: 'SORT#{run}', sk: '{text}' },
    byNumber: { on: 'gsi2', pk: 'SORT#{run}', sk: 'N#{number}' },
    byCount: { on: 'gsi3', pk: 'SORT#{run}', sk: '{count}' },
    byPrice: { on: 'gsi4', pk: 'SORT#{run}', sk: '{price}' },
    byDay: { on: 'gsi5', pk: 'SORT#{run}', sk: 'D#{day}#END' },
    byFlag: { on: 'gsi6', pk: 'SORT#{run}', sk: '{flag}' },
    byLead: { on: 'gsi7', pk: 'SORT#{run}', sk: 'L#{lead}#{text}' },
    byRank: { on: 'gsi8', pk: 'SORT#{run}', sk: '{rank}#{text}' },
  },
})
const Line = model('Line', {
  fields: { run: f.string(), text: f.string(), number: f.number() },
  key: { pk: 'LINE#{run}', sk: '{text}#{number}' },
})

const models = { Shelf, Box, Drawer, Key, Reading, Sorted, Line }
type SortedInput = Omit<CreateInput<typeof Sorted>, 'run' | 'seq'>

const whole = fc.oneof(fc.integer({ min: -12, max: 12 }), fc.maxSafeInteger())
const numbers = fc
  .oneof(
    whole,
    whole.map(it => it / 8),
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -9e125, max: 9e125 })
      .filter(it => it === 0 || Math.abs(it) > 1e-129),
  )
  .map(it => it + 0)
const most = 10n ** 38n - 1n
const bigints = fc.oneof(fc.bigInt({ min: -12n, max: 12n }), fc.bigInt({ min: -most, max: most }))
const decimals = fc.oneof(
  numbers.map((it): NumberValue => it),
  fc.tuple(bigints, fc.integer({ min: -60, max: 60 })).map(([it, power]) => decimal(`${it}e${power}`)),
)
const dates = fc.date({
  min: new Date('0000-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})
const nonEmpty = hostileText({ minLength: 1 })

let store: Store
let db: Database<typeof models>
let runs = 0

beforeAll(async () => {
  store = memory()
  db = await connect({ models, store, table: 'keys' })
})
afterAll(() => store.close())

/** Checks a property, each run of which uses its own partition. */
function law<Values extends [unknown, ...unknown[]]>(
  arbitraries: { [I in keyof Values]: fc.Arbitrary<Values[I]> },
  check: (run: string, ...values: Values) => Promise<void>,
  numRuns = 40,
): Promise<void> {
  const property = fc.asyncProperty(...arbitraries, (...values) => check(`r${++runs}`, ...(values as Values)))
  return fc.assert(property, { numRuns })
}

describe('keys', () => {
  type Named =
    | { readonly model: 'Shelf'; readonly fields: { room: string; place: string } }
    | { readonly model: 'Box'; readonly fields: { room: string; place: string; label: string } }
    | { readonly model: 'Drawer'; readonly fields: { room: string; place: string; label: string } }
    | { readonly model: 'Key'; readonly fields: { name: string } }
    | {
        readonly model: 'Reading'
        readonly fields: {
          value: number
          count: bigint
          price: NumberValue
          day: Date
          valid: boolean
          mood: 'fine' | 'so#so' | '100%'
        }
      }

  const named: fc.Arbitrary<Named> = fc.oneof(
    fc.record({ model: fc.constant('Shelf'), fields: fc.record({ room: nonEmpty, place: nonEmpty }) }),
    fc.record({ model: fc.constant('Box'), fields: fc.record({ room: nonEmpty, place: nonEmpty, label: nonEmpty }) }),
    fc.record({
      model: fc.constant('Drawer'),
      fields: fc.record({ room: nonEmpty, place: nonEmpty, label: nonEmpty }),
    }),
    fc.record({ model: fc.constant('Key'), fields: fc.record({ name: nonEmpty }) }),
    fc.record({
      model: fc.constant('Reading'),
      fields: fc.record({
        value: numbers,
        count: bigints,
        price: decimals,
        day: dates,
        valid: fc.boolean(),
        mood: fc.constantFrom('fine', 'so#so', '100%'),
      }),
    }),
  )
  const idOf = ({ model, fields }: { readonly model: string; readonly fields: object }) =>
    `${model} ${JSON.stringify(Object.entries(fields).sort(), (_, it) => (typeof it === 'bigint' ? `${it}` : it))}`

  it('keys of different rows are never equal, and decode to the model, tenant and fields', async () => {
    const ids = new Map<string, string>()
    const tenants = fc.uniqueArray(nonEmpty, { minLength: 1, maxLength: 2 })
    await law([tenants, fc.array(named, { minLength: 2, maxLength: 12 })], async (run, names, rows) => {
      for (const name of names) {
        const tenant = `${name}${run}`
        const scope = db.scope({ tenant })
        for (const row of new Map(rows.map(it => [idOf(it), it])).values()) {
          const note = `${tenant} ${idOf(row)}`
          ids.set(note, tenant)
          if (row.model === 'Shelf') await scope.Shelf.create({ ...row.fields, note })
          else if (row.model === 'Box') await scope.Box.create({ ...row.fields, note })
          else if (row.model === 'Drawer') await scope.Drawer.create({ ...row.fields, note })
          else if (row.model === 'Key') await scope.Key.create({ ...row.fields, note })
          else await scope.Reading.create({ ...row.fields, note })
        }
      }
    })
    for (const { pk, sk, note } of await everyItem({ store, table: 'keys' })) {
      const { model, tenant, fields } = db.decodeKey(String(pk), String(sk))
      const same = Object.fromEntries(
        Object.entries(fields).map(([name, it]) => [name, it instanceof Decimal ? decimal(it.text) : it]),
      )
      expect(note).toBe(`${tenant} ${idOf({ model, fields: same })}`)
      expect(ids.get(String(note))).toBe(tenant)
      ids.delete(String(note))
    }
    expect([...ids.keys()]).toEqual([])
    expect(await faultsOf({ store, table: 'keys', models })).toEqual([])
  })

  it('a key finds the row it was built from', () =>
    law([nonEmpty, nonEmpty, numbers], async (run, room, text, number) => {
      await db.Line.create({ run: `${room}${run}`, text, number })
      expect({ ...(await db.Line.get({ run: `${room}${run}`, text, number })) }).toEqual({
        run: `${room}${run}`,
        text,
        number,
      })
      expect(await db.Line.get({ run: `${room}${run}`, text: `${text}#`, number })).toBeUndefined()
    }))

  it('keys refuse text with lone surrogates', async () => {
    // UTF-8 encodes every lone surrogate as the same three bytes.
    const halves = ['\ud800', '\udfff', 'a\ud83d']
    for (const name of halves) {
      expect((await failure(db.Key.create({ name, note: '' }))).code).toBe('ValidationFailed')
      expect((await failure(db.Key.get({ name }))).code).toBe('ValidationFailed')
    }
  })

  it('keys refuse empty parts and parts over the limit of the store', async () => {
    expect((await failure(db.Key.create({ name: '', note: '' }))).code).toBe('ValidationFailed')
    expect((await failure(db.Box.create({ room: 'r', place: '', label: 'l', note: '' }))).code).toBe('ValidationFailed')
    const long = await failure(db.Key.create({ name: '#'.repeat(700), note: '' }))
    expect(['LimitExceeded', 'ValidationFailed']).toContain(long.code)
    expect(await db.Key.create({ name: '#'.repeat(600), note: '' })).toMatchObject({ name: '#'.repeat(600) })
  })

  it('keys that no model writes are not decoded', () => {
    const others = [
      ['KEY#a', 'Key'],
      ['Key#a', 'key'],
      ['Key#a#b', 'Key'],
      ['Key#a b', 'Key'],
      ['Key#%23', 'Shelf'],
      ['Key#%2', 'Key'],
      ['Key#%41', 'Key'],
      ['Key#', 'Key'],
      ['T##Key#a', 'Key'],
      ['T#t#T#t#Key#a', 'Key'],
      ['UNIQUE#Key#name#a', 'UNIQUE'],
      ['READING#d1.#true', 'AT#2024-01-01T00:00:00.000Z#c1.#c1.#fine'],
      ['READING#c1.#maybe', 'AT#2024-01-01T00:00:00.000Z#c1.#c1.#fine'],
      ['READING#c1.#true', 'AT#2024-01-01#c1.#c1.#fine'],
    ] as const
    for (const [pk, sk] of others) expect(() => db.decodeKey(pk, sk), `${pk} ${sk}`).toThrow(/./)
    const { model, tenant, fields } = db.decodeKey('T#a%23#Key#b%20c', 'Key')
    expect({ model, tenant, fields }).toEqual({ model: 'Key', tenant: 'a#', fields: { name: 'b c' } })
  })
})

const bytesOf = (text: string) => Buffer.from(text, 'utf8')
const byBytes = (a: string, b: string) => Buffer.compare(bytesOf(a), bytesOf(b))

/** How values of one kind are stored, queried and ordered. */
interface Kind<V> {
  readonly values: fc.Arbitrary<V>
  readonly compare: (a: V, b: V) => number
  readonly write: (value: V) => SortedInput
  readonly read: (run: string, range: SortRange<V> | undefined, order: 'asc' | 'desc') => Promise<(V | undefined)[]>
}

async function write(run: string, rows: readonly SortedInput[]): Promise<void> {
  await db.batch(batch => {
    for (const [seq, row] of rows.entries()) batch.Sorted.put({ run, seq, ...row })
  })
}

function ranges<V>(values: fc.Arbitrary<V>, prefixes?: fc.Arbitrary<V>): fc.Arbitrary<Range<V>> {
  const low = fc.oneof(
    values.map(it => ({ $gt: it })),
    values.map(it => ({ $gte: it })),
  )
  const high = fc.oneof(
    values.map(it => ({ $lt: it })),
    values.map(it => ({ $lte: it })),
  )
  return fc.oneof<fc.Arbitrary<Range<V>>[]>(
    low,
    high,
    fc.tuple(low, high).map(([from, to]) => ({ ...from, ...to })),
    values.map(it => ({ $eq: it })),
    fc.tuple(values, values).map(([from, to]) => ({ $between: [from, to] as const })),
    ...(prefixes ? [prefixes.map(it => ({ $beginsWith: it }))] : []),
  )
}

interface Range<V> {
  readonly $eq?: V
  readonly $gt?: V
  readonly $gte?: V
  readonly $lt?: V
  readonly $lte?: V
  readonly $between?: readonly [V, V]
  readonly $beginsWith?: V
}

function isWithin<V>(range: Range<V>, value: V, compare: (a: V, b: V) => number): boolean {
  const { $eq, $gt, $gte, $lt, $lte, $between, $beginsWith } = range
  if ($eq !== undefined && compare(value, $eq) !== 0) return false
  if ($gt !== undefined && compare(value, $gt) <= 0) return false
  if ($gte !== undefined && compare(value, $gte) < 0) return false
  if ($lt !== undefined && compare(value, $lt) >= 0) return false
  if ($lte !== undefined && compare(value, $lte) > 0) return false
  if ($between && (compare(value, $between[0]) < 0 || compare(value, $between[1]) > 0)) return false
  return $beginsWith === undefined || String(value).startsWith(String($beginsWith))
}

function orderedAs<V>(name: string, kind: Kind<V>, prefixes?: fc.Arbitrary<V>): void {
  const { values, compare, read } = kind
  const some = fc.array(values, { minLength: 1, maxLength: 12 })

  it(`an index lists ${name} in the order of their values, in both directions`, () =>
    law([some], async (run, list) => {
      await write(run, list.map(kind.write))
      const sorted = [...list].sort(compare)
      expect(await read(run, undefined, 'asc')).toEqual(sorted)
      expect(await read(run, undefined, 'desc')).toEqual(sorted.reverse())
    }))

  it(`a range of ${name} returns the same rows as a filter in memory`, () =>
    law(
      [some, fc.array(ranges(values, prefixes), { minLength: 3, maxLength: 6 }), fc.nat()],
      async (run, list, random, at) => {
        await write(run, list.map(kind.write))
        const sorted = [...list].sort(compare)
        const value = list[at % list.length] as V
        // Bounds that equal a stored value are the critical ones.
        const exact: Range<V>[] = [{ $gt: value }, { $gte: value }, { $lt: value }, { $lte: value }, { $eq: value }]
        for (const range of [...random, ...exact]) {
          const expected = sorted.filter(it => isWithin(range, it, compare))
          expect(await read(run, range as SortRange<V>, 'asc'), show(range)).toEqual(expected)
        }
      },
    ))
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, it) => (typeof it === 'bigint' ? `${it}n` : it))
}

describe('results of indexes', () => {
  const text = hostileText({ minLength: 1 })
  const part = hostileText({ minLength: 1, maxLength: 2 })

  orderedAs<string>(
    'texts',
    {
      values: text,
      compare: byBytes,
      write: it => ({ text: it }),
      read: async (run, range, order) =>
        (await db.Sorted.query.byText({ run, ...(range && { text: range }) }, { order }).all()).map(row => row.text),
    },
    part,
  )
  orderedAs<number>('numbers', {
    values: numbers,
    compare: (a, b) => a - b,
    write: it => ({ number: it }),
    read: async (run, range, order) =>
      (await db.Sorted.query.byNumber({ run, ...(range && { number: range }) }, { order }).all()).map(
        row => row.number,
      ),
  })
  orderedAs<bigint>('big integers', {
    values: bigints,
    compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
    write: it => ({ count: it }),
    read: async (run, range, order) =>
      (await db.Sorted.query.byCount({ run, ...(range && { count: range }) }, { order }).all()).map(row => row.count),
  })
  orderedAs<NumberValue>('decimals', {
    values: decimals,
    compare: compareNumbers,
    write: it => ({ price: it }),
    read: async (run, range, order) =>
      (await db.Sorted.query.byPrice({ run, ...(range && { price: range }) }, { order }).all()).map(
        row => row.price && decimal(String(row.price)),
      ),
  })
  orderedAs<Date>('dates', {
    values: dates,
    compare: (a, b) => a.getTime() - b.getTime(),
    write: it => ({ day: it }),
    read: async (run, range, order) =>
      (await db.Sorted.query.byDay({ run, ...(range && { day: range }) }, { order }).all()).map(row => row.day),
  })
  orderedAs<boolean>('booleans', {
    values: fc.boolean(),
    compare: (a, b) => Number(a) - Number(b),
    write: it => ({ flag: it }),
    read: async (run, range, order) =>
      (await db.Sorted.query.byFlag({ run, ...(range && { flag: range }) }, { order }).all()).map(row => row.flag),
  })

  interface Pair {
    readonly lead: string
    readonly text: string
  }
  const pairs = fc.array(fc.record({ lead: part, text: part }), { minLength: 1, maxLength: 14 })
  const byPair = (a: Pair, b: Pair) => byBytes(a.lead, b.lead) || byBytes(a.text, b.text)
  const pairOf = ({ lead = '', text = '' }: Partial<Pair>): Pair => ({ lead, text })

  it('a range of a leading field returns every row in the range, whatever the fields after it', () =>
    law([pairs, fc.array(ranges(part, part), { minLength: 2, maxLength: 5 })], async (run, list, random) => {
      await write(run, list)
      const sorted = [...list].sort(byPair)
      const { lead } = list[0]!
      for (const range of [
        ...random,
        { $gt: lead },
        { $lte: lead },
        { $gte: lead },
        { $lt: lead },
        { $beginsWith: lead },
      ]) {
        const rows = await db.Sorted.query.byLead({ run, lead: range as SortRange<string> }).all()
        expect(rows.map(pairOf), show(range)).toEqual(sorted.filter(it => isWithin(range, it.lead, byBytes)))
      }
    }))

  it('a range after leading fields returns only rows with those leading fields', () =>
    law([pairs, fc.array(ranges(part, part), { minLength: 2, maxLength: 5 })], async (run, list, random) => {
      await write(run, list)
      const sorted = [...list].sort(byPair)
      for (const { lead, text } of list.slice(0, 3)) {
        const own = [{ $gt: text }, { $lte: text }, { $beginsWith: text }]
        for (const range of [...random, ...own]) {
          const rows = await db.Sorted.query.byLead({ run, lead, text: range as SortRange<string> }).all()
          const expected = sorted.filter(it => it.lead === lead && isWithin(range, it.text, byBytes))
          expect(rows.map(pairOf), show({ lead, range })).toEqual(expected)
        }
        const rows = await db.Sorted.query.byLead({ run, lead }, { order: 'desc' }).all()
        expect(rows.map(pairOf)).toEqual(sorted.filter(it => it.lead === lead).reverse())
      }
    }))

  it('a range of a leading number returns every row in the range', () =>
    law(
      [
        fc.array(fc.record({ rank: fc.oneof(numbers, fc.constantFrom(-1.5, -1, 0, 1, 10)), text: part }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.array(ranges(fc.oneof(numbers, fc.constantFrom(-1.5, -1, 0, 1, 10))), { minLength: 3, maxLength: 6 }),
        ranges(part, part),
      ],
      async (run, list, random, texts) => {
        await write(run, list)
        const sorted = [...list].sort((a, b) => a.rank - b.rank || byBytes(a.text, b.text))
        const shape = (row: { rank?: number; text?: string }) => ({ rank: row.rank, text: row.text })
        for (const range of [...random, { $gt: list[0]!.rank }, { $lte: list[0]!.rank }]) {
          const rows = await db.Sorted.query.byRank({ run, rank: range as SortRange<number> }).all()
          const expected = sorted.filter(it => isWithin(range, it.rank, (a, b) => a - b))
          expect(rows.map(shape), show(range)).toEqual(expected)
        }
        const { rank } = list[0]!
        const rows = await db.Sorted.query.byRank({ run, rank, text: texts as SortRange<string> }).all()
        expect(rows.map(shape)).toEqual(sorted.filter(it => it.rank === rank && isWithin(texts, it.text, byBytes)))
      },
    ))

  it('paging through a range of the table key neither loses nor repeats a row', () =>
    law(
      [
        fc.uniqueArray(fc.record({ text: part, number: fc.integer({ min: -3, max: 3 }) }), {
          minLength: 1,
          maxLength: 14,
          selector: show,
        }),
        ranges(part, part),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('asc' as const, 'desc' as const),
      ],
      async (run, list, range, limit, order) => {
        await db.batch(batch => {
          for (const it of list) batch.Line.put({ run, ...it })
        })
        const expected = list
          .filter(it => isWithin(range, it.text, byBytes))
          .sort((a, b) => byBytes(a.text, b.text) || a.number - b.number)
        if (order === 'desc') expected.reverse()
        const found: { text: string; number: number }[] = []
        let after: string | undefined
        do {
          const page = await db.Line.query
            .key({ run, text: range as SortRange<string> }, { limit, order, after })
            .page()
          found.push(...page.items.map(({ text, number }) => ({ text, number })))
          after = page.cursor
          if (after !== undefined) expect(page.items.length).toBe(limit)
        } while (after !== undefined)
        expect(found).toEqual(expected)
      },
    ))

  it('the table holds exactly the index keys and markers that its rows imply', async () => {
    expect(await faultsOf({ store, table: 'keys', models })).toEqual([])
  })
})
