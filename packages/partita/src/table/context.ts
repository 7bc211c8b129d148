/** What the modules of the table layer work with: the store, the table's shape, the clock. */
import type { Capacity } from '../store/capacity.js'
import type { Store } from '../store/store.js'
import { systemClock } from '../store/timers.js'
import type { SingleTableConfig } from './config.js'
import { type Layout, layOut } from './layout.js'
import { ItemReader } from './reader.js'

/** What the modules of the table layer share: configuration, store, layout, reader, clock. */
export interface TableContext {
  readonly config: SingleTableConfig
  readonly store: Store
  readonly layout: Layout
  readonly reader: ItemReader
  /** Epoch milliseconds. */
  now(): number
  /** Tells the observer, where there is one, what a request cost. */
  answered(operation: string, capacity: Capacity): void
}

/** @throws ValidationError listing what is wrong with the configuration. */
export function makeContext(config: SingleTableConfig): TableContext {
  const layout = layOut(config)
  const { observe } = config
  return {
    config,
    store: config.store,
    layout,
    reader: new ItemReader(layout, config),
    now: config.clock ?? systemClock,
    answered: observe ? (operation, capacity) => observe({ table: layout.table, operation, capacity }) : () => {},
  }
}
