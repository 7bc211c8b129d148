/**
 * Reads by key, gathered into batches and remembered while a scope lasts.
 *
 * Each batch is closed before it is sent, so a read that comes while one is under way goes into the next. What is
 * remembered is stored items by their physical key, which holds model and tenant; each reader makes its own record of
 * them. A write takes the place of what is remembered, or of a read that is still under way.
 */
import type { GetRequest } from '../../store/store.js'
import { setImmediate } from '../../store/timers.js'
import type { Item, Key } from '../../value/value.js'
import { type CallContext, calls } from '../connect/context.js'

/** A scope that lives long forgets the oldest first. */
const MOST_REMEMBERED = 10_000

interface Waiting {
  readonly request: GetRequest
  readonly resolve: (item: Item | undefined) => void
  readonly reject: (error: unknown) => void
}

export class Loader {
  readonly #remembered = new Map<string, Promise<Item | undefined>>()
  #waiting: Waiting[] = []

  /** The item, read at most once; with `consistent` read anew, and remembered so. */
  read(context: CallContext, request: GetRequest): Promise<Item | undefined> {
    const id = identity(request.key)
    const known = request.consistent ? undefined : this.#remembered.get(id)
    if (known) return known
    const item = new Promise<Item | undefined>((resolve, reject) => {
      // Behind all that is ready to run now, so that whoever else is about to read comes along.
      if (this.#waiting.push({ request, resolve, reject }) === 1) setImmediate(() => void this.#send(context))
    })
    this.#remember(id, item)
    // What failed is asked for again.
    item.catch(() => {
      if (this.#remembered.get(id) === item) this.#remembered.delete(id)
    })
    return item
  }

  /** Follows a write; without an item it is read again when it is wanted. */
  wrote(key: Key, outcome: { readonly item: Item | undefined } | undefined): void {
    const id = identity(key)
    this.#remembered.delete(id)
    if (outcome) this.#remember(id, Promise.resolve(outcome.item))
  }

  async #send(context: CallContext): Promise<void> {
    const batch = this.#waiting
    this.#waiting = []
    try {
      const { items } = await calls.batchGet(context, { gets: batch.map(({ request }) => request) })
      batch.forEach(({ resolve }, i) => {
        resolve(items[i])
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  #remember(id: string, item: Promise<Item | undefined>): void {
    this.#remembered.set(id, item)
    if (this.#remembered.size <= MOST_REMEMBERED) return
    const [oldest] = this.#remembered.keys()
    this.#remembered.delete(oldest as string)
  }
}

/** One text for a key of two texts. */
export function identity(key: Key): string {
  const [pk = '', sk = ''] = Object.values(key) as string[]
  return `${pk.length} ${pk}${sk}`
}
