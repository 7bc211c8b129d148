/** Sessions for single commands. The driver would make one for each command, which costs about a tenth of the command. */
import type { ClientSession, MongoClient } from 'mongodb'
import type { Pace } from '../../store/retry.js'

/** The driver has as many connections. */
const MAX_IDLE = 100
/** Milliseconds. A server forgets sessions that are unused for 30 minutes, or for 1 at the least. */
const LIFE = 30_000

/** Sessions of a client that no command uses. A session serves one command at a time. */
export class Sessions {
  readonly #client: MongoClient
  readonly #pace: Pace
  #idle: ClientSession[] = []
  /** When all idle sessions were ended: none of them is unused for longer. */
  #since: number

  constructor(client: MongoClient, pace: Pace) {
    this.#client = client
    this.#pace = pace
    this.#since = pace.now()
  }

  /** Returns a session that no command uses. */
  take(): ClientSession {
    const now = this.#pace.now()
    if (now - this.#since >= LIFE) {
      void this.end()
      this.#since = now
    }
    for (;;) {
      const session = this.#idle.pop()
      if (!session) return this.start()
      // The user has closed the client, and connected it again.
      if (!session.hasEnded) return session
    }
  }

  /** Gives one back after a success. One whose command failed ends: the command may still use it. */
  putBack(session: ClientSession): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(session)
    else void session.endSession()
  }

  /** Starts a session, which the caller ends. */
  start(): ClientSession {
    return this.#client.startSession({ causalConsistency: false })
  }

  /** Ends all idle sessions. */
  async end(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(session => session.endSession()))
  }
}
