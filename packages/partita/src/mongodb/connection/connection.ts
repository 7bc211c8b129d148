/** The connection of one store: sends commands, ends them at their deadline, and makes `close` wait for calls in flight. */
import type { ClientSession, Collection, Db, Document, MongoClient } from 'mongodb'
import { invalid, UnavailableError, valueText } from '../../errors/errors.js'
import { InFlight } from '../../store/in-flight.js'
import { type Pace, realPace, sleepUnlessAborted } from '../../store/retry.js'
import type { CallOptions } from '../../store/store.js'
import { clearTimeout, setTimeout } from '../../store/timers.js'
import { isDatabaseName } from '../../store/url.js'
import { snapshot } from '../../value/snapshot.js'
import { type MongoDBOptions, openClient } from './client.js'
import { type Attempt, leavesWriteOpen, lostAnswer, replicaSetRequired, translated } from './errors.js'
import { Reachability, type Since } from './reachability.js'
import { Sessions } from './sessions.js'
import { Stop } from './stop.js'
import { CallOver, callEnd, type TimeLimit, timeLeft, timeLimit } from './time-limit.js'

/** Options for a command of the driver, which end it on the server and on this side. */
export interface CommandLimits {
  readonly maxTimeMS: number | undefined
  readonly signal: AbortSignal
  readonly session: ClientSession | undefined
}

/** Whether a command can be repeated without effect. */
export type CommandKind = 'read' | 'write'

/** Separates the name of a database from that of a table, which contain no slash. */
const QUALIFIER = '/'

/** A client of the driver, and the database of a store. */
export class MongoConnection {
  readonly client: MongoClient
  readonly database: Db
  readonly pace: Pace
  readonly #owned: boolean
  readonly #deadline: number | undefined
  readonly #inFlight = new InFlight()
  readonly #reachability: Reachability
  readonly #sessions: Sessions
  readonly #collections = new Map<string, Collection<Document>>()
  #connecting: Promise<void> | undefined
  #isReady = false
  #closing: Promise<void> | undefined

  constructor(options: MongoDBOptions) {
    const { client, owned, database } = openClient(options)
    this.client = client
    this.database = client.db(database)
    this.pace = options.pace ?? realPace
    this.#owned = owned
    this.#deadline = options.deadline
    this.#reachability = Reachability.of(client)
    this.#sessions = new Sessions(client, this.pace)
  }

  /** Returns the time limit of a call that begins now. */
  limit(call: CallOptions = {}): TimeLimit {
    return timeLimit(call, this.pace, this.#deadline)
  }

  /**
   * Runs one call of the contract, which may send several commands.
   * @param call gets a copy of the request, because it continues after the caller got its promise.
   * @throws UnavailableError after the store was closed.
   */
  async run<Request, Result>(request: Request, call: (own: Request) => Promise<Result>): Promise<Result> {
    const own = snapshot(request)
    this.checkOpen()
    this.#inFlight.begin()
    try {
      return await call(own)
    } finally {
      this.#inFlight.end()
    }
  }

  /** @throws UnavailableError after the store was closed. */
  checkOpen(): void {
    if (this.#closing) throw new UnavailableError('The store is closed', {})
  }

  /**
   * The collection of a table. Reads come from the primary, and writes are acknowledged by a majority, so that no
   * acknowledged write is lost and every read sees the writes before it.
   * @param table the name of a table of the store's database, or `database/table` for one of another database.
   */
  collection<Schema extends Document>(table: string): Collection<Schema> {
    let found = this.#collections.get(table)
    if (!found) {
      const { database, name } = this.locate(table)
      found = database.collection(name, {
        writeConcern: { w: 'majority' },
        readConcern: { level: 'majority' },
        readPreference: 'primary',
        ...BSON_OPTIONS,
      })
      if (this.#collections.size >= MAX_COLLECTIONS) this.#collections.clear()
      this.#collections.set(table, found)
    }
    return found as unknown as Collection<Schema>
  }

  /** The database and the name in it of a table. @throws ValidationError for an invalid name of a database */
  locate(table: string): { readonly database: Db; readonly name: string } {
    const slash = table.indexOf(QUALIFIER)
    if (slash < 0) return { database: this.database, name: table }
    const database = table.slice(0, slash)
    if (!isDatabaseName(database)) throw invalid(['table'], `${valueText(table)} is not a valid name of a table`)
    return { database: this.client.db(database), name: table.slice(slash + 1) }
  }

  /** Starts a session for a transaction. The caller ends it. */
  session(): ClientSession {
    return this.#sessions.start()
  }

  /**
   * Sends a command; before the first, checks that the server is a member of a replica set.
   * @param kind a lost answer of a write throws `OutcomeUnknownError`.
   * @throws PartitaError for all errors; a write has not been applied then, unless its outcome is unknown.
   */
  async send<T>(
    attempt: Attempt,
    kind: CommandKind,
    limit: TimeLimit,
    command: (limits: CommandLimits) => Promise<T>,
  ): Promise<T> {
    if (!this.#isReady || callEnd(limit, this.pace)) await this.ready(attempt, limit)
    const seen = this.look()
    const session = this.#sessions.take()
    try {
      const result = await this.bounded(limit, command, session)
      this.#sessions.putBack(session)
      return result
    } catch (error) {
      void session.endSession()
      const isOpen = kind === 'write' && leavesWriteOpen(error, seen.wasDisturbed()) && !seen.wasUnreachable()
      throw isOpen ? lostAnswer(attempt, error) : translated(error, attempt)
    }
  }

  /**
   * Connects before the first command. A failed attempt is repeated by the next call.
   * @throws PartitaError `StoreUnusable` if the server is not a member of a replica set, `UnavailableError` if it cannot be
   *   reached, or the call has ended.
   */
  async ready(attempt: Attempt, limit: TimeLimit): Promise<void> {
    const ended = callEnd(limit, this.pace)
    if (ended) throw translated(ended, attempt)
    if (this.#isReady) return
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    const connecting = this.#connecting
    await this.bounded(limit, () => connecting).catch(error => {
      throw translated(error, attempt)
    })
  }

  /** Begins to watch the connections, to find out later whether a command was lost. */
  look(): Since {
    return this.#reachability.look()
  }

  /** Backs off before a retry. @throws CallOver if the call's time is over. */
  async wait(milliseconds: number, limit: TimeLimit): Promise<void> {
    const left = limit.end - this.pace.now()
    await sleepUnlessAborted(this.pace, Math.max(0, Math.min(milliseconds, left)), limit.signal)
    const ended = callEnd(limit, this.pace)
    if (ended) throw ended
  }

  /** Waits for calls in flight, then closes the client, unless it is the user's. */
  close(): Promise<void> {
    this.#closing ??= this.#inFlight.ended().then(async () => {
      await this.#sessions.end()
      if (this.#owned) await this.client.close()
    })
    return this.#closing
  }

  async #connect(): Promise<void> {
    await this.client.connect()
    const hello = await this.database.admin().command({ hello: 1 })
    // A router of a sharded cluster has no name of a set.
    if (hello.setName === undefined && hello.msg !== 'isdbgrid') throw replicaSetRequired()
    this.#isReady = true
  }

  /**
   * Runs a command until it ends, times out or is aborted. The driver then closes the command's connection.
   * @throws the driver's own errors, or {@link CallOver}.
   */
  bounded<T>(limit: TimeLimit, command: (limits: CommandLimits) => Promise<T>, session?: ClientSession): Promise<T> {
    const { signal, end } = limit
    const left = end === Number.POSITIVE_INFINITY ? undefined : timeLeft(limit, this.pace)
    return new Promise((resolve, reject) => {
      const stop = Stop.take()
      const over = (error: CallOver): void => {
        // First, since aborting makes the command fail with a less specific error.
        reject(error)
        stop.abort(error)
      }
      const timer =
        left === undefined ? undefined : setTimeout(() => over(new CallOver(`no answer came within ${left} ms`)), left)
      const aborted = signal && ((): void => over(new CallOver('the call was aborted', signal.reason)))
      if (aborted) signal.addEventListener('abort', aborted, { once: true })
      const letGo = (): void => {
        clearTimeout(timer)
        if (aborted) signal.removeEventListener('abort', aborted)
      }
      attempted(() => command({ maxTimeMS: left, signal: stop.signal, session })).then(
        result => {
          letGo()
          stop.putBack()
          resolve(result)
        },
        (error: unknown) => {
          letGo()
          reject(error)
        },
      )
    })
  }
}

/** The driver throws some errors of its arguments at once. */
function attempted<T>(command: () => Promise<T>): Promise<T> {
  try {
    return command()
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Decoding does not depend on the settings of the user's client. Integers over 53 bits stay exact, as `Long`. */
const BSON_OPTIONS = {
  raw: false,
  promoteValues: true,
  promoteLongs: true,
  promoteBuffers: false,
  useBigInt64: false,
  bsonRegExp: false,
  ignoreUndefined: false,
  serializeFunctions: false,
} as const

/** More tables than programs have; a program that makes up names would otherwise fill the memory. */
const MAX_COLLECTIONS = 1000
