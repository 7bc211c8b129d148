/**
 * The embedded engine: a store with DynamoDB's semantics in your process, in a folder or in memory.
 *
 * @module partita/embedded
 * @example
 * import { embedded } from 'partita/embedded'
 *
 * const store = embedded({ path: './data' })
 * await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
 * await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'hello' } })
 * const { item } = await store.get({ table: 'notes', key: { id: 'n1' } })
 * await store.close()
 */
import { invalid, PartitaError, valueText } from '../errors/errors.js'
import { checkOptions } from '../store/options.js'
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

/** Options of {@link embedded}. */
export interface EmbeddedOptions extends EngineOptions {
  /**
   * The folder of the store. A missing folder is created with permissions for its owner alone (0700); to share it with
   * other users, create it yourself with the permissions that they need. Several processes can use it at the same time.
   */
  readonly path: string
  /**
   * `durable`: an acknowledged write is on disk and survives a power failure. `relaxed`: it survives a crash of the
   * process, but not of the machine; use it for tests. Default `durable`.
   */
  readonly durability?: 'durable' | 'relaxed'
  /**
   * Opens an existing store for reads only: writes throw `StoreUnusable`, and upkeep is off. It works on a read-only file
   * system. No lock can be taken there, so nothing may write to the store through another mount at the same time.
   * Default false.
   */
  readonly readOnly?: boolean
}

/** LMDB allows one open handle for a file in a process, so stores on one path share it. */
interface Opened {
  readonly kv: FolderKv
  readonly durability: string
  readonly readOnly: boolean
  users: number
}
const shared = new Map<string, Opened>()
const ENGINE_OPTIONS = ['clock', 'sweepInterval', 'faults']

/**
 * Opens a store in a folder on this machine, and creates it if it does not exist. It needs the package `lmdb`, which
 * `partita` depends on.
 *
 * Several processes, and several stores of one process, can have a folder open at the same time. Writes are serialized,
 * reads do not block. Call `close` when you no longer need the store.
 * @throws PartitaError `StoreUnusable` if the path is a file or a folder with other content; if the store is damaged, was
 * copied while it was in use, or has a newer format; if the disk is full or the folder is not writable; with `readOnly`,
 * if there is no store; or if this process has the store open with another `durability` or `readOnly`.
 * @throws ValidationError for an unknown option, without a path, or if a chance in `faults` is not a number from 0 to 1.
 * @example
 * import { mkdtemp } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { embedded } from 'partita/embedded'
 *
 * const store = embedded({ path: await mkdtemp(join(tmpdir(), 'partita-')), durability: 'relaxed' })
 * await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
 * await store.write({ kind: 'put', table: 'notes', item: { id: 'n1', text: 'hello' } })
 * await store.close()
 */
export function embedded(options: EmbeddedOptions): EmbeddedStore {
  checkOptions(options, ['path', 'durability', 'readOnly', ...ENGINE_OPTIONS])
  const { path, durability = 'durable', readOnly = false, ...engineOptions } = options
  if (typeof path !== 'string' || path === '')
    throw invalid(['path'], `is ${valueText(path)}; name the folder of the store`)
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

/**
 * Opens an empty store in memory, for tests and caches. It is the same engine over a tree in memory instead of a file, and
 * its data is gone after `close` or at the end of the process.
 * @throws ValidationError if a chance in `faults` is not a number from 0 to 1.
 * @example
 * import { memory } from 'partita/embedded'
 *
 * const store = memory({ faults: { throttle: 0.1, seed: 7 } })
 * await store.createTable({ name: 'notes', key: { partition: { name: 'id', type: 'S' } } })
 * await store.close()
 */
export function memory(options: EngineOptions = {}): EmbeddedStore {
  checkOptions(options, ENGINE_OPTIONS)
  const kv = openMemoryKv()
  return new Engine(kv, () => kv.close(), options)
}

/** Finds the store that this process has open at a path. Ignores one whose folder was deleted or replaced since. */
function findOpened(folder: string): Opened | undefined {
  const opened = shared.get(folder)
  if (opened?.kv.presence.isMixed()) {
    const message = `The data file of the store at ${folder} was replaced while this process has it open; close the store first, and replace whole folders`
    throw new PartitaError('StoreUnusable', message, { path: folder, reason: 'folderGone' })
  }
  return opened?.kv.presence.isPresent() ? opened : undefined
}

function checkSame(folder: string, opened: Opened, durability: string, readOnly: boolean): void {
  const difference =
    opened.durability === durability
      ? opened.readOnly !== readOnly && (opened.readOnly ? 'with readOnly' : 'without readOnly')
      : `with durability '${opened.durability}'`
  if (!difference) return
  const message = `The store at ${folder} is open in this process ${difference}; open it with the same options, or close it first`
  throw new PartitaError('StoreUnusable', message, { path: folder })
}
