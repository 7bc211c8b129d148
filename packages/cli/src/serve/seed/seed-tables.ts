/** The tables of a seed: those that were created, and those that already existed and are left unchanged. */
import type { WireCall } from './wire-call.js'

/**
 * The key of a tag that a table has until all of its items are put, so that the next start does not mistake it for
 * complete. A table with the maximum number of tags has no room for it: the value of its last tag is this text instead.
 */
const UNFINISHED = 'partita:seeding'
/** The maximum number of tags of a table. */
const MOST_TAGS = 50

interface NewTable {
  readonly table: string
  /** Names of its key attributes. */
  readonly keys: readonly string[]
}

interface Tag {
  readonly Key: string
  readonly Value: string
}

interface CreatedTable {
  /** Names of its key attributes. */
  readonly keys: readonly string[]
  /** The tag whose value is replaced until the table is complete; undefined if the table has a tag of its own for this. */
  readonly replaced: Tag | undefined
}

/** Creates the tables of a seed, and records which tables it created and which it skipped. */
export class SeedTables {
  /** The table of items with category and key. */
  readonly itemsTable: string
  readonly #call: WireCall
  readonly #existing: ReadonlySet<string>
  readonly #created = new Map<string, CreatedTable>()
  readonly #skipped = new Set<string>()

  /**
   * @param existing names of the tables that are in the store.
   * @param itemsTable the table of items with category and key, created if the seed contains such an item.
   */
  constructor(call: WireCall, existing: readonly string[], itemsTable: string) {
    this.#call = call
    this.#existing = new Set(existing)
    this.itemsTable = itemsTable
  }

  get made(): readonly string[] {
    return [...this.#created.keys()]
  }

  get skipped(): readonly string[] {
    return [...this.#skipped]
  }

  get hasItemsTable(): boolean {
    return this.#created.has(this.itemsTable)
  }

  /** Whether a table existed before, so that nothing is put into it. */
  skips(table: string): boolean {
    if (this.#existing.has(table)) this.#skipped.add(table)
    return this.#skipped.has(table)
  }

  /** Key attributes of a created table; undefined for others. */
  keysOf(table: string): readonly string[] | undefined {
    return this.#created.get(table)?.keys
  }

  /**
   * Creates a table unless it existed before.
   * @param input the input of CreateTable.
   * @throws BadInput if it is refused, for example for a second table of the same name.
   */
  async make({ table, keys }: NewTable, input: string): Promise<void> {
    if (this.#skipped.has(table)) return
    if (this.#existing.has(table) && !this.#created.has(table)) {
      if (!(await this.#isUnfinished(table))) {
        this.#skipped.add(table)
        return
      }
      await this.#remove(table)
    }
    const { Tags: tags = [], ...rest } = JSON.parse(input)
    const replaced = Array.isArray(tags) && tags.length === MOST_TAGS ? tags.at(-1) : undefined
    const marked = Array.isArray(tags) ? markUnfinished(tags, replaced) : tags
    await this.#call('CreateTable', JSON.stringify({ ...rest, Tags: marked }))
    this.#created.set(table, { keys, replaced })
  }

  /** Creates the table of items with category and key if it is missing; the caller turns on its time to live. */
  async makeItemsTable(): Promise<void> {
    const [table, keys] = [this.itemsTable, ['category', 'key']]
    if (this.#created.has(table)) return
    const input = {
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((name, i) => ({ AttributeName: name, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: keys.map(name => ({ AttributeName: name, AttributeType: 'S' })),
    }
    await this.make({ table, keys }, JSON.stringify(input))
  }

  /** Restores the tags of the created tables. Call it when all items are put. */
  async finish(): Promise<void> {
    for (const [table, { replaced }] of this.#created) {
      const ResourceArn = await this.#arnOf(table)
      if (replaced) await this.#call('TagResource', JSON.stringify({ ResourceArn, Tags: [replaced] }))
      else await this.#call('UntagResource', JSON.stringify({ ResourceArn, TagKeys: [UNFINISHED] }))
    }
  }

  /** Deletes the created tables. If the store refuses writes, the tag stays and the next start creates them again. */
  async undo(): Promise<void> {
    for (const table of this.#created.keys()) await this.#remove(table).catch(() => undefined)
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
    return (tags as Tag[]).some(({ Key: key, Value: value }) => key === UNFINISHED || value === UNFINISHED)
  }

  async #arnOf(table: string): Promise<string> {
    const { Table: found } = await this.#call('DescribeTable', JSON.stringify({ TableName: table }))
    return (found as { TableArn: string }).TableArn
  }
}

function markUnfinished(tags: readonly Tag[], replaced: Tag | undefined): Tag[] {
  if (replaced) return [...tags.slice(0, -1), { ...replaced, Value: UNFINISHED }]
  return [...tags, { Key: UNFINISHED, Value: 'true' }]
}
