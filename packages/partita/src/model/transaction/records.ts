/** Records that a transaction gave, which are as they were before it where it is given up. */
import type { Item, Key } from '../../value/value.js'
import { keyOf, type RowContext } from '../rows/rows.js'

/**
 * Undoes what the transaction did to a record. Its row was as given before; undefined where there was none. With
 * `isUnknown` the transaction may have been written all the same.
 */
export type Undo = (before: Item | undefined, isUnknown: boolean) => Promise<void>

interface Held {
  readonly context: RowContext
  readonly key: Key
  readonly undo: Undo
}

export class HeldRecords {
  readonly #held: Held[] = []

  add(context: RowContext, row: Item, undo: Undo): void {
    this.#held.push({ context, key: keyOf(context.model, row), undo })
  }

  async giveUp(before: (held: Held) => Item | undefined, isUnknown: boolean): Promise<void> {
    await Promise.all(this.#held.map(held => held.undo(before(held), isUnknown)))
  }
}
