/** The folder of a store: checks that it is a complete Partita store before LMDB opens it. */
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
import { pause } from './pause.js'
import { openingFailure } from './storage-failure.js'

/** Name of the marker file, which makes a folder a store. */
export const MARKER = 'partita.json'
const LOCK_FILE = 'lock.mdb'
const FORMAT = { store: 'partita', format: 1 } as const

/** The content of the marker file. */
interface Marker {
  readonly store?: unknown
  readonly format?: unknown
  /** Identity of the data file; undefined before it was created, and in stores of older versions. */
  readonly file?: FileIdentity
}

/**
 * Prepares a folder for opening. An empty or missing folder becomes a store; an existing store is checked.
 * @param readOnly whether to change nothing: the store must exist then.
 * @returns the real path.
 * @throws PartitaError `StoreUnusable` for a file, a folder with other content, a newer format, a damaged data file, a copy
 * of a store in use, a full disk, or a folder without write permission. Existing files are not changed.
 */
export function prepareFolder(path: string, readOnly = false): string {
  const folder = resolve(path)
  try {
    if (!existsSync(folder)) {
      if (readOnly) throw unusable(folder, 'does not hold a store')
      makeFolder(folder)
    } else if (!statSync(folder).isDirectory()) throw unusable(folder, 'is a file; a store needs its own folder')
    const names = readdirSync(folder)
    if (!names.includes(MARKER)) {
      if (names.some(name => !name.startsWith(DRAFT_PREFIX))) throw foreign(folder, names, readOnly)
      if (readOnly) throw unusable(folder, 'does not hold a store')
      writeMarker(folder)
    }
    const marker = readMarker(folder)
    if (hasDataFile(folder, names)) checkDataFile(folder)
    else if (marker.file || names.includes(LOCK_FILE)) {
      throw unusable(folder, `has lost its data file, ${DATA_FILE}; restore it from a backup`)
    } else if (readOnly) throw unusable(folder, 'does not hold a store')
    // Atomic: a full disk or a crash leaves a folder that can be opened later.
    else createFile(dataFileOf(folder), emptyDataFile())
    checkIdentity(folder, marker, readOnly)
    return realpathSync(folder)
  } catch (error) {
    throw openingFailure(folder, error)
  }
}

/** Writes the marker file, with the identity of the data file if there is one. */
export function writeMarker(folder: string): void {
  const path = dataFileOf(folder)
  const file = existsSync(path) ? { file: identityOf(path) } : {}
  // Atomic, so that no process reads half a marker. Concurrent writers write the same content.
  replaceFile(join(folder, MARKER), `${JSON.stringify({ ...FORMAT, ...file })}\n`)
}

/** Permissions of a store's folder: owner only. The files in it have the permissions of the umask. */
export const FOLDER_MODE = 0o700

/**
 * Creates a folder with permissions for its owner only, and missing parents with default permissions. It creates one folder
 * at a time, since `recursive` of Node's `mkdir` does not terminate in a parent that cannot contain folders. It checks the
 * nearest existing folder first, since the error of `mkdir` on a read-only disk is misleading.
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
      // Another process may have created it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Waits up to a second for the data file if there is a lock file: another process may be creating the store. */
function hasDataFile(folder: string, names: readonly string[]): boolean {
  if (names.includes(DATA_FILE)) return true
  if (!names.includes(LOCK_FILE)) return false
  for (let tries = 0; tries < 20; tries++) {
    pause(50)
    if (existsSync(join(folder, DATA_FILE))) return true
  }
  return false
}

/** Reads the marker file. @throws PartitaError `StoreUnusable` if it is not Partita's or has a newer format. */
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
 * Checks a data file whose identity is not in the marker, then stores its identity, so that it is checked once. Another
 * process may open the same copy and write to it meanwhile, which looks like a copy of a store in use; but that process
 * has updated the marker before it writes.
 */
function checkIdentity(folder: string, { file }: Marker, readOnly: boolean): void {
  const found = identityOf(dataFileOf(folder))
  if (isSameFile(file, found)) return
  const problem = copyProblem(dataFileOf(folder))
  if (problem && !isSameFile(readMarker(folder).file, found)) {
    const message =
      `The store's path ${folder} holds a copy that ${problem}; ` +
      'copy a store in use with partita backup or store.backup(), or close it before you copy its folder'
    throw new PartitaError('StoreUnusable', message, { path: folder, reason: 'tornCopy' })
  }
  if (!readOnly) writeMarker(folder)
}

/**
 * Checks the data file, since LMDB would crash on a foreign or truncated one. Other processes may be writing meanwhile, so a
 * problem counts only if it persists.
 */
function checkDataFile(folder: string): void {
  let problem = dataFileProblem(join(folder, DATA_FILE))
  for (let tries = 0; problem && tries < 5; tries++) {
    pause(20)
    problem = dataFileProblem(join(folder, DATA_FILE))
  }
  if (problem) throw unusable(folder, `holds a ${DATA_FILE} that ${problem}`)
}

function foreign(folder: string, names: readonly string[], readOnly: boolean): PartitaError {
  const some = names.slice(0, 3).join(', ')
  const content = `${some}${names.length > 3 ? ', ...' : ''}`
  if (readOnly) return unusable(folder, `does not hold a store (it contains ${content}); name the folder of a store`)
  return unusable(folder, `is not empty and not a store (it contains ${content}); use an empty or new folder`)
}

function unusable(path: string, reason: string): PartitaError {
  return new PartitaError('StoreUnusable', `The store's path ${path} ${reason}`, { path })
}
