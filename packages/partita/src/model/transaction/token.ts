/**
 * Idempotency tokens of transactions.
 *
 * A repeated transaction runs its function again, so it writes other revisions, times and identifiers. DynamoDB's
 * client request token is tied to one list of writes and cannot recognize it. A program's token is therefore stored
 * as an item: the transaction writes it together with its rows, on the condition that it does not exist. Of all
 * transactions with one token, in any process, one is written; the others find the item.
 *
 * Cost: one consistent read before the function runs, and one more item written. The item is valid for one day. It
 * is deleted afterwards if the table has time to live enabled, which it has if a model expires.
 */
import { invalid, valueText } from '../../errors/errors.js'
import { type Expiring, isAbsent, isExpired } from '../../keys/expiry.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { type CallContext, calls } from '../connect/context.js'
import { METADATA_TYPE } from '../evolve/part-record.js'

const PARTITION = 'PARTITA#TOKEN#'
const SORT = 'TOKEN'
const LONGEST = 255
/** How long a token is valid, in seconds. */
const KEPT = 24 * 60 * 60

/** The stored token of one transaction. */
export class TransactionToken {
  readonly #context: CallContext
  readonly #key: Key
  readonly #expiring: Expiring

  /** @throws ValidationError if the token is not a text of 1 to 255 characters. */
  constructor(context: CallContext, token: unknown) {
    if (typeof token !== 'string' || token === '' || token.length > LONGEST) {
      throw invalid(['token'], `is ${valueText(token)}; use a string of 1 to ${LONGEST} characters`)
    }
    const { pk, sk, ttl } = context.db.table
    this.#context = context
    this.#key = { [pk]: `${context.scope.prefix}${PARTITION}${token}`, [sk]: SORT }
    this.#expiring = { partitionKey: pk, expiresAt: ttl }
  }

  /** Whether a transaction with this token has been written. */
  async isDone(): Promise<boolean> {
    const { table } = this.#context.db
    const { item } = await calls.get(this.#context, { table: table.name, key: this.#key, consistent: true })
    return item !== undefined && !isExpired(this.#expiring, item, this.#now)
  }

  /** The condition closes the race of two transactions that both found no token: only one of them is written. */
  write(): WriteRequest {
    const { table, revision } = this.#context.db
    const item: Item = {
      ...this.#key,
      [table.type]: METADATA_TYPE,
      [table.revision]: revision(),
      [table.ttl]: Math.ceil(this.#now / 1000) + KEPT,
    }
    return { kind: 'put', table: table.name, item, condition: isAbsent(this.#expiring, this.#now) }
  }

  get #now(): number {
    return this.#context.db.sources.now()
  }
}
