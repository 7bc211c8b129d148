/**
 * Compares the counts that rows hold with the rows that are counted, for the consistency check and `reindex`.
 *
 * A scan of the tables adds up, for each row, how many rows record that they are counted in it. Programs write meanwhile, so
 * a difference is only a suspicion. It is settled by another scan between two reads of the row that holds the count: every
 * write that changes what is counted in a row changes the revision of that row, so if both reads find one revision, what
 * the scan found was true at the moment of either read.
 */
import type { CallOptions } from '../../store/store.js'
import { type Item, isNumber, type Key } from '../../value/value.js'
import { type CompiledModel, tenantOf, tenantPrefix } from '../compile/compiled-model.js'
import type { PhysicalTable } from '../compile/layout.js'
import { calls, type DatabaseContext } from '../connect/context.js'
import { identity } from '../read/loader.js'
import { keyOf, type RowContext } from '../rows/rows.js'
import { countedIn, countedRefs, referredRow } from '../rules/counts.js'
import type { Referrer } from '../rules/referrers.js'
import { hash } from '../write/ids.js'

/** Rows whose counts are added up in one scan, about 50 MB. More take several scans. */
const MAX_HELD = 100_000
/** Rows that are read together. They may be 400 KB each. */
const CHUNK = 50
/** Scans after which a row that programs keep writing is given up. */
const MAX_SCANS = 10

/** A row whose counts differ from the rows that are counted. */
export interface WrongCounts {
  readonly context: RowContext
  readonly key: Key
  /** The row as stored; undefined if rows are counted in a row that does not exist. */
  readonly row: Item | undefined
  readonly wrong: readonly { readonly referrer: Referrer; readonly counted: number; readonly stored: number }[]
}

/** What to compare. */
export interface CountCheck {
  readonly db: DatabaseContext
  /** The models that hold the counts. */
  readonly models: readonly CompiledModel[]
  /** About how many rows these models have. */
  readonly rows: number
  readonly limits?: CallOptions | undefined
  /** Called with each row that is scanned first and may be counted. */
  readonly onCounted?: (context: RowContext, row: Item) => Promise<void>
}

/** The counts of one row. */
interface Tally {
  readonly context: RowContext
  readonly key: Key
  readonly counted: Map<string, number>
  /** Undefined until the scan meets the row itself. */
  stored: Item | undefined
}

/**
 * Finds rows whose counts are wrong.
 * @param settle called with each of them, and returns false if the row has changed since: it is looked at again.
 * @returns the number of rows that programs wrote too often to tell.
 */
export async function findWrongCounts(
  check: CountCheck,
  settle: (wrong: WrongCounts) => Promise<boolean>,
): Promise<number> {
  const passes = Math.max(1, Math.ceil(check.rows / MAX_HELD))
  let unsettled = 0
  for (let pass = 0; pass < passes; pass++) {
    const first = await addUp(check, id => hash(id) % passes === pass, pass === 0 ? check.onCounted : undefined)
    let suspects = new Map([...first].filter(([, tally]) => wrongIn(tally, tally.stored).length > 0))
    for (let scan = 0; suspects.size > 0 && scan < MAX_SCANS; scan++) {
      if (scan > 0) await check.db.pace.sleep(check.db.pace.random() * 20 * scan)
      suspects = await settleAll(check, suspects, settle)
    }
    unsettled += suspects.size
  }
  return unsettled
}

/** @returns those that have changed meanwhile. */
async function settleAll(
  check: CountCheck,
  suspects: ReadonlyMap<string, Tally>,
  settle: (wrong: WrongCounts) => Promise<boolean>,
): Promise<Map<string, Tally>> {
  const before = new Map<string, unknown>()
  for await (const [id, { context }, row] of readAll(suspects)) before.set(id, versionOf(context, row))
  const tallies = await addUp(check, id => suspects.has(id))
  const left = new Map<string, Tally>()
  for await (const [id, suspect, row] of readAll(suspects)) {
    const { context, key } = suspect
    const isSame = before.get(id) === versionOf(context, row)
    const wrong = wrongIn(tallies.get(id) ?? { ...suspect, counted: new Map() }, row)
    if (isSame && wrong.length === 0) continue
    if (!isSame || !(await settle({ context, key, row, wrong }))) left.set(id, suspect)
  }
  return left
}

/** The revision of a row. A row of another program has none: then its counts. */
function versionOf({ db, model }: RowContext, row: Item | undefined): string {
  if (!row) return ''
  const counts = referrersOf(db, model).map(({ ref }) => String(row[ref.count]))
  return JSON.stringify([String(row[model.table.revision]), ...counts])
}

function wrongIn({ context: { db, model }, counted }: Tally, row: Item | undefined): WrongCounts['wrong'] {
  return referrersOf(db, model).flatMap(referrer => {
    const { count } = referrer.ref
    const held = row?.[count]
    const stored = isNumber(held) ? Number(held) : 0
    const found = counted.get(count) ?? 0
    return stored === found && (row || found === 0) ? [] : [{ referrer, counted: found, stored }]
  })
}

function referrersOf(db: DatabaseContext, model: CompiledModel): readonly Referrer[] {
  return db.rules.get(model)?.referrers ?? []
}

/** Scans the tables of the models and of the rows that refer to theirs. */
async function addUp(
  { db: connected, models, limits }: CountCheck,
  isWanted: (id: string) => boolean,
  onCounted?: CountCheck['onCounted'],
): Promise<Map<string, Tally>> {
  // Scans all tenants, whatever the scope.
  const db = { ...connected, tenantRequired: false }
  const referring = new Set(models.flatMap(model => referrersOf(db, model).map(referrer => referrer.model)))
  const all = [...new Set([...models, ...referring])]
  const tallies = new Map<string, Tally>()
  const tallyOf = (context: RowContext, key: Key): Tally | undefined => {
    const id = identity(context.model.table, key)
    const known = tallies.get(id)
    if (known || !isWanted(id)) return known
    const tally: Tally = { context, key, counted: new Map(), stored: undefined }
    tallies.set(id, tally)
    return tally
  }
  for (const table of new Set(all.map(model => model.table))) {
    const own = all.filter(model => model.table === table)
    let last: RowContext | undefined
    for await (const item of itemsOf(db, table, limits)) {
      const context = rowContext(db, own, item, limits, last)
      if (!context) continue
      last = context
      if (referring.has(context.model)) await onCounted?.(context, item)
      for (const { of, key, count } of countsOf(context, item)) {
        if (!models.includes(of.model)) continue
        const tally = tallyOf(of, key)
        tally?.counted.set(count, (tally.counted.get(count) ?? 0) + 1)
      }
      if (!models.includes(context.model)) continue
      const tally = tallyOf(context, keyOf(context.model, item))
      if (tally) tally.stored = countsHeld(context, item)
    }
  }
  return tallies
}

/** The counts that a row records to be included in. */
function countsOf(context: RowContext, row: Item): { of: RowContext; key: Key; count: string }[] {
  const recorded = countedIn(row)
  return countedRefs(context).flatMap(ref => {
    const stored = recorded[ref.field.attribute]
    const parent = stored === undefined ? undefined : referredRow(context, ref, stored)
    return parent ? [{ of: parent.context, key: parent.key, count: ref.count }] : []
  })
}

/** Only the counts of a row, so that the rows of a whole scan fit into memory. */
function countsHeld({ db, model }: RowContext, row: Item): Item {
  const held: Item = {}
  for (const { ref } of referrersOf(db, model)) {
    const stored = row[ref.count]
    if (stored !== undefined) held[ref.count] = stored
  }
  return held
}

/**
 * The context of a row, in its tenant; undefined for other items.
 * @param last the context of the row before, which is used again if it is the same: many are held at a time.
 */
function rowContext(
  db: DatabaseContext,
  models: readonly CompiledModel[],
  item: Item,
  limits: CallOptions | undefined,
  last: RowContext | undefined,
): RowContext | undefined {
  const [first] = models
  const tenant = tenantOf(item[first?.table.pk ?? ''])
  const prefix = tenantPrefix(tenant)
  const model = models.find(model => model.owns(item, prefix))
  if (!model) return undefined
  if (last?.scope.prefix === prefix) return last.model === model ? last : { ...last, model }
  return { db, model, scope: { ...db.root, tenant, prefix, withDeleted: true, limits } }
}

async function* itemsOf(
  db: DatabaseContext,
  table: PhysicalTable,
  limits: CallOptions | undefined,
): AsyncGenerator<Item, void, undefined> {
  const context = { db, scope: { ...db.root, limits }, table }
  let after: Key | undefined
  do {
    const page = await calls.scan(context, { table: table.name, consistent: true, ...(after && { after }) })
    yield* page.items
    after = page.next
  } while (after)
}

/** Consistent reads of the rows, some at a time. */
async function* readAll(
  tallies: ReadonlyMap<string, Tally>,
): AsyncGenerator<[id: string, tally: Tally, row: Item | undefined], void, undefined> {
  const byTable = new Map<PhysicalTable, [string, Tally][]>()
  for (const entry of tallies) {
    const { table } = entry[1].context.model
    const own = byTable.get(table)
    if (own) own.push(entry)
    else byTable.set(table, [entry])
  }
  for (const [table, entries] of byTable) {
    for (let i = 0; i < entries.length; i += CHUNK) {
      const chunk = entries.slice(i, i + CHUNK) as [[string, Tally], ...[string, Tally][]]
      const gets = chunk.map(([, { key }]) => ({ table: table.name, key, consistent: true }))
      const { items } = await calls.batchGet(chunk[0][1].context, { gets })
      for (const [j, [id, tally]] of chunk.entries()) {
        const item = items[j]
        yield [id, tally, item && tally.context.model.owns(item, tally.context.scope.prefix) ? item : undefined]
      }
    }
  }
}
