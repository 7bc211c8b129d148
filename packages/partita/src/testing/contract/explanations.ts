/** `explain`, which engines with a language of their own have. */
import { exists, notExists, path, plus, update, value } from '../../expression/ast.js'
import { isQuery } from '../../store/page-request.js'
import type { ExplainRequest, Store } from '../../store/store.js'
import { equal, ok } from './assert.js'
import type { ContractTests } from './contract-test.js'
import { failure } from './fixtures.js'

const definition = {
  key: { partition: { name: 'partition', type: 'S' }, sort: { name: 'sort', type: 'N' } },
  globalIndexes: { byKind: { partition: { name: 'kind', type: 'S' } } },
} as const
const item = { partition: 'a', sort: 1, kind: 'k', n: 5 }
const key = { partition: 'a', sort: 1 }
const other = { partition: 'a', sort: 2 }
const ofA = { partition: { name: 'partition', value: 'a' } }
const addOne = update({ set: [{ path: ['n'], value: plus(path('n'), value(1)) }] })

type Requests = (table: string) => Readonly<Record<string, ExplainRequest>>

const valid: Requests = table => ({
  'a get': { table, key },
  'a batch of gets': {
    gets: [
      { table, key, consistent: true },
      { table, key: other },
    ],
  },
  'a put': { kind: 'put', table, item: { ...item, n: 6 } },
  'a put of a new item': { kind: 'put', table, item: other, condition: notExists(['partition']) },
  'an update': { kind: 'update', table, key, update: addOne, condition: exists(['n']) },
  'a deletion': { kind: 'delete', table, key },
  'a check': { kind: 'check', table, key, condition: exists(['n']) },
  'a query': { table, key: ofA, order: 'desc', limit: 5 },
  'a query of an index with a filter': {
    table,
    index: 'byKind',
    key: { partition: { name: 'kind', value: 'k' } },
    filter: exists(['n']),
  },
  'a scan': { table },
  'a scan of an index': { table, index: 'byKind' },
  'a transaction': {
    writes: [
      { kind: 'update', table, key, update: addOne },
      { kind: 'put', table, item: other },
    ],
  },
})

const invalid: Requests = table => ({
  'a get of a missing table': { table: 'no-such-table', key },
  'a get with a key of another type': { table, key: { partition: 'a', sort: 'one' } },
  'a batch with a key that lacks an attribute': { gets: [{ table, key: { partition: 'a' } as never }] },
  'a put without its key': { kind: 'put', table, item: { partition: 'a' } },
  'a query of a missing index': { table, index: 'byNothing', key: { partition: { name: 'kind', value: 'k' } } },
  'a query of another attribute': { table, key: { partition: { name: 'n', value: 5 } } },
  'a scan of a missing index': { table, index: 'byNothing' },
  'a transaction with two writes to one item': {
    writes: [
      { kind: 'delete', table, key },
      { kind: 'put', table, item },
    ],
  },
})

/** Declares the tests of `explain`. An engine without the method passes them. */
export function explanationContract(tests: ContractTests): void {
  const { it, table } = tests

  it('explain returns the commands of every kind of request, and sends none of them', async () => {
    const { store } = tests
    const name = await table(definition)
    await store.write({ kind: 'put', table: name, item })
    for (const [what, request] of Object.entries(valid(name))) {
      const commands = await explained(store, request)
      if (!commands) return
      equal(commands[0]?.when, 'always', what)
      for (const { command, collection, when, index } of commands) {
        for (const text of [command, collection, index]) ok(typeof text === 'string' && text !== '', what)
        ok(when === 'always' || when === 'unlessFound', what)
      }
    }
    equal((await store.scan({ table: name, consistent: true })).items, [item])
  })

  it('explain shows where the filter of a request is evaluated', async () => {
    const { store } = tests
    const name = await table(definition)
    const request = { table: name, key: ofA }
    const [filtered] = (await explained(store, { ...request, filter: exists(['n']) })) ?? []
    const [unfiltered] = (await explained(store, request)) ?? []
    ok(!store.explain || filtered?.isFiltered || filtered?.filter, 'neither in the library nor by the engine')
    ok(!unfiltered?.isFiltered, 'no filter is evaluated if the request has none')
  })

  it('explain fails with the error of the request itself', async () => {
    const { store } = tests
    if (!store.explain) return
    for (const [what, request] of Object.entries(invalid(await table(definition)))) {
      const explaining = await failure(store.explain(request))
      const running = await failure(sent(store, request))
      equal([explaining.code, explaining.message], [running.code, running.message], what)
    }
  })
}

async function explained(store: Store, request: ExplainRequest) {
  return store.explain?.(request)
}

/** Runs a request by the method that takes it. */
function sent(store: Store, request: ExplainRequest): Promise<unknown> {
  if ('writes' in request) return store.transactWrite(request)
  if ('gets' in request) return store.batchGet(request)
  if ('kind' in request) return store.write(request)
  if (!('key' in request)) return store.scan(request)
  return isQuery(request) ? store.query(request) : store.get(request)
}
