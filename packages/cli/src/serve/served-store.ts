/** Opens the store that a server serves, from a folder or in memory, with its seed and injected faults. */
import { type EmbeddedStore, embedded, type Faults, memory } from 'partita/embedded'
import type { StoreFolder } from '../store/path.js'
import { resettable } from './resettable.js'
import type { Seeded } from './seed/seed.js'

/** Options of {@link openServedStore}. */
export interface ServedStoreOptions {
  readonly source: StoreFolder
  readonly faults: Faults | undefined
  /** Path of the seed. */
  readonly seed: string | undefined
  readonly region: string
  /** Aborts the seeding. */
  readonly signal: AbortSignal
  /** Called after the first seeding. */
  readonly onSeeded: (seeded: Seeded) => void
}

/** A store to serve, and how to reset it. */
export interface ServedStore {
  readonly store: EmbeddedStore
  /** Only for a store in memory: returns it to its initial state, including seed and faults. */
  readonly reset?: () => Promise<void>
}

/** @throws BadInput for an invalid seed; StoreUnusableError if the store cannot be opened. */
export async function openServedStore(options: ServedStoreOptions): Promise<ServedStore> {
  if (options.source.path !== undefined) return { store: await open(options) }
  let isFirst = true
  return resettable(async () => {
    const settings = isFirst ? options : { ...options, onSeeded: () => undefined }
    isFirst = false
    return open(settings)
  })
}

async function open({ source, faults, seed: path, onSeeded, ...rest }: ServedStoreOptions): Promise<EmbeddedStore> {
  let isSeeded = path === undefined
  // Faults start after the seed, which could not be written completely otherwise.
  const options = faults ? { faults: { ...faults, enabled: () => isSeeded } } : {}
  const store =
    source.path === undefined ? memory(options) : embedded({ path: source.path, readOnly: source.readOnly, ...options })
  try {
    if (path !== undefined) {
      // Loaded only for a seed: without it, a server starts faster.
      const { seed } = await import('./seed/seed.js')
      onSeeded(await seed(store, { path, ...rest }))
    }
    isSeeded = true
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}
