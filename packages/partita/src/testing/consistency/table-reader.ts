/** Reads of a table for the consistency check. They are not bound to a tenant, a scope or a transaction. */
import { ConflictError } from '../../errors/errors.js'
import { isExpired } from '../../keys/expiry.js'
import { type CompiledModel, tenantOf, tenantPrefix } from '../../model/compile/compiled-model.js'
import type { PhysicalTable } from '../../model/compile/layout.js'
import { type DatabaseContext, storeOf } from '../../model/connect/context.js'
import { inPresentForm } from '../../model/evolve/form.js'
import type { RowContext } from '../../model/rows/rows.js'
import type { CallOptions, ItemPage, Store } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'

/** A stored row, with its model and tenant. */
export interface StoredRow {
  readonly context: RowContext
  readonly row: Item
}

/** Transactional reads conflict with concurrent writes of the same items. */
const MAX_ATTEMPTS = 10

/** Reads one table of a database. */
export class TableReader {
  readonly db: DatabaseContext
  readonly table: PhysicalTable
  /** The models whose rows the table holds. */
  readonly models: readonly CompiledModel[]
  readonly #store: Store
  readonly #limits: CallOptions

  constructor(db: DatabaseContext, table: PhysicalTable, limits: CallOptions) {
    this.db = db
    this.table = table
    this.models = [...db.models.values()].filter(model => model.table === table)
    this.#store = storeOf(db, table)
    this.#limits = limits
  }

  /** One page of the whole table, at most 1 MB. */
  page(after: Key | undefined): Promise<ItemPage> {
    const request = { table: this.table.name, consistent: true, ...(after && { after }) }
    return this.#store.scan({ ...request, ...this.#limits })
  }

  /** Consistent reads, in the order of the keys. */
  async items(keys: readonly Key[]): Promise<readonly (Item | undefined)[]> {
    const gets = keys.map(key => ({ table: this.table.name, key, consistent: true }))
    return (await this.#store.batchGet({ gets, ...this.#limits })).items
  }

  /** Reads of one snapshot, in the order of the keys. */
  async snapshot(keys: readonly Key[], attempt = 1): Promise<readonly (Item | undefined)[]> {
    const gets = keys.map(key => ({ table: this.table.name, key }))
    try {
      return (await this.#store.transactGet({ gets, ...this.#limits })).items
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error
      return this.snapshot(keys, attempt + 1)
    }
  }

  /** The row that an item is; undefined for a missing or expired item, and for one of no connected model. */
  rowOf(item: Item | undefined): StoredRow | undefined {
    if (!item) return undefined
    const { db } = this
    const tenant = tenantOf(item[this.table.pk])
    const scope = { ...db.root, tenant, prefix: tenantPrefix(tenant) }
    for (const model of this.models) {
      if (!model.owns(item, scope.prefix)) continue
      const row = inPresentForm(model, item) as Item
      return isExpired(model.expiring, row, db.sources.now()) ? undefined : { context: { db, scope, model }, row }
    }
    return undefined
  }

  /** Whether an item has expired. A table without expiring models has no expired items. */
  isExpired(item: Item): boolean {
    const { db } = this
    const expires = this.models.some(({ expiring }) => expiring.expiresAt !== undefined)
    const expiring = { partitionKey: this.table.pk, expiresAt: expires ? this.table.ttl : undefined }
    return isExpired(expiring, item, db.sources.now())
  }
}
