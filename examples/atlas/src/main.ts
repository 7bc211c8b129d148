/** The atlas: loads the countries and cities of the world into one table, then answers questions about them. */
import { openStore, PartitaError } from 'partita'
import { readCities, readCountries } from './data.js'
import { load } from './load.js'
import { loadProgress } from './progress.js'
import { citiesNamed, countryWithCapital, largestCities, walkCities } from './questions.js'
import { makeMeter } from './report.js'
import { atlasTable } from './table.js'

const number = (value: number) => value.toLocaleString('en')

async function main(): Promise<void> {
  const url = process.env.PARTITA_STORE || 'embedded:./.partita'
  console.log(`The atlas, on ${url}`)
  const store = await openStore(url)
  try {
    const { observe, ask } = makeMeter(line => console.log(line))
    const table = atlasTable(store, 'Atlas', observe)
    await table.createTable()
    const written = await load(table, { countries: readCountries, cities: readCities }, loadProgress(process.stderr))
    if (written === 0) console.log('The data is there already; nothing was loaded.')

    await ask(
      "France's ten largest cities, from an index sorted by population",
      () => largestCities(table, 'FR', 10),
      cities => cities.map(({ name, population }) => `${name.padEnd(14)} ${number(population).padStart(10)}`),
    )
    await ask(
      'Cities of Costa Rica whose names begin with "San "',
      () => citiesNamed(table, 'CR', 'San '),
      cities => [`${cities.length}: ${cities.map(({ name }) => name).join(', ')}`],
    )
    await ask(
      'Japan with its capital, in one query',
      () => countryWithCapital(table, 'JP'),
      country =>
        country
          ? [
              `${country.name} (${country.region}), ${number(country.area)} km²; capital ${country.capitalCity?.name}, ${number(country.capitalCity?.population ?? 0)} people`,
            ]
          : ['there is no such country'],
    )
    await ask(
      'All cities of Italy, 1,000 to a page, by cursors',
      () => walkCities(table, 'IT', 1000),
      ({ cities, pages, people }) => [`${number(cities)} cities on ${pages} pages, ${number(people)} people`],
    )
  } finally {
    await store.close()
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof PartitaError)) throw error
  console.error(`error: ${error.message}`)
  process.exitCode = 1
})
