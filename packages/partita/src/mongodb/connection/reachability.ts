/**
 * Watches whether the client reaches a server that takes writes, and whether connections break.
 *
 * The driver repeats a write once if its answer is lost, and throws only the error of the second attempt. That error does
 * not tell whether the first attempt was applied, so this module does, from the driver's events.
 */
import type { ConnectionClosedEvent, MongoClient, TopologyDescriptionChangedEvent } from 'mongodb'

/** Types of servers that take writes. */
const WRITABLE: ReadonlySet<string> = new Set(['RSPrimary', 'Mongos', 'Standalone', 'LoadBalancer'])

const watched = new WeakMap<MongoClient, Reachability>()

/** What happened since a call began. */
export interface Since {
  /** Whether a connection broke, so that the answer of an attempt may have been lost. */
  wasDisturbed(): boolean
  /** Whether no server took writes in all this time, so that no write was sent. */
  wasUnreachable(): boolean
}

/** Counts broken connections and follows the state of the servers. */
export class Reachability {
  #broken = 0
  /** Unknown until the first event: the user's client may be connected already. */
  #isWritable = true
  #recoveries = 0

  private constructor(client: MongoClient) {
    client.on('connectionClosed', this.#closed)
    client.on('topologyDescriptionChanged', this.#changed)
  }

  /** Watches a client. All stores on one client share the listeners. */
  static of(client: MongoClient): Reachability {
    let watching = watched.get(client)
    if (!watching) {
      watching = new Reachability(client)
      watched.set(client, watching)
    }
    return watching
  }

  /** Begins to look. */
  look(): Since {
    const broken = this.#broken
    const recoveries = this.#recoveries
    const wasWritable = this.#isWritable
    return {
      wasDisturbed: () => this.#broken !== broken,
      wasUnreachable: () => !wasWritable && this.#recoveries === recoveries,
    }
  }

  readonly #closed = ({ reason }: ConnectionClosedEvent): void => {
    if (reason === 'error') this.#broken++
  }

  readonly #changed = ({ newDescription }: TopologyDescriptionChangedEvent): void => {
    const isWritable = [...newDescription.servers.values()].some(({ type }) => WRITABLE.has(type))
    if (isWritable && !this.#isWritable) this.#recoveries++
    this.#isWritable = isWritable
  }
}
