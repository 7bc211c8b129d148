/** Opens a store on this machine that must be there already. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type EmbeddedStore, embedded } from 'partita/embedded'
import { BadInput, Usage } from '../failure.js'
import { storeFolder } from './path.js'

/**
 * For reading, so that nothing of it changes: it may be in use, or on a file system that is mounted read-only.
 * @param path what `--path` says; undefined for the store of `PARTITA_STORE`.
 * @throws Usage, BadInput, and what the store cannot be opened for.
 */
export function openFolder(path: string | undefined): { readonly store: EmbeddedStore; readonly folder: string } {
  const { path: folder } = storeFolder(path)
  if (folder === undefined) throw new Usage('a store in memory ends with its program; give --path')
  if (!existsSync(folder)) throw new BadInput(`there is no store at ${folder}`, { path: folder })
  return { store: embedded({ path: folder, readOnly: true }), folder }
}

/** Bytes of a store's data. */
export function bytesOf(folder: string): number {
  return statSync(join(folder, 'data.mdb')).size
}
