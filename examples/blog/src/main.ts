/** A blog: users, posts and tags in one table, in a local folder or on DynamoDB. */
import { PartitaError } from 'partita'
import { openBlog } from './database.js'
import { tell } from './story.js'

async function main(): Promise<void> {
  await using db = await openBlog()
  await tell(db, line => console.log(line))
}

main().catch((error: unknown) => {
  if (!(error instanceof PartitaError)) throw error
  console.error(`error: ${error.message}`)
  process.exitCode = 1
})
