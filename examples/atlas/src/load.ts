/** Loads the atlas once: a note in the table says that it is complete, so a second start has nothing to do. */
import type { City, Country } from './data.js'
import { type AtlasTable, type AtlasWrite, cityItems, countryItem, METADATA } from './table.js'

/** Cities: few enough for the progress to move, many enough for the store to write in large steps. */
const BATCH = 4000
/** While one batch is flushed to disk, the next is made ready. */
const IN_FLIGHT = 3
/** Grows with every change of the data or of its keys, so that a table of before is loaded anew. */
const EDITION = 1
const NOTE = { partitionKey: ['ATLAS'], rangeKey: METADATA }

export interface LoadProgress {
  begin(total: number): void
  /** `units` are the write units that the items cost. */
  advance(items: number, units: number): void
  end(): void
}

interface Note {
  readonly edition: number
  readonly items: number
}

export interface Atlas {
  countries(): readonly Country[]
  cities(): readonly City[]
}

/** @returns how many items were written; 0 where the table held them all. */
export async function load(table: AtlasTable, atlas: Atlas, progress: LoadProgress): Promise<number> {
  const note = await table.get<Note>({ ...NOTE, consistentRead: true })
  if (note?.edition === EDITION) return 0
  const countries = atlas.countries()
  const cities = atlas.cities()
  const total = countries.length + cities.length + cities.filter(({ isCapital }) => isCapital).length
  progress.begin(total)
  const write = async (batch: AtlasWrite[]): Promise<void> => {
    const { capacity } = await table.batchWrite(batch)
    progress.advance(batch.length, capacity.write)
  }
  await write(countries.map(countryItem))
  let next = 0
  const work = async (): Promise<void> => {
    while (next < cities.length) {
      const batch = cities.slice(next, next + BATCH)
      next += BATCH
      await write(batch.flatMap(cityItems))
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  progress.end()
  await table.create<Note>({ key: NOTE, item: { edition: EDITION, items: total } })
  return total
}
