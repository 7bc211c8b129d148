/** What a database offers for each model: wiring over the modules that do the work. */
import { invalid, valueText } from '../errors.js'
import { checkParameters, within } from '../table/parameters.js'
import type { Item, Key } from '../value/value.js'
import { compileChanges } from './compile-changes.js'
import type { CompiledModel, CompiledUnique } from './compiled.js'
import { compilePutCondition, compileWhere, operandOf } from './condition.js'
import { calls, type DatabaseContext } from './context.js'
import type { IterationOptions } from './iteration.js'
import { ModelIteration } from './model-iteration.js'
import { ModelQuery } from './model-query.js'
import { encodeKey, recordOf } from './model-record.js'
import { type AnyQueryOptions, checkSelection, projectionOf, selected } from './query-plan.js'
import { loadRelations } from './relations/load.js'
import { rowsOf } from './rows/access.js'
import { live } from './rows/guard.js'
import { newRow, type RowCaller } from './rows/rows.js'
import type { ScopeState } from './scope.js'
import { markerOf } from './unique.js'

type ReadOptions = Pick<AnyQueryOptions, 'consistent' | 'select' | 'with'>

type Queries = Readonly<Record<string, (key: unknown, options?: AnyQueryOptions) => ModelQuery>>

interface WriteOptions {
  readonly if?: unknown
}

export class ModelRepository {
  readonly #db: DatabaseContext
  readonly #model: CompiledModel
  readonly #scope: () => ScopeState
  #query: Queries | undefined

  constructor(db: DatabaseContext, model: CompiledModel, scope: () => ScopeState) {
    this.#db = db
    this.#model = model
    this.#scope = scope
  }

  /** Made when it is first wanted: each scope has repositories of its own, and most are for a call or two. */
  get query(): Queries {
    this.#query ??= Object.fromEntries(
      [this.#model.key, ...this.#model.indexes].map(index => [
        index.name,
        (key: unknown, options?: AnyQueryOptions) => new ModelQuery(this.#caller(), index, key, options),
      ]),
    )
    return this.#query
  }

  async create(input: unknown): Promise<object> {
    const caller = this.#caller()
    return recordOf(caller, await rowsOf(caller).create(caller, await newRow(caller, input)))
  }

  async put(input: unknown, options: WriteOptions = {}): Promise<object> {
    const caller = this.#caller()
    const rules = rulesOf(caller, options, compilePutCondition)
    return recordOf(caller, await rowsOf(caller).put(caller, await newRow(caller, input, true), rules))
  }

  async get(key: unknown, options: ReadOptions = {}): Promise<object | undefined> {
    const caller = this.#caller()
    checkReadOptions(caller, options)
    const { key: physical } = encodeKey(caller, key)
    const { select, consistent = false } = options
    const { scope } = caller
    const row =
      select && !scope.overlay && !scope.loader
        ? await readPart(caller, physical, select as readonly string[], consistent)
        : await rowsOf(caller).read(caller, physical, consistent)
    return result(caller, row, options)
  }

  async getMany(keys: readonly unknown[], options: ReadOptions = {}): Promise<(object | undefined)[]> {
    const caller = this.#caller()
    checkReadOptions(caller, options)
    if (!Array.isArray(keys)) throw invalid([], `is ${valueText(keys)}; getMany takes a list of keys`)
    const physical = keys.map((key, i) => within([i], () => encodeKey(caller, key).key))
    return results(caller, await rowsOf(caller).readMany(caller, physical, options.consistent ?? false), options)
  }

  async findBy(values: unknown, options: ReadOptions = {}): Promise<object | undefined> {
    const caller = this.#caller()
    checkReadOptions(caller, options)
    const { unique, wanted } = uniqueOf(caller.model, values)
    const marker = markerOf(caller.model, unique, wanted, caller.scope.prefix)
    const row = await rowsOf(caller).owner(caller, marker, options.consistent ?? false)
    return result(caller, row, options)
  }

  async update(key: unknown, changes: unknown, options: WriteOptions = {}): Promise<object> {
    const caller = this.#caller()
    const rules = rulesOf(caller, options)
    const row = encodeKey(caller, key)
    const compiled = await compileChanges(caller.model, changes)
    return writtenRecord(caller, await rowsOf(caller).update(caller, { row, changes: compiled, rules }))
  }

  async delete(key: unknown, options: WriteOptions = {}): Promise<object | undefined> {
    const caller = this.#caller()
    const rules = rulesOf(caller, options)
    const row = await rowsOf(caller).remove(caller, encodeKey(caller, key), rules)
    return row && writtenRecord(caller, row)
  }

  all(options: IterationOptions<never> = {}): ModelIteration {
    return new ModelIteration(this.#caller(), options)
  }

  #caller(): RowCaller {
    return { db: this.#db, scope: this.#scope(), model: this.#model }
  }
}

/**
 * The record of a row that was there before the write, and may hold what its model cannot read.
 * @throws ValidationFailed saying that the write was done.
 */
function writtenRecord(caller: RowCaller, row: Item): object {
  return within(['written'], () => recordOf(caller, row))
}

function rulesOf({ model }: RowCaller, options: WriteOptions, compile = compileWhere) {
  checkParameters(options, ['if'])
  if ('if' in options && options.if === undefined) throw invalid(['if'], 'is undefined; leave it out on purpose')
  return { condition: compile(model, options.if, ['if']) }
}

function checkReadOptions({ model }: RowCaller, options: ReadOptions): void {
  checkParameters(options, ['consistent', 'select', 'with'])
  checkSelection(options)
  for (const name of options.select ?? []) model.field(String(name), ['select'])
}

async function readPart(
  caller: RowCaller,
  key: Key,
  select: readonly string[],
  consistent: boolean,
): Promise<Item | undefined> {
  const projection = projectionOf(caller, select, [])
  const { item } = await calls.get(caller, { table: caller.model.table.name, key, consistent, projection })
  return live(caller, item)
}

/** A row as it is asked for. */
function result(
  caller: RowCaller,
  row: Item | undefined,
  options: ReadOptions,
): object | undefined | Promise<object | undefined> {
  const { select, with: wanted } = options
  if (wanted !== undefined) return results(caller, [row], options).then(([record]) => record)
  return row && (select ? selected(caller, select as readonly string[], row) : recordOf(caller, row))
}

/** Rows as they are asked for, each in its place. */
async function results(
  caller: RowCaller,
  rows: readonly (Item | undefined)[],
  { select, with: wanted }: ReadOptions,
): Promise<(object | undefined)[]> {
  if (select) return rows.map(row => row && selected(caller, select as readonly string[], row))
  const records = rows.map(row => row && recordOf(caller, row))
  if (wanted !== undefined) {
    await loadRelations(
      caller,
      records.filter(record => record !== undefined),
      wanted,
    )
  }
  return records
}

/** @throws ValidationFailed where the fields are not exactly those of one constraint. */
function uniqueOf(model: CompiledModel, values: unknown): { unique: CompiledUnique; wanted: Item[string][] } {
  const given = typeof values === 'object' && values !== null ? (values as { [name: string]: unknown }) : {}
  const names = Object.keys(given).sort().join(' ')
  const unique = model.uniques.find(({ fields }) => {
    return (
      fields
        .map(({ name }) => name)
        .sort()
        .join(' ') === names
    )
  })
  if (!unique) {
    const known = model.uniques.map(({ fields }) => `{ ${fields.map(({ name }) => name).join(', ')} }`)
    throw invalid(
      [],
      `findBy takes the fields of one unique constraint; ${model.name} has ${known.join(', ') || 'none'}`,
    )
  }
  const wanted = unique.fields.map(({ name, spec }) => {
    if (given[name] === undefined || given[name] === null)
      throw invalid([name], `is ${given[name]}; rows are found by a value`)
    return operandOf(spec, given[name], '$eq', [name])
  })
  return { unique, wanted }
}
