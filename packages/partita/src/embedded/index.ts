/**
 * The engine that runs in your process: nothing to install, real DynamoDB semantics.
 *
 * @module partita/embedded
 * @example
 * import { embedded } from 'partita/embedded'
 *
 * const store = embedded({ path: './data' })
 * await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
 * await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'hello' } })
 * await store.close()
 */
import { PartitaError } from '../errors/errors.js'
import type { EmbeddedStore, EngineOptions } from './embedded-store.js'
import { Engine } from './engine.js'
import { type FolderKv, openKv } from './storage/kv.js'
import { prepareFolder } from './storage/location.js'
import { openMemoryKv } from './storage/memory-kv.js'

export type { EmbeddedStore, EngineOptions } from './embedded-store.js'
export type { Faults } from './fault-injection.js'
export type { BackupOptions } from './upkeep/backup.js'
export type { Clearing, Filling, Job } from './upkeep/jobs.js'
export type { Difference, VerifyOptions } from './upkeep/verifier.js'
export type { Verification, VerifiedIndex, VerifiedTable } from './upkeep/verify.js'

export interface EmbeddedOptions extends EngineOptions {
  /**
   * A folder, created if it is missing, with permissions for its owner alone (0700). Several processes may use it at the
   * same time; to share it with other users, make it yourself with the permissions that they need.
   */
  readonly path: string
  /**
   * `durable`: an acknowledged write is on disk and survives a power cut. `relaxed`: it survives the process, but not
   * the machine; for tests. Default `durable`.
   */
  readonly durability?: 'durable' | 'relaxed'
  /**
   * Opens a store that is there, for reading: writes throw `StoreUnusable`, and there is no upkeep. Works on a file system
   * that is mounted read-only; there, nobody may write to the store by another mount meanwhile, as no lock can be taken.
   * Default false.
   */
  readonly readOnly?: boolean
}

/** LMDB wants a file opened once in a process, so stores on one path share it. */
interface Opened {
  readonly kv: FolderKv
  readonly durability: string
  readonly readOnly: boolean
  users: number
}
const shared = new Map<string, Opened>()

/**
 * A store in a folder on this machine.
 * @throws PartitaError `StoreUnusable` when the path is a file, a folder of something else, damaged, a copy that was made
 * of a store in use, on a full disk, or not writable (or not there, with `readOnly`).
 */
export function embedded(options: EmbeddedOptions): EmbeddedStore {
  const { path, durability = 'durable', readOnly = false, ...engineOptions } = options
  const folder = prepareFolder(path, readOnly)
  let opened = findOpened(folder)
  if (opened) checkSame(folder, opened, durability, readOnly)
  else {
    opened = { kv: openKv(folder, { relaxed: durability === 'relaxed', readOnly }), durability, readOnly, users: 0 }
    shared.set(folder, opened)
  }
  const used = opened
  used.users++
  const release = async () => {
    used.users--
    if (used.users > 0) return
    if (shared.get(folder) === used) shared.delete(folder)
    await used.kv.close()
  }
  return new Engine(used.kv, release, readOnly ? { ...engineOptions, sweepInterval: 0 } : engineOptions)
}

/** A store that ends with the process or with `close`: the same engine, over a tree in memory instead of a file. */
export function memory(options: EngineOptions = {}): EmbeddedStore {
  const kv = openMemoryKv()
  return new Engine(kv, () => kv.close(), options)
}

/** What this process has open at a path, unless the folder there is another by now. */
function findOpened(folder: string): Opened | undefined {
  const opened = shared.get(folder)
  if (opened?.kv.presence.isMixed()) {
    const message = `The data file of the store at ${folder} was replaced while this process has it open; close the store first, and replace whole folders`
    throw new PartitaError('StoreUnusable', message, { path: folder, reason: 'folderGone' })
  }
  return opened?.kv.presence.isPresent() ? opened : undefined
}

function checkSame(folder: string, opened: Opened, durability: string, readOnly: boolean): void {
  const fault =
    opened.durability === durability
      ? opened.readOnly !== readOnly && (opened.readOnly ? 'with readOnly' : 'without readOnly')
      : `with durability '${opened.durability}'`
  if (!fault) return
  const message = `The store at ${folder} is open in this process ${fault}; open it with the same, or close it first`
  throw new PartitaError('StoreUnusable', message, { path: folder })
}
