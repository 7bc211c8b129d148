/** The store on this machine that a command works on. */
import { ValidationError } from 'partita'
import { parseStoreUrl } from 'partita/store'
import { Usage } from '../failure.js'

/** The help text of `--path`. */
export const PATH_HELP = 'folder of the store (default: PARTITA_STORE, ./.partita)'

/** The URL of the store that is used when neither an option nor `PARTITA_STORE` names one. */
export const DEFAULT_URL = 'embedded:./.partita'

/** Where a local store is, and whether it is opened read-only. */
export interface StoreFolder {
  /** Undefined for a store in memory. */
  readonly path: string | undefined
  /** Whether PARTITA_STORE opens it read-only. A command may do so too. */
  readonly readOnly: boolean
}

/**
 * The folder that an option names, otherwise that of `PARTITA_STORE`.
 * @param ways the options that can name another store, for the error message.
 * @throws Usage if it is not a store on this machine.
 */
export function storeFolder(path: string | undefined, ways = '--path'): StoreFolder {
  if (path === '') throw new Usage('--path is empty; name a folder')
  if (path !== undefined) return { path, readOnly: false }
  const url = process.env.PARTITA_STORE || DEFAULT_URL
  const location = locationOf(url)
  if (location?.engine === 'memory') return { path: undefined, readOnly: false }
  if (location?.engine === 'embedded') return { path: location.path, readOnly: location.readOnly ?? false }
  throw new Usage(`PARTITA_STORE is ${JSON.stringify(url)}, which is not a store on this machine; use ${ways}`)
}

function locationOf(url: string) {
  try {
    return parseStoreUrl(url)
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}
