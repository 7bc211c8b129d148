/**
 * Prevents the opening of a store by one process from undoing a commit of another.
 *
 * LMDB stores the number of the last commit in the lock file. A process that opens the store reads that number from the data
 * file and writes it to the lock file without the writers' lock (LMDB's ITS#9496, present in the `lmdb` package). A commit
 * in between is forgotten: readers see the old state, and the next writer begins there and overwrites the acknowledged
 * commit.
 *
 * Every write transaction therefore first checks that it begins at the last commit in the data file. If not, it writes
 * nothing but corrects the number, safely, since it has the writers' lock, and the work runs in the next transaction. A
 * process that opens a store does the same immediately, since readers depend on it too. Until then, a consistent read
 * checks after its begin that the number is that of the last commit, and else begins again. It misses a forgotten commit
 * only if it is suspended between the two until the number is correct again.
 */
import { closeSync, openSync } from 'node:fs'
import { UnavailableError } from '../../errors/errors.js'
import { dataFileOf, newestMeta, readTransactionOfMeta } from './data-file.js'
import { type LockFile, openLockFile } from './lock-file.js'

/** Consecutive corrections after which a transaction fails: more indicate a defect, not coincidence. */
const MAX_ATTEMPTS = 1000

/** Checks and corrects the number of the last commit. */
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

  /** Whether new reads miss the last commit. It can be true for a moment while another commit ends. */
  isForgotten(): boolean {
    if (!this.#locks) return false
    const known = this.#locks.readLastCommit()
    return readTransactionOfMeta(this.#file, (known + 1) % 2) > known
  }

  /**
   * Whether a write transaction begins at the last commit. Call it before the transaction reads or writes. If it returns
   * false, the transaction must write nothing; the next one begins correctly.
   * @param transaction its number, one more than that of the commit at which it begins.
   * @throws UnavailableError
   */
  isBaseOf(transaction: number): boolean {
    // This commit overwrites the meta page of the second to last commit, unless that page has a later one.
    if (readTransactionOfMeta(this.#file, transaction % 2) < transaction) {
      this.#attempts = 0
      return true
    }
    if (++this.#attempts > MAX_ATTEMPTS)
      throw this.#failure('its lock file does not store the number of the last commit')
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
