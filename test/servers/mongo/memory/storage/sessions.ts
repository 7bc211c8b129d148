/** Sessions: the transaction of each, and the answers to its retryable writes. */
import type { Binary, Document } from 'mongodb'
import { failed } from '../errors.js'
import { type Clock, Transaction } from './transaction.js'

export class Session {
  /** The newest number of a transaction or a retryable write. */
  #number = -1n
  #transaction: Transaction | undefined
  #outcome: 'open' | 'committed' | 'aborted' | undefined
  #reply: Document | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #clock: Clock
  readonly #lifetime: number

  constructor(clock: Clock, lifetime: number) {
    this.#clock = clock
    this.#lifetime = lifetime
  }

  /** The answer to a retryable write that has run; undefined if it has not. */
  answered(number: bigint): Document | undefined {
    if (number === this.#number && this.#outcome === undefined) return this.#reply
    this.#advance(number)
    return undefined
  }

  /** Whether a retryable write or a commit of this number has been done. */
  isDone(number: bigint): boolean {
    return number === this.#number && (this.#outcome === 'committed' || this.#reply !== undefined)
  }

  remember(reply: Document): void {
    this.#reply = reply
  }

  /** The open transaction of a statement. */
  statement(number: bigint, starts: boolean): Transaction {
    if (starts) {
      if (number === this.#number)
        throw failed(50911 as 1, `Cannot start a transaction at given transaction number ${number}`)
      this.#advance(number)
      this.#transaction = new Transaction(this.#clock)
      this.#outcome = 'open'
      this.#timer = setTimeout(() => this.abort(), this.#lifetime).unref()
      return this.#transaction
    }
    return this.#current(number)
  }

  /** Commits; once more, if it has. */
  commit(number: bigint): void {
    if (number === this.#number && this.#outcome === 'committed') return
    this.#current(number).commit()
    this.#end('committed')
  }

  abortNumber(number: bigint): void {
    this.#current(number)
    this.abort()
  }

  abort(): void {
    if (this.#outcome !== 'open') return
    this.#transaction?.abort()
    this.#end('aborted')
  }

  #end(outcome: 'committed' | 'aborted'): void {
    clearTimeout(this.#timer)
    this.#outcome = outcome
    this.#transaction = undefined
  }

  #current(number: bigint): Transaction {
    if (number < this.#number) throw failed(225, `Cannot use transaction number ${number}: a newer one was started`)
    if (number === this.#number && this.#outcome === 'committed')
      throw failed(256, `Transaction with { txnNumber: ${number} } has been committed.`)
    if (number !== this.#number || !this.#transaction)
      throw failed(251, `Given transaction number ${number} does not match any in-progress transactions.`)
    return this.#transaction
  }

  #advance(number: bigint): void {
    if (number < this.#number) throw failed(225, `Cannot use transaction number ${number}: a newer one was started`)
    this.abort()
    this.#number = number
    this.#outcome = undefined
    this.#reply = undefined
  }
}

export class Sessions {
  readonly #sessions = new Map<string, Session>()
  readonly #clock: Clock
  readonly #lifetime: number

  /** @param lifetime milliseconds after which a transaction is aborted. */
  constructor(clock: Clock, lifetime: number) {
    this.#clock = clock
    this.#lifetime = lifetime
  }

  get(lsid: Document): Session {
    const key = keyOf(lsid)
    let session = this.#sessions.get(key)
    if (!session) {
      session = new Session(this.#clock, this.#lifetime)
      this.#sessions.set(key, session)
    }
    return session
  }

  end(lsid: Document): void {
    const key = keyOf(lsid)
    this.#sessions.get(key)?.abort()
    this.#sessions.delete(key)
  }
}

function keyOf({ id }: Document): string {
  return Buffer.from((id as Binary).buffer).toString('hex')
}
