/** Where a store lies on disk: finds out that a path is ours and whole before LMDB touches it. */
import { randomUUID } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { PartitaError } from '../errors.js'
import { dataFileFault } from './data-file.js'

const MARKER = 'partita.json'
const DATA_FILE = 'data.mdb'
const LOCK_FILE = 'lock.mdb'
const FORMAT = { store: 'partita', format: 1 } as const

/**
 * Makes a folder ready to be opened: an empty or absent one becomes a store, one of ours is checked.
 * @returns its real path.
 * @throws PartitaError `StoreUnusable` for a file, a folder of something else, a newer format, a damaged data file, or a
 * place that may not be written; whatever is there is left untouched.
 */
export function prepareFolder(path: string): string {
  const folder = resolve(path)
  try {
    if (!existsSync(folder)) makeFolder(folder)
    else if (!statSync(folder).isDirectory()) throw unusable(folder, 'is a file; a store is a folder of its own')
    const names = readdirSync(folder)
    if (names.includes(MARKER)) {
      checkMarker(folder)
      if (hasDataFile(folder, names)) checkDataFile(folder)
      else if (names.includes(LOCK_FILE))
        throw unusable(folder, `has lost its data file, ${DATA_FILE}; restore it from a backup`)
    } else if (names.some(name => !name.startsWith(MARKER))) {
      throw unusable(
        folder,
        `is a folder of something else (it holds ${names.slice(0, 3).join(', ')}); name an empty or new one`,
      )
    } else writeMarker(folder)
    return realpathSync(folder)
  } catch (error) {
    if (error instanceof PartitaError) throw error
    throw unusable(folder, `cannot be used: ${(error as Error).message}`, error)
  }
}

/** Asks the nearest folder that is there first: what `mkdir` says of a read-only disk would mislead. */
function makeFolder(folder: string): void {
  let parent = dirname(folder)
  while (!existsSync(parent)) parent = dirname(parent)
  accessSync(parent, constants.W_OK)
  mkdirSync(folder, { recursive: true })
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

function writeMarker(folder: string): void {
  // Written aside and renamed, so that no process ever sees half a marker; two at once write the same.
  const draft = join(folder, `${MARKER}.${randomUUID()}`)
  writeFileSync(draft, `${JSON.stringify(FORMAT)}\n`, { flush: true })
  renameSync(draft, join(folder, MARKER))
}

function checkMarker(folder: string): void {
  const text = readFileSync(join(folder, MARKER), 'utf8')
  const marker = parseMarker(text)
  if (marker?.store !== FORMAT.store) throw unusable(folder, `holds a ${MARKER} that is not Partita's`)
  if (marker.format !== FORMAT.format) {
    throw unusable(folder, `is in format ${marker.format}; this version of Partita reads format ${FORMAT.format}`)
  }
}

function parseMarker(text: string): { store?: unknown; format?: unknown } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * LMDB trusts its file and would crash on a foreign or truncated one. Other processes may be writing meanwhile, so what
 * looks wrong is looked at again before it is believed.
 */
function checkDataFile(folder: string): void {
  let fault = dataFileFault(join(folder, DATA_FILE))
  for (let tries = 0; fault && tries < 5; tries++) {
    pause(20)
    fault = dataFileFault(join(folder, DATA_FILE))
  }
  if (fault) throw unusable(folder, `holds a ${DATA_FILE} that ${fault}`)
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function unusable(path: string, reason: string, cause?: unknown): PartitaError {
  return new PartitaError('StoreUnusable', `The store's path ${path} ${reason}`, { path }, cause)
}
