/** The context that the modules of the table layer share. */
import type { Capacity } from '../store/capacity.js'
import type { Store } from '../store/store.js'
import { systemClock } from '../store/timers.js'
import type { SingleTableConfig } from './config.js'
import { type Layout, makeLayout } from './layout.js'
import { ItemReader } from './reader.js'

/** Configuration, store, layout, reader and clock of one table. */
export interface TableContext {
  readonly config: SingleTableConfig
  readonly store: Store
  readonly layout: Layout
  readonly reader: ItemReader
  /** Epoch milliseconds. */
  now(): number
  /** Reports the capacity of a successful request to `observe`. */
  report(operation: string, capacity: Capacity): void
}

/** @throws ValidationError with all problems of the configuration. */
export function makeContext(config: SingleTableConfig): TableContext {
  const layout = makeLayout(config)
  const { observe } = config
  return {
    config,
    store: config.store,
    layout,
    reader: new ItemReader(layout, config),
    now: config.clock ?? systemClock,
    report: observe ? (operation, capacity) => observe({ table: layout.table, operation, capacity }) : () => {},
  }
}
