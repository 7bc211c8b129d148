/**
 * One table for the whole atlas.
 *
 *   a country      COUNTRY#FR   #METADATA
 *   its capital    COUNTRY#FR   CAPITAL#2988507
 *   its cities     COUNTRY#FR   CITY#Paris#2988507      byPopulation: CITIES#FR, sorted by population
 *
 * A country and its capital lie next to each other, before the cities, so one query reads both.
 */
import type { Store } from 'partita'
import { type BatchWriteItem, SingleTable, type TableEvent } from 'partita/table'
import type { City, Country } from './data.js'

export const METADATA = '#METADATA'

const config = {
  partitionKey: 'pk',
  rangeKey: 'sk',
  indexes: { byPopulation: { partitionKey: 'gsi1pk', rangeKey: 'gsi1sk', numeric: true } },
} as const

export type AtlasTable = ReturnType<typeof atlasTable>

export function atlasTable(store: Store, table: string, observe: (event: TableEvent) => void) {
  return new SingleTable({ ...config, table, store, observe })
}

export type AtlasWrite = BatchWriteItem<AtlasTable['config']>

export function countryItem(country: Country): AtlasWrite {
  return { create: { key: { partitionKey: ['COUNTRY', country.code], rangeKey: METADATA }, item: country } }
}

/** A city, and once more in its place as the capital where it is one. */
export function cityItems(city: City): AtlasWrite[] {
  const partitionKey = ['COUNTRY', city.country]
  const asCity: AtlasWrite = {
    create: {
      key: { partitionKey, rangeKey: ['CITY', city.name, city.id] },
      item: city,
      indexes: { byPopulation: { partitionKey: ['CITIES', city.country], rangeKey: city.population } },
    },
  }
  if (!city.isCapital) return [asCity]
  return [asCity, { create: { key: { partitionKey, rangeKey: ['CAPITAL', city.id] }, item: city } }]
}
