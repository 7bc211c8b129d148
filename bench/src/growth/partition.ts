/** Ever more rows in one partition: point reads and queries in its middle. */
import assert from 'node:assert/strict'
import { embedded } from 'partita/embedded'
import type { Store } from '../../internals.mjs'
import { temporaryFolder } from '../folder.js'
import { figure, printTable } from '../table.js'
import { createTable, keyOf, loadRows, TABLE } from './rows.js'
import { costOf, sizesUpTo } from './sizes.js'

const FIRST = 1000
const IN_PAGE = 25

const partitionOf = () => 'USER#1'

export async function measurePartition(end: number): Promise<void> {
  const path = temporaryFolder()
  const store = embedded({ path, sweepInterval: 0 })
  await createTable(store)
  const rows = [['rows', 'rows/s', 'us to load', 'us to get', `us to query ${IN_PAGE}`, 'the same, backwards']]
  let loaded = 0
  for (const size of sizesUpTo(FIRST, end)) {
    const load = await loadRows(store, loaded, size, partitionOf)
    loaded = size
    const randomKey = () => keyOf(Math.floor(Math.random() * size), partitionOf)
    const get = await costOf(() => store.get({ table: TABLE, key: randomKey() }))
    const forwards = await costOf(() => queryNear(store, size, 'asc'))
    const backwards = await costOf(() => queryNear(store, size, 'desc'))
    rows.push([size, load.rate, load.cost, get, forwards, backwards].map(figure))
  }
  await store.close()
  printTable('Rows of one partition; times are of CPU', rows, true)
}

/** Reads a page from a random row on that has enough rows on both of its sides. */
async function queryNear(store: Store, size: number, order: 'asc' | 'desc'): Promise<void> {
  const number = IN_PAGE + Math.floor(Math.random() * (size - 2 * IN_PAGE))
  const after = keyOf(number, partitionOf)
  const partition = { name: 'pk', value: after.pk }
  const page = await store.query({ table: TABLE, key: { partition }, after, order, limit: IN_PAGE })
  assert.equal(page.items.length, IN_PAGE)
}
