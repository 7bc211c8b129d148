/** The derived parts that rows of each model may lack. */
import type { CompiledModel } from '../compile/compiled-model.js'
import type { PhysicalTable } from '../compile/layout.js'
import type { Part } from './parts.js'

/** What one database connection knows about derived parts. */
export class PartStates {
  /**
   * Retries the record update that failed in `connect`, by table; absent once that has succeeded or been given up. Every
   * write of the table awaits it, since a program must be recorded before it writes rows.
   */
  readonly pending = new Map<PhysicalTable, () => Promise<void>>()
  readonly #incomplete = new Map<CompiledModel, readonly Part[]>()

  /** Parts that rows of the model may lack. */
  incomplete(model: CompiledModel): readonly Part[] {
    return this.#incomplete.get(model) ?? []
  }

  /** Whether rows of the model may lack any derived data. */
  isBehind(model: CompiledModel): boolean {
    return this.#incomplete.has(model)
  }

  /** Whether rows of the model may lack unique markers. */
  lacksMarkers(model: CompiledModel): boolean {
    return this.incomplete(model).some(({ kind }) => kind === 'unique')
  }

  set(model: CompiledModel, incomplete: readonly Part[]): void {
    if (incomplete.length === 0) this.#incomplete.delete(model)
    else this.#incomplete.set(model, incomplete)
  }
}
