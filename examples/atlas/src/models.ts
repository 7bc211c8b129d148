/**
 * The models of the atlas, all in one table.
 *
 *   a country      COUNTRY#FR   Country
 *   its capital    COUNTRY#FR   CAPITAL#<id>
 *   its cities     CITIES#FR    CITY#Paris#<id>      byPopulation: CITIES#FR, sorted by population
 *
 * A country and its capital are the only rows of their partition, so one query reads both. All queries are by country,
 * so the models are not iterable, which saves a write to the iteration index.
 */
import { collection, f, model } from 'partita'

const city = {
  id: f.integer(),
  name: f.string(),
  country: f.ref('Country'),
  population: f.integer(),
  longitude: f.number(),
  latitude: f.number(),
  isCapital: f.boolean(),
}

export const Country = model('Country', {
  fields: {
    code: f.string(),
    name: f.string(),
    region: f.string(),
    capital: f.string().optional(),
    area: f.number(),
  },
  key: { pk: 'COUNTRY#{code}' },
  iterable: false,
})

export const City = model('City', {
  fields: city,
  key: { pk: 'CITIES#{country}', sk: 'CITY#{name}#{id}' },
  indexes: { byPopulation: { on: 'gsi1', pk: 'CITIES#{country}', sk: '{population}' } },
  iterable: false,
})

/** A copy of a city, in the partition of its country. */
export const Capital = model('Capital', {
  fields: city,
  key: { pk: 'COUNTRY#{country}', sk: 'CAPITAL#{id}' },
  iterable: false,
})

/** Records that an edition of the atlas is loaded completely. */
export const Edition = model('Edition', {
  fields: { edition: f.integer(), items: f.integer() },
  key: { pk: 'EDITION#{edition}' },
  iterable: false,
})

export const CountryWithCapital = collection(
  'CountryWithCapital',
  { pk: 'COUNTRY#{code}', one: { country: Country }, optional: { capitalCity: Capital } },
  ({ country, capitalCity }) => ({ ...country, ...(capitalCity && { capitalCity }) }),
)
