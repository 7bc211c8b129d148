/** The consistency check of a database. */
import { invalid } from '../../errors/errors.js'
import type { CompiledModel } from '../../model/compile/compiled-model.js'
import { tenantOf, tenantPrefix } from '../../model/compile/compiled-model.js'
import { DATABASE_CONTEXT, type DatabaseContext } from '../../model/connect/context.js'
import { upgradeFailure } from '../../model/evolve/form.js'
import { bucketCount } from '../../model/read/iteration-buckets.js'
import type { DecodedKey } from '../../model/types/database.js'
import { isUniqueMarker } from '../../model/write/unique.js'
import { checkCount, checkOptions } from '../../store/options.js'
import type { CallOptions } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { checkCounted, checkCounts, modelsWithCounts } from './counts.js'
import type { ConsistencyReport, Inconsistency } from './inconsistency.js'
import { checkKeys } from './row-keys.js'
import { type StoredRow, TableReader } from './table-reader.js'
import { checkOrphans, checkUniqueValues } from './unique-markers.js'

/** Options of {@link consistency}. */
export interface ConsistencyOptions {
  /** The maximum length of the list of inconsistencies. All are counted. Default 1,000. */
  readonly limit?: number
  /** Ends the check. */
  readonly signal?: AbortSignal
}

/** Any database that `connect` returns. */
interface AnyDatabase {
  createTable(): Promise<void>
  decodeKey(pk: string, sk: string): DecodedKey
}

/** Keys that the library uses for itself. */
const INTERNAL = 'PARTITA#'

/**
 * Compares index keys, iteration keys, unique markers and counts with the rows, in all tenants. It reads the whole table page
 * by page, with consistent reads, and writes nothing; on DynamoDB it costs a scan, and a read for each unique value and unique
 * marker. Counts take a second scan for each 100,000 rows that hold some, and further ones if a count seems to be wrong. A count
 * that programs change during each of ten scans is not reported. Memory is bounded by the page, the limit, and 50 MB for counts.
 *
 * Programs may write meanwhile. Expired rows count as absent. Rows that are older than an index or constraint are reported
 * until `reindex()` has run. The contents of the indexes themselves are the store's: `verify()` of the embedded engine
 * compares them with the items.
 * @throws ValidationError for an argument that is not a database, such as a scope, and for wrong options.
 *
 * @example
 * import { connect, f, model } from 'partita'
 * import { consistency } from 'partita/testing'
 *
 * const User = model('User', {
 *   fields: { id: f.string(), email: f.string() },
 *   key: 'id',
 *   unique: { email: ['email'] },
 * })
 * const db = await connect({ models: { User }, store: 'memory:' })
 * await db.User.create({ id: 'u1', email: 'ada@example.com' })
 * const { rows, inconsistencies } = await consistency(db)
 * if (rows !== 1 || inconsistencies.length > 0) throw new Error('The table is inconsistent')
 * await db.close()
 */
export async function consistency(db: AnyDatabase, options: ConsistencyOptions = {}): Promise<ConsistencyReport> {
  checkOptions(options, ['limit', 'signal'])
  checkCount('limit', options.limit)
  const context = (db as { [DATABASE_CONTEXT]?: DatabaseContext } | undefined)?.[DATABASE_CONTEXT]
  if (!context) throw invalid([], 'consistency takes a database that connect() returned')
  const { limit = 1000, signal } = options
  const check = new ConsistencyCheck(limit)
  const limits = signal ? { signal } : {}
  const system = { ...context, tenantRequired: false }
  for (const table of context.stores.keys()) await check.run(new TableReader(system, table, limits))
  await check.runCounts(system, limits)
  return check.report
}

class ConsistencyCheck {
  readonly #limit: number
  readonly #buckets = new Map<CompiledModel, number>()
  readonly #counts: Partial<Record<Inconsistency['kind'], number>> = {}
  readonly #listed: Inconsistency[] = []
  readonly #seen = { rows: 0, markers: 0, others: 0 }

  constructor(limit: number) {
    this.#limit = limit
  }

  get report(): ConsistencyReport {
    return { ...this.#seen, counts: this.#counts, inconsistencies: this.#listed }
  }

  /** Checks one table. */
  async run(reader: TableReader): Promise<void> {
    let after: Key | undefined
    do {
      const page = await reader.page(after)
      await this.#checkPage(reader, page.items)
      after = page.next
    } while (after)
  }

  async runCounts(db: DatabaseContext, limits: CallOptions): Promise<void> {
    const models = modelsWithCounts(db)
    if (models.length > 0) this.#add(await checkCounts(db, models, this.#seen.rows, limits))
  }

  async #checkPage(reader: TableReader, items: readonly Item[]): Promise<void> {
    const { table } = reader
    const rows: StoredRow[] = []
    const markers: Item[] = []
    for (const item of items) {
      if (reader.isExpired(item) || isInternal(item[table.pk])) continue
      const row = isUniqueMarker(table, item) ? undefined : reader.rowOf(item)
      if (row) rows.push(row)
      else if (isUniqueMarker(table, item)) markers.push(item)
      else this.#seen.others++
    }
    this.#seen.rows += rows.length
    this.#seen.markers += markers.length
    for (const { context, row } of rows)
      this.#add(checkKeys(context, row, await this.#bucketsOf(reader.db, context.model)))
    const known = rows.filter(({ context, row }) => !upgradeFailure(context.model, row))
    this.#add(await checkUniqueValues(reader, known))
    this.#add(await checkCounted(known))
    this.#add(await checkOrphans(reader, markers))
  }

  /** The number of buckets is recorded for all tenants. */
  async #bucketsOf(database: DatabaseContext, model: CompiledModel): Promise<number> {
    const known = this.#buckets.get(model)
    if (known !== undefined) return known
    const db = { ...database, tenantRequired: false }
    const buckets = model.buckets === 0 ? 0 : await bucketCount({ db, scope: db.root, model })
    this.#buckets.set(model, buckets)
    return buckets
  }

  #add(found: readonly Inconsistency[]): void {
    for (const one of found) {
      this.#counts[one.kind] = (this.#counts[one.kind] ?? 0) + 1
      if (this.#listed.length < this.#limit) this.#listed.push(one)
    }
  }
}

function isInternal(pk: unknown): boolean {
  return typeof pk === 'string' && pk.startsWith(INTERNAL, tenantPrefix(tenantOf(pk)).length)
}
