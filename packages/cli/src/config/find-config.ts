/** Finds and loads the configuration file of a project. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { BadInput, Usage } from '../failure.js'
import { unreadable } from '../file/file-error.js'
import { importModule, loadingProblem } from '../file/import-module.js'
import { checkConfig, type PartitaConfig } from './config.js'

/** The names of configuration files, in the order in which they are searched in a folder. */
export const CONFIG_NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map(extension => `partita.config.${extension}`)

/** A configuration, and the folder that its paths are relative to. */
export interface FoundConfig {
  readonly config: PartitaConfig
  /** The folder of the file; the current folder without a file. */
  readonly folder: string
  /** Path of the file; undefined without one. */
  readonly file: string | undefined
}

/**
 * Loads the named configuration file, or else the one of the project that the current folder is in.
 * @throws Usage if the named file does not exist; BadInput if a file cannot be loaded, or has a wrong setting.
 */
export async function findConfig(named: string | undefined): Promise<FoundConfig> {
  const here = process.cwd()
  if (named === '') throw new Usage('--config is empty; name a file')
  if (named !== undefined && !existsSync(named)) throw new Usage(`there is no configuration file ${named}`)
  const file = named === undefined ? searchUpwards(here) : resolve(named)
  if (file === undefined) return { config: {}, folder: here, file: undefined }
  const shown = named ?? relative(here, file)
  return { config: checkConfig(await load(file, shown), shown), folder: dirname(file), file }
}

/**
 * A configuration is code, so it is searched only in folders that belong to the project: up to the folder with `.git`, or
 * else up to the home folder, or else in the current folder alone.
 */
function searchUpwards(here: string): string | undefined {
  const folders = [here]
  for (let up = dirname(here); up !== folders.at(-1); up = dirname(up)) folders.push(up)
  const root = [folders.find(folder => existsSync(join(folder, '.git'))), homedir(), here].find(
    folder => folder !== undefined && folders.includes(folder),
  ) as string
  for (const folder of folders.slice(0, folders.indexOf(root) + 1)) {
    const name = CONFIG_NAMES.find(name => existsSync(join(folder, name)))
    if (name === undefined) continue
    const file = join(folder, name)
    if (folder !== here) checkOwner(file)
    return file
  }
  return undefined
}

/** A user does not expect code of another user to run from a folder above, such as a shared one. */
function checkOwner(file: string): void {
  const user = process.getuid?.()
  const { uid } = statSync(file)
  if (user === undefined || user === 0 || uid === user || uid === 0) return
  throw new BadInput(`${file} belongs to another user and is not loaded; to use it, name it with --config`, { file })
}

async function load(file: string, shown: string): Promise<unknown> {
  if (file.endsWith('.json')) {
    try {
      return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''))
    } catch (error) {
      if (error instanceof SyntaxError) throw new BadInput(`${shown} is not JSON: ${error.message}`, { file }, error)
      throw unreadable(shown, error)
    }
  }
  try {
    return withoutModule(await importModule(file, { default: true }))
  } catch (error) {
    throw new BadInput(`${shown} cannot be loaded: ${loadingProblem(error)}`, { file }, error)
  }
}

/** A module without a default export is its own default for jiti: an object that may carry marks of its own. */
function withoutModule(exported: unknown): unknown {
  if (typeof exported !== 'object' || exported === null) return exported
  return Object.fromEntries(Object.entries(exported).filter(([name]) => name !== '__esModule' && name !== 'default'))
}
