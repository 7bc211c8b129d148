/**
 * Seeds a store with tables and items. All tables are created before the items are put, so the order of the files does
 * not matter. A table that already exists is left unchanged: no item of the seed is put into it, so that a server can
 * be started repeatedly with the same seed.
 */
import type { EmbeddedStore } from 'partita/embedded'
import { createItems } from 'partita/items'
import { BadInput, BadLine, Interrupted } from '../../failure.js'
import { type ImportEntry, importLines, itemEntry, putUnlessExpired } from '../../items/import-lines.js'
import { DEFAULT_TABLE } from '../../items/session.js'
import type { Line } from '../../json/json-lines.js'
import { seedEntry } from './seed-entry.js'
import { inFile, seedFiles, seedLines } from './seed-file.js'
import { SeedTables } from './seed-tables.js'
import { type WireCall, wireCall } from './wire-call.js'

/** The result of {@link seed}. */
export interface Seeded {
  /** Names of the tables that were created. */
  readonly tables: readonly string[]
  /** Names of the tables that already existed and were left unchanged. */
  readonly skipped: readonly string[]
  /** The number of items that were put. */
  readonly items: number
}

/** Options of {@link seed}. */
export interface SeedOptions {
  /** A file or a folder. */
  readonly path: string
  /** The region in the ARNs of the tables. */
  readonly region: string
  readonly signal: AbortSignal
}

/**
 * Puts a seed into a store. If it fails or is stopped, the tables it created are removed.
 * @throws BadInput with the file and line that is invalid; Interrupted.
 */
export async function seed(store: EmbeddedStore, options: SeedOptions): Promise<Seeded> {
  const files = await seedFiles(options.path)
  const call = wireCall(store, options.region)
  const itemsTable = process.env.PARTITA_ITEMS_TABLE || DEFAULT_TABLE
  const tables = new SeedTables(call, await store.listTables(), itemsTable)
  let items = 0
  try {
    for (const path of files) await withFileName(path, makeTables(path, tables, options))
    if (tables.hasItemsTable) await createItems({ store, table: itemsTable }).createTable()
    for (const path of files) items += await withFileName(path, putItems(path, store, call, tables, options))
    await tables.finish()
  } catch (error) {
    await tables.undo()
    throw error
  }
  return { tables: tables.made, skipped: tables.skipped, items }
}

async function withFileName<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw inFile(path, error)
  }
}

async function makeTables(path: string, tables: SeedTables, { signal }: SeedOptions): Promise<void> {
  for await (const line of seedLines(path)) {
    throwIfAborted(signal)
    const entry = seedEntry(line)
    if (entry.kind === 'exported') await tables.makeItemsTable()
    if (entry.kind !== 'table') continue
    await tables.make(entry, line.text).catch(error => {
      throw error instanceof BadInput ? new BadLine(line.number, `is refused: ${error.message}`, error) : error
    })
  }
}

/** @returns the number of items that were put. */
async function putItems(
  path: string,
  store: EmbeddedStore,
  call: WireCall,
  tables: SeedTables,
  { signal }: SeedOptions,
): Promise<number> {
  const items = createItems({ store, table: tables.itemsTable })
  const now = Date.now()
  let put = 0
  const read = (line: Line): ImportEntry => {
    const entry = seedEntry(line)
    if (entry.kind === 'exported') {
      const isWanted = tables.hasItemsTable
      return itemEntry(line, async item => isWanted && putUnlessExpired(items, item, now))
    }
    if (entry.kind !== 'put') return { id: `line ${line.number}`, write: async () => false }
    const { table, item } = entry
    const keys = tables.keysOf(table)
    if (!keys && !tables.skips(table)) {
      throw new BadLine(line.number, `names table ${table}, which neither the seed nor the store has`)
    }
    if (!keys) return { id: `line ${line.number}`, write: async () => false }
    const id = JSON.stringify([table, keys.map(name => item[name])])
    return { id, write: async () => call('PutItem', line.text).then(() => true) }
  }
  const done = async (_: Line, written: number) => {
    put += written
  }
  await importLines({ lines: seedLines(path), read, done, signal })
  throwIfAborted(signal)
  return put
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new Interrupted('stopped before the store was seeded; nothing of the seed is left in it')
}
