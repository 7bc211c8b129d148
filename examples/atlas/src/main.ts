/** Loads the countries and cities of the world into one table, then answers questions about them. */
import { PartitaError } from 'partita'
import { readCities, readCountries } from './data.js'
import { openAtlas } from './database.js'
import { load } from './load.js'
import { loadProgress } from './progress.js'
import { citiesNamed, countryWithCapital, largestCities, walkCities } from './questions.js'
import { makeMeter } from './report.js'

const number = (value: number) => value.toLocaleString('en')

async function main(): Promise<void> {
  const url = process.env.PARTITA_STORE || 'embedded:./.partita'
  console.log(`The atlas, on ${url}`)
  const db = await openAtlas({ store: url })
  try {
    const ask = makeMeter(db, line => console.log(line))
    const written = await load(db, { countries: readCountries, cities: readCities }, loadProgress(process.stderr))
    if (written === 0) console.log('The table has the data already; nothing was loaded.')

    await ask(
      "France's ten largest cities, from an index sorted by population",
      () => largestCities(db, 'FR', 10),
      cities => cities.map(({ name, population }) => `${name.padEnd(14)} ${number(population).padStart(10)}`),
    )
    await ask(
      'Cities of Costa Rica whose names begin with "San "',
      () => citiesNamed(db, 'CR', 'San '),
      cities => [`${cities.length}: ${cities.map(({ name }) => name).join(', ')}`],
    )
    await ask(
      'Japan with its capital, in one query',
      () => countryWithCapital(db, 'JP'),
      country =>
        country
          ? [
              `${country.name} (${country.region}), ${number(country.area)} km²; capital ${country.capitalCity?.name}, ${number(country.capitalCity?.population ?? 0)} people`,
            ]
          : ['not found'],
    )
    await ask(
      'All cities of Italy, 1,000 to a page, by cursors',
      () => walkCities(db, 'IT', 1000),
      ({ cities, pages, people }) => [`${number(cities)} cities on ${pages} pages, ${number(people)} people`],
    )
  } finally {
    await db.close()
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof PartitaError)) throw error
  console.error(`error: ${error.message}`)
  process.exitCode = 1
})
