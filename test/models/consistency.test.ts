/** The checker itself: it accepts a table that is as its rows say, and sees every way in which one is not. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { f, model } from '../../packages/partita/src/model/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import type { Item } from '../../packages/partita/src/value/value.js'
import { textKeys } from '../store-contract/fixtures.js'
import { faultsOf } from './consistency.js'

const User = model('User', {
  fields: {
    id: f.string(),
    email: f.string(),
    team: f.string().optional(),
    rank: f.number().optional(),
    expires: f.ttl().optional(),
  },
  key: 'id',
  unique: { email: { fields: ['email'], lower: true, trim: true }, place: ['team', 'rank'] },
  indexes: { byTeam: { on: 'gsi1', pk: 'TEAM#{team}', sk: '{rank}#{id}' } },
})
const models = { User }
const now = 1_700_000_000_000
const later = now / 1000 + 60

const row: Item = {
  pk: 'T#t%23#User#a%20b',
  sk: 'User',
  gsi1pk: 'T#t%23#TEAM#x',
  gsi1sk: 'c15.#a%20b',
  _iter_pk: 'T#t%23#ITERATE#User#3',
  _iter_sk: 'k',
  _type: 'User',
  _rev: 'v1',
  ttl: later,
  id: 'a b',
  email: ' Ada@X',
  team: 'x',
  rank: 1.5,
}
const owner = { pk: 'User#a%20b', sk: 'User' }
const email: Item = {
  pk: 'T#t%23#UNIQUE#User#email#ada@x',
  sk: 'UNIQUE',
  _type: 'UNIQUE',
  _rev: 'v1',
  owner,
  ttl: later,
}
const place: Item = { ...email, pk: 'T#t%23#UNIQUE#User#place#x#c15.' }

describe('the consistency check', () => {
  let store: Store
  beforeAll(() => {
    store = memory({ sweepInterval: 0 })
  })
  afterAll(() => store.close())
  let table = ''
  let tables = 0
  beforeEach(async () => {
    table = (await store.createTable({ ...textKeys, name: `checked-${++tables}` })).name
  })

  const check = async (...items: Item[]) => {
    for (const item of items) await store.write({ kind: 'put', table, item })
    return faultsOf({ store, table, models, now })
  }
  const without = (item: Item, ...names: string[]): Item =>
    Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)))

  it('the check accepts rows with their unique markers, and expired rows with leftovers', async () => {
    const over = { ttl: now / 1000 }
    const old = { ...without(row, 'gsi1pk', 'gsi1sk'), ...over, pk: 'T#t%23#User#b', id: 'b' }
    expect(await check(row, email, place, old, { ...email, ...over, pk: 'T#t%23#UNIQUE#User#email#gone' })).toEqual([])
  })

  it.each<[string, Item[], RegExp]>([
    ['a missing marker', [row, email], /place.* is missing/],
    ['an orphaned marker', [row, email, place, { ...email, pk: 'T#t%23#UNIQUE#User#email#b' }], /orphaned/],
    ['a marker of another tenant', [row, email, place, { ...email, pk: 'UNIQUE#User#email#ada@x' }], /orphaned/],
    [
      'a marker of a row that has expired',
      [
        { ...row, ttl: now / 1000 },
        { ...email, ttl: later },
      ],
      /orphaned/,
    ],
    ['a marker of another row', [row, place, { ...email, owner: { pk: 'User#b', sk: 'User' } }], /names .*User#b/],
    [
      'a marker whose owner has a prefix',
      [row, place, { ...email, owner: { ...owner, pk: 'T#t%23#User#a%20b' } }],
      /names/,
    ],
    ['a marker with another time', [row, place, { ...email, ttl: later + 1 }], /has ttl/],
    ['a marker without a time', [row, place, without(email, 'ttl')], /has ttl/],
    ['a marker in an index', [row, place, { ...email, gsi1pk: 'x' }], /more attributes: gsi1pk/],
    ['a marker without a revision', [row, place, without(email, '_rev')], /no revision/],
    [
      'two rows with one value',
      [
        row,
        email,
        place,
        { ...without(row, 'team', 'gsi1pk', 'gsi1sk'), pk: 'T#t%23#User#c', id: 'c', email: 'ADA@x ' },
      ],
      /has the same email/,
    ],
    ['a torn index key', [{ ...row, gsi1sk: 'd42.#a%20b' }, email, place], /has gsi1sk "d42/],
    ['an index key without the tenant', [{ ...row, gsi1pk: 'TEAM#x' }, email, place], /has gsi1pk "TEAM/],
    ['half an index key', [without(row, 'gsi1sk'), email, place], /has gsi1sk nothing/],
    ['a stale index key', [without(row, 'rank'), email], /in the place of nothing/],
    ['a missing index key', [without(row, 'gsi1pk', 'gsi1sk'), email, place], /has gsi1pk nothing/],
    ['a key of an index that is not used', [{ ...row, gsi2pk: 'x' }, email, place], /has gsi2pk "x"/],
    [
      'a value that is not escaped',
      [
        { ...row, pk: 'T#t%23#User#a b' },
        { ...email, owner: { ...owner, pk: 'User#a b' } },
      ],
      /has pk/,
    ],
    ['a row without a revision', [without(row, '_rev'), email, place], /no revision/],
    ['a row that cannot be iterated', [without(row, '_iter_pk', '_iter_sk'), email, place], /has _iter_pk nothing/],
    ['a row iterated with another tenant', [{ ...row, _iter_pk: 'ITERATE#User#3' }, email, place], /of another tenant/],
    ['a row of no model', [{ ...row, _type: 'Other' }], /is of no model/],
    ['an attribute that is no field', [{ ...row, expires: later }, email, place], /no fields: expires/],
  ])('the check reports %s', async (_, items, fault) => {
    expect((await check(...items)).join('\n')).toMatch(fault)
  })
})
