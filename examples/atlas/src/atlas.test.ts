import { beforeAll, describe, expect, it } from 'vitest'
import { describeEachStoreAndMongo } from '../../../test/stores.js'
import { readCities, readCountries } from './data.js'
import { type Atlas, openAtlas } from './database.js'
import { type LoadProgress, load } from './load.js'
import { citiesNamed, countryWithCapital, largestCities, walkCities } from './questions.js'

/** A part of the data, which a server over HTTP loads in seconds. */
const codes = ['CR', 'LU', 'MC', 'AQ']
const countries = readCountries()
const cities = readCities()
const part = {
  countries: () => countries.filter(({ code }) => codes.includes(code)),
  cities: () => cities.filter(({ country }) => codes.includes(country)),
}
const inCostaRica = cities.filter(({ country }) => country === 'CR')
const silent: LoadProgress = { begin() {}, advance() {}, end() {} }

describe('the data', () => {
  it('the data has 250 countries and 135,233 cities, and the country of each city', () => {
    expect([countries.length, cities.length]).toEqual([250, 135_233])
    const known = new Set(countries.map(({ code }) => code))
    expect(cities.filter(({ country }) => !known.has(country))).toEqual([])
  })
})

describeEachStoreAndMongo('the atlas', tested => {
  let db: Atlas

  beforeAll(async () => {
    db = await openAtlas({ store: tested.store, table: tested.tableName() })
    const capitals = part.cities().filter(({ isCapital }) => isCapital).length
    expect(await load(db, part, silent)).toBe(4 + part.cities().length + capitals)
  })

  it('the data is loaded only once', async () => {
    expect(await load(db, part, silent)).toBe(0)
  })

  it('the largest cities of a country are listed in order', async () => {
    const populations = inCostaRica.map(({ population }) => population).sort((a, b) => b - a)
    const largest = await largestCities(db, 'CR', 10)
    expect(largest.map(({ population }) => population)).toEqual(populations.slice(0, 10))
    expect(largest[0]).toEqual(inCostaRica.find(({ population }) => population === populations[0]))
  })

  it('cities are found by a prefix of their names', async () => {
    const found = await citiesNamed(db, 'CR', 'San ')
    const expected = inCostaRica.filter(({ name }) => name.startsWith('San '))
    expect(found.map(({ id }) => id).sort()).toEqual(expected.map(({ id }) => id).sort())
    expect(found.length).toBeGreaterThan(20)
  })

  it('one query reads a country, with its capital if it has one', async () => {
    expect(await countryWithCapital(db, 'LU')).toMatchObject({
      name: 'Luxembourg',
      region: 'Europe',
      capitalCity: { name: 'Luxembourg', isCapital: true },
    })
    expect(await countryWithCapital(db, 'AQ')).not.toHaveProperty('capitalCity')
    expect(await countryWithCapital(db, 'XX')).toBeUndefined()
  })

  it('all cities of a country are read page by page', async () => {
    const people = inCostaRica.reduce((sum, { population }) => sum + population, 0)
    const walk = await walkCities(db, 'CR', 50)
    expect(walk).toMatchObject({ cities: inCostaRica.length, people })
    expect(walk.pages).toBeGreaterThanOrEqual(Math.ceil(inCostaRica.length / 50))
  })
})
