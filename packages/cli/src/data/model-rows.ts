/** The rows of a model, by its repository. */
import type { AnyModel, IncompleteEvent, UnreadableError } from 'partita'
import { nearest } from 'partita/store'
import { Usage } from '../failure.js'
import type { AnyQuery, AnyRepository, AnyRow } from '../session/any-database.js'
import { jsonOf } from './field-value.js'
import { updateOf } from './model-changes.js'
import { fieldsOf, keyOf, rangesOf, rowOf } from './model-fields.js'
import { filterOf } from './model-filter.js'
import type { ReadOptions, RowList, RowPage, RowSource, RowWriteOptions } from './row-source.js'

/** Rows that one batch of an iteration reads. */
const BATCH = 100

/** Receives what a reader of rows must know. */
interface RowReports {
  /** A row that does not fit the model; reads leave it out. */
  unreadable(error: UnreadableError): void
  /** A read uses a part of the model, which older rows may lack. @param index the name of an index. */
  uses(part: IncompleteEvent['part'], index?: string): void
}

/** See {@link RowSource}. */
export class ModelRows implements RowSource {
  readonly name: string
  readonly #model: AnyModel
  readonly #rows: AnyRepository
  readonly #index: string | undefined
  readonly #reports: RowReports

  constructor(model: AnyModel, rows: AnyRepository, index: string | undefined, reports: RowReports) {
    this.name = model.name
    this.#model = model
    this.#rows = rows
    this.#index = index
    this.#reports = reports
  }

  async get(key: readonly string[], options: ReadOptions): Promise<AnyRow | undefined> {
    this.#refuseIndex('get')
    return this.#rows.get(keyOf(this.#model, key), this.#readOptions(options))
  }

  /** The row with these values of a unique constraint. */
  async find(values: readonly string[], options: ReadOptions): Promise<AnyRow | undefined> {
    this.#refuseIndex('find')
    this.#reports.uses('unique')
    return this.#rows.findBy(fieldsOf(this.#model, values), this.#readOptions(options))
  }

  query(range: readonly string[], options: ReadOptions): RowList {
    const query = (limit?: number) => this.#query(range, options, limit)
    return {
      page: async limit => {
        const { items, cursor } = await query(limit).page()
        return { rows: items, cursor }
      },
      all: () => query(),
      count: () => query().count(),
    }
  }

  async explain(range: readonly string[], options: ReadOptions, limit: number): Promise<AnyRow> {
    return { ...(await this.#query(range, options, limit).explain()) }
  }

  list(options: ReadOptions): RowList {
    this.#refuseIndex('list')
    const { with: relations, consistent } = options
    if (relations) throw new Usage('list loads no relations; get and query do')
    if (consistent) throw new Usage('list reads an index, which has no consistent reads; get has')
    this.#reports.uses('iteration')
    const { select: _, ...read } = this.#listOptions(options)
    const shown = this.#selection(options.select)
    const iterate = () => this.#rows.iterate(read)
    return {
      page: async limit => {
        const { rows, cursor } = await this.#iterationPage(read, limit)
        return { rows: rows.map(shown), cursor }
      },
      async *all() {
        for await (const row of iterate()) yield shown(row)
      },
      count: async () => {
        let count = 0
        for await (const { items } of iterate().batches()) count += items.length
        return count
      },
    }
  }

  async put(row: readonly string[] | string, { create, if: conditions }: RowWriteOptions): Promise<AnyRow> {
    this.#refuseIndex('put')
    const input = typeof row === 'string' ? rowOf(this.#model, jsonOf(row, [])) : fieldsOf(this.#model, row)
    if (create) return this.#rows.create(input)
    return this.#rows.put(input, this.#conditionOf(conditions))
  }

  async update(args: readonly string[], { unset, if: conditions }: RowWriteOptions): Promise<AnyRow> {
    this.#refuseIndex('update')
    const { key, changes } = updateOf(this.#model, args, unset)
    return this.#rows.update(keyOf(this.#model, key), changes, this.#conditionOf(conditions))
  }

  async delete(key: readonly string[], options: RowWriteOptions): Promise<AnyRow | undefined> {
    this.#refuseIndex('delete')
    const { purge, onProgress, if: conditions } = options
    const row = keyOf(this.#model, key)
    if (purge) return this.#rows.purge(row)
    return this.#rows.delete(row, { ...this.#conditionOf(conditions), ...(onProgress && { onProgress }) })
  }

  #query(range: readonly string[], options: ReadOptions, limit?: number): AnyQuery {
    const index = this.#index ?? 'key'
    const { query } = this.#rows
    if (!Object.hasOwn(query, index)) {
      const near = nearest(index, Object.keys(query))
      const known = near === undefined ? `it has ${Object.keys(query).join(', ')}` : `did you mean ${near}?`
      throw new Usage(`${this.name} has no index ${index}; ${known}`)
    }
    this.#reports.uses('index', index)
    const read = query[index] as (key: AnyRow, options: AnyRow) => AnyQuery
    return read(rangesOf(this.#model, range), {
      ...this.#listOptions(options),
      ...(limit !== undefined && { limit }),
    })
  }

  /** The rows of as many batches as the limit needs. With a filter, a batch may hold more rows than are wanted. */
  async #iterationPage(read: AnyRow, limit: number): Promise<RowPage> {
    const rows: AnyRow[] = []
    let after = read.after as string | undefined
    let batchSize = Math.min(limit, BATCH)
    while (rows.length < limit) {
      const batches = this.#rows.iterate({ ...read, batchSize, ...(after !== undefined && { after }) }).batches()
      const { value: batch, done } = await batches[Symbol.asyncIterator]().next()
      if (done) return { rows, cursor: undefined }
      if (rows.length + batch.items.length > limit) {
        // A cursor continues after a whole batch, so the batch is read again in smaller ones.
        batchSize = Math.ceil(batchSize / 2)
        continue
      }
      rows.push(...batch.items)
      if (batch.cursor === undefined) return { rows, cursor: undefined }
      after = batch.cursor
      batchSize = Math.min(read.where === undefined ? limit - rows.length : limit, BATCH)
    }
    return { rows, cursor: after }
  }

  /** An iteration reads whole rows, so fields are selected here. @throws Usage for an unknown field. */
  #selection(select: readonly string[] | undefined): (row: AnyRow) => AnyRow {
    const { fields } = this.#model.definition
    const unknown = select?.find(name => !Object.hasOwn(fields, name))
    if (unknown === undefined) return row => (select ? Object.fromEntries(select.map(name => [name, row[name]])) : row)
    const near = nearest(unknown, Object.keys(fields))
    throw new Usage(
      `${this.name} has no field ${unknown}; ${near ? `did you mean ${near}?` : `it has ${Object.keys(fields).join(', ')}`}`,
    )
  }

  #readOptions({ consistent, select, with: relations, withDeleted }: ReadOptions): AnyRow {
    return {
      ...(consistent && { consistent }),
      ...(select && { select }),
      ...(relations && { with: relationsOf(relations) }),
      ...(withDeleted && { withDeleted }),
    }
  }

  #listOptions(options: ReadOptions): AnyRow {
    const { where, desc, after } = options
    const filter = filterOf(this.#model, where)
    return {
      ...this.#readOptions(options),
      ...(filter && { where: filter }),
      ...(desc && { order: 'desc' }),
      ...(after !== undefined && { after }),
      onUnreadable: (_: unknown, error: UnreadableError) => this.#reports.unreadable(error),
    }
  }

  #conditionOf(conditions: readonly string[] | undefined): AnyRow {
    const filter = filterOf(this.#model, conditions)
    return filter ? { if: filter } : {}
  }

  #refuseIndex(command: string): void {
    if (this.#index === undefined) return
    throw new Usage(`${command} takes a model, not an index; write ${this.name} instead of ${this.name}.${this.#index}`)
  }
}

/** `posts.comments` loads the posts, and the comments of each. */
function relationsOf(paths: readonly string[]): AnyRow {
  interface Level {
    readonly [relation: string]: true | { readonly with: Level }
  }
  const add = (level: Level, [relation, ...deeper]: readonly string[]): Level => {
    if (relation === undefined) return level
    const before = Object.hasOwn(level, relation) ? level[relation] : undefined
    const inside = before === undefined || before === true ? {} : before.with
    if (deeper.length === 0) return before === undefined ? { ...level, [relation]: true } : level
    return { ...level, [relation]: { with: add(inside, deeper) } }
  }
  return paths.reduce((level, path) => add(level, path.split('.')), {})
}
