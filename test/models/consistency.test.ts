/**
 * Both consistency checks: that of the tests, which uses nothing of the model layer, and `consistency(db)`. Each accepts a
 * correct table and reports every kind of inconsistency.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { memory } from '../../packages/partita/src/embedded/index.js'
import { connect, f, model } from '../../packages/partita/src/model/index.js'
import type { Store } from '../../packages/partita/src/store/store.js'
import { consistency } from '../../packages/partita/src/testing/index.js'
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

describe('A consistency check', () => {
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

  const put = async (items: readonly Item[]) => {
    for (const item of items) await store.write({ kind: 'put', table, item })
  }
  const report = async () => consistency(await connect({ models, store, table, clock: () => now }))
  const without = (item: Item, ...names: string[]): Item =>
    Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)))

  it('rows with their unique markers and expired rows with leftovers are consistent', async () => {
    const over = { ttl: now / 1000 }
    const old = { ...without(row, 'gsi1pk', 'gsi1sk'), ...over, pk: 'T#t%23#User#b', id: 'b' }
    await put([row, email, place, old, { ...email, ...over, pk: 'T#t%23#UNIQUE#User#email#gone' }])
    expect(await faultsOf({ store, table, models, now })).toEqual([])
    expect(await report()).toEqual({ rows: 1, markers: 2, others: 0, counts: {}, inconsistencies: [] })
  })

  it.each<[string, Item[], RegExp, object?]>([
    [
      'a missing marker',
      [row, email],
      /place.* is missing/,
      { kind: 'unique', constraint: 'place', problem: 'missing', model: 'User', key: { id: 'a b' } },
    ],
    [
      'an orphaned marker',
      [row, email, place, { ...email, pk: 'T#t%23#UNIQUE#User#email#b' }],
      /orphaned/,
      { kind: 'orphan', owner: { pk: 'T#t%23#User#a%20b', sk: 'User' } },
    ],
    [
      'a marker of another tenant',
      [row, email, place, { ...email, pk: 'UNIQUE#User#email#ada@x' }],
      /orphaned/,
      { kind: 'orphan', owner },
    ],
    [
      'a unique marker of an expired row',
      [
        { ...row, ttl: now / 1000 },
        { ...email, ttl: later },
      ],
      /orphaned/,
      { kind: 'orphan' },
    ],
    [
      'a unique marker of another row',
      [row, place, { ...email, owner: { pk: 'User#b', sk: 'User' } }],
      /names .*User#b/,
      { kind: 'unique', constraint: 'email', problem: 'otherRow' },
    ],
    [
      'a unique marker whose owner has a prefix',
      [row, place, { ...email, owner: { ...owner, pk: 'T#t%23#User#a%20b' } }],
      /names/,
      { kind: 'unique', constraint: 'email', problem: 'otherRow' },
    ],
    [
      'a unique marker with another expiry time',
      [row, place, { ...email, ttl: later + 1 }],
      /has ttl/,
      { kind: 'unique', problem: 'expiry' },
    ],
    [
      'a unique marker without an expiry time',
      [row, place, without(email, 'ttl')],
      /has ttl/,
      { kind: 'unique', problem: 'expiry' },
    ],
    [
      'a unique marker in an index',
      [row, place, { ...email, gsi1pk: 'x' }],
      /more attributes: gsi1pk/,
      { kind: 'unique', problem: 'attributes' },
    ],
    [
      'a unique marker without a revision',
      [row, place, without(email, '_rev')],
      /no revision/,
      { kind: 'unique', problem: 'attributes' },
    ],
    [
      'two rows with one value',
      [
        row,
        email,
        place,
        { ...without(row, 'team', 'gsi1pk', 'gsi1sk'), pk: 'T#t%23#User#c', id: 'c', email: 'ADA@x ' },
      ],
      /has the same email/,
      { kind: 'unique', problem: 'otherRow', key: { id: 'c' } },
    ],
    [
      'a torn index key',
      [{ ...row, gsi1sk: 'd42.#a%20b' }, email, place],
      /has gsi1sk "d42/,
      { kind: 'index', index: 'byTeam', expected: { gsi1sk: 'c15.#a%20b' }, actual: { gsi1sk: 'd42.#a%20b' } },
    ],
    [
      'an index key without the tenant',
      [{ ...row, gsi1pk: 'TEAM#x' }, email, place],
      /has gsi1pk "TEAM/,
      { kind: 'index', actual: { gsi1pk: 'TEAM#x' } },
    ],
    [
      'half an index key',
      [without(row, 'gsi1sk'), email, place],
      /has gsi1sk nothing/,
      { kind: 'index', actual: {}, expected: { gsi1sk: 'c15.#a%20b' } },
    ],
    [
      'a stale index key',
      [without(row, 'rank'), email],
      /in the place of nothing/,
      { kind: 'index', index: 'byTeam', expected: {} },
    ],
    [
      'a missing index key',
      [without(row, 'gsi1pk', 'gsi1sk'), email, place],
      /has gsi1pk nothing/,
      { kind: 'index', index: 'byTeam', actual: {} },
    ],
    [
      'a key of an index that is not used',
      [{ ...row, gsi2pk: 'x' }, email, place],
      /has gsi2pk "x"/,
      { kind: 'index', expected: {}, actual: { gsi2pk: 'x' } },
    ],
    [
      'a value that is not escaped',
      [
        { ...row, pk: 'T#t%23#User#a b' },
        { ...email, owner: { ...owner, pk: 'User#a b' } },
      ],
      /has pk/,
      { kind: 'key', expected: { pk: 'T#t%23#User#a%20b' } },
    ],
    ['a row without a revision', [without(row, '_rev'), email, place], /no revision/],
    [
      'a row that cannot be iterated',
      [without(row, '_iter_pk', '_iter_sk'), email, place],
      /has _iter_pk nothing/,
      { kind: 'iteration', actual: {} },
    ],
    [
      'a row iterated with another tenant',
      [{ ...row, _iter_pk: 'ITERATE#User#3' }, email, place],
      /of another tenant/,
      { kind: 'iteration', actual: { _iter_pk: 'ITERATE#User#3', _iter_sk: 'k' } },
    ],
    ['a row that belongs to no model', [{ ...row, _type: 'Other' }], /is of no model/],
    ['an attribute that is not a field', [{ ...row, expires: later }, email, place], /not fields: expires/],
  ])('the check reports %s', async (_, items, independent, inconsistency) => {
    await put(items)
    expect((await faultsOf({ store, table, models, now })).join('\n')).toMatch(independent)
    const { inconsistencies } = await report()
    // Two cases are correct for a program: rows without a revision, as in an adopted table, and unknown items and attributes.
    if (inconsistency) expect(inconsistencies).toContainEqual(expect.objectContaining(inconsistency))
    else expect(inconsistencies).toEqual([])
  })
})
