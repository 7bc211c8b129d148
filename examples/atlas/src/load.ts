/** Loads the atlas once: a row records that it is complete, so the next start skips the loading. */
import type { City, Country } from './data.js'
import type { Atlas } from './database.js'

/** Cities in one batch: few enough for a moving progress bar, enough for large writes. */
const BATCH = 4000
/** Batches in flight: while one is flushed to disk, the next ones are prepared. */
const IN_FLIGHT = 3
/** Increase it with every change of the data or its keys, so that older tables are loaded again. */
const EDITION = 2

export interface LoadProgress {
  begin(total: number): void
  /** `units` are the consumed write units. */
  advance(items: number, units: number): void
  end(): void
}

export interface AtlasData {
  countries(): readonly Country[]
  cities(): readonly City[]
}

/** @returns the number of items written; 0 if the table has them all. */
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
