/** Reads all rows of a model. */
import type { AnyModel } from 'partita'
import type { AnyRepository } from '../../session/any-database.js'
import { keyFieldsOf, toFileItem } from '../format/model-fields.js'
import type { CapacityPace } from '../target/capacity-pace.js'
import type { Reader } from './reader.js'

const BATCH = 500

/** A model, and how to read it. */
export interface ModelReading {
  readonly repository: AnyRepository
  readonly model: AnyModel
  readonly pace: CapacityPace
  /** The read units that the database has used so far. */
  readonly used: () => number
  /** Called for a row that does not fit its model, and is left out. */
  readonly onUnreadable: (error: Error) => void
}

/** Reads the rows of a model, in no particular order. */
export function modelReader({ repository, model, pace, used, onUnreadable }: ModelReading): Reader {
  return {
    keyNames: keyFieldsOf(model),
    itemCount: undefined,
    async *pages(after, signal) {
      const batchSize = pace.rate === undefined ? BATCH : Math.max(1, Math.min(BATCH, Math.floor(pace.rate)))
      let before = used()
      for await (const batch of repository.iterate({ after, batchSize }).batches()) {
        for (const error of batch.unreadable) onUnreadable(error)
        yield { items: batch.items.map(row => toFileItem(row, model)), next: batch.cursor }
        pace.spend(used() - before)
        before = used()
        await pace.ready(signal)
        if (signal.aborted) return
      }
    },
  }
}
