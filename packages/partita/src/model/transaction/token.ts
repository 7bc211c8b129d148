/**
 * Tokens of transactions, by which a program repeats one without doing it twice.
 *
 * A transaction that is repeated runs its function again, so it writes other revisions, moments and identifiers than
 * before, and DynamoDB's own token, which is tied to one list of writes, cannot know it again. So a token
 * of the program's is an item of the table: the transaction writes it with its rows, on the condition that it is not
 * there. Of all that run under one token, in whatever process, one is done; to the others the item tells that.
 *
 * It costs the consistent read of an item before the function runs, and the writing of one more item. The item is of no
 * use once nobody repeats the transaction any more; it counts for a day, and is deleted then where the table has time to
 * live, which it has with a model that expires.
 */
import { invalid, valueText } from '../../errors/errors.js'
import { type Expiring, isAbsent, isExpired } from '../../keys/expiry.js'
import type { WriteRequest } from '../../store/store.js'
import type { Item, Key } from '../../value/value.js'
import { type CallContext, calls } from '../connect/context.js'
import { NOTE_MARK } from '../evolve/part-record.js'

const PARTITION = 'PARTITA#TOKEN#'
const SORT = 'TOKEN'
const LONGEST = 255
/** For how long a token counts, in seconds. */
const KEPT = 24 * 60 * 60

export class TransactionToken {
  readonly #context: CallContext
  readonly #key: Key
  readonly #expiring: Expiring

  /** @throws ValidationError */
  constructor(context: CallContext, token: unknown) {
    if (typeof token !== 'string' || token === '' || token.length > LONGEST) {
      throw invalid(['token'], `is ${valueText(token)}; a token is a text of 1 to ${LONGEST} characters`)
    }
    const { pk, sk, ttl } = context.db.table
    this.#context = context
    this.#key = { [pk]: `${context.scope.prefix}${PARTITION}${token}`, [sk]: SORT }
    this.#expiring = { partitionKey: pk, expiresAt: ttl }
  }

  /** Whether a transaction with this token was done. */
  async isDone(): Promise<boolean> {
    const { table } = this.#context.db
    const { item } = await calls.get(this.#context, { table: table.name, key: this.#key, consistent: true })
    return item !== undefined && !isExpired(this.#expiring, item, this.#now)
  }

  /** Closes the race of two that both found it not done: the condition lets one of them through. */
  write(): WriteRequest {
    const { table, revision } = this.#context.db
    const item: Item = {
      ...this.#key,
      [table.type]: NOTE_MARK,
      [table.revision]: revision(),
      [table.ttl]: Math.ceil(this.#now / 1000) + KEPT,
    }
    return { kind: 'put', table: table.name, item, condition: isAbsent(this.#expiring, this.#now) }
  }

  get #now(): number {
    return this.#context.db.sources.now()
  }
}
