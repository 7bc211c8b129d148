/** What a database knows of the parts of its models: which of them rows may lack. */
import type { CompiledModel } from '../compile/compiled-model.js'
import type { Part } from './parts.js'

export class PartStates {
  /**
   * Reads and writes the table's record where `connect` could not; undefined once that is done or given up. Awaited
   * before each write, since a program must be on record before it writes rows.
   */
  pending: (() => Promise<void>) | undefined
  readonly #incomplete = new Map<CompiledModel, readonly Part[]>()

  /** Parts that rows of the model may lack. */
  incomplete(model: CompiledModel): readonly Part[] {
    return this.#incomplete.get(model) ?? []
  }

  /** Whether rows of the model may lack anything that is derived from them. */
  isBehind(model: CompiledModel): boolean {
    return this.#incomplete.has(model)
  }

  /** Whether rows of the model may lack markers. */
  lacksMarkers(model: CompiledModel): boolean {
    return this.incomplete(model).some(({ kind }) => kind === 'unique')
  }

  set(model: CompiledModel, incomplete: readonly Part[]): void {
    if (incomplete.length === 0) this.#incomplete.delete(model)
    else this.#incomplete.set(model, incomplete)
  }
}
