/** Examines the versions, the configuration and the models of a project. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Settings } from '../config/settings.js'
import { findUpwards } from '../file/folders.js'
import type { LoadedModels } from '../models/load.js'
import { tableOfModels } from '../models/table-of-models.js'
import { loadNamedModels } from '../session/model-session.js'
import { DEFAULT_TABLE } from '../session/store-session.js'
import { type Finding, messageOf, ok, problem, warning } from './finding.js'

/** The oldest version of Node that the packages accept. */
const OLDEST_NODE = [20, 19] as const

/** Compares the version of Node, and the library of the project with that of the command. */
export function versionFindings(): Finding[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])
  const node = isOld
    ? problem('node', `Node is ${process.versions.node}`, `install Node ${OLDEST_NODE.join('.')} or newer`)
    : ok('node', `Node is ${process.versions.node}`)
  const own = versionIn(new URL('../../package.json', import.meta.url))
  const library = versionIn(import.meta.resolve('partita/package.json'))
  const installed = findLibrary(process.cwd())
  const versions = `@partita/cli ${own} with partita ${library}`
  if (installed === undefined || installed === library) return [node, ok('partita', versions)]
  const message = `${versions}, but the project has partita ${installed}`
  return [node, warning('partita', message, `install both in one version: npm install partita@${library}`)]
}

/** Says which configuration file and which models apply, and whether they are valid. */
export async function modelFindings(settings: Settings): Promise<readonly [Finding[], LoadedModels | undefined]> {
  const { configFile, models, layout, table = DEFAULT_TABLE } = settings
  const configuration = ok('configuration', configFile === undefined ? 'there is no configuration file' : configFile)
  if (models === undefined) return [[configuration, ok('models', 'there are none')], undefined]
  try {
    const loaded = await loadNamedModels(settings)
    await tableOfModels(loaded, layout, table)
    const names = Object.keys(loaded.models)
    return [[configuration, ok('models', `${models} has ${names.join(', ')}`)], loaded]
  } catch (error) {
    const remedy = 'correct the models; "partita check" lists every mistake'
    return [[configuration, problem('models', messageOf(error), remedy)], undefined]
  }
}

function versionIn(url: string | URL): string {
  return JSON.parse(readFileSync(fileURLToPath(url), 'utf8')).version
}

/** The version of the library that a program in this folder loads; undefined if there is none. */
function findLibrary(folder: string): string | undefined {
  const file = findUpwards(folder, join('node_modules', 'partita', 'package.json'))
  return file === undefined ? undefined : JSON.parse(readFileSync(file, 'utf8')).version
}
