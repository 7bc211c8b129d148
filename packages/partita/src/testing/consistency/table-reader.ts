/** Reads of a table for the consistency check. They are not bound to a tenant, a scope or a transaction. */
import { ConflictError } from '../../errors/errors.js'
import { isExpired } from '../../keys/expiry.js'
import { tenantOf, tenantPrefix } from '../../model/compile/compiled-model.js'
import type { DatabaseContext } from '../../model/connect/context.js'
import type { RowContext } from '../../model/rows/rows.js'
import type { CallOptions, ItemPage } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'

/** A stored row, with its model and tenant. */
export interface StoredRow {
  readonly context: RowContext
  readonly row: Item
}

/** Transactional reads conflict with concurrent writes of the same items. */
const MAX_ATTEMPTS = 10

/** Reads the table of a database. */
export class TableReader {
  readonly db: DatabaseContext
  readonly #limits: CallOptions

  constructor(db: DatabaseContext, limits: CallOptions) {
    this.db = db
    this.#limits = limits
  }

  /** One page of the whole table, at most 1 MB. */
  page(after: Key | undefined): Promise<ItemPage> {
    const request = { table: this.db.table.name, consistent: true, ...(after && { after }) }
    return this.db.store.scan({ ...request, ...this.#limits })
  }

  /** Consistent reads, in the order of the keys. */
  async items(keys: readonly Key[]): Promise<readonly (Item | undefined)[]> {
    const gets = keys.map(key => ({ table: this.db.table.name, key, consistent: true }))
    return (await this.db.store.batchGet({ gets, ...this.#limits })).items
  }

  /** Reads of one snapshot, in the order of the keys. */
  async snapshot(keys: readonly Key[], attempt = 1): Promise<readonly (Item | undefined)[]> {
    const gets = keys.map(key => ({ table: this.db.table.name, key }))
    try {
      return (await this.db.store.transactGet({ gets, ...this.#limits })).items
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt === MAX_ATTEMPTS) throw error
      return this.snapshot(keys, attempt + 1)
    }
  }

  /** The row that an item is; undefined for a missing or expired item, and for one of no connected model. */
  rowOf(item: Item | undefined): StoredRow | undefined {
    if (!item) return undefined
    const { db } = this
    const tenant = tenantOf(item[db.table.pk])
    const scope = { ...db.root, tenant, prefix: tenantPrefix(tenant) }
    for (const model of db.models.values()) {
      if (!model.owns(item, scope.prefix)) continue
      return isExpired(model.expiring, item, db.sources.now())
        ? undefined
        : { context: { db, scope, model }, row: item }
    }
    return undefined
  }

  /** Whether an item has expired. A table without expiring models has no expired items. */
  isExpired(item: Item): boolean {
    const { db } = this
    const expires = [...db.models.values()].some(({ expiring }) => expiring.expiresAt !== undefined)
    const expiring = { partitionKey: db.table.pk, expiresAt: expires ? db.table.ttl : undefined }
    return isExpired(expiring, item, db.sources.now())
  }
}
