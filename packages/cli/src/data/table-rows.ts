/** The items of a table without models, by the store. */
import { ConditionFailedError, type Item, NotFoundError, type Store, ValidationError } from 'partita'
import {
  and,
  type Condition,
  compileFilter,
  exists,
  type Filter,
  type KeyCondition,
  type Naming,
  notExists,
  printCondition,
  printKeyCondition,
  type TableDescription,
} from 'partita/store'
import { Usage } from '../failure.js'
import { isJsonObject, printJson } from '../json/exact-json.js'
import type { AnyRow } from '../session/any-database.js'
import { jsonOf } from './field-value.js'
import { filterOf } from './model-filter.js'
import type { ReadOptions, RowList, RowSource, RowWriteOptions } from './row-source.js'
import { itemUpdateOf } from './table-changes.js'
import { ItemList, selected } from './table-list.js'
import { requireIndex, tableItem, tableKey, tableRange } from './table-terms.js'

/** Prints names and values as they are, for a person. */
const AS_TEXT: Naming = { name: name => name, value: value => printJson(value) }

/** See {@link RowSource}. */
export class TableRows implements RowSource {
  readonly name: string
  readonly #store: Store
  readonly #table: TableDescription

  constructor(store: Store, table: TableDescription) {
    this.name = `table ${table.name}`
    this.#store = store
    this.#table = table
  }

  async get(key: readonly string[], options: ReadOptions): Promise<AnyRow | undefined> {
    refuseModelOptions(options)
    const { consistent } = options
    const { item } = await this.#store.get({
      table: this.#table.name,
      key: tableKey(this.#table, key),
      ...(consistent && { consistent }),
    })
    return item && selected(item, options.select)
  }

  query(range: readonly string[], options: ReadOptions): RowList {
    const key = tableRange(this.#table, options.index, range)
    return this.#listOf(options, key)
  }

  list(options: ReadOptions): RowList {
    return this.#listOf(options, undefined)
  }

  async explain(range: readonly string[], options: ReadOptions): Promise<AnyRow> {
    refuseModelOptions(options)
    const filter = this.#filterOf(options.where)
    return {
      table: this.#table.name,
      index: options.index,
      keyCondition: printKeyCondition(tableRange(this.#table, options.index, range), AS_TEXT),
      filter: filter && printCondition(filter, AS_TEXT),
      order: options.desc ? 'desc' : 'asc',
      consistent: options.consistent ?? false,
    }
  }

  async put(row: readonly string[] | string, { create, if: conditions }: RowWriteOptions): Promise<AnyRow> {
    const { name: table, key } = this.#table
    const item = typeof row === 'string' ? itemOf(row) : tableItem(this.#table, row)
    const isAbsent = create ? notExists([key.partition.name]) : undefined
    const condition = allOf(isAbsent, this.#filterOf(conditions))
    await this.#store.write({ kind: 'put', table, item, ...(condition && { condition }) })
    return item
  }

  async update(args: readonly string[], { unset, if: conditions }: RowWriteOptions): Promise<AnyRow> {
    const { name: table, key } = this.#table
    const { key: terms, update } = itemUpdateOf(this.#table, args, unset)
    const condition = allOf(exists([key.partition.name]), this.#filterOf(conditions)) as Condition
    const at = tableKey(this.#table, terms)
    try {
      const request = { kind: 'update', table, key: at, update, condition } as const
      const { item } = await this.#store.write({ ...request, returns: 'new', returnOldOnFailure: true })
      return item as Item
    } catch (error) {
      if (!(error instanceof ConditionFailedError) || error.details.item) throw error
      throw new NotFoundError(`There is no item ${printJson(at)} in ${this.name}; put creates one`, { key: at }, error)
    }
  }

  async delete(key: readonly string[], { purge, if: conditions }: RowWriteOptions): Promise<AnyRow | undefined> {
    if (purge) throw new Usage('--purge needs a model: the items of a table are not soft-deleted')
    const condition = this.#filterOf(conditions)
    const { item } = await this.#store.write({
      kind: 'delete',
      table: this.#table.name,
      key: tableKey(this.#table, key),
      ...(condition && { condition }),
      returns: 'old',
    })
    return item
  }
  #listOf(options: ReadOptions, key: KeyCondition | undefined): RowList {
    refuseModelOptions(options)
    const { index, where, desc = false, consistent = false, select, after } = options
    if (index !== undefined) requireIndex(this.#table, index)
    const filter = this.#filterOf(where)
    return new ItemList(this.#store, this.#table, { key, index, filter, desc, consistent, select, after })
  }

  #filterOf(conditions: readonly string[] | undefined): Condition | undefined {
    const filter = filterOf(undefined, conditions)
    return filter && compileFilter(filter as Filter)
  }
}

function allOf(first: Condition | undefined, second: Condition | undefined): Condition | undefined {
  return first && second ? and(first, second) : (first ?? second)
}

function itemOf(text: string): Item {
  const item = jsonOf(text, [])
  if (isJsonObject(item)) return item as Item
  throw new ValidationError([{ path: [], message: 'is not a JSON object; an item is an object of its attributes' }])
}

/** @throws Usage for options that only models have. */
function refuseModelOptions(options: ReadOptions): void {
  for (const [name, flag] of [
    ['with', '--with'],
    ['withDeleted', '--with-deleted'],
  ] as const) {
    if (options[name])
      throw new Usage(`${flag} needs a model; the items of a table have no relations and are not hidden`)
  }
}
