/** The queries. Each one needs as few requests as the keys allow. */
import type { Atlas, CityRow } from './database.js'

/** The most populous cities of a country, from an index that is sorted by population. */
export function largestCities(db: Atlas, country: string, limit: number): Promise<CityRow[]> {
  return db.City.query.byPopulation({ country }, { order: 'desc', limit }).all()
}

/** The cities of a country whose names begin with a prefix, sorted by name. */
export function citiesNamed(db: Atlas, country: string, prefix: string): Promise<CityRow[]> {
  return db.City.query.key({ country, name: { $beginsWith: prefix } }).all()
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

/** Reads all cities of a country page by page. The cursor of a page continues after it. */
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
