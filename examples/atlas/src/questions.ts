/** What one can ask the atlas, each answered by as few requests as its keys allow. */
import type { Atlas, CityRow } from './database.js'

/** The most populous cities of a country, from an index that is sorted by population. */
export function largestCities(db: Atlas, country: string, limit: number): Promise<CityRow[]> {
  return db.City.query.byPopulation({ country }, { order: 'desc', limit }).all()
}

/** The cities of a country whose names begin so, by name. */
export function citiesNamed(db: Atlas, country: string, beginning: string): Promise<CityRow[]> {
  return db.City.query.key({ country, name: { $beginsWith: beginning } }).all()
}

/** A country with its capital: two rows of one partition, one query. */
export function countryWithCapital(db: Atlas, code: string) {
  return db.CountryWithCapital.get({ code })
}

export interface Walk {
  readonly cities: number
  readonly pages: number
  readonly people: number
}

/** All cities of a country, a page at a time, each page found again by the cursor that the one before it gave. */
export async function walkCities(db: Atlas, country: string, pageSize: number): Promise<Walk> {
  let cities = 0
  let pages = 0
  let people = 0
  let after: string | undefined
  do {
    const { items, cursor } = await db.City.query.key({ country }, { limit: pageSize, after }).page()
    cities += items.length
    pages++
    for (const { population } of items) people += population
    after = cursor
  } while (after)
  return { cities, pages, people }
}
