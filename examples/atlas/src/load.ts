/** Loads the atlas once: a note in the table says that it is complete, so a second start has nothing to do. */
import type { City, Country } from './data.js'
import type { Atlas } from './database.js'

/** Cities: few enough for the progress to move, many enough for the store to write in large steps. */
const BATCH = 4000
/** While one batch is flushed to disk, the next is made ready. */
const IN_FLIGHT = 3
/** Grows with every change of the data or of its keys, so that a table of before is loaded anew. */
const EDITION = 2

export interface LoadProgress {
  begin(total: number): void
  /** `units` are the write units that the items cost. */
  advance(items: number, units: number): void
  end(): void
}

export interface AtlasData {
  countries(): readonly Country[]
  cities(): readonly City[]
}

/** @returns how many items were written; 0 where the table held them all. */
export async function load(db: Atlas, data: AtlasData, progress: LoadProgress): Promise<number> {
  if (await db.Edition.get({ edition: EDITION }, { consistent: true })) return 0
  const countries = data.countries()
  const cities = data.cities()
  const capitals = cities.filter(({ isCapital }) => isCapital)
  const total = countries.length + cities.length + capitals.length
  progress.begin(total)
  await db.run({}, async scope => {
    let units = 0
    const advance = (items: number) => {
      progress.advance(items, scope.capacity.write - units)
      units = scope.capacity.write
    }
    await db.batch(batch => {
      for (const country of countries) batch.Country.put(country)
      for (const capital of capitals) batch.Capital.put(capital)
    })
    advance(countries.length + capitals.length)
    let next = 0
    const work = async (): Promise<void> => {
      while (next < cities.length) {
        const some = cities.slice(next, next + BATCH)
        next += BATCH
        await db.batch(batch => {
          for (const city of some) batch.City.put(city)
        })
        advance(some.length)
      }
    }
    await Promise.all(Array.from({ length: IN_FLIGHT }, work))
  })
  progress.end()
  await db.Edition.put({ edition: EDITION, items: total })
  return total
}
