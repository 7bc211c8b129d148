/** What a read by id returns if there is no row. */
import type { Meter } from './meter.js'

/** The result of a read that finds no row. Its `exists()` is false, where that of a record is true. */
export class ObjectNotFound {
  readonly #meter: Meter

  /** @internal */
  constructor(meter: Meter) {
    this.#meter = meter
  }

  /** False. */
  exists(): this is never {
    return false
  }

  /** Capacity units that the read consumed. */
  getNumericConsumedCapacity(type: 'read' | 'write' | 'total' = 'total', _includeRelated = false): number {
    return this.#meter.units(type)
  }
}
