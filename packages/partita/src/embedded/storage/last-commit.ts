/**
 * Keeps the opening of a store by one process from undoing a commit of another.
 *
 * LMDB keeps the number of the last commit in the lock file. While a process opens the store, it reads that number from the
 * data file and writes it to the lock file, without the writers' lock (LMDB's ITS#9496, which the `lmdb` package still has).
 * A commit in between is forgotten: the next writer begins at the state before it and replaces it, though it was
 * acknowledged, and readers see the old state until then.
 *
 * So every write transaction first looks whether it begins at the last commit that the data file holds. One that does not
 * writes nothing; it corrects the number, which nobody else does at that moment as it holds the writers' lock, and the
 * work is done in the next transaction. Whoever opens a store does the same at once, as readers depend on it too. In the
 * moment between, a consistent read looks whether the number is that of the last commit after it began, and begins again
 * where not. It misses the moment only if it is held up just then until the number is correct again.
 */
import { closeSync, openSync } from 'node:fs'
import { UnavailableError } from '../../errors/errors.js'
import { dataFileOf, newestMeta, readTransactionOfMeta } from './data-file.js'
import { type LockFile, openLockFile } from './lock-file.js'

/** Openings that a transaction meets one after another before it is given up: more are a fault, not bad luck. */
const MAX_ATTEMPTS = 1000

export class LastCommit {
  readonly #folder: string
  readonly #file: number
  readonly #locks: LockFile | undefined
  #attempts = 0

  constructor(folder: string) {
    this.#folder = folder
    this.#file = openSync(dataFileOf(folder), 'r')
    this.#locks = openLockFile(folder)
  }

  /** Whether reads that begin now do not see the last commit. May be true for the moment in which another one ends. */
  isForgotten(): boolean {
    if (!this.#locks) return false
    const known = this.#locks.readLastCommit()
    return readTransactionOfMeta(this.#file, (known + 1) % 2) > known
  }

  /**
   * Within a write transaction, before it reads or writes anything: whether it begins at the last commit. If not, it must
   * write nothing, and the next transaction does.
   * @param transaction its number, one more than that of the commit at which it begins.
   * @throws UnavailableError
   */
  isBaseOf(transaction: number): boolean {
    // This commit goes to the meta page of the one before the last, unless a later one is there.
    if (readTransactionOfMeta(this.#file, transaction % 2) < transaction) {
      this.#attempts = 0
      return true
    }
    if (++this.#attempts > MAX_ATTEMPTS)
      throw this.#failure('its lock file does not keep the number of the last commit')
    try {
      const last = newestMeta(this.#file)?.transaction
      if (last !== undefined) this.#locks?.writeLastCommit(last)
    } catch (error) {
      throw this.#failure(error instanceof Error ? error.message : String(error), error)
    }
    return false
  }

  close(): void {
    closeSync(this.#file)
    this.#locks?.close()
  }

  #failure(reason: string, cause?: unknown): UnavailableError {
    const message = `The write to the store at ${this.#folder} failed and nothing of it was kept: ${reason}`
    return new UnavailableError(message, { operation: 'write' }, cause)
  }
}
