/**
 * Tokens of transactions of the last ten minutes, so that a transaction that is sent twice is applied once. The token is
 * a document that the transaction itself writes; the server deletes it after ten minutes.
 */
import type { ClientSession, Collection } from 'mongodb'
import { PartitaError } from '../../errors/errors.js'
import { systemClock } from '../../store/timers.js'
import type { MongoConnection } from '../connection/connection.js'
import { type Attempt, isDuplicateId } from '../connection/errors.js'
import type { TimeLimit } from '../connection/time-limit.js'
import { fingerprintOf } from './fingerprint.js'
import { RaceLost } from './session.js'
import type { TableWrite } from './write.js'

const TOKENS = '_partita_tokens'
/** DynamoDB remembers a token for ten minutes. */
const LIFE_SECONDS = 600

interface StoredToken {
  readonly _id: string
  readonly hash: string
  readonly at: Date
}

/** Connections whose database has the collection with its index. */
const prepared = new WeakSet<MongoConnection>()

/** The token of one transaction. */
export class SentToken {
  readonly #connection: MongoConnection
  readonly #tokens: Collection<StoredToken>
  readonly #text: string
  readonly #hash: string
  readonly #limit: TimeLimit
  /** An expired token of the same text, which the server has not deleted yet. */
  #expired: StoredToken | undefined

  private constructor(connection: MongoConnection, text: string, hash: string, limit: TimeLimit) {
    this.#connection = connection
    this.#tokens = connection.collection(TOKENS)
    this.#text = text
    this.#hash = hash
    this.#limit = limit
  }

  /** Returns the token of a transaction; undefined for a transaction without one. */
  static async of(
    connection: MongoConnection,
    text: string | undefined,
    writes: readonly TableWrite[],
    attempt: Attempt,
    limit: TimeLimit,
  ): Promise<SentToken | undefined> {
    if (text === undefined) return undefined
    const token = new SentToken(connection, text, fingerprintOf(writes), limit)
    if (!prepared.has(connection)) {
      await connection.send(attempt, 'read', limit, limits =>
        token.#tokens.createIndex({ at: 1 }, { ...limits, name: 'at', expireAfterSeconds: LIFE_SECONDS }),
      )
      prepared.add(connection)
    }
    return token
  }

  /**
   * Whether the writes of the token are already done.
   * @throws PartitaError `TokenReused` if the token was used for other writes.
   */
  async isDone(session: ClientSession): Promise<boolean> {
    const found = await this.#connection.bounded(this.#limit, limits =>
      this.#tokens.findOne({ _id: this.#text }, { ...limits, session }),
    )
    this.#expired = undefined
    if (!found) return false
    // The server deletes expired documents about once a minute.
    if (systemClock() - found.at.getTime() >= LIFE_SECONDS * 1000) {
      this.#expired = found
      return false
    }
    if (found.hash === this.#hash) return true
    const message = 'The token was used for other writes in the last ten minutes; use a new token for each transaction'
    throw new PartitaError('TokenReused', message, { token: this.#text })
  }

  /** Writes the token. If another transaction writes it at the same time, one of them is repeated and finds it. */
  async save(session: ClientSession): Promise<void> {
    const token = { _id: this.#text, hash: this.#hash, at: new Date(systemClock()) }
    const expired = this.#expired
    await this.#connection.bounded(this.#limit, async limits => {
      const options = { ...limits, session }
      if (expired) {
        const { _id, ...fresh } = token
        const { matchedCount } = await this.#tokens.replaceOne({ _id, at: expired.at }, fresh, options)
        if (matchedCount === 0) throw new RaceLost([])
        return
      }
      await this.#tokens.insertOne(token, options).catch(error => {
        throw isDuplicateId(error) ? new RaceLost([], error) : error
      })
    })
  }
}
