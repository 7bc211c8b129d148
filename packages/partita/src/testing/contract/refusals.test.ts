/** What a store refuses it words as the embedded engine does: programs, and the layers above, see no engine in it. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ServerLimits } from '../../../../../test/servers/limits.js'
import { describeEachStore } from '../../../../../test/stores.js'
import { memory } from '../../embedded/index.js'
import { type Issue, PartitaError, type TransactionReason } from '../../errors/errors.js'
import { compare, exists, path, plus, update, value } from '../../expression/ast.js'
import type { Store } from '../../store/store.js'

const definition = {
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
  globalIndexes: { byKind: { partition: { name: 'kind', type: 'S' } } },
} as const
const item = { pk: 'a', sk: 1, kind: 'k', n: 5, list: [1, 2], map: { x: 1 } }
const key = { pk: 'a', sk: 1 }
const big = 'x'.repeat(410 * 1024)

type Bad = (store: Store, table: string) => Promise<unknown>
const put =
  (it: object): Bad =>
  (store, table) =>
    store.write({ kind: 'put', table, item: it as never })
const change =
  (clauses: Parameters<typeof update>[0]): Bad =>
  (store, table) =>
    store.write({ kind: 'update', table, key, update: update(clauses) })
const query =
  (more: object): Bad =>
  (store, table) =>
    store.query({ table, key: { partition: { name: 'pk', value: 'a' } }, ...more } as never)

const REFUSED: Readonly<Record<string, Bad>> = {
  'a get of a missing table': store => store.get({ table: 'no-such-table', key }),
  'a write to a missing table': store => store.write({ kind: 'put', table: 'no-such-table', item }),
  'a transaction on a missing table': store =>
    store.transactWrite({ writes: [{ kind: 'put', table: 'no-such-table', item }] }),
  'a batch on a missing table': store => store.batchGet({ gets: [{ table: 'no-such-table', key }] }),
  'an update of a missing table': store => store.updateTable('no-such-table', { deleteIndexes: ['byKind'] }),
  'a deletion of a missing table': store => store.deleteTable('no-such-table'),
  'a query of a missing index': query({ index: 'byNothing', key: { partition: { name: 'kind', value: 'k' } } }),
  'a scan of a missing index': (store, table) => store.scan({ table, index: 'byNothing' }),
  'a removal of a missing index': (store, table) => store.updateTable(table, { deleteIndexes: ['byNothing'] }),
  'a key without its sort key': (store, table) => store.get({ table, key: { pk: 'a' } as never }),
  'a key of another type': (store, table) => store.get({ table, key: { pk: 'a', sk: 'one' } }),
  'a key with more than the key': (store, table) => store.get({ table, key: { ...key, kind: 'k' } }),
  'an empty key': (store, table) => store.get({ table, key: { pk: '', sk: 1 } }),
  'an item without its key': put({ pk: 'a' }),
  'an item whose key is of another type': put({ ...item, sk: 'one' }),
  'an item whose index key is of another type': put({ ...item, kind: 5 }),
  'an item with an empty index key': put({ ...item, kind: '' }),
  'an item of over 400 KB': put({ ...item, big }),
  'a key that is too long': put({ ...item, pk: 'x'.repeat(2049) }),
  'an index key that is too long': put({ ...item, kind: 'x'.repeat(2049) }),
  'an undefined attribute': put({ ...item, n: undefined }),
  'a number that is none': put({ ...item, n: Number.NaN }),
  'a condition that is false': (store, table) =>
    store.write({ kind: 'put', table, item, condition: compare(path('n'), '>', value(5)) }),
  'a condition that is false, with the item': (store, table) =>
    store.write({ kind: 'delete', table, key, condition: compare(path('n'), '>', value(5)), returnOldOnFailure: true }),
  'a check that is false': (store, table) =>
    store.write({ kind: 'check', table, key, condition: exists(['nothing']), returnOldOnFailure: true }),
  'an addition to text': change({ add: [{ path: ['kind'], value: 1 }] }),
  'a sum with an attribute that is missing': change({
    set: [{ path: ['m'], value: plus({ kind: 'path', path: ['nothing'] }, value(1)) }],
  }),
  'a path through what is no map': change({ set: [{ path: ['n', 'deeper'], value: value(1) }] }),
  'a path through what is missing': change({ set: [{ path: ['nothing', 'deeper'], value: value(1) }] }),
  'an update of the key': change({ set: [{ path: ['sk'], value: value(2) }] }),
  'an update to an index key of another type': change({ set: [{ path: ['kind'], value: value(2) }] }),
  'an update to over 400 KB': change({ set: [{ path: ['big'], value: value(big) }] }),
  'two changes of one path': change({
    set: [
      { path: ['n'], value: value(1) },
      { path: ['n'], value: value(2) },
    ],
  }),
  'a limit of none': query({ limit: 0 }),
  'a query by another attribute': query({ key: { partition: { name: 'kind', value: 'k' } } }),
  'a query by a key of another type': query({ key: { partition: { name: 'pk', value: 5 } } }),
  'a consistent read of a global index': query({
    index: 'byKind',
    key: { partition: { name: 'kind', value: 'k' } },
    consistent: true,
  }),
  'a filter on the key': query({ filter: compare(path('pk'), '=', value('a')) }),
  'two operations of a transaction on one item': (store, table) =>
    store.transactWrite({
      writes: [
        { kind: 'put', table, item },
        { kind: 'delete', table, key },
      ],
    }),
  'a transaction of which a condition is false': (store, table) =>
    store.transactWrite({
      writes: [
        { kind: 'put', table, item: { ...item, sk: 2 } },
        { kind: 'check', table, key, condition: exists(['nothing']), returnOldOnFailure: true },
      ],
    }),
  'a transaction without operations': store => store.transactWrite({ writes: [] }),
  'a creation of a table that differs': (store, table) =>
    store.createTable({ name: table, key: { partition: { name: 'other', type: 'S' } } }),
}

/** DynamoDB's own words are kept for key conditions and filters of queries; the code is the same. */
const WORDED_BY_SERVER = ['a query by another attribute', 'a query by a key of another type', 'a filter on the key']
/** What some servers take and DynamoDB refuses. */
const TAKEN: Readonly<Record<string, keyof ServerLimits>> = {
  'an index key that is too long': 'takesLongIndexKeys',
  'an update to an index key of another type': 'updatesIndexKeysToAnyType',
  'a query by a key of another type': 'takesAnyKeyCondition',
}

describeEachStore('refusals', tested => {
  const embedded = memory()
  let table: string

  beforeAll(async () => {
    table = await tested.table(definition)
    await embedded.createTable({ ...definition, name: table })
    for (const store of [embedded, tested.store]) await store.write({ kind: 'put', table, item })
  })
  afterAll(() => embedded.close())

  for (const [name, bad] of Object.entries(REFUSED)) {
    it(`words ${name} as the embedded engine does`, async ({ skip }) => {
      const taken = TAKEN[name]
      const reason = taken && tested.limits[taken]
      skip(reason !== undefined, reason)
      const wanted = await refusal(bad(embedded, table))
      const told = await refusal(bad(tested.store, table))
      if (WORDED_BY_SERVER.includes(name)) expect(told.code).toBe(wanted.code)
      else expect(told).toEqual(wanted)
    })
  }
})

interface Told {
  readonly issues: readonly Issue[]
  readonly item: unknown
  readonly reasons: readonly TransactionReason[]
}

async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    error => error,
  )
  if (!(error instanceof PartitaError)) throw new Error('It was not refused, or by no error of ours', { cause: error })
  const { code, message, details } = error
  const { issues = [], item, reasons } = details as Partial<Told>
  return { code, message, paths: issues.map(({ path: at }) => at), item, reasons: reasons?.map(({ code: of }) => of) }
}
