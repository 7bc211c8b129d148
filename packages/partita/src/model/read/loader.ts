/**
 * Batches reads by key and caches items for the lifetime of a scope.
 *
 * A batch is closed before it is sent, so a read that arrives while a batch is in flight joins the next one. The
 * cache holds stored items by physical key, which includes model and tenant; each reader makes its own record. A
 * write replaces the cached item, and the result of a read still in flight.
 */
import type { GetRequest } from '../../store/store.js'
import { setImmediate } from '../../store/timers.js'
import type { Item, Key } from '../../value/value.js'
import type { PhysicalTable } from '../compile/layout.js'
import { calls } from '../connect/context.js'
import type { RowContext } from '../rows/rows.js'

/** Items in the cache. A long-lived scope evicts the oldest first. */
const MOST_REMEMBERED = 10_000

interface Waiting {
  readonly context: RowContext
  readonly request: GetRequest
  readonly resolve: (item: Item | undefined) => void
  readonly reject: (error: unknown) => void
}

/** Batches and caches the reads of one scope. */
export class Loader {
  readonly #remembered = new Map<string, Promise<Item | undefined>>()
  #waiting: Waiting[] = []

  /** The item, read at most once. `consistent` reads it again and caches the result. */
  read(context: RowContext, request: GetRequest): Promise<Item | undefined> {
    const id = identity(context.model.table, request.key)
    const known = request.consistent ? undefined : this.#remembered.get(id)
    if (known) return known
    const item = new Promise<Item | undefined>((resolve, reject) => {
      // Runs after all work that is ready now, so that concurrent reads join this batch.
      if (this.#waiting.push({ context, request, resolve, reject }) === 1) setImmediate(() => void this.#send())
    })
    this.#remember(id, item)
    // Failed reads are not cached.
    item.catch(() => {
      if (this.#remembered.get(id) === item) this.#remembered.delete(id)
    })
    return item
  }

  /** Caches the result of a write; without an item, the next read fetches it again. */
  wrote(table: PhysicalTable, key: Key, outcome: { readonly item: Item | undefined } | undefined): void {
    const id = identity(table, key)
    this.#remembered.delete(id)
    if (outcome) this.#remember(id, Promise.resolve(outcome.item))
  }

  /** Sends one batch for each table. */
  async #send(): Promise<void> {
    const batches = new Map<PhysicalTable, Waiting[]>()
    for (const waiting of this.#waiting) {
      const { table } = waiting.context.model
      const batch = batches.get(table)
      if (batch) batch.push(waiting)
      else batches.set(table, [waiting])
    }
    this.#waiting = []
    await Promise.all([...batches.values()].map(batch => this.#sendBatch(batch)))
  }

  async #sendBatch(batch: readonly Waiting[]): Promise<void> {
    const [{ context }] = batch as readonly [Waiting]
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

/** A text that identifies a key of two texts in all tables of a program. The `id` of a database has no spaces. */
export function identity({ database }: PhysicalTable, key: Key): string {
  const [pk = '', sk = ''] = Object.values(key) as string[]
  return `${database} ${pk.length} ${pk}${sk}`
}
