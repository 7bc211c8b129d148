/** The store on this machine that a command works on. */
import { ValidationError } from 'partita'
import { parseStoreUrl, redactedUrl } from 'partita/store'
import { readSettings } from '../config/settings.js'
import { Usage } from '../failure.js'

/** The help text of `--path`. */
export const PATH_HELP = 'folder of the store (default: that of PARTITA_STORE or the configuration, ./.partita)'
/** The help text of `--config`. */
export const CONFIG_HELP = 'configuration file (default: the partita.config of the project)'

/** The flags that say where a local store is. */
export interface FolderFlags {
  readonly path?: string
  readonly config?: string
}

/** Where a local store is, and whether it is opened read-only. */
export interface StoreFolder {
  /** Undefined for a store in memory. */
  readonly path: string | undefined
  /** Whether the URL opens it read-only. A command may do so too. */
  readonly readOnly: boolean
}

/**
 * The folder that `--path` names, otherwise that of `PARTITA_STORE` or of the configuration file.
 * @param ways the options that can name another store, for the error message.
 * @throws Usage if it is not a store on this machine.
 */
export async function storeFolder({ path, config }: FolderFlags, ways = '--path'): Promise<StoreFolder> {
  if (path === '') throw new Usage('--path is empty; name a folder')
  if (path !== undefined) return { path, readOnly: false }
  const { store: url, configFile } = await readSettings(config === undefined ? {} : { config })
  const location = locationOf(url)
  if (location?.engine === 'memory') return { path: undefined, readOnly: false }
  if (location?.engine === 'embedded') return { path: location.path, readOnly: location.readOnly ?? false }
  const origin = process.env.PARTITA_STORE ? 'PARTITA_STORE' : `the store of ${configFile}`
  throw new Usage(`${origin} is ${JSON.stringify(redactedUrl(url))}, which is not a store on this machine; use ${ways}`)
}

function locationOf(url: string) {
  try {
    return parseStoreUrl(url)
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}
