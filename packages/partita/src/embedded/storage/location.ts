/** Where a store lies on disk: finds out that a path is ours and whole before LMDB touches it. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { PartitaError } from '../../errors/errors.js'
import { copyProblem, type FileIdentity, identityOf, isSameFile } from './copied-store.js'
import { DATA_FILE, dataFileOf, dataFileProblem, emptyDataFile } from './data-file.js'
import { createFile, DRAFT_PREFIX, replaceFile } from './new-file.js'
import { openingFailure } from './storage-failure.js'

export const MARKER = 'partita.json'
const LOCK_FILE = 'lock.mdb'
const FORMAT = { store: 'partita', format: 1 } as const

/** What the marker of a store says. */
interface Marker {
  readonly store?: unknown
  readonly format?: unknown
  /** The data file that belongs to it; undefined before it was made, and in stores of older versions. */
  readonly file?: FileIdentity
}

/**
 * Makes a folder ready to be opened: an empty or absent one becomes a store, one of ours is checked.
 * @param readOnly whether to change nothing: then the store must be there.
 * @returns its real path.
 * @throws PartitaError `StoreUnusable` for a file, a folder of something else, a newer format, a damaged data file, a copy
 * that was made while the store was written, a full disk, or a folder that may not be written; what is there is untouched.
 */
export function prepareFolder(path: string, readOnly = false): string {
  const folder = resolve(path)
  try {
    if (!existsSync(folder)) {
      if (readOnly) throw unusable(folder, 'holds no store to read from')
      makeFolder(folder)
    } else if (!statSync(folder).isDirectory()) throw unusable(folder, 'is a file; a store is a folder of its own')
    const names = readdirSync(folder)
    if (!names.includes(MARKER)) {
      if (names.some(name => !name.startsWith(DRAFT_PREFIX))) throw foreign(folder, names)
      if (readOnly) throw unusable(folder, 'holds no store to read from')
      writeMarker(folder)
    }
    const marker = readMarker(folder)
    if (hasDataFile(folder, names)) checkDataFile(folder)
    else if (marker.file || names.includes(LOCK_FILE)) {
      throw unusable(folder, `has lost its data file, ${DATA_FILE}; restore it from a backup`)
    } else if (readOnly) throw unusable(folder, 'holds no store to read from')
    // Whole or not at all: what a full disk or a crash leaves behind can be opened once there is room.
    else createFile(dataFileOf(folder), emptyDataFile())
    checkIdentity(folder, marker, readOnly)
    return realpathSync(folder)
  } catch (error) {
    throw openingFailure(folder, error)
  }
}

/** Writes the marker that makes a folder a store, saying which data file is its own where there is one. */
export function writeMarker(folder: string): void {
  const path = dataFileOf(folder)
  const file = existsSync(path) ? { file: identityOf(path) } : {}
  // In one step, so that no process ever sees half a marker; two at once write the same.
  replaceFile(join(folder, MARKER), `${JSON.stringify({ ...FORMAT, ...file })}\n`)
}

/** Only the owner may enter: the folder holds whole tables, and its files have the permissions that the umask leaves. */
export const FOLDER_MODE = 0o700

/**
 * Makes a folder that its owner alone may enter, and the folders above it with their usual permissions. One folder at a
 * time, as Node's own `recursive` never ends where the parent takes no folders. Asks the nearest folder that is there
 * first: what `mkdir` says of a read-only disk would mislead.
 */
export function makeFolder(folder: string): void {
  const missing: string[] = []
  let parent = folder
  for (; !existsSync(parent); parent = dirname(parent)) missing.unshift(parent)
  accessSync(parent, constants.W_OK)
  for (const path of missing) {
    try {
      mkdirSync(path, path === folder ? { mode: FOLDER_MODE } : {})
    } catch (error) {
      // Another process may have made it just now.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Another process may be at its first opening right now: LMDB makes the lock file a moment before the data file. */
function hasDataFile(folder: string, names: readonly string[]): boolean {
  if (names.includes(DATA_FILE)) return true
  if (!names.includes(LOCK_FILE)) return false
  for (let tries = 0; tries < 20; tries++) {
    pause(50)
    if (existsSync(join(folder, DATA_FILE))) return true
  }
  return false
}

/** @throws PartitaError `StoreUnusable` where it is of something else or of a newer format. */
function readMarker(folder: string): Marker {
  const marker = parseMarker(readFileSync(join(folder, MARKER), 'utf8'))
  if (marker?.store !== FORMAT.store) throw unusable(folder, `holds a ${MARKER} that is not Partita's`)
  if (marker.format !== FORMAT.format) {
    throw unusable(folder, `is in format ${marker.format}; this version of Partita reads format ${FORMAT.format}`)
  }
  return marker
}

function parseMarker(text: string): Marker | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Checks a data file that the marker does not know, once: from then on the marker knows it. Another process may open the
 * same copy and write to it meanwhile, which looks like a copy of a store in use; but that process has changed the marker
 * before it wrote.
 */
function checkIdentity(folder: string, { file }: Marker, readOnly: boolean): void {
  const found = identityOf(dataFileOf(folder))
  if (isSameFile(file, found)) return
  const fault = copyProblem(dataFileOf(folder))
  if (fault && !isSameFile(readMarker(folder).file, found)) {
    const message =
      `The store's path ${folder} holds a copy that ${fault}; ` +
      'copy a store in use with partita backup or store.backup(), or close it before you copy its folder'
    throw new PartitaError('StoreUnusable', message, { path: folder, reason: 'tornCopy' })
  }
  if (!readOnly) writeMarker(folder)
}

/**
 * LMDB trusts its file and would crash on a foreign or truncated one. Other processes may be writing meanwhile, so what
 * looks wrong is looked at again before it is believed.
 */
function checkDataFile(folder: string): void {
  let fault = dataFileProblem(join(folder, DATA_FILE))
  for (let tries = 0; fault && tries < 5; tries++) {
    pause(20)
    fault = dataFileProblem(join(folder, DATA_FILE))
  }
  if (fault) throw unusable(folder, `holds a ${DATA_FILE} that ${fault}`)
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function foreign(folder: string, names: readonly string[]): PartitaError {
  const some = names.slice(0, 3).join(', ')
  return unusable(folder, `is a folder of something else (it holds ${some}); name an empty or new one`)
}

function unusable(path: string, reason: string): PartitaError {
  return new PartitaError('StoreUnusable', `The store's path ${path} ${reason}`, { path })
}
