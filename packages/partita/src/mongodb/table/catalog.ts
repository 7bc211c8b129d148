/** The tables of a store, cached for a moment. */
import { IndexNotFoundError, TableNotFoundError, UnavailableError } from '../../errors/errors.js'
import { type IndexDefinition, type IndexKeySchema, keyNames, type TableDefinition } from '../../store/definition.js'
import type { MongoConnection } from '../connection/connection.js'
import type { TimeLimit } from '../connection/time-limit.js'
import { readEntry, type TableEntry } from './entry.js'
import { indexHint, KEY_INDEX } from './index-names.js'

/** How long a definition is used before it is read again, in milliseconds. Whoever changes a table waits that long. */
export const CACHE_LIFE = 1000

/** A table, as reads and writes see it. */
export interface MongoTable {
  /** As the requests name it: `database/table` for a table of another database. */
  readonly name: string
  readonly definition: TableDefinition
  /** The attribute that holds the expiry; undefined without time to live. */
  readonly timeToLive: string | undefined
  /** The name of the index of the table's key, for `hint`. */
  readonly hint: string
  /** All secondary indexes, those that are being filled included. */
  readonly indexes: readonly MongoIndex[]
  /** Finds an index for a read. @throws IndexNotFoundError; UnavailableError while it is being filled. */
  index(name: string): MongoIndex
}

/** A secondary index of a table. */
export interface MongoIndex {
  readonly name: string
  /** The name of the index on the server, for `hint`. */
  readonly hint: string
  readonly isLocal: boolean
  readonly schema: IndexKeySchema
  /** The attributes that the index holds, keys included; undefined if it holds all. */
  readonly projected: ReadonlySet<string> | undefined
  readonly isFilling: boolean
}

/** Reads the definitions of tables, and remembers each for {@link CACHE_LIFE}. */
export class MongoCatalog {
  readonly #connection: MongoConnection
  readonly #known = new Map<string, { readonly table: MongoTable; readonly until: number }>()

  constructor(connection: MongoConnection) {
    this.#connection = connection
  }

  /**
   * Returns a table, at once if its definition is remembered.
   * @param index an index that the call needs: if the remembered definition lacks it, or it is being filled there, the
   *   definition is read again.
   * @throws TableNotFoundError
   */
  table(name: string, limit: TimeLimit, index?: string): MongoTable | Promise<MongoTable> {
    const known = this.#known.get(name)
    if (known && known.until > this.#connection.pace.now() && isUsable(known.table, index)) return known.table
    return this.#read(name, limit)
  }

  /** Forgets a table that this process has changed, or that turned out to be another one. */
  forget(name: string): void {
    this.#known.delete(name)
  }

  async #read(name: string, limit: TimeLimit): Promise<MongoTable> {
    const entry = await readEntry(this.#connection, name, limit)
    // A table is usable when its indexes exist, and until its deletion begins.
    if (entry?.status !== 'active') {
      this.#known.delete(name)
      throw new TableNotFoundError(name)
    }
    const table = tableOf(name, entry)
    this.#known.set(name, { table, until: this.#connection.pace.now() + CACHE_LIFE })
    return table
  }
}

function isUsable({ indexes }: MongoTable, index: string | undefined): boolean {
  return index === undefined || indexes.some(it => it.name === index && !it.isFilling)
}

/** Converts the stored form of a table. @param name as the requests name it. */
function tableOf(name: string, { definition, filling }: TableEntry): MongoTable {
  const index =
    (local: boolean) =>
    ([indexName, defined]: readonly [string, IndexDefinition]): MongoIndex => {
      const { projection, ...schema } = defined
      return {
        name: indexName,
        hint: indexHint(schema),
        isLocal: local,
        schema,
        projected: projectedNames(defined, definition),
        isFilling: filling.indexes.includes(indexName),
      }
    }
  const indexes = [
    ...Object.entries(definition.globalIndexes ?? {}).map(index(false)),
    ...Object.entries(definition.localIndexes ?? {}).map(index(true)),
  ]
  return {
    name,
    definition,
    timeToLive: definition.timeToLive,
    hint: KEY_INDEX,
    indexes,
    index: wanted => {
      const found = indexes.find(it => it.name === wanted)
      if (!found) throw new IndexNotFoundError(name, wanted)
      if (!found.isFilling) return found
      const message = `Index ${wanted} of table ${name} is still being filled; wait for it with updateTable and an empty change`
      throw new UnavailableError(message, { operation: 'query' })
    },
  }
}

function projectedNames({ projection = 'all', ...schema }: IndexDefinition, { key }: TableDefinition) {
  if (projection === 'all') return undefined
  const included = projection === 'keysOnly' ? [] : projection.include
  return new Set([...keyNames(key), ...keyNames(schema), ...included])
}
