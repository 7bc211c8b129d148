/** Keeps a transaction within one store: no request can span several. */
import { invalid } from '../../errors/errors.js'
import type { CompiledModel } from '../compile/compiled-model.js'
import type { PhysicalTable } from '../compile/layout.js'
import { storeOf } from '../connect/context.js'
import type { RowContext } from '../rows/rows.js'

/** The store of one transaction: that of the first model which it reads or writes. */
export class TransactionRoot {
  #first: CompiledModel | undefined

  /** A table of the store; undefined before the first read or write. */
  get table(): PhysicalTable | undefined {
    return this.#first?.table
  }

  /**
   * Refuses a model of another store at its first read or write, before anything is sent.
   * @throws ValidationError naming both models.
   */
  check({ db, model }: RowContext): void {
    this.#first ??= model
    const { table } = this.#first
    if (table === model.table || storeOf(db, table) === storeOf(db, model.table)) return
    throw invalid(
      [],
      `${model.name} is in the database ${model.table.database}, and the transaction began with ${this.#first.name} in ` +
        `${table.database}, which is another store; a transaction cannot span stores. Share one by reuseId, or use ` +
        'db.outside(() => ...) for calls that are not part of the transaction',
    )
  }
}
