/**
 * Rejected calls. Their errors equal those of the embedded engine, so programs and the layers above do not depend on the
 * engine.
 */
import { memory } from '../../embedded/index.js'
import type { Issue, TransactionReason } from '../../errors/errors.js'
import { compare, exists, path, plus, update, value } from '../../expression/ast.js'
import type { Store } from '../../store/store.js'
import { equal } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure } from './fixtures.js'
import type { Supports } from './supports.js'

const definition = {
  key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'N' } },
  globalIndexes: { byKind: { partition: { name: 'kind', type: 'S' } } },
} as const
const item = { pk: 'a', sk: 1, kind: 'k', n: 5, list: [1, 2], map: { x: 1 } }
const key = { pk: 'a', sk: 1 }
const big = 'x'.repeat(410 * 1024)

type Call = (store: Store, table: string) => Promise<unknown>
const put =
  (it: object): Call =>
  (store, table) =>
    store.write({ kind: 'put', table, item: it as never })
const change =
  (clauses: Parameters<typeof update>[0]): Call =>
  (store, table) =>
    store.write({ kind: 'update', table, key, update: update(clauses) })
const query =
  (more: object): Call =>
  (store, table) =>
    store.query({ table, key: { partition: { name: 'pk', value: 'a' } }, ...more } as never)

const REJECTED: Readonly<Record<string, Call>> = {
  'a get of a missing table': store => store.get({ table: 'no-such-table', key }),
  'a write to a missing table': store => store.write({ kind: 'put', table: 'no-such-table', item }),
  'a transaction on a missing table': store =>
    store.transactWrite({ writes: [{ kind: 'put', table: 'no-such-table', item }] }),
  'a batch on a missing table': store => store.batchGet({ gets: [{ table: 'no-such-table', key }] }),
  'an update of a missing table': store => store.updateTable('no-such-table', { deleteIndexes: ['byKind'] }),
  'a deletion of a missing table': store => store.deleteTable('no-such-table'),
  'a query of a missing index': query({ index: 'byNothing', key: { partition: { name: 'kind', value: 'k' } } }),
  'a scan of a missing index': (store, table) => store.scan({ table, index: 'byNothing' }),
  'a deletion of a missing index': (store, table) => store.updateTable(table, { deleteIndexes: ['byNothing'] }),
  'a key without its sort key': (store, table) => store.get({ table, key: { pk: 'a' } as never }),
  'a key of another type': (store, table) => store.get({ table, key: { pk: 'a', sk: 'one' } }),
  'a key with an additional attribute': (store, table) => store.get({ table, key: { ...key, kind: 'k' } }),
  'an empty key': (store, table) => store.get({ table, key: { pk: '', sk: 1 } }),
  'an item without its key': put({ pk: 'a' }),
  'an item with a key of another type': put({ ...item, sk: 'one' }),
  'an item with an index key of another type': put({ ...item, kind: 5 }),
  'an item with an empty index key': put({ ...item, kind: '' }),
  'an item of over 400 KB': put({ ...item, big }),
  'a key that is too long': put({ ...item, pk: 'x'.repeat(2049) }),
  'an index key that is too long': put({ ...item, kind: 'x'.repeat(2049) }),
  'an undefined attribute': put({ ...item, n: undefined }),
  'a number that is NaN': put({ ...item, n: Number.NaN }),
  'a false condition': (store, table) =>
    store.write({ kind: 'put', table, item, condition: compare(path('n'), '>', value(5)) }),
  'a false condition that returns the item': (store, table) =>
    store.write({ kind: 'delete', table, key, condition: compare(path('n'), '>', value(5)), returnOldOnFailure: true }),
  'a false check': (store, table) =>
    store.write({ kind: 'check', table, key, condition: exists(['nothing']), returnOldOnFailure: true }),
  'an addition to a string': change({ add: [{ path: ['kind'], value: 1 }] }),
  'a sum with a missing attribute': change({
    set: [{ path: ['m'], value: plus({ kind: 'path', path: ['nothing'] }, value(1)) }],
  }),
  'a path through a number': change({ set: [{ path: ['n', 'deeper'], value: value(1) }] }),
  'a path through a missing attribute': change({ set: [{ path: ['nothing', 'deeper'], value: value(1) }] }),
  'an update of the key': change({ set: [{ path: ['sk'], value: value(2) }] }),
  'an update to an index key of another type': change({ set: [{ path: ['kind'], value: value(2) }] }),
  'an update to over 400 KB': change({ set: [{ path: ['big'], value: value(big) }] }),
  'two changes of one path': change({
    set: [
      { path: ['n'], value: value(1) },
      { path: ['n'], value: value(2) },
    ],
  }),
  'a limit of 0': query({ limit: 0 }),
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
  'a transaction with a false condition': (store, table) =>
    store.transactWrite({
      writes: [
        { kind: 'put', table, item: { ...item, sk: 2 } },
        { kind: 'check', table, key, condition: exists(['nothing']), returnOldOnFailure: true },
      ],
    }),
  'a transaction without operations': store => store.transactWrite({ writes: [] }),
  'a creation of an existing table with another key': (store, table) =>
    store.createTable({ name: table, key: { partition: { name: 'other', type: 'S' } } }),
}

/** Key conditions and filters of queries keep DynamoDB's own message. The code is the same. */
const WITH_OTHER_MESSAGE = ['a query by another attribute', 'a query by a key of another type', 'a filter on the key']

/** Calls that are rejected only by engines that support a detail. */
const DETAILS: Readonly<Record<string, keyof Supports>> = {
  'an index key that is too long': 'indexKeyLength',
  'an update to an index key of another type': 'indexKeyTypeInUpdates',
  'a query by a key of another type': 'keyConditionTypes',
}

/** Declares the tests of rejected calls. */
export function rejectionContract(tested: ContractTests): void {
  const { it, itIf, beforeAll, afterAll, supports } = tested
  let embedded: Store
  let table: string

  beforeAll(async () => {
    embedded = memory()
    table = await tested.table(definition)
    await embedded.createTable({ ...definition, name: table })
    for (const store of [embedded, tested.store]) await store.write({ kind: 'put', table, item })
  })
  afterAll(() => embedded.close())

  for (const [what, call] of Object.entries(REJECTED)) {
    const title = `The error for ${what} equals that of the embedded engine`
    const body = async () => {
      const expected = await rejection(call(embedded, table))
      const actual = await rejection(call(tested.store, table))
      if (WITH_OTHER_MESSAGE.includes(what)) equal(actual.code, expected.code)
      else if (supports.messages) equal(actual, expected)
      else equal({ ...actual, message: '' }, { ...expected, message: '' })
    }
    const detail = DETAILS[what]
    if (detail) itIf(detail, title, body)
    else it(title, body)
  }
}

interface Details {
  readonly issues: readonly Issue[]
  readonly item: unknown
  readonly reasons: readonly TransactionReason[]
}

async function rejection(call: Promise<unknown>) {
  const { code, message, details } = await failure(call)
  const { issues = [], item, reasons } = details as Partial<Details>
  return { code, message, paths: issues.map(({ path }) => path), item, reasons: reasons?.map(({ code }) => code) }
}
