/** Caches key schemas: the key of a table never changes during its life. */
import type { KeySchema } from '../store/definition.js'
import type { CallOptions } from '../store/store.js'

/** A cache of key schemas by table name. */
export class KeySchemas {
  readonly #known = new Map<string, KeySchema>()
  readonly #read: (table: string, call: CallOptions) => Promise<KeySchema>

  /** @param read describes the table; it throws `TableNotFoundError` if it does not exist. */
  constructor(read: (table: string, call: CallOptions) => Promise<KeySchema>) {
    this.#read = read
  }

  async ofAll(tables: Iterable<string>, call: CallOptions = {}): Promise<ReadonlyMap<string, KeySchema>> {
    const pairs = [...new Set(tables)].map(async table => [table, await this.#of(table, call)] as const)
    return new Map(await Promise.all(pairs))
  }

  /** Removes a deleted table, since a new table of its name may have another key. */
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
