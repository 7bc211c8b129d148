/** Several tenants in one table, on the store that `PARTITA_STORE` names. */
import { openStore, PartitaError } from 'partita'
import { openSaas } from './database.js'
import { tell } from './story.js'

async function main(): Promise<void> {
  const store = await openStore()
  // A new table for each run, because the story moves its clock forward.
  const table = `saas-${Date.now()}`
  const time = { now: Date.now() }
  try {
    const db = await openSaas({ store, table, clock: () => time.now })
    await tell(db, time, line => console.log(line))
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
