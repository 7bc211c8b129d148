/**
 * Copies of a store in use. A backup is a store of its own: a folder that can be opened, copied and restored.
 *
 *   partial/data.mdb    while it is written; the folder has no marker yet, so nothing opens it
 *   data.mdb            whole and on disk
 *   partita.json        the marker, last: from here on it is a store
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PartitaError } from '../../errors/errors.js'
import { dataFileOf } from '../storage/data-file.js'
import type { Kv } from '../storage/kv.js'
import { FOLDER_MODE, MARKER, makeFolder, writeMarker } from '../storage/location.js'
import { syncFile, syncFolder } from '../storage/new-file.js'
import { copyFailure } from '../storage/storage-failure.js'

export interface BackupOptions {
  /**
   * Leaves out the space that deleted and overwritten items have left, so the backup is as small as can be; slower, as it
   * goes through the whole tree. Default false.
   */
  readonly compact?: boolean
}

const PARTIAL = 'partial'

/**
 * Writes the current state of a store into a new or empty folder. Others may read and write meanwhile.
 * @throws PartitaError `StoreUnusable` where the folder is a file, a symbolic link, or holds anything; `UnavailableError` where writing fails,
 * which leaves nothing behind.
 */
export async function backupStore(kv: Kv, path: string, { compact = false }: BackupOptions): Promise<void> {
  const folder = resolve(path)
  const isNew = !existsSync(folder)
  const partial = join(folder, PARTIAL)
  try {
    if (isNew) makeFolder(folder)
    checkEmpty(folder)
    // Taken by one of several backups at once, since a folder can be made only once.
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
    // All in it is this backup's own.
    for (const left of [partial, dataFileOf(folder)]) rmSync(left, { recursive: true, force: true })
    if (isNew) rmSync(folder, { recursive: true, force: true })
    throw copyFailure(folder, error)
  }
}

function checkEmpty(folder: string): void {
  // Where others may write, somebody else may have put it there, and would be given the whole store.
  if (lstatSync(folder).isSymbolicLink()) throw unfit(folder, 'is a symbolic link; name the folder itself')
  if (!statSync(folder).isDirectory()) throw unfit(folder, 'is a file; name a folder')
  const names = readdirSync(folder)
  if (names.includes(MARKER)) throw unfit(folder, 'holds a store already; name an empty or new folder')
  if (names.includes(PARTIAL) && names.length === 1) {
    throw unfit(folder, 'holds a backup that is under way or was cut off; delete it, or name another folder')
  }
  if (names.length > 0)
    throw unfit(folder, `is not empty (it holds ${names.slice(0, 3).join(', ')}); name another folder`)
}

function unfit(folder: string, reason: string): PartitaError {
  return new PartitaError('StoreUnusable', `Folder ${folder} ${reason}`, { path: folder })
}
