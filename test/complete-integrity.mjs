// npm writes the integrity of the packages that it unpacks, and without registry addresses in the lock file (.npmrc) not
// always of those for other platforms, which it leaves out. This asks the registry for what is missing in the lock file
// of the working directory, or in the one named. Run it after a change of dependencies.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const [path = 'package-lock.json'] = process.argv.slice(2)
const lock = JSON.parse(readFileSync(path, 'utf8'))
for (const [place, entry] of Object.entries(lock.packages)) {
  if (!place.includes('node_modules/') || entry.link || entry.integrity) continue
  const name = entry.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const { version, ...rest } = entry
  const integrity = execFileSync('npm', ['view', `${name}@${version}`, 'dist.integrity'], { encoding: 'utf8' }).trim()
  if (!integrity) throw new Error(`The registry has no integrity of ${name}@${version}`)
  lock.packages[place] = { version, integrity, ...rest }
  console.log(`${name}@${version}`)
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
