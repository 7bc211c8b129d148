/** Durable bulk loading of small items into a table with one global index, against bare LMDB that writes the same bytes. */
import assert from 'node:assert/strict'
import { open, type RootDatabase } from 'lmdb'
import type { Item } from 'partita'
import { embedded } from 'partita/embedded'
import { decodeRecord, type Store } from '../../internals.mjs'
import { temporaryFolder } from '../folder.js'
import { median } from '../measure.js'
import { figure, printTable } from '../table.js'

export const TABLE = 'cities'
const ITEMS = 135_000
const ROUNDS = 3
const BAR = 40_000
const BARE_BAR = 0.5
/** Items in one call of batchWrite, and calls in flight: one is prepared while another is flushed. */
const BATCH = 4000
const IN_FLIGHT = 3

interface Put {
  readonly kind: 'put'
  readonly table: string
  readonly item: Item
}

export async function measureLoad(): Promise<void> {
  // The clock of both sides starts when what they write exists.
  const writes = writesBetween(0, ITEMS)
  const loads: Load[] = []
  const bareLoads: Load[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const path = temporaryFolder()
    const store = embedded({ path })
    await createTable(store)
    loads.push(await measured(() => load(store, ITEMS, (from, end) => writes.slice(from, end))))
    await store.close()
    const entries = await entriesOf(path)
    bareLoads.push(await measured(() => loadBare(entries)))
  }
  const found = median(loads.map(({ rate }) => rate))
  const ratioOf = (of: keyof Load) => median(loads.map((one, round) => one[of] / (bareLoads[round] as Load)[of]))
  const ratio = ratioOf('rate')
  printTable(
    `Loading ${figure(ITEMS)} small items with one global index, durable`,
    [
      ['', 'items/s', 'rounds', 'us of CPU', 'bar', ''],
      ['embedded', ...columnsOf(loads), `>= ${figure(BAR)}`, found >= BAR ? 'met' : 'MISSED'],
      ['lmdb', ...columnsOf(bareLoads), '', ''],
      [
        'ratio',
        `${figure(ratio)} x`,
        '',
        `${figure(ratioOf('cost'))} x`,
        `>= ${BARE_BAR} x`,
        ratio >= BARE_BAR ? 'met' : 'MISSED',
      ],
    ],
    true,
  )
}

interface Load {
  /** Items a second. */
  readonly rate: number
  /** Microseconds of CPU for one item, on all threads. */
  readonly cost: number
}

/** @param run returns items a second. */
async function measured(run: () => Promise<number>): Promise<Load> {
  const before = process.cpuUsage()
  const rate = await run()
  const { user, system } = process.cpuUsage(before)
  return { rate, cost: (user + system) / ITEMS }
}

function columnsOf(loads: readonly Load[]): string[] {
  const rates = loads.map(({ rate }) => rate)
  return [figure(median(rates)), rates.map(figure).join(' '), figure(median(loads.map(({ cost }) => cost)))]
}

/** What the engine wrote. */
interface Entry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

function openBare(path: string): RootDatabase<Uint8Array, Uint8Array> {
  const options = {
    pageSize: 8192,
    keyEncoding: 'binary',
    noSubdir: false,
    overlappingSync: false,
    eventTurnBatching: false,
    encoder: { encode: (bytes: Uint8Array) => bytes, decode: copyOf },
  }
  return open(path, options as object) as RootDatabase<Uint8Array, Uint8Array>
}

/** LMDB's buffer may be longer than the value; only `length` gives its end. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes.subarray(0, bytes.length))
}

/** The entries of each item, in the order in which they were loaded. */
async function entriesOf(path: string): Promise<Entry[][]> {
  const db = openBare(path)
  const entries: Entry[][] = Array.from({ length: ITEMS }, () => [])
  // Keys of entries begin with this byte.
  for (const { key, value } of db.getRange({ start: Uint8Array.of(0x10), end: Uint8Array.of(0x11) })) {
    entries[numberOf(decodeRecord(value))]?.push({ key: Uint8Array.from(key), value })
  }
  await db.close()
  for (const ofItem of entries) assert.equal(ofItem.length, 2)
  return entries
}

/** Writes entries in the batches of {@link load}. @returns items a second. */
async function loadBare(entries: readonly Entry[][]): Promise<number> {
  const db = openBare(temporaryFolder())
  const start = performance.now()
  await inBatches(entries.length, (from, end) =>
    db.transaction(() => {
      for (const ofItem of entries.slice(from, end)) for (const { key, value } of ofItem) void db.put(key, value)
    }),
  )
  const rate = (entries.length / (performance.now() - start)) * 1000
  await db.close()
  return rate
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
export async function load(
  store: Store,
  items: number,
  between: typeof writesBetween = writesBetween,
): Promise<number> {
  const start = performance.now()
  await inBatches(items, (from, end) => store.batchWrite({ writes: between(from, end) }))
  return (items / (performance.now() - start)) * 1000
}

/** Puts of the items with these numbers. */
function writesBetween(from: number, end: number): Put[] {
  return Array.from({ length: end - from }, (_, i) => ({ kind: 'put', table: TABLE, item: smallItem(from + i) }))
}

async function inBatches(items: number, write: (from: number, end: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const work = async (): Promise<void> => {
    while (next < items) {
      const from = next
      next = Math.min(from + BATCH, items)
      await write(from, next)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
}

const COUNTRIES = 250

export function smallKey(number: number): { pk: string; sk: string } {
  return { pk: countryOf(number), sk: `CITY#${String(number).padStart(8, '0')}` }
}

/** Returns the number of a loaded item, or of its entry in the index. */
function numberOf({ sk }: Item): number {
  return Number(String(sk).slice(-8))
}

/** About 150 bytes. */
function smallItem(number: number): Item {
  const { pk, sk } = smallKey(number)
  return {
    pk,
    sk,
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
