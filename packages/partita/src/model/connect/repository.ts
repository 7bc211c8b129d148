/** The repository of a model: wiring over the modules that do the work. */
import { invalid, LimitExceededError, valueText } from '../../errors/errors.js'
import { checkCount, checkFunction, checkOptions, within } from '../../store/options.js'
import type { Item, Key } from '../../value/value.js'
import type { CompiledModel, CompiledUnique } from '../compile/compiled-model.js'
import { compilePutCondition, compileWhere, operandOf } from '../compile/condition.js'
import { encodeKey, lookUpKey } from '../compile/row-key.js'
import type { ReindexOptions, ReindexResult } from '../evolve/reindex-result.js'
import { batches, reindexing, relations, upserting } from '../on-demand.js'
import { DeferredHistory, DeferredIteration } from '../read/deferred.js'
import { ModelQuery } from '../read/query.js'
import { type AnyQueryOptions, checkSelection, projectionOf } from '../read/query-plan.js'
import { selectedFields } from '../read/row.js'
import { RowReader, UNREADABLE_OPTIONS } from '../read/unreadable.js'
import { deleteRow, rowsOf, softDeletedRowsOf, trackWrite, writePrepared } from '../rows/access.js'
import { type ModelRecord, recordOf, writtenRecordOf } from '../rows/record.js'
import { generatesKey, newRow, type RowContext } from '../rows/rows.js'
import { hidesRows } from '../rules/hiding.js'
import type { HistoryOptions } from '../types/history.js'
import type { IterationOptions } from '../types/iteration.js'
import type { DeleteProgress } from '../types/record.js'
import type { UnreadableOptions } from '../types/unreadable.js'
import { compileChanges } from '../write/compile-changes.js'
import { live, seeing } from '../write/guard.js'
import { markerOf } from '../write/unique.js'
import { calls, type DatabaseContext } from './context.js'
import type { ScopeState } from './scope.js'

type ReadOptions = Pick<AnyQueryOptions, 'consistent' | 'withDeleted' | 'select' | 'with' | 'maxRelated'> &
  UnreadableOptions

const READ_OPTIONS = ['consistent', 'withDeleted', 'select', 'with', 'maxRelated', ...UNREADABLE_OPTIONS]

/** Limit of the keys of one `getMany`, as of the rows that `with` loads. Keys may be untrusted, and each costs a read. */
const MAX_KEYS = 10_000

type Queries = Readonly<Record<string, (key: unknown, options?: AnyQueryOptions) => ModelQuery>>

interface CreateOptions {
  readonly exactlyOnce?: boolean
}

interface WriteOptions extends CreateOptions {
  readonly if?: unknown
}

interface DeleteOptions extends WriteOptions {
  readonly onProgress?: (progress: DeleteProgress) => void
}

/** Implements `Repository`. */
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

  /** Created on first use: each scope has its own repositories, and most serve only a few calls. */
  get query(): Queries {
    this.#query ??= Object.fromEntries(
      [this.#model.key, ...this.#model.indexes].map(index => [
        index.name,
        (key: unknown, options?: AnyQueryOptions) => new ModelQuery(this.#context(), index, key, options),
      ]),
    )
    return this.#query
  }

  create(input: unknown, options: CreateOptions = {}): Promise<object> {
    const prepare = (context: RowContext) => {
      checkOptions(options, ['exactlyOnce'])
      return newRow(context, input)
    }
    return writePrepared(this.#context(), prepare, async (context, row) => {
      const { exactlyOnce } = options
      const rules = { condition: undefined, exactlyOnce, hasGeneratedKey: generatesKey(context, input) }
      return writtenRecordOf(context, await rowsOf(context).create(context, row, rules))
    })
  }

  createMany(inputs: readonly unknown[], options: { readonly skipDuplicates?: boolean } = {}): Promise<object[]> {
    return trackWrite(this.#context(), async context => {
      const created = await (await batches.load()).createMany(context, inputs, options)
      return created.map(row => writtenRecordOf(context, row))
    })
  }

  put(input: unknown, options: WriteOptions = {}): Promise<object> {
    const prepare = async (context: RowContext) => {
      const rules = rulesOf(context, options, compilePutCondition)
      const hasGeneratedKey = generatesKey(context, input)
      return { rules: { ...rules, hasGeneratedKey }, row: await newRow(context, input, true) }
    }
    return writePrepared(this.#context(), prepare, async (context, { row, rules }) =>
      writtenRecordOf(context, await rowsOf(context).put(context, row, rules)),
    )
  }

  async get(key: unknown, options: ReadOptions = {}): Promise<object | undefined> {
    const context = this.#reading(options)
    const physical = lookUpKey(context, key)
    if (!physical) return undefined
    const { select, consistent = false } = options
    const { scope } = context
    const row =
      select && !scope.overlay && !scope.loader && !hidesRows(context)
        ? await readPart(context, physical, select as readonly string[], consistent)
        : await rowsOf(context).read(context, physical, consistent)
    return result(context, row, options)
  }

  async getMany(keys: readonly unknown[], options: ReadOptions = {}): Promise<(object | undefined)[]> {
    const context = this.#reading(options)
    if (!Array.isArray(keys)) throw invalid([], `is ${valueText(keys)}; getMany takes a list of keys`)
    if (keys.length > MAX_KEYS) throw tooManyKeys(keys.length)
    const physical = keys.map((key, i) => within([i], () => lookUpKey(context, key)))
    const possible = physical.filter(key => key !== undefined)
    const rows = await rowsOf(context).readMany(context, possible, options.consistent ?? false)
    let read = 0
    return results(
      context,
      physical.map(key => key && rows[read++]),
      options,
    )
  }

  async findBy(values: unknown, options: ReadOptions = {}): Promise<object | undefined> {
    const context = this.#reading(options)
    const { unique, wanted } = uniqueOf(context.model, values)
    const marker = markerOf(context.model, unique, wanted, context.scope.prefix)
    const row = await rowsOf(context).owner(context, marker, options.consistent ?? false)
    return result(context, row, options)
  }

  update(key: unknown, changes: unknown, options: WriteOptions = {}): Promise<object> {
    const prepare = (context: RowContext) => ({ rules: rulesOf(context, options), row: encodeKey(context, key) })
    return writePrepared(this.#context(), prepare, async (context, { row, rules }) => {
      const compiled = await compileChanges(context.model, changes)
      return writtenRecordOf(context, await rowsOf(context).update(context, { row, changes: compiled, rules }))
    })
  }

  upsert(key: unknown, parts: object, options: CreateOptions = {}): Promise<object> {
    const prepare = async (context: RowContext) => (await upserting.load()).prepareUpsert(context, key, parts, options)
    return writePrepared(this.#context(), prepare, async (context, upsert) =>
      writtenRecordOf(context, await upserting.loaded.upsertRow(context, upsert)),
    )
  }

  delete(key: unknown, options: DeleteOptions = {}): Promise<object | undefined> {
    const prepare = async (context: RowContext) => {
      const rules = rulesOf(context, options, compileWhere, ['onProgress'])
      if (options.onProgress !== undefined) checkFunction('onProgress', options.onProgress)
      return { rules, row: encodeKey(context, key) }
    }
    const context = this.#context()
    const target = async () => {
      const { rules, row } = await prepare(context)
      return { key: row.key, rules, onProgress: options.onProgress }
    }
    return deleteRow(context, target, () =>
      writePrepared(context, prepare, async (inner, { row, rules }) => {
        const removed = await rowsOf(inner).remove(inner, row, rules)
        return removed && writtenRecordOf(inner, removed)
      }),
    )
  }

  restore(key: unknown): Promise<object> {
    const prepare = async (context: RowContext) => encodeKey(context, key)
    return writePrepared(this.#context(), prepare, async (context, row) =>
      writtenRecordOf(context, await softDeletedRowsOf(context).restore(context, row.key)),
    )
  }

  purge(key: unknown): Promise<object> {
    const prepare = async (context: RowContext) => encodeKey(context, key)
    return writePrepared(this.#context(), prepare, async (context, row) =>
      writtenRecordOf(context, await softDeletedRowsOf(context).purge(context, row.key)),
    )
  }

  history(key: unknown, options: HistoryOptions = {}): DeferredHistory {
    return new DeferredHistory(this.#context(), key, options)
  }

  iterate(options: IterationOptions<never> = {}): DeferredIteration {
    return new DeferredIteration(this.#context(), options)
  }

  async reindex(options: ReindexOptions = {}): Promise<ReindexResult> {
    const { tenant, overlay } = this.#scope()
    const at = [this.#model.name, 'reindex']
    if (overlay) throw invalid(at, 'cannot run in a transaction; call it on the database')
    if (hidesRows(this.#context())) {
      throw invalid(at, "processes rows that permissions hide; call it on db.scope({ system: 'reindex' })")
    }
    if (tenant !== undefined) throw invalid(at, 'processes the rows of all tenants; call it outside a tenant')
    return (await reindexing.load()).reindex(this.#db, this.#model, options)
  }

  /** @throws ValidationError for wrong options. */
  #reading(options: ReadOptions): RowContext {
    const context = this.#context()
    checkReadOptions(context, options)
    return seeing(context, options.withDeleted)
  }

  #context(): RowContext {
    return { db: this.#db, scope: this.#scope(), model: this.#model }
  }
}

function tooManyKeys(actual: number): LimitExceededError {
  return new LimitExceededError(`getMany takes up to ${MAX_KEYS} keys in one call, not ${actual}; split the list`, {
    limit: 'keys of getMany',
    maximum: MAX_KEYS,
    actual,
  })
}

function rulesOf({ model }: RowContext, options: WriteOptions, compile = compileWhere, others: readonly string[] = []) {
  checkOptions(options, ['if', 'exactlyOnce', ...others])
  if ('if' in options && options.if === undefined)
    throw invalid(['if'], 'is undefined; omit the option if you do not need it')
  return { condition: compile(model, options.if, ['if']), exactlyOnce: options.exactlyOnce }
}

function checkReadOptions({ model }: RowContext, options: ReadOptions): void {
  checkOptions(options, READ_OPTIONS)
  checkSelection(options)
  checkCount('maxRelated', options.maxRelated)
  for (const name of options.select ?? []) model.field(name as string, ['select'])
}

async function readPart(
  context: RowContext,
  key: Key,
  select: readonly string[],
  consistent: boolean,
): Promise<Item | undefined> {
  const projection = projectionOf(context, select, [])
  const { item } = await calls.get(context, {
    table: context.model.table.name,
    key,
    consistent,
    ...(projection && { projection }),
  })
  return live(context, item)
}

/**
 * The row in the requested form: a record, with relations or with selected fields.
 * @throws UnreadableError for the row itself. Unreadable rows of its relations are omitted, as in any list.
 */
async function result(context: RowContext, row: Item | undefined, options: ReadOptions): Promise<object | undefined> {
  if (!row) return undefined
  const { select, with: wanted, maxRelated } = options
  if (select) return selectedFields(context, select as readonly string[], row)
  const record = recordOf(context, row)
  if (wanted !== undefined) {
    const { loadRelations } = await relations.load()
    await loadRelations(context, [record], wanted, new RowReader(options), maxRelated)
  }
  return record
}

/** Rows in the requested form, in the same order. */
async function results(
  context: RowContext,
  rows: readonly (Item | undefined)[],
  options: ReadOptions,
): Promise<(object | undefined)[]> {
  const { select, with: wanted, maxRelated } = options
  const reader = new RowReader(options)
  const found = rows.map(row => row && reader.result(context, row, select as readonly string[] | undefined))
  if (wanted !== undefined) {
    const { loadRelations } = await relations.load()
    const records = found.filter(record => record !== undefined) as ModelRecord[]
    await loadRelations(context, records, wanted, reader, maxRelated)
  }
  return found
}

/** @throws ValidationError unless the fields are exactly those of one constraint. */
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
      throw invalid([name], `is ${given[name]}; pass the value of the row to find`)
    return operandOf(spec, given[name], '$eq', [name])
  })
  return { unique, wanted }
}
