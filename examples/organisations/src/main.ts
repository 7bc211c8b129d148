/** Organisations with members, groups and services, on the store that `PARTITA_STORE` names. */
import { openStore, PartitaError } from 'partita'
import { openOrganisations } from './database.js'
import { tell } from './story.js'

async function main(): Promise<void> {
  const store = await openStore()
  // A new table for each run, because the e-mail addresses of the story are unique.
  const table = `organisations-${Date.now()}`
  try {
    const db = await openOrganisations({ store, table })
    await tell(db, line => console.log(line))
    await db.close()
    await store.deleteTable(table)
  } finally {
    await store.close()
  }
}

main().catch((error: unknown) => {
  if (!(error instanceof PartitaError)) throw error
  console.error(`error: ${error.message}`)
  process.exitCode = 1
})
