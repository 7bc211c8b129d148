/** Counts the capacity units that calls of a program consume. */
import { invalid, valueText } from '../errors/errors.js'
import type { OperationEvent } from '../model/types/events.js'

/** Capacity units that one call to the store consumed. */
export interface ConsumedCapacity {
  /** The call, such as `get` or `transactWrite`. */
  readonly operation: OperationEvent['operation']
  /** Name of the model; undefined for a call that serves several models. */
  readonly model: string | undefined
  readonly read: number
  readonly write: number
}

/** Collects the capacity of calls to the store. */
export class Meter {
  #entries: ConsumedCapacity[] = []

  /** Adds what a call consumed. */
  add({ operation, model, capacity: { read, write } }: OperationEvent): void {
    this.#entries.push({ operation, model, read, write })
  }

  /** One entry for each call. */
  get entries(): ConsumedCapacity[] {
    return [...this.#entries]
  }

  /** A meter with one of several equal parts of each call. */
  share(parts: number): Meter {
    const meter = new Meter()
    meter.#entries = this.#entries.map(it => ({ ...it, read: it.read / parts, write: it.write / parts }))
    return meter
  }

  /** The sum of all calls. @throws ValidationError for another type. */
  units(type: unknown): number {
    if (type !== 'read' && type !== 'write' && type !== 'total') {
      throw invalid([], `${valueText(type)} is not a type of capacity; use read, write or total`)
    }
    return this.#entries.reduce(
      (sum, { read, write }) => sum + (type === 'write' ? 0 : read) + (type === 'read' ? 0 : write),
      0,
    )
  }

  /** Forgets all calls. */
  clear(): void {
    this.#entries = []
  }
}
