/**
 * Rows that must exist at the commit of a transaction, because other rows in it refer to them. Unlike a read, a guard does
 * not require that its row is unchanged. A guard ends when the ref that holds it changes, or its row is deleted.
 */
import { identity } from '../read/loader.js'
import { isThere, stillExists } from '../rules/guarded-refs.js'
import type { Commitment, Entry, Guarded } from './commitment.js'

/** A row that must exist, and the error if it was deleted in the meantime. */
interface GuardedRow extends Guarded {
  readonly failure: () => Error
}

/** The guard that a ref needs. */
export interface RefGuard {
  /** The attribute of the ref; each holds one guard. */
  readonly attribute: string
  /** Undefined if the ref refers to no other row. */
  readonly of: GuardedRow | undefined
}

/** The guards of one transaction. */
export class RowGuards {
  /** By the identity of the row that refers, and the attribute of the ref. */
  #held = new Map<string, Map<string, GuardedRow>>()

  /** Replaces the guards that refs of a row held before. */
  hold(row: string, guards: readonly RefGuard[]): void {
    const own = this.#held.get(row) ?? new Map<string, GuardedRow>()
    for (const { attribute, of } of guards) {
      if (of) own.set(attribute, of)
      else own.delete(attribute)
    }
    this.#held.set(row, own)
  }

  /** @returns a function that restores the guards as they are now. */
  save(): () => void {
    const held = new Map([...this.#held].map(([row, own]) => [row, new Map(own)]))
    return () => {
      this.#held = held
    }
  }

  /** Ends the guards of a row that is deleted. */
  release(row: string): void {
    this.#held.delete(row)
  }

  /** Whether the commit requires that a row exists. */
  has(id: string): boolean {
    return this.#byRow().has(id)
  }

  /** The identities of the guarded rows. */
  ids(): Iterable<string> {
    return this.#byRow().keys()
  }

  /** The check of a guarded row. */
  get(id: string): Commitment | undefined {
    const guarded = this.#byRow().get(id)
    return guarded && checkOf(guarded)
  }

  /**
   * The checks of rows that are not in the transaction anyway.
   * @param isWritten whether a row is written although the transaction has not read it: its write has the condition.
   * @throws the error of the guard for a row that the transaction itself deleted after another one referred to it.
   */
  commitments(entries: ReadonlyMap<string, Entry>, isWritten: (id: string) => boolean): Commitment[] {
    return [...this.#byRow()].flatMap(([id, guarded]) => {
      const entry = entries.get(id)
      if (!entry) return isWritten(id) ? [] : [checkOf(guarded)]
      if (!isThere(guarded.context, entry.current)) throw guarded.failure()
      return []
    })
  }

  /** One guard of each row, by its identity. */
  #byRow(): Map<string, GuardedRow> {
    const all = [...this.#held.values()].flatMap(own => [...own.values()])
    return new Map(all.map(guarded => [identity(guarded.context.model.table, guarded.key), guarded]))
  }
}

function checkOf(guarded: GuardedRow): Commitment {
  const { context, key, failure } = guarded
  const { name: table } = context.model.table
  return { write: { kind: 'check', table, key, condition: stillExists(context) }, failure, of: { context, key } }
}
