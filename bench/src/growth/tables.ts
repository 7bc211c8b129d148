/** Ever more tables in one store: creating, opening, listing, and reads that go from table to table. */
import assert from 'node:assert/strict'
import { embedded } from 'partita/embedded'
import type { Store } from '../../internals.mjs'
import { temporaryFolder } from '../folder.js'
import { figure, printTable } from '../table.js'
import { costOf, longCostOf, openingCost, sizesUpTo } from './sizes.js'

const FIRST = 10
const ID = '1'

const nameOf = (number: number) => `table-${number}`

export async function measureTables(end: number): Promise<void> {
  const path = temporaryFolder()
  const head = ['tables', 'ms to create one', 'us to get', 'us to put 16', 'ms to open', 'ms to list', 'ms to describe']
  const rows = [head]
  let created = 0
  for (const size of sizesUpTo(FIRST, end)) {
    const store = embedded({ path, sweepInterval: 0 })
    const before = process.cpuUsage()
    for (let number = created; number < size; number++) await create(store, nameOf(number))
    const { user, system } = process.cpuUsage(before)
    const creating = (user + system) / 1000 / (size - created)
    created = size
    const randomTable = () => nameOf(Math.floor(Math.random() * size))
    const get = () => store.get({ table: randomTable(), key: { id: ID } })
    assert.ok((await get()).item)
    const getting = await costOf(get)
    const putting = await costOf(() => putMany(store, randomTable))
    const listing = await longCostOf(() => store.listTables())
    const describing = await longCostOf(() => store.describeTable(randomTable()))
    await store.close()
    const opening = await openingCost(path, opened => opened.get({ table: randomTable(), key: { id: ID } }))
    rows.push([size, creating, getting, putting, opening, listing, describing].map(figure))
  }
  printTable('Tables of one store; times are of CPU', rows, true)
}

async function create(store: Store, name: string): Promise<void> {
  await store.createTable({ name, key: { partition: { name: 'id', type: 'S' } } })
  await store.write({ kind: 'put', table: name, item: { id: ID } })
}

function putMany(store: Store, table: () => string): Promise<unknown> {
  const put = () => store.write({ kind: 'put', table: table(), item: { id: ID } })
  return Promise.all(Array.from({ length: 16 }, put))
}
