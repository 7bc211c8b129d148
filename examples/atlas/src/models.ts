/**
 * The atlas as models, all of them in one table.
 *
 *   a country      COUNTRY#FR   Country
 *   its capital    COUNTRY#FR   CAPITAL#<id>
 *   its cities     CITIES#FR    CITY#Paris#<id>      byPopulation: CITIES#FR, sorted by population
 *
 * A country and its capital lie alone in their partition, so one query reads both. Nothing here is listed but by a
 * country, so no row pays for being iterable.
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

/** A city once more, in its place as the capital. */
export const Capital = model('Capital', {
  fields: city,
  key: { pk: 'COUNTRY#{country}', sk: 'CAPITAL#{id}' },
  iterable: false,
})

/** A note that all of an edition of the atlas is there. */
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
