/** Durable bulk loading of small items into a table with one global index. */
import assert from 'node:assert/strict'
import type { Item } from 'partita'
import { embedded } from 'partita/embedded'
import type { Store } from '../../internals.mjs'
import { temporaryFolder } from '../folder.js'
import { median } from '../measure.js'
import { figure, printTable } from '../table.js'

export const TABLE = 'cities'
const ITEMS = 135_000
const ROUNDS = 3
const BAR = 40_000
/** Items in one call of batchWrite, and calls in flight: one is prepared while another is flushed. */
const BATCH = 4000
const IN_FLIGHT = 3

export async function measureLoad(): Promise<void> {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const store = embedded({ path: temporaryFolder() })
    await createTable(store)
    rates.push(await load(store, ITEMS))
    assert.equal((await store.describeTable(TABLE))?.itemCount, ITEMS)
    await store.close()
  }
  const found = median(rates)
  printTable(
    `Loading ${figure(ITEMS)} small items with one global index, durable`,
    [
      ['items/s', 'rounds', 'bar', ''],
      [figure(found), rates.map(figure).join(' '), `>= ${figure(BAR)}`, found >= BAR ? 'met' : 'MISSED'],
    ],
    true,
  )
}

export async function createTable(store: Store): Promise<void> {
  await store.createTable({
    name: TABLE,
    key: { partition: { name: 'pk', type: 'S' }, sort: { name: 'sk', type: 'S' } },
    globalIndexes: {
      byPopulation: { partition: { name: 'country', type: 'S' }, sort: { name: 'population', type: 'N' } },
    },
  })
}

/** @returns items a second. */
export async function load(store: Store, items: number): Promise<number> {
  const start = performance.now()
  let next = 0
  const work = async (): Promise<void> => {
    while (next < items) {
      const from = next
      next = Math.min(from + BATCH, items)
      const writes = Array.from({ length: next - from }, (_, i) => ({
        kind: 'put' as const,
        table: TABLE,
        item: smallItem(from + i),
      }))
      await store.batchWrite({ writes })
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  return (items / (performance.now() - start)) * 1000
}

const COUNTRIES = 250

export function smallKey(number: number): { pk: string; sk: string } {
  return { pk: countryOf(number), sk: `CITY#${String(number).padStart(8, '0')}` }
}

/** About 150 bytes. */
function smallItem(number: number): Item {
  return {
    ...smallKey(number),
    _type: 'City',
    name: `City number ${number}`,
    country: countryOf(number),
    population: (number * 7919) % 1_000_003,
    latitude: 48.8566,
    longitude: 2.3522,
  }
}

function countryOf(number: number): string {
  return `COUNTRY#${number % COUNTRIES}`
}
