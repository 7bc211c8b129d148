/** Which store on this machine a command is about. */
import { ValidationError } from 'partita'
import { parseStoreUrl } from 'partita/store'
import { Usage } from '../failure.js'

/** The help text of `--path`. */
export const PATH_HELP = 'folder of the store (default: that of PARTITA_STORE, ./.partita)'

/** The URL of the store that is used when neither an option nor `PARTITA_STORE` names one. */
export const DEFAULT_URL = 'embedded:./.partita'

/** Where a local store is, and whether it is opened read-only. */
export interface StoreFolder {
  /** Undefined for a store in memory. */
  readonly path: string | undefined
  /** What PARTITA_STORE says of it; a command may ask for it as well. */
  readonly readOnly: boolean
}

/**
 * The folder that an option names, or else `PARTITA_STORE`.
 * @param ways the options that could name another.
 * @throws Usage where that is no store on this machine.
 */
export function storeFolder(path: string | undefined, ways = '--path'): StoreFolder {
  if (path === '') throw new Usage('--path is empty; name a folder')
  if (path !== undefined) return { path, readOnly: false }
  const url = process.env.PARTITA_STORE || DEFAULT_URL
  const location = locationOf(url)
  if (location?.engine === 'memory') return { path: undefined, readOnly: false }
  if (location?.engine === 'embedded') return { path: location.path, readOnly: location.readOnly ?? false }
  throw new Usage(`PARTITA_STORE is ${JSON.stringify(url)}, which names no store on this machine; give ${ways}`)
}

function locationOf(url: string) {
  try {
    return parseStoreUrl(url)
  } catch (error) {
    if (error instanceof ValidationError) return undefined
    throw error
  }
}
