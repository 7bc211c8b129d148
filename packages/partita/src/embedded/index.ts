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
import { PartitaError } from '../errors.js'
import { type EmbeddedStore, Engine, type EngineOptions } from './engine.js'
import { type Kv, openKv } from './kv.js'
import { prepareFolder } from './location.js'
import { openMemoryKv } from './memory-kv.js'

export type { KnownTable, TableExtras, TableNote } from './catalog.js'
export type { EmbeddedStore, EngineOptions } from './engine.js'
export type { Faults } from './faults.js'
export type { Stream, StreamView } from './stream.js'

export interface EmbeddedOptions extends EngineOptions {
  /** A folder, made where there is none. Several processes may use it at the same time. */
  readonly path: string
  /**
   * `durable`: an acknowledged write is on disk and survives a power cut. `relaxed`: it survives the process, but not
   * the machine; for tests. Default `durable`.
   */
  readonly durability?: 'durable' | 'relaxed'
}

/** LMDB wants a file opened once in a process, so stores on one path share it. */
const shared = new Map<string, { readonly kv: Kv; readonly durability: string; users: number }>()

/**
 * A store in a folder on this machine.
 * @throws PartitaError `StoreUnusable` when the path is a file, a folder of something else, damaged, or not writable.
 */
export function embedded({ path, durability = 'durable', ...options }: EmbeddedOptions): EmbeddedStore {
  const folder = prepareFolder(path)
  let opened = shared.get(folder)
  if (opened && opened.durability !== durability) {
    const message = `The store at ${folder} is open in this process with durability '${opened.durability}'; open it with the same`
    throw new PartitaError('StoreUnusable', message, { path: folder })
  }
  if (!opened) {
    opened = { kv: openKv(folder, { relaxed: durability === 'relaxed' }), durability, users: 0 }
    shared.set(folder, opened)
  }
  const used = opened
  used.users++
  const release = async () => {
    used.users--
    if (used.users > 0) return
    shared.delete(folder)
    await used.kv.close()
  }
  return new Engine(used.kv, release, options)
}

/** A store that ends with the process or with `close`: the same engine, over a tree in memory instead of a file. */
export function memory(options: EngineOptions = {}): EmbeddedStore {
  const kv = openMemoryKv()
  return new Engine(kv, () => kv.close(), options)
}
