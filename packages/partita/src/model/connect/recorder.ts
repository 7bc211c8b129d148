/** Records what `db.explain` reports of a transaction while its function runs. */
import type { EngineCommand } from '../../store/store.js'
import type { OperationEvent } from '../types/events.js'
import type { ExplainedQuery, ExplainedRead, ReadPurpose } from '../types/explanation.js'

/** What a call to the store is about, as far as it is recorded. */
interface RecordedCall {
  readonly operation: OperationEvent['operation']
  readonly model: string | undefined
  readonly index: string | undefined
  readonly purpose: ReadPurpose | undefined
  readonly request: object
  /** The engine's own commands, if it explains them. */
  readonly commands: readonly EngineCommand[] | undefined
}

/** The record of one transaction. */
export class Recorder {
  readonly reads: ExplainedRead[] = []
  readonly queries: ExplainedQuery[] = []

  /** Adds a call that has succeeded. Transactions that are explained make only reads. */
  add({ operation, model, index, purpose = 'rows', request, commands }: RecordedCall): void {
    const gets = 'gets' in request && Array.isArray(request.gets) ? request.gets.length : undefined
    const keys = operation === 'get' ? 1 : gets
    this.reads.push({ purpose, operation, model, index, keys, ...(commands && { commands }) })
  }
}
