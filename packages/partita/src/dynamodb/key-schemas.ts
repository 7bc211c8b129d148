/** What the keys of tables are, remembered: a table's key never changes while the table is there. */
import type { KeySchema } from '../store/definition.js'
import type { CallOptions } from '../store/store.js'

export class KeySchemas {
  readonly #known = new Map<string, KeySchema>()
  readonly #read: (table: string, call: CallOptions) => Promise<KeySchema>

  /** @param read asks the server; it throws `TableNotFoundError` where there is no such table. */
  constructor(read: (table: string, call: CallOptions) => Promise<KeySchema>) {
    this.#read = read
  }

  async ofAll(tables: Iterable<string>, call: CallOptions = {}): Promise<ReadonlyMap<string, KeySchema>> {
    const pairs = [...new Set(tables)].map(async table => [table, await this.#of(table, call)] as const)
    return new Map(await Promise.all(pairs))
  }

  /** After the table was deleted: one of its name may come back with another key. */
  forget(table: string): void {
    this.#known.delete(table)
  }

  async #of(table: string, call: CallOptions): Promise<KeySchema> {
    const known = this.#known.get(table)
    if (known) return known
    const schema = await this.#read(table, call)
    this.#known.set(table, schema)
    return schema
  }
}
