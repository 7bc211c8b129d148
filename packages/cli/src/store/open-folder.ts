/** Opens an existing store on this machine. */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type EmbeddedStore, embedded } from 'partita/embedded'
import { BadInput, Usage } from '../failure.js'
import { type FolderFlags, storeFolder } from './path.js'

/** An open store, and its folder. */
export interface OpenFolder {
  readonly store: EmbeddedStore
  readonly folder: string
}

/**
 * Opens a store for reading. It may be in use, or on a read-only file system.
 * @param flags name the store; without them it is that of the settings.
 * @throws Usage for a store in memory; BadInput if it does not exist; StoreUnusableError if it cannot be opened.
 */
export async function openFolder(flags: FolderFlags): Promise<OpenFolder> {
  const { path: folder } = await storeFolder(flags)
  if (folder === undefined) throw new Usage('a store in memory exists only in its program; use --path')
  if (!existsSync(folder)) throw new BadInput(`there is no store at ${folder}`, { path: folder })
  return { store: embedded({ path: folder, readOnly: true }), folder }
}

/** The size of a store's data file in bytes. */
export function bytesOf(folder: string): number {
  return statSync(join(folder, 'data.mdb')).size
}
