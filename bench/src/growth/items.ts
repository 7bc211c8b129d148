/** Ever more items in partitions of a hundred: loading, point reads, the file, opening and describing. */
import assert from 'node:assert/strict'
import { embedded } from 'partita/embedded'
import { temporaryFolder } from '../folder.js'
import { figure, printTable } from '../table.js'
import { createTable, keyOf, loadRows, recordBytes, TABLE } from './rows.js'
import { costOf, fileBytes, longCostOf, openingCost, sizesUpTo } from './sizes.js'

const FIRST = 10_000
const IN_PARTITION = 100
const MOST_COST = 2
const MOST_BYTES = 1.6

const partitionOf = (number: number) => `USER#${Math.floor(number / IN_PARTITION)}`
const randomKey = (size: number) => keyOf(Math.floor(Math.random() * size), partitionOf)

export async function measureItems(end: number): Promise<void> {
  const path = temporaryFolder()
  const bytes = recordBytes(partitionOf)
  const rows = [['items', 'items/s', 'us to load', 'us to get', 'file', 'ms to open', 'ms to describe']]
  let loaded = 0
  let firstCost: number | undefined
  let cost = 0
  let ratio = 0
  for (const size of sizesUpTo(FIRST, end)) {
    const store = embedded({ path, sweepInterval: 0 })
    if (loaded === 0) await createTable(store)
    const load = await loadRows(store, loaded, size, partitionOf)
    loaded = size
    assert.ok((await store.get({ table: TABLE, key: randomKey(size) })).item)
    cost = await costOf(() => store.get({ table: TABLE, key: randomKey(size) }))
    firstCost ??= cost
    const describing = await longCostOf(() => store.describeTable(TABLE))
    await store.close()
    const opening = await openingCost(path, opened => opened.get({ table: TABLE, key: randomKey(size) }))
    ratio = fileBytes(path) / (size * bytes)
    const figures = [size, load.rate, load.cost, cost].map(figure)
    rows.push([...figures, `${figure(ratio)} x`, figure(opening), figure(describing)])
  }
  printTable(`Items of ${bytes} bytes; times are of CPU, the file is a multiple of the records`, rows, true)
  const slower = cost / (firstCost as number)
  const limits = [
    ['a get, against the first line', `${figure(slower)} x`, `<= ${MOST_COST}`, slower <= MOST_COST ? 'met' : 'MISSED'],
    ['the file, against the records', `${figure(ratio)} x`, `<= ${MOST_BYTES}`, ratio <= MOST_BYTES ? 'met' : 'MISSED'],
  ]
  printTable('Limits', limits)
}
