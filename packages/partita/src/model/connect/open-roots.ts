/** The stores of a program: each opened once and closed once, however many databases use it. */
import type { Store } from '../../store/store.js'
import type { PhysicalTable } from '../compile/layout.js'
import { stores } from '../on-demand.js'

/** A store that one or several databases use. */
export interface Root {
  /** Whether it is opened here, and so closed with the handle. */
  readonly isOwn: boolean
  open(): Promise<Store>
}

/** A database: a table on the store of its root. */
export interface ResolvedDatabase {
  readonly root: Root
  readonly table: PhysicalTable
}

/** The only database of a program that does not list several. */
export function onlyDatabase(store: Store | string | undefined, table: PhysicalTable): ResolvedDatabase {
  return { root: rootAt(store), table }
}

/** The root of a store or of a store URL; without either, of the URL in `PARTITA_STORE`. */
export function rootAt(store: Store | string | undefined): Root {
  if (typeof store === 'object') return { isOwn: false, open: async () => store }
  return { isOwn: true, open: async () => (await stores.load()).openStore(store) }
}

/** Opened roots. */
export interface OpenedRoots {
  store(root: Root): Store
  /** Closes the stores that were opened here. A second call waits for the first and does nothing itself. */
  close(): Promise<void>
}

/** Opens every root. If one cannot be opened, those that were opened before are closed again. */
export async function openRoots(roots: readonly Root[]): Promise<OpenedRoots> {
  const opened = new Map<Root, Store>()
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= closeAll([...opened].filter(([{ isOwn }]) => isOwn).map(([, store]) => store))
    return closing
  }
  try {
    for (const root of roots) if (!opened.has(root)) opened.set(root, await root.open())
  } catch (error) {
    // The reason why a store does not open says more than an error of closing another.
    await close().catch(() => {})
    throw error
  }
  return { store: root => opened.get(root) as Store, close }
}

/** Closes all, even if one fails. */
async function closeAll(stores: readonly Store[]): Promise<void> {
  const outcomes = await Promise.allSettled(stores.map(store => store.close()))
  const failed = outcomes.find(outcome => outcome.status === 'rejected')
  if (failed) throw failed.reason
}
