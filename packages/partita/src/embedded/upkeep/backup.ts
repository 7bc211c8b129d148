/**
 * Backups of a store in use. A backup is a store: a folder that can be opened and copied.
 *
 *   partial/data.mdb    during the copy; without a marker file the folder cannot be opened as a store
 *   data.mdb            complete and flushed to disk
 *   partita.json        the marker file, written last, which makes it a store
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PartitaError } from '../../errors/errors.js'
import { dataFileOf } from '../storage/data-file.js'
import type { Kv } from '../storage/kv.js'
import { FOLDER_MODE, MARKER, makeFolder, writeMarker } from '../storage/location.js'
import { syncFile, syncFolder } from '../storage/new-file.js'
import { copyFailure } from '../storage/storage-failure.js'

/** Options of `backup`. */
export interface BackupOptions {
  /**
   * Leaves out free pages, which gives the smallest backup. It is slower, since it walks the whole tree. Default false.
   */
  readonly compact?: boolean
}

const PARTIAL = 'partial'

/**
 * Writes the current state of a store to a new or empty folder. Other processes can read and write meanwhile.
 * @throws PartitaError `StoreUnusable` if the folder is a file, a symbolic link, or not empty.
 * @throws UnavailableError if writing fails; the partial backup is removed.
 */
export async function backupStore(kv: Kv, path: string, { compact = false }: BackupOptions): Promise<void> {
  const folder = resolve(path)
  const isNew = !existsSync(folder)
  const partial = join(folder, PARTIAL)
  try {
    if (isNew) makeFolder(folder)
    checkEmpty(folder)
    // Acts as a lock between concurrent backups to one folder: mkdir succeeds for one of them.
    mkdirSync(partial, { mode: FOLDER_MODE })
  } catch (error) {
    throw copyFailure(folder, error)
  }
  try {
    await kv.copyTo(partial, compact)
    syncFile(dataFileOf(partial))
    renameSync(dataFileOf(partial), dataFileOf(folder))
    rmSync(partial, { recursive: true })
    syncFolder(folder)
    writeMarker(folder)
    syncFolder(folder)
  } catch (error) {
    // This backup has created everything in the folder.
    for (const left of [partial, dataFileOf(folder)]) rmSync(left, { recursive: true, force: true })
    if (isNew) rmSync(folder, { recursive: true, force: true })
    throw copyFailure(folder, error)
  }
}

function checkEmpty(folder: string): void {
  // Another user may have created the link and would receive a copy of the store.
  if (lstatSync(folder).isSymbolicLink()) throw unfit(folder, 'is a symbolic link; name the folder itself')
  if (!statSync(folder).isDirectory()) throw unfit(folder, 'is a file; name a folder')
  const names = readdirSync(folder)
  if (names.includes(MARKER)) throw unfit(folder, 'holds a store already; name an empty or new folder')
  if (names.includes(PARTIAL) && names.length === 1) {
    throw unfit(folder, 'holds an unfinished backup; delete it if no backup is running, or name another folder')
  }
  if (names.length > 0)
    throw unfit(folder, `is not empty (it holds ${names.slice(0, 3).join(', ')}); name another folder`)
}

function unfit(folder: string, reason: string): PartitaError {
  return new PartitaError('StoreUnusable', `Folder ${folder} ${reason}`, { path: folder })
}
