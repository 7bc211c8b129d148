// Imports the given programs, each with its own folder as the working directory, and prints their outcomes as JSON.
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'

const environment = { ...process.env }
const outcomes = []
for (const file of process.argv.slice(2)) {
  process.chdir(dirname(file))
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
  try {
    await import(pathToFileURL(file).href)
    outcomes.push('ok')
  } catch (error) {
    outcomes.push(String(error?.stack ?? error))
  }
}
process.stderr.write(JSON.stringify(outcomes), () => process.exit())
