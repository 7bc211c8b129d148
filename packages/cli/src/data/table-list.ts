/** Queries and scans of a table without models, in pages that end where the user wants. */
import type { Item, Key, Store } from 'partita'
import {
  type Condition,
  type ItemPage,
  type KeyCondition,
  parsePath,
  project,
  type TableDescription,
} from 'partita/store'
import { Usage } from '../failure.js'
import { parseJson, printJson } from '../json/exact-json.js'
import type { AnyRow } from '../session/any-database.js'
import type { RowList, RowPage } from './row-source.js'
import { keyNames } from './table-terms.js'

/** Which items of a table are read. */
export interface ItemSelection {
  /** Undefined for a scan. */
  readonly key: KeyCondition | undefined
  readonly index: string | undefined
  readonly filter: Condition | undefined
  readonly desc: boolean
  readonly consistent: boolean
  readonly select: readonly string[] | undefined
  readonly after: string | undefined
}

/** Items that one request reads, if a filter leaves some of them out. */
const FILTERED_PAGE = 1000

/** See {@link RowList}. */
export class ItemList implements RowList {
  readonly #store: Store
  readonly #table: TableDescription
  readonly #selection: ItemSelection

  constructor(store: Store, table: TableDescription, selection: ItemSelection) {
    this.#store = store
    this.#table = table
    this.#selection = selection
  }

  async page(limit: number): Promise<RowPage> {
    const { filter } = this.#selection
    const items: Item[] = []
    let after = this.#start()
    do {
      const wanted = limit - items.length
      const page = await this.#read(after, filter ? Math.max(wanted, FILTERED_PAGE) : wanted)
      items.push(...page.items)
      after = page.next
    } while (after && items.length < limit)
    if (items.length <= limit && !after) return { rows: items.map(item => this.#shown(item)), cursor: undefined }
    const rows = items.slice(0, limit)
    // The request may have read further than the last item that is returned.
    const position = items.length > limit ? this.#keyOf(rows.at(-1) as Item) : (after as Key)
    return { rows: rows.map(item => this.#shown(item)), cursor: this.#cursor(position) }
  }

  async *all(): AsyncGenerator<AnyRow> {
    let after = this.#start()
    do {
      const page = await this.#read(after)
      for (const item of page.items) yield this.#shown(item)
      after = page.next
    } while (after)
  }

  async count(): Promise<number> {
    let after = this.#start()
    let count = 0
    do {
      const page = await this.#read(after, undefined, true)
      count += page.count
      after = page.next
    } while (after)
    return count
  }

  #read(after: Key | undefined, limit?: number, countOnly?: true): Promise<ItemPage> {
    const { key, index, filter, desc, consistent } = this.#selection
    const request = {
      table: this.#table.name,
      ...(index !== undefined && { index }),
      ...(filter && { filter }),
      ...(consistent && { consistent }),
      ...(limit !== undefined && { limit }),
      ...(after && { after }),
      ...(countOnly && { countOnly }),
    }
    return key ? this.#store.query({ ...request, key, order: desc ? 'desc' : 'asc' }) : this.#store.scan(request)
  }

  #shown(item: Item): AnyRow {
    return selected(item, this.#selection.select)
  }

  /** The position of an item in the table or index. */
  #keyOf(item: Item): Key {
    const names = keyNames(this.#table, this.#selection.index)
    return Object.fromEntries(names.map(name => [name, item[name]])) as Key
  }

  #cursor(position: Key): string {
    return Buffer.from(printJson([this.#identity(), position], { sorted: true })).toString('base64url')
  }

  /** @throws Usage for a cursor of another query. */
  #start(): Key | undefined {
    const { after } = this.#selection
    if (after === undefined) return undefined
    try {
      const [identity, position] = parseJson(Buffer.from(after, 'base64url').toString('utf8')) as [string, Key]
      const names = keyNames(this.#table, this.#selection.index)
      if (identity === this.#identity() && names.every(name => Object.hasOwn(position, name))) return position
    } catch {
      // It is no cursor at all.
    }
    throw new Usage('--after is not a cursor of this query; start again without it')
  }

  /** What must be the same when a cursor is used. */
  #identity(): string {
    const { key, index, filter, desc } = this.#selection
    return JSON.stringify([this.#table.name, index, key, filter, desc], (_, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    )
  }
}

/** The attributes at the paths that the user selects; all without a selection. */
export function selected(item: Item, select: readonly string[] | undefined): AnyRow {
  if (!select) return item
  const paths = select.map(path => parsePath(path))
  return project(paths, item)
}
