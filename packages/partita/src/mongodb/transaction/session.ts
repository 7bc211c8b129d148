/**
 * Runs work in a transaction of MongoDB: one session, a snapshot, and a commit that a majority of the servers acknowledges.
 *
 * The whole work is repeated, with a random wait, for as long as the server aborts it for another writer or a lost
 * connection. A commit whose answer was lost is repeated alone: the server commits a transaction once. Both end at the
 * deadline of the call.
 */
import { type ClientSession, MongoError } from 'mongodb'
import { ConflictError, PartitaError, type TransactionReason } from '../../errors/errors.js'
import { backoff } from '../../store/retry.js'
import type { MongoConnection } from '../connection/connection.js'
import {
  type Attempt,
  isWriteConflict,
  leavesWriteOpen,
  lostAnswer,
  serverCode,
  translated,
} from '../connection/errors.js'
import { CallOver, type TimeLimit, timeLeft } from '../connection/time-limit.js'

/** Another writer has changed a document since it was read. The transaction is aborted, and repeated. */
export class RaceLost extends Error {
  /** The reasons of the operations, if the transaction is given up. */
  readonly reasons: readonly TransactionReason[]

  constructor(reasons: readonly TransactionReason[], cause?: unknown) {
    super('another writer was faster', cause === undefined ? undefined : { cause })
    this.name = 'RaceLost'
    this.reasons = reasons
  }
}

/** What a transaction is for: a lost commit of a read does not matter. */
export type TransactionKind = 'read' | 'write'

/**
 * Runs work in a transaction until it is committed.
 * @param work may run several times. Its errors of the driver abort the transaction; so do those of Partita, which are
 *   thrown unchanged.
 * @throws ConflictError if another writer was faster until the deadline; OutcomeUnknownError if the commit's answer was lost.
 */
export async function inTransaction<T>(
  connection: MongoConnection,
  attempt: Attempt,
  kind: TransactionKind,
  limit: TimeLimit,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  await connection.ready(attempt, limit)
  let conflict: ConflictError | undefined
  for (let tries = 0; ; tries++) {
    const session = connection.session()
    const running = new Running(connection, session, limit)
    try {
      running.begin()
      const result = await work(session)
      await running.commit(attempt, kind)
      return result
    } catch (error) {
      await running.abort()
      conflict = conflictOf(error, attempt) ?? conflict
      // At the deadline, that the transaction met other writers is more than that the deadline has passed.
      if (error instanceof CallOver && conflict) throw conflict
      if (!isTransient(error)) throw translated(error, attempt)
      await connection.wait(backoff(tries, connection.pace), limit).catch(() => {
        throw conflict ?? translated(error, attempt)
      })
    } finally {
      running.end()
    }
  }
}

/** Milliseconds for which a server is looked for to end a transaction whose outcome is unknown. */
const KILL_TIMEOUT = 10_000

/** One attempt of a transaction. */
class Running {
  readonly #connection: MongoConnection
  readonly #session: ClientSession
  readonly #limit: TimeLimit
  /** The commit or abort in flight, after which the session ends: the driver would abort what is being committed. */
  #ending: Promise<unknown> = Promise.resolve()
  #isCommitting = false
  #isOutcomeUnknown = false

  constructor(connection: MongoConnection, session: ClientSession, limit: TimeLimit) {
    this.#connection = connection
    this.#session = session
    this.#limit = limit
  }

  begin(): void {
    this.#session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority' },
      readPreference: 'primary',
      maxCommitTimeMS: timeLeft(this.#limit, this.#connection.pace),
    })
  }

  async commit(attempt: Attempt, kind: TransactionKind): Promise<void> {
    this.#isCommitting = true
    const seen = this.#connection.look()
    let mayBeCommitted = false
    for (let tries = 0; ; tries++) {
      try {
        await this.#connection.bounded(this.#limit, () => this.#track(this.#session.commitTransaction()))
        return
      } catch (error) {
        const isOpen = leavesCommitOpen(error, seen.wasDisturbed())
        mayBeCommitted ||= isOpen
        // The answer of the server to a repeated commit is about the first one too; that no server was found is not.
        if (kind === 'read' || !(isOpen || (mayBeCommitted && serverCode(error) === undefined))) throw error
        await this.#connection.wait(backoff(tries, this.#connection.pace), this.#limit).catch(() => {
          this.#isOutcomeUnknown = true
          throw lostAnswer(attempt, error)
        })
      }
    }
  }

  /** Waits for the abort, as the transaction would otherwise block its own repetition. */
  async abort(): Promise<void> {
    if (this.#isCommitting || !this.#session.inTransaction()) return
    await this.#connection
      .bounded(this.#limit, () => this.#track(this.#session.abortTransaction()))
      // The server aborts it by itself when the session ends or times out.
      .catch(() => {})
  }

  end(): void {
    const end = async (): Promise<void> => {
      if (this.#isOutcomeUnknown) await this.#kill()
      await this.#session.endSession().catch(() => {})
    }
    void this.#ending.then(end, end)
  }

  /**
   * A transaction whose commit never arrived would hold its documents, and its token, until the server aborts it after a
   * minute. One that is committed stays committed.
   */
  async #kill(): Promise<void> {
    const { client } = this.#connection
    await this.#connection
      .bounded(this.#connection.limit({ deadline: KILL_TIMEOUT }), ({ signal }) =>
        client.db('admin').command({ killSessions: [this.#session.id] }, { signal }),
      )
      // Not every server allows it.
      .catch(() => {})
  }

  #track<T>(ending: Promise<T>): Promise<T> {
    this.#ending = ending
    return ending
  }
}

/**
 * Whether an error of a commit leaves it unknown whether the transaction is committed. The driver does not label all of
 * these: it forgets the label of a lost connection if another one was lost shortly before.
 */
function leavesCommitOpen(error: unknown, wasDisturbed: boolean): boolean {
  return (error instanceof MongoError && error.hasErrorLabel(COMMIT_UNKNOWN)) || leavesWriteOpen(error, wasDisturbed)
}

const COMMIT_UNKNOWN = 'UnknownTransactionCommitResult'
const TRANSIENT = 'TransientTransactionError'
/** The server does not know the transaction: it has aborted it, for example because it took too long. */
const NO_SUCH_TRANSACTION = 251

/** Whether nothing is committed, and the whole transaction can be repeated. */
function isTransient(error: unknown): boolean {
  if (error instanceof RaceLost || isWriteConflict(error) || serverCode(error) === NO_SUCH_TRANSACTION) return true
  return error instanceof MongoError && error.hasErrorLabel(TRANSIENT) && !error.hasErrorLabel(COMMIT_UNKNOWN)
}

/** The error of a transaction that met other writers; undefined for another error. */
function conflictOf(error: unknown, { operation }: Attempt): ConflictError | undefined {
  if (error instanceof PartitaError) return undefined
  if (!(error instanceof RaceLost || isWriteConflict(error))) return undefined
  const reasons = error instanceof RaceLost ? error.reasons : undefined
  const at = reasons?.filter(({ code }) => code === 'Conflict').map(({ index }) => index)
  const which = at && at.length > 0 ? `The items of operations ${at.join(', ')}` : 'The items'
  const message = `${which} of ${operation} conflicted with another writer until the deadline; nothing was written`
  return new ConflictError(message, { ...(reasons && { reasons }) }, error)
}
