/**
 * Idempotency tokens of transactions.
 *
 * A repeated transaction runs its function again, so it writes other revisions, times and identifiers. DynamoDB's
 * client request token is tied to one list of writes and cannot recognize it. A program's token is therefore stored
 * as an item: the transaction writes it together with its rows, on the condition that it does not exist. Of all
 * transactions with one token, in any process, one is written; the others find the item.
 *
 * The item is in the transaction's own store, in the first table of it that has models. A token is looked up in every
 * store, so a repeated transaction finds it wherever it was written. Only two concurrent transactions with one token
 * that write to different stores could both be written.
 *
 * Cost: one consistent read for each store before the function runs, and one more item written. The item is valid for one day. It
 * is deleted afterwards if the table has time to live enabled, which it has if a model expires.
 */
import { invalid, valueText } from '../../errors/errors.js'
import { type Expiring, isAbsent, isExpired } from '../../keys/expiry.js'
import type { Store, WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { type PhysicalTable, tableKey } from '../compile/layout.js'
import { type CallContext, calls, type DatabaseContext, storeOf } from '../connect/context.js'
import { METADATA_TYPE } from '../evolve/part-record.js'

const PARTITION = 'PARTITA#TOKEN#'
const SORT = 'TOKEN'
const LONGEST = 255
/** How long a token is valid, in seconds. */
const KEPT = 24 * 60 * 60

/** The stored token of one transaction. */
export class TransactionToken {
  readonly #context: CallContext
  readonly #token: string

  /** @throws ValidationError if the token is not a text of 1 to 255 characters. */
  constructor(context: CallContext, token: unknown) {
    if (typeof token !== 'string' || token === '' || token.length > LONGEST) {
      throw invalid(['token'], `is ${valueText(token)}; use a string of 1 to ${LONGEST} characters`)
    }
    this.#context = context
    this.#token = token
  }

  /** Whether a transaction with this token has been written. */
  async isDone(): Promise<boolean> {
    const found = await Promise.all([...tokenTables(this.#context.db).values()].map(table => this.#isIn(table)))
    return found.includes(true)
  }

  /**
   * The condition closes the race of two transactions that both found no token: only one of them is written.
   * @param of a table of the transaction's store.
   */
  write(of: PhysicalTable): WriteRequest {
    const { db } = this.#context
    const table = tokenTables(db).get(storeOf(db, of)) as PhysicalTable
    const item: Item = {
      ...this.#keyIn(table),
      [table.type]: METADATA_TYPE,
      [table.revision]: db.revision(),
      [table.ttl]: Math.ceil(this.#now / 1000) + KEPT,
    }
    return { kind: 'put', table: table.name, item, condition: isAbsent(expiringIn(table), this.#now) }
  }

  async #isIn(table: PhysicalTable): Promise<boolean> {
    const request = { table: table.name, key: this.#keyIn(table), consistent: true }
    const { item } = await calls.get({ ...this.#context, table }, request)
    return item !== undefined && !isExpired(expiringIn(table), item, this.#now)
  }

  #keyIn(table: PhysicalTable): Key {
    return tableKey(table, `${this.#context.scope.prefix}${PARTITION}${this.#token}`, SORT)
  }

  get #now(): number {
    return this.#context.db.sources.now()
  }
}

/** The table of each store that holds its tokens. */
function tokenTables({ stores }: DatabaseContext): Map<Store, PhysicalTable> {
  const tables = new Map<Store, PhysicalTable>()
  for (const [table, store] of stores) if (!tables.has(store)) tables.set(store, table)
  return tables
}

function expiringIn({ pk, ttl }: PhysicalTable): Expiring {
  return { partitionKey: pk, expiresAt: ttl }
}
