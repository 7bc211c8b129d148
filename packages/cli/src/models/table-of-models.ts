/** The table that models need. */
import { connect, type TableLayout } from 'partita'
import { memory } from 'partita/embedded'
import type { TableDefinition } from 'partita/store'
import type { LoadedModels } from './load.js'

/**
 * Checks that the models can share a table, and returns its definition: `connect` creates it in a store in memory. No other
 * store is touched.
 * @param layout the layout of the settings. One that the module of the models exports comes first.
 * @throws ValidationError listing keys that collide, relations to missing models, and indexes that the layout lacks.
 */
export async function tableOfModels(
  loaded: LoadedModels,
  layout: TableLayout | undefined,
  table: string,
): Promise<TableDefinition> {
  const store = memory({ sweepInterval: 0 })
  try {
    const names = loaded.layout ?? layout
    const db = await connect({ models: loaded.models, store, table, ...(names && { layout: names }) })
    const found = await store.describeTable(table)
    await db.close()
    const { name, key, globalIndexes, timeToLive } = found as TableDefinition
    return { name, key, ...(globalIndexes && { globalIndexes }), ...(timeToLive !== undefined && { timeToLive }) }
  } finally {
    await store.close()
  }
}
