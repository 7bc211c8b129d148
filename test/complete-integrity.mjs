// npm records the integrity hash only of packages that it unpacks. Without registry addresses in the lock file (.npmrc),
// packages for other platforms may lack theirs. This script gets the missing hashes from the registry, for the lock file
// of the working directory or the given one. Run it after a change of dependencies.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const [path = 'package-lock.json'] = process.argv.slice(2)
const lock = JSON.parse(readFileSync(path, 'utf8'))
for (const [location, entry] of Object.entries(lock.packages)) {
  if (!location.includes('node_modules/') || entry.link || entry.integrity) continue
  const name = entry.name ?? location.slice(location.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const { version, ...rest } = entry
  const integrity = execFileSync('npm', ['view', `${name}@${version}`, 'dist.integrity'], { encoding: 'utf8' }).trim()
  if (!integrity) throw new Error(`The registry has no integrity of ${name}@${version}`)
  lock.packages[location] = { version, integrity, ...rest }
  console.log(`${name}@${version}`)
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
