/**
 * Finds rows by values. The lookups of one write are shared: a value is looked up once, even if several constraints need it.
 * Rows are read without permissions, since integrity must not depend on who looks, and never soft-deleted. In a
 * transaction they are as its writes leave them.
 */

import type { ValuesById } from '../../../crql/run.js'
import { valuesAt } from '../../../crql/values.js'
import type { Item, Key, KeyValue, Value } from '../../../value/value.js'
import type { CompiledModel } from '../../compile/compiled-model.js'
import { isStorable, namedKey, possible } from '../../compile/row-key.js'
import { type CallContext, calls } from '../../connect/context.js'
import { codecOf } from '../../define/codec.js'
import { mapConcurrently } from '../../read/concurrently.js'
import { identity } from '../../read/loader.js'
import { planQuery, readRows } from '../../read/query-plan.js'
import { keyOf, type RowContext } from '../../rows/rows.js'
import type { ExplainedHop } from '../../types/explanation.js'
import { live } from '../../write/guard.js'
import { markerOf, ownerKey } from '../../write/unique.js'
import { valueIdentity } from '../value-identity.js'
import type { CompiledMatch } from './compile.js'

type Values = ValuesById<Value>

/** Finds rows by values. */
export type RowFinder = Pick<Lookups, 'find'>

/** Options of a lookup. */
export interface LookupOptions {
  /** Whether it counts as a query; the further paths of a direct query do not. Default true. */
  readonly counts?: boolean
  /** Whether the commit of the transaction requires that rows found by their key are unchanged. Default false. */
  readonly isGuarded?: boolean | undefined
  /** Receives what the lookup did. */
  readonly trace?: ((hop: ExplainedHop) => void) | undefined
}

/** The lookups of one write or query. */
export class Lookups {
  /** Batches of lookups so far: one for each hop of a query, however many values it looks up. */
  queries = 0
  /** Distinct rows found so far. */
  readonly rows = new Set<Item>()
  readonly #context: CallContext
  readonly #known = new Map<string, Map<string, Promise<readonly Item[]>>>()
  /** Rows by identity of their key, so that one row found in two ways is one object. */
  readonly #items = new Map<string, Item>()

  constructor({ db, scope }: CallContext) {
    const system = scope.system ?? 'rules'
    this.#context = { db, scope: { ...scope, system, withDeleted: false }, purpose: 'constraints' }
  }

  /**
   * The rows that have one of the values at the match's path, by the identity of the value.
   */
  async find(
    match: CompiledMatch,
    values: Values,
    { counts = true, isGuarded = false, trace }: LookupOptions = {},
  ): Promise<Map<string, readonly Item[]>> {
    const shared = isGuarded ? `${match.id} guarded` : match.id
    let known = this.#known.get(shared)
    if (!known) this.#known.set(shared, (known = new Map()))
    const unknown = new Map([...values].filter(([id]) => !known.has(id)))
    if (unknown.size > 0) {
      if (counts) this.queries++
      const reading = this.#read(match, unknown, isGuarded)
      for (const id of unknown.keys()) {
        const rows = reading.then(found => found.get(id) ?? [])
        // Whoever awaits `find` sees the error.
        rows.catch(() => {})
        known.set(id, rows)
      }
    }
    const found = new Map(
      await Promise.all([...values.keys()].map(async id => [id, (await known.get(id)) ?? []] as const)),
    )
    trace?.(this.#traced(match, values.size, unknown.size, [...found.values()].flat(), isGuarded))
    return found
  }

  #traced(
    { model, path, access }: CompiledMatch,
    values: number,
    lookedUp: number,
    rows: readonly Item[],
    isGuarded: boolean,
  ): ExplainedHop {
    return {
      model: model.name,
      match: path.name,
      by: access.kind,
      name: access.kind === 'unique' ? access.unique.name : access.kind === 'index' ? access.index.name : undefined,
      values,
      lookedUp,
      rows: new Set(rows).size,
      isGuarded: isGuarded && access.kind === 'key' && this.#context.scope.overlay !== undefined,
    }
  }

  /**
   * The lookups of a write, for which the row exists as it will be stored. Whatever is stored under its key does not count.
   * @param row a row of the model, or a later state of one.
   */
  including(model: CompiledModel, row: Item): RowFinder {
    const own = identity(model.table, keyOf(model, row))
    const find = async (match: CompiledMatch, values: Values, options?: LookupOptions) => {
      const found = await this.find(match, values, options)
      if (match.model !== model) return found
      const ids = new Set(valuesAt<Value>(row, match.path.steps).map(({ value }) => valueIdentity(value)))
      return new Map(
        [...found].map(([id, rows]) => {
          const others = rows.filter(other => identity(model.table, keyOf(model, other)) !== own)
          return [id, ids.has(id) ? [...others, row] : others] as const
        }),
      )
    }
    return { find }
  }

  async #read(match: CompiledMatch, values: Values, isGuarded: boolean): Promise<Map<string, Item[]>> {
    const context: RowContext = { ...this.#context, model: match.model }
    const { overlay } = context.scope
    const stored = await this.#stored(context, match, [...values.values()], isGuarded)
    const written = overlay?.writtenRows(match.model) ?? []
    const replaced = new Set(written.map(({ key }) => identity(match.model.table, key)))
    const rows = new Map<string, Item>()
    for (const row of stored) {
      const id = identity(match.model.table, keyOf(match.model, row))
      if (!replaced.has(id) && live(context, row)) rows.set(id, row)
    }
    for (const { key, row } of written) if (live(context, row)) rows.set(identity(match.model.table, key), row as Item)
    const found = new Map<string, Item[]>()
    for (const [id, row] of rows) {
      const shared = this.#items.get(id) ?? row
      this.#items.set(id, shared)
      for (const value of new Set(valuesAt<Value>(row, match.path.steps).map(({ value }) => valueIdentity(value)))) {
        if (!values.has(value)) continue
        this.rows.add(shared)
        found.set(value, [...(found.get(value) ?? []), shared])
      }
    }
    return found
  }

  /** Candidates as stored; those that do not have the value are left out later. */
  async #stored(
    context: RowContext,
    { path, access }: CompiledMatch,
    values: readonly Value[],
    isGuarded: boolean,
  ): Promise<Item[]> {
    const { model, scope } = context
    const { decode } = codecOf(path.leaf)
    switch (access.kind) {
      case 'key': {
        const named = values.map(value => namedKey(context, { [path.field]: decode(value) }))
        const keys = named.filter(key => key !== undefined)
        if (!isGuarded || !scope.overlay) return this.#byKey(context, keys)
        return (await scope.overlay.readMany(context, keys)).filter(row => row !== undefined)
      }
      case 'unique': {
        const markers = values.map(value => markerOf(model, access.unique, [value], scope.prefix).key)
        const found = await this.#byKey(
          context,
          markers.filter(key => isStorable(model, key)),
        )
        return this.#byKey(
          context,
          found.map(marker => ownerKey(model, marker, scope.prefix)).filter(key => key !== undefined),
        )
      }
      case 'index': {
        const isTable = access.index.on === undefined
        const lists = await mapConcurrently(values, async value => {
          const given = { [path.field]: decode(value) }
          const plan = possible(() => planQuery(context, access.index, given, isTable ? { consistent: true } : {}))
          if (!plan || !isStorable(model, { [model.table.pk]: plan.range.key.partition.value as KeyValue })) return []
          return (await readRows(context, plan, undefined, Number.POSITIVE_INFINITY, undefined)).items
        })
        return lists.flat()
      }
    }
  }

  async #byKey(context: RowContext, keys: readonly Key[]): Promise<Item[]> {
    if (keys.length === 0) return []
    const table = context.model.table.name
    const { items } = await calls.batchGet(context, { gets: keys.map(key => ({ table, key, consistent: true })) })
    return items.filter(item => item !== undefined)
  }
}
