/** Prints the machine and the versions of the measurement. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { printTable } from './table.js'

const PACKAGES = [
  'partita',
  'lmdb',
  '@aws-sdk/client-dynamodb',
  '@aws-sdk/lib-dynamodb',
  'dynalite',
  '@dynoxide/linux-x64',
  'electrodb',
  'dynamodb-toolbox',
  'dynamodb-onetable',
  'dynamo-bao',
  'esbuild',
  'typescript',
]

export function printMachine(): void {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`
  printTable('Measured on', [
    ['cpu', `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, ${memory}`],
    ['system', `${platform()} ${release()}, ${process.arch}`],
    ['node', process.version],
    ...PACKAGES.map(name => [name, versionOf(name)]),
  ])
}

function versionOf(name: string): string {
  const { resolve } = createRequire(import.meta.url)
  for (const entry of [`${name}/package.json`, name]) {
    try {
      return manifestVersion(name, dirname(resolve(entry)))
    } catch {
      // Not installed, or its exports hide this entry: try the next one.
    }
  }
  return 'not installed'
}

/** The manifest is in the folder of the package's entry or above it. */
function manifestVersion(name: string, folder: string): string {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (manifest.name === name) return manifest.version
  } catch (error) {
    if (dirname(folder) === folder) throw error
  }
  return manifestVersion(name, dirname(folder))
}
