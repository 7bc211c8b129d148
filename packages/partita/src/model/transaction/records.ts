/** Records returned inside a transaction, which are restored if the transaction is not written. */
import type { Item, Key } from '../../value/value.js'
import { keyOf, type RowContext } from '../rows/rows.js'

/**
 * Restores a record after a transaction that was not written. `before` is its row before the transaction; undefined
 * if it did not exist. `isUnknown`: the transaction may have been written.
 */
export type Undo = (before: Item | undefined, isUnknown: boolean) => Promise<void>

interface Held {
  readonly context: RowContext
  readonly key: Key
  readonly undo: Undo
}

/** The records that one transaction returned. */
export class ReturnedRecords {
  readonly #held: Held[] = []

  add(context: RowContext, row: Item, undo: Undo): void {
    this.#held.push({ context, key: keyOf(context.model, row), undo })
  }

  async restore(before: (held: Held) => Item | undefined, isUnknown: boolean): Promise<void> {
    await Promise.all(this.#held.map(held => held.undo(before(held), isUnknown)))
  }
}
