/** The tables of a seed: which were made, and which were in the store before and are left as they are. */
import type { WireCall } from './wire-call.js'

/** On a table until all of its items are put, so that the next start does not take a half of it for the whole. */
const UNFINISHED = 'partita:seeding'

interface NewTable {
  readonly table: string
  /** Names of its key attributes. */
  readonly keys: readonly string[]
}

/** Creates the tables of a seed, and records which tables it created and which it skipped. */
export class SeedTables {
  /** The table of items with category and key. */
  readonly itemsTable: string
  readonly #call: WireCall
  readonly #there: ReadonlySet<string>
  /** Names of key attributes by tables that were made. */
  readonly #made = new Map<string, readonly string[]>()
  readonly #skipped = new Set<string>()

  /**
   * @param there names of the tables that are in the store.
   * @param itemsTable the table of items with category and key, made when there is one of them in the seed.
   */
  constructor(call: WireCall, there: readonly string[], itemsTable: string) {
    this.#call = call
    this.#there = new Set(there)
    this.itemsTable = itemsTable
  }

  get made(): readonly string[] {
    return [...this.#made.keys()]
  }

  get skipped(): readonly string[] {
    return [...this.#skipped]
  }

  get hasItemsTable(): boolean {
    return this.#made.has(this.itemsTable)
  }

  /** Whether a table was there before, so that nothing is put in it. */
  skips(table: string): boolean {
    if (this.#there.has(table)) this.#skipped.add(table)
    return this.#skipped.has(table)
  }

  /** Key attributes of a table that was made; undefined for others. */
  keysOf(table: string): readonly string[] | undefined {
    return this.#made.get(table)
  }

  /**
   * Makes a table, unless it was there before.
   * @param input the input of CreateTable.
   * @throws BadInput where it is refused, as for a second table of one name.
   */
  async make({ table, keys }: NewTable, input: string): Promise<void> {
    if (this.#skipped.has(table)) return
    if (this.#there.has(table) && !this.#made.has(table)) {
      if (!(await this.#isUnfinished(table))) {
        this.#skipped.add(table)
        return
      }
      await this.#remove(table)
    }
    const { Tags: tags = [], ...rest } = JSON.parse(input)
    const marked = Array.isArray(tags) ? [...tags, { Key: UNFINISHED, Value: 'true' }] : tags
    await this.#call('CreateTable', JSON.stringify({ ...rest, Tags: marked }))
    this.#made.set(table, keys)
  }

  /** Creates the table of items with category and key if it is missing; the caller turns on its time to live. */
  async makeItemsTable(): Promise<void> {
    const [table, keys] = [this.itemsTable, ['category', 'key']]
    if (this.#made.has(table)) return
    const input = {
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((name, i) => ({ AttributeName: name, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: keys.map(name => ({ AttributeName: name, AttributeType: 'S' })),
    }
    await this.make({ table, keys }, JSON.stringify(input))
  }

  /** All items are put. */
  async finish(): Promise<void> {
    for (const table of this.#made.keys()) {
      await this.#call(
        'UntagResource',
        JSON.stringify({ ResourceArn: await this.#arnOf(table), TagKeys: [UNFINISHED] }),
      )
    }
  }

  /** Deletes what was made. In a store that takes no more writes the mark stays, and the next start makes it anew. */
  async undo(): Promise<void> {
    for (const table of this.#made.keys()) await this.#remove(table).catch(() => undefined)
  }

  async #remove(table: string): Promise<void> {
    await this.#call('UpdateTable', JSON.stringify({ TableName: table, DeletionProtectionEnabled: false }))
    await this.#call('DeleteTable', JSON.stringify({ TableName: table }))
  }

  async #isUnfinished(table: string): Promise<boolean> {
    const { Tags: tags } = await this.#call(
      'ListTagsOfResource',
      JSON.stringify({ ResourceArn: await this.#arnOf(table) }),
    )
    return (tags as { Key: string }[]).some(({ Key: key }) => key === UNFINISHED)
  }

  async #arnOf(table: string): Promise<string> {
    const { Table: found } = await this.#call('DescribeTable', JSON.stringify({ TableName: table }))
    return (found as { TableArn: string }).TableArn
  }
}
