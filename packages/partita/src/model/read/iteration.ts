/** Runs iterations: bucket by bucket, with keys from the index and rows from the table. */
import { InvalidCursorError, invalid } from '../../errors/errors.js'
import type { Condition } from '../../expression/ast.js'
import { MAX_PAGE_STEPS, PreparedCondition, Work } from '../../expression/evaluate/index.js'
import { type CursorScope, openCursor, sealCursor } from '../../store/cursor.js'
import { checkCount, checkOptions } from '../../store/options.js'
import { isPositionOf } from '../../store/position.js'
import { isPlainObject, type Key } from '../../value/value.js'
import { compileWhere } from '../compile/condition.js'
import { sortKeyOf, tableKey } from '../compile/layout.js'
import { calls } from '../connect/context.js'
import { MAX_BUCKETS } from '../define/definition-check.js'
import { upgradeFailure } from '../evolve/form.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { visible } from '../rules/hiding.js'
import type { Iteration, RowBatch } from '../types/iteration.js'
import type { UnreadableOptions } from '../types/unreadable.js'
import { live, seeing } from '../write/guard.js'
import { cursorEncryption } from './cursor-encryption.js'
import { bucketCount } from './iteration-buckets.js'
import { RowReader, UNREADABLE_OPTIONS } from './unreadable.js'

interface AnyIterationOptions extends UnreadableOptions {
  readonly where?: unknown
  readonly withDeleted?: boolean
  readonly batchSize?: number
  readonly parallel?: number
  readonly after?: string | undefined
}

/** The last row read in a bucket: its key without the tenant, and its sort key in the index. */
type Last = readonly [pk: string, sk: string, indexSk: string]

/** A bucket that has not been read to its end. */
interface Position {
  readonly bucket: number
  readonly after?: Last
}

const OPTIONS = ['where', 'withDeleted', 'batchSize', 'parallel', 'after', ...UNREADABLE_OPTIONS]
const DEFAULT_BATCH = 100
const MAX_BATCH = 1000
const MAX_PARALLEL = 100

/** One iteration over the rows of a model. */
export class ModelIteration implements Iteration<object> {
  readonly #context: RowContext
  readonly #options: AnyIterationOptions

  constructor(context: RowContext, options: AnyIterationOptions) {
    this.#context = seeing(context, options?.withDeleted)
    this.#options = options
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object, void, undefined> {
    for await (const { items } of this.#batches(async () => undefined)) yield* items
  }

  batches(): AsyncGenerator<RowBatch<object>, void, undefined> {
    return this.#batches((open, cursor) => sealCursor({ open: JSON.stringify(open) }, cursor))
  }

  async *#batches(
    seal: (open: readonly Position[], cursor: CursorScope) => Promise<string | undefined>,
  ): AsyncGenerator<RowBatch<object>, void, undefined> {
    const { model, scope } = this.#context
    const { where, batchSize = DEFAULT_BATCH, parallel = 1, after } = this.#options
    checkOptions(this.#options, OPTIONS)
    checkCount('batchSize', batchSize, MAX_BATCH)
    checkCount('parallel', parallel, MAX_PARALLEL)
    if (model.buckets === 0) throw invalid([model.name], 'is not iterable; remove iterable: false from the model')
    if (scope.overlay) throw invalid([model.name, 'iterate'], 'cannot be iterated in a transaction')
    const condition = compileWhere(model, where, ['where'])
    const cursor = this.#cursorScope(condition)
    let open = after === undefined ? await this.#allBuckets() : await this.#positionsOf(after, cursor)
    while (open.length > 0) {
      const turn = open.slice(0, parallel)
      const pages = await Promise.all(turn.map(position => this.#readKeys(position, batchSize)))
      open = [...pages.flatMap(({ rest }) => rest), ...open.slice(parallel)]
      const keys = pages.flatMap(page => page.keys)
      const reader = new RowReader(this.#options)
      const items = await this.#readRows(keys, condition, reader)
      const { unreadable } = reader
      const isEnd = open.length === 0
      if (items.length + unreadable.length === 0 && !isEnd) continue
      yield { items, unreadable, cursor: isEnd ? undefined : await seal(open, cursor) }
    }
  }

  async #readKeys({ bucket, after: last }: Position, limit: number): Promise<{ keys: Key[]; rest: Position[] }> {
    const { model, scope } = this.#context
    const { table } = model
    const { index, pk, sk } = table.iteration
    const partition = model.iterationPartition(scope.prefix, bucket)
    const after = last && this.#lastKey(bucket, last)
    const page = await calls.query(this.#context, {
      table: model.table.name,
      index,
      key: { partition: { name: pk, value: partition } },
      limit,
      after,
    })
    const keys = page.items.map(item => keyOf(model, item))
    if (!page.next) return { keys, rest: [] }
    const next = page.next as { readonly [name: string]: string }
    const tenantless = (next[table.pk] as string).slice(scope.prefix.length)
    return { keys, rest: [{ bucket, after: [tenantless, sortKeyOf(table, next), next[sk] as string] }] }
  }

  /** Bypasses the loader, which would hold the whole table in memory. */
  async #readRows(keys: readonly Key[], condition: Condition | undefined, reader: RowReader): Promise<object[]> {
    if (keys.length === 0) return []
    const { model } = this.#context
    const { items } = await calls.batchGet(this.#context, { gets: keys.map(key => ({ table: model.table.name, key })) })
    const prepared = condition && new PreparedCondition(condition, new Work(MAX_PAGE_STEPS))
    const rows = items.map(item => live(this.#context, item)).filter(row => row !== undefined)
    // A row that cannot be upgraded is reported.
    const matching = prepared ? rows.filter(row => upgradeFailure(model, row) || prepared.test(row)) : rows
    return (await visible(this.#context, matching)).flatMap(row => reader.record(this.#context, row) ?? [])
  }

  async #allBuckets(): Promise<Position[]> {
    const count = await bucketCount(this.#context)
    return Array.from({ length: count }, (_, bucket) => ({ bucket }))
  }

  #cursorScope(condition: Condition | undefined): CursorScope {
    const { model, scope, db } = this.#context
    const query = [model.name, 'iterate', scope.prefix, condition ?? null]
    const encryption = cursorEncryption(this.#context)
    return { query, names: ['open'], known: {}, isPosition: () => true, secret: db.cursorSecret, encryption }
  }

  /** @throws InvalidCursorError if no iteration produced the cursor; without a secret it may contain anything. */
  async #positionsOf(cursor: string, scope: CursorScope): Promise<Position[]> {
    const { open } = await openCursor(cursor, scope)
    const positions = parse(open)
    const isOwn =
      Array.isArray(positions) &&
      positions.length <= MAX_BUCKETS &&
      positions.every(position => this.#isPosition(position))
    if (!isOwn || positions.length === 0) throw new InvalidCursorError('it contains no positions of this iteration')
    return positions
  }

  #isPosition(candidate: unknown): candidate is Position {
    if (!isPlainObject(candidate)) return false
    const { bucket, after } = candidate
    if (!Number.isInteger(bucket) || (bucket as number) < 0 || (bucket as number) >= MAX_BUCKETS) return false
    if (after === undefined) return true
    const { table } = this.#context.model
    const isPart = (part: unknown, i: number): boolean =>
      typeof part === 'string' && (part !== '' || (i === 1 && table.sk === undefined))
    if (!Array.isArray(after) || after.length !== 3 || !after.every(isPart)) return false
    const { pk, sk } = table.iteration
    const last = this.#lastKey(bucket as number, after as unknown as Last)
    const key = { partition: { name: pk, value: last[pk] as string } }
    return isPositionOf(last, { partition: table.pk, sort: table.sk }, { partition: pk, sort: sk }, key)
  }

  #lastKey(bucket: number, [rowPk, rowSk, indexSk]: Last): Key {
    const { model, scope } = this.#context
    const { table } = model
    const { pk, sk } = table.iteration
    const partition = model.iterationPartition(scope.prefix, bucket)
    return { ...tableKey(table, scope.prefix + rowPk, rowSk), [pk]: partition, [sk]: indexSk }
  }
}

function parse(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}
