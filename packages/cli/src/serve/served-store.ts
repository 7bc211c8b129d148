/** The store that a server serves: of a folder or in memory, with what it begins with and the faults it is to meet. */
import { type EmbeddedStore, embedded, type Faults, memory } from 'partita/embedded'
import type { StoreFolder } from '../store/path.js'
import { resettable } from './resettable.js'
import type { Seeded } from './seed/seed.js'

/** Options of {@link openServedStore}. */
export interface ServedStoreOptions {
  readonly source: StoreFolder
  readonly faults: Faults | undefined
  /** Path of a seed. */
  readonly seed: string | undefined
  readonly region: string
  /** Ends the seeding. */
  readonly signal: AbortSignal
  /** Called after the first seeding. */
  readonly onSeeded: (seeded: Seeded) => void
}

/** A store to serve, and how to reset it. */
export interface ServedStore {
  readonly store: EmbeddedStore
  /** Only of a store in memory: puts it back to its beginning, its seed and faults included. */
  readonly reset?: () => Promise<void>
}

/** @throws BadInput for a seed that cannot be used; what the store cannot be opened for. */
export async function openServedStore(options: ServedStoreOptions): Promise<ServedStore> {
  if (options.source.path !== undefined) return { store: await open(options) }
  let isFirst = true
  return resettable(async () => {
    const told = isFirst ? options : { ...options, onSeeded: () => undefined }
    isFirst = false
    return open(told)
  })
}

async function open({ source, faults, seed: path, onSeeded, ...rest }: ServedStoreOptions): Promise<EmbeddedStore> {
  let isSeeded = path === undefined
  // Else no seed would ever be put whole.
  const options = faults ? { faults: { ...faults, enabled: () => isSeeded } } : {}
  const store =
    source.path === undefined ? memory(options) : embedded({ path: source.path, readOnly: source.readOnly, ...options })
  try {
    if (path !== undefined) {
      // Loaded only where there is one: a server begins sooner without what items need.
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
