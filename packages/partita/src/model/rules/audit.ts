/**
 * The audit trail: each write of a row adds an entry, in the row's own transaction, so that there is an entry for every
 * write that took effect and for no other.
 *
 * The entries of a row are a partition of the row's table. Its key begins with `PARTITA#`, which no model's keys can,
 * after the prefix of the tenant. The sort key is a ULID: entries sort by the clocks of the programs that wrote them,
 * and those of one program in the order of its writes.
 */
import { invalid } from '../../errors/errors.js'
import { MAX_DEPTH, MAX_ITEM_BYTES, measureValue } from '../../value/size.js'
import { type Item, isPlainObject, type Key, type Value } from '../../value/value.js'
import { CompiledModel } from '../compile/compiled-model.js'
import { NO_SORT_KEY, sortKeyOf } from '../compile/layout.js'
import { copyJson } from '../define/document.js'
import { f } from '../define/field-builder.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import type { Overlay } from '../transaction/overlay.js'
import type { AuditOptions, RuleOperation } from '../types/rules.js'
import { equalStored } from '../write/seen.js'

/** The audit of one model. */
export interface Audit extends AuditOptions {
  /** The entries as rows of a model of their own, which only the library reads and writes. */
  readonly entries: CompiledModel
}

/** The stored change of one attribute. */
export interface StoredChange {
  readonly attribute: string
  readonly from?: Value
  readonly to?: Value
  readonly isOmitted?: true
}

/** The attribute that holds an entry's contents. */
export const CONTENTS = '_history'
/** What an entry needs besides its changes: keys of up to 3 KB, and the actor. */
const RESERVED_BYTES = 64 * 1024
/** The nesting of a value within an entry: contents, changes, change. */
const OWN_DEPTH = 3

/** The audit of a model, from its checked options. */
export function auditOf({ name, table }: CompiledModel, options: AuditOptions): Audit {
  if (table.sk === undefined) throw invalid([name, 'rules', 'audit'], NO_SORT_KEY)
  const definition = {
    fields: {
      rowPk: f.string().attribute('_row_pk'),
      rowSk: f.string().attribute('_row_sk'),
      entry: f.ulid().attribute('_entry'),
      expiresAt: f.ttl().optional(),
    },
    key: { pk: 'PARTITA#HISTORY#{rowPk}#{rowSk}', sk: '{entry}' },
    type: 'PARTITA#HISTORY',
    iterable: false,
  }
  return { ...options, entries: new CompiledModel({ name: `${name}.history`, definition }, table) }
}

/** The fields of the partition with a row's entries. */
export function historyKey({ model: { table }, scope }: RowContext, key: Key): { rowPk: string; rowSk: string } {
  return { rowPk: (key[table.pk] as string).slice(scope.prefix.length), rowSk: sortKeyOf(table, key) }
}

/**
 * Adds the entry of a write to the transaction.
 * @throws ValidationError for an actor that is not JSON.
 */
export async function recordEntry(
  context: RowContext,
  overlay: Overlay,
  audit: Audit,
  operation: RuleOperation,
  before: Item | undefined,
  after: Item | undefined,
): Promise<void> {
  const { db, model, scope } = context
  const { entries, expireAfter } = audit
  const now = db.sources.now()
  const { rowPk, rowSk } = historyKey(context, keyOf(model, (after ?? before) as Item))
  const actor = actorOf(audit, scope.actor)
  const row: Item = {
    _row_pk: rowPk,
    _row_sk: rowSk,
    _entry: db.sources.ulid(),
    [CONTENTS]: {
      at: new Date(now).toISOString(),
      operation,
      ...(actor !== undefined && { actor }),
      ...(scope.system !== undefined && { system: scope.system }),
      changes: changesOf(model, before, after) as unknown as Value,
    },
  }
  if (expireAfter !== undefined) row[entries.table.ttl] = Math.floor(now / 1000) + expireAfter
  row[entries.table.type] = entries.type
  row[entries.table.revision] = db.revision()
  entries.setKey(row, scope.prefix)
  await overlay.create({ ...context, model: entries }, row)
}

/** A copy of the actor, as JSON: members that are undefined or functions are left out. */
function actorOf({ actor: choose }: Audit, actor: unknown): Value | undefined {
  const chosen = choose ? choose(actor) : actor
  const issues: Parameters<typeof copyJson>[2] = []
  try {
    const text = JSON.stringify(chosen)
    const copy = text === undefined ? undefined : copyJson(JSON.parse(text), ['actor'], issues, OWN_DEPTH)
    if (issues.length === 0 && (copy === undefined || measureValue(copy) <= RESERVED_BYTES / 2)) return copy
  } catch {
    // A bigint, or an object that contains itself.
  }
  throw invalid(['actor'], 'cannot be recorded: it is not JSON of up to 32 KB; choose a part with audit: { actor }')
}

function changesOf(model: CompiledModel, before: Item | undefined, after: Item | undefined): StoredChange[] {
  const changes = model.fields.flatMap(({ attribute }): StoredChange[] => {
    const [from, to] = [before?.[attribute], after?.[attribute]]
    if (equalStored(from, to)) return []
    return [{ attribute, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }]
  })
  return fitting(changes.map(change => (isTooDeep(change) ? omitted(change) : change)))
}

/** Leaves out the largest values until the entry fits in an item. */
function fitting(changes: readonly StoredChange[]): StoredChange[] {
  const fit = [...changes]
  const sizes = fit.map((change, i) => ({ i, bytes: measureValue(change as unknown as Value) }))
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0)
  for (const { i, bytes } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    if (total <= MAX_ITEM_BYTES - RESERVED_BYTES) break
    fit[i] = omitted(fit[i] as StoredChange)
    total += measureValue(fit[i] as unknown as Value) - bytes
  }
  return fit
}

function omitted({ attribute }: StoredChange): StoredChange {
  return { attribute, isOmitted: true }
}

/** An item may have 32 levels, and the value is deeper here than in its row. */
function isTooDeep({ from, to }: StoredChange): boolean {
  return [from, to].some(value => value !== undefined && depthOf(value) + OWN_DEPTH > MAX_DEPTH)
}

function depthOf(value: Value): number {
  const parts: readonly Value[] = Array.isArray(value)
    ? value
    : isPlainObject(value)
      ? Object.values(value as Item)
      : []
  return 1 + parts.reduce((most: number, part) => Math.max(most, depthOf(part)), 0)
}
