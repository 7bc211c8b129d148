/** What one can ask the atlas, each answered by as few requests as its keys allow. */
import type { City, Country } from './data.js'
import type { AtlasTable } from './table.js'

/** The most populous cities of a country, from an index that is sorted by population. */
export async function largestCities(table: AtlasTable, country: string, limit: number): Promise<City[]> {
  const { items } = await table.query<City>({
    partition: ['CITIES', country],
    index: 'byPopulation',
    retrieveOrder: 'DESC',
    limit,
  })
  return items
}

/** The cities of a country whose names begin so, by name. */
export function citiesNamed(table: AtlasTable, country: string, beginning: string): Promise<City[]> {
  return table.queryAll<City>({
    partition: ['COUNTRY', country],
    range: { operation: 'begins_with', value: `CITY#${beginning}` },
  })
}

export interface CountryWithCapital extends Country {
  readonly capitalCity?: City
}

/** A country with its capital: two items of one partition, one query. */
export async function countryWithCapital(table: AtlasTable, code: string): Promise<CountryWithCapital | undefined> {
  const { items } = await table.query<Country & City>({
    partition: ['COUNTRY', code],
    range: { operation: 'lower_than', value: 'CITY' },
  })
  const country = items.find(item => 'region' in item)
  const capitalCity = items.find(item => 'population' in item)
  return country && { ...country, ...(capitalCity && { capitalCity }) }
}

export interface Walk {
  readonly cities: number
  readonly pages: number
  readonly people: number
}

/** All cities of a country, a page at a time, each page found again by the cursor that the one before it gave. */
export async function walkCities(table: AtlasTable, country: string, pageSize: number): Promise<Walk> {
  let cities = 0
  let pages = 0
  let people = 0
  let paginationToken: string | undefined
  do {
    const page = await table.query<City>({
      partition: ['COUNTRY', country],
      range: { operation: 'begins_with', value: ['CITY'] },
      limit: pageSize,
      paginationToken,
    })
    cities += page.items.length
    pages++
    for (const { population } of page.items) people += population
    paginationToken = page.paginationToken
  } while (paginationToken)
  return { cities, pages, people }
}
