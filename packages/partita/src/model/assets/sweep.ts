/**
 * Deletes assets that no row refers to, and never one that a row refers to, at whatever moment a program stops.
 *
 * An upload is complete and durable before its id is known. A write that adds a reference to a row requires, right before
 * its commit is sent, that the upload is younger than `FRESH`; a row that keeps a reference which it already has requires
 * nothing (`rules/asset-references.ts`). So:
 *
 * - A crash before the upload ends leaves the remains of an upload; no row can name it. `discardUnfinished` deletes them.
 * - A crash between the upload and the commit leaves an asset without a row. Once it is older than the grace period, which
 *   is twice `FRESH` or more, no row can add a reference to it. The rest of the time is for commits in flight and for clocks
 *   that differ.
 * - After the commit both are durable, and the asset stays as long as any item of the table names it. The sweep first lists
 *   the assets beyond the grace period, then reads the whole table consistently. A reference that any row has during the
 *   read was there when it began, since none was added, and rows do not move in a table. So it is seen, unless its row gave
 *   it up meanwhile, and then no row can take it again.
 * - A commit of the embedded store that was on disk when its process died is visible to readers only after the next write.
 *   So the sweep writes before it reads: it deletes an item that does not exist.
 * - Ids are never used again, so a delete cannot meet a later upload of the same bytes. A crash of the sweep leaves assets
 *   that the next one deletes.
 *
 * References are found in any item, by their text: in rows of models that are not connected, unreadable, expired or
 * soft-deleted rows, and histories. An asset that one of them names stays.
 */
import { invalid, valueText } from '../../errors/errors.js'
import { type AssetEntry, type AssetStore, uploadTime } from '../../store/asset-store.js'
import { checkOptions } from '../../store/options.js'
import { isSet, type Key, type Value } from '../../value/value.js'
import { tableKey } from '../compile/layout.js'
import { calls, type DatabaseContext } from '../connect/context.js'
import type { SweepOptions, SweepResult } from '../types/assets.js'
import { assetStoreOf } from './configured.js'

/** The age of an upload, in milliseconds, from which no row can add a reference to it: 12 hours. */
export const FRESH = 12 * 3600 * 1000
/** The least grace period in seconds: a day. */
const LEAST_GRACE = (2 * FRESH) / 1000
/** Ids held in memory at a time, about 20 MB. The table is read once for each. */
const MAX_CANDIDATES = 100_000
const MAX_LISTED = 1000
/** The key of an item that is never written; no model can have it. */
const NO_ITEM = 'PARTITA#SWEEP'

/** Deletes the assets of a database that no item refers to. */
export async function sweep(db: DatabaseContext, options: SweepOptions = {}): Promise<SweepResult> {
  checkOptions(options, ['grace', 'dryRun', 'signal'])
  const { grace = LEAST_GRACE, dryRun = false, signal } = options
  if (!(typeof grace === 'number' && grace >= LEAST_GRACE)) {
    throw invalid(['grace'], `is ${valueText(grace)}; it is a number of seconds from ${LEAST_GRACE}, a day`)
  }
  if (typeof dryRun !== 'boolean') throw invalid(['dryRun'], `is ${valueText(dryRun)}; it must be true or false`)
  const store = assetStoreOf(db)
  const before = db.sources.now() - grace * 1000
  const run = new Sweep(db, store, dryRun, signal)
  const candidates = new Map<string, AssetEntry>()
  for await (const entry of store.list()) {
    run.count(entry)
    const time = uploadTime(entry.id)
    if (time !== undefined && time < before) candidates.set(entry.id, entry)
    if (candidates.size === MAX_CANDIDATES) await run.deleteUnreferenced(candidates)
  }
  await run.deleteUnreferenced(candidates)
  return run.result(dryRun ? 0 : await store.discardUnfinished(before))
}

class Sweep {
  readonly #db: DatabaseContext
  readonly #store: AssetStore
  readonly #dryRun: boolean
  readonly #signal: AbortSignal | undefined
  readonly #listed: AssetEntry[] = []
  #assets = 0
  #bytes = 0
  #deleted = 0
  #deletedBytes = 0

  constructor(db: DatabaseContext, store: AssetStore, dryRun: boolean, signal: AbortSignal | undefined) {
    // Scans all tenants, whatever the scope.
    this.#db = { ...db, tenantRequired: false }
    this.#store = store
    this.#dryRun = dryRun
    this.#signal = signal
  }

  count({ size }: AssetEntry): void {
    this.#signal?.throwIfAborted()
    this.#assets++
    this.#bytes += size
  }

  /** Deletes the candidates that no item names. The map is empty afterwards. */
  async deleteUnreferenced(candidates: Map<string, AssetEntry>): Promise<void> {
    for (const physical of this.#db.stores.keys()) {
      const { name: table } = physical
      const context = { db: this.#db, scope: this.#db.root, table: physical }
      // Without candidates there is nothing to look for.
      if (candidates.size === 0) return
      await calls.write(context, { kind: 'delete', table, key: tableKey(physical, NO_ITEM, NO_ITEM) })
      let after: Key | undefined
      do {
        if (candidates.size === 0) return
        this.#signal?.throwIfAborted()
        const page = await calls.scan(context, { table, consistent: true, ...(after && { after }) })
        for (const item of page.items) dropNamed(candidates, item)
        after = page.next
      } while (after)
    }
    for (const entry of candidates.values()) {
      this.#signal?.throwIfAborted()
      if (!this.#dryRun) await this.#store.delete(entry.id)
      this.#deleted++
      this.#deletedBytes += entry.size
      if (this.#listed.length < MAX_LISTED) this.#listed.push(entry)
    }
    candidates.clear()
  }

  result(unfinished: number): SweepResult {
    return {
      assets: this.#assets,
      bytes: this.#bytes,
      deleted: this.#deleted,
      deletedBytes: this.#deletedBytes,
      listed: this.#listed,
      unfinished,
    }
  }
}

/** Removes the ids that a stored value names, at any depth, names of attributes included. */
function dropNamed(candidates: Map<string, AssetEntry>, value: Value): void {
  if (typeof value === 'string') candidates.delete(value)
  else if (Array.isArray(value) || isSet(value)) {
    for (const part of value as Iterable<Value>) dropNamed(candidates, part)
  } else if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    for (const [name, part] of Object.entries(value)) {
      candidates.delete(name)
      dropNamed(candidates, part as Value)
    }
  }
}
