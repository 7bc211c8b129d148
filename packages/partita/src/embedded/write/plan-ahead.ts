/**
 * Plans of writes that take long, such as those with conditions of many operators on large items, are made before their
 * transaction and not within it, where all other writers, and the event loop, would have to wait for them.
 */
import { ConflictError } from '../../errors/errors.js'
import { MAX_WRITE_STEPS, Work } from '../../expression/evaluate/index.js'
import { Pace } from '../event-loop.js'
import { ItemFilter } from '../read/filter.js'
import { decodeSizedRecord, type SizedItem } from '../storage/codec.js'
import { tableEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import { type Plan, type PreparedWrite, planOf, planWrite, type Refusal } from './write.js'

/** Steps that plans may take within a transaction: about ten milliseconds. */
const STEPS_WITHIN = 300_000
/** How often plans are made anew because others have changed the items meanwhile. */
const ROUNDS = 10

/** What plans a write within its transaction. */
export type Planner = (write: PreparedWrite) => Plan | Refusal

export interface PlannedWrites<T> {
  /** The writes for their tables as they are now. Called within the transaction. */
  current(writes: readonly PreparedWrite[]): readonly PreparedWrite[]
  /** Puts what the plans say. Called within the transaction; all that is planned is planned before anything is put. */
  apply(writes: readonly PreparedWrite[], plan: Planner): T
  transact(work: () => T): Promise<T>
}

/**
 * Plans writes within their transaction, or ahead of it where that takes too long: they are put then only where the items
 * are still what the plans were made for.
 * @throws ConflictError where others change the items again and again; LimitExceededError for more steps than a write may take.
 */
export async function writePlanned<T>(
  kv: Kv,
  prepared: readonly PreparedWrite[],
  { current, apply, transact }: PlannedWrites<T>,
): Promise<T> {
  let writes = prepared
  let ahead: ReadonlyMap<PreparedWrite, PlannedAhead> | undefined
  for (let round = 0; round < ROUNDS; round++) {
    try {
      return await transact(() => {
        writes = current(writes)
        return apply(writes, plannerOf(kv, ahead))
      })
    } catch (error) {
      if (!(error instanceof NotPlanned)) throw error
    }
    kv.refresh()
    ahead = await planAhead(kv, writes)
  }
  throw new ConflictError('Others kept changing the items while the conditions on them were looked at; try again', {})
}

/** A plan takes too long for its transaction, or was made for an item that has changed since. Never seen by callers. */
class NotPlanned extends Error {}

interface PlannedAhead {
  /** What the plan was made for; undefined where there was no item. */
  readonly record: Buffer | undefined
  readonly outcome: { readonly plan: Plan | Refusal } | { readonly error: unknown }
}

function plannerOf(kv: Kv, ahead: ReadonlyMap<PreparedWrite, PlannedAhead> | undefined): Planner {
  if (!ahead) {
    const work = new Work(STEPS_WITHIN, () => new NotPlanned())
    return write => planWrite(kv, write, work)
  }
  return write => {
    const planned = ahead.get(write)
    if (!planned || !isStill(kv, write, planned.record)) throw new NotPlanned()
    if ('error' in planned.outcome) throw planned.outcome.error
    return planned.outcome.plan
  }
}

function isStill(kv: Kv, write: PreparedWrite, record: Buffer | undefined): boolean {
  const isSame = kv.get(entryOf(write), bytes => record?.equals(bytes.subarray(0, bytes.length)) ?? false)
  return isSame ?? record === undefined
}

async function planAhead(kv: Kv, writes: readonly PreparedWrite[]): Promise<Map<PreparedWrite, PlannedAhead>> {
  const ahead = new Map<PreparedWrite, PlannedAhead>()
  const work = new Work(MAX_WRITE_STEPS)
  const pace = new Pace()
  for (const write of writes) {
    const record = kv.get(entryOf(write), bytes => Buffer.from(bytes.subarray(0, bytes.length)))
    const before = record && decodeSizedRecord(record)
    work.looked(before?.size ?? 0)
    ahead.set(write, { record, outcome: await outcomeOf(write, before, work, pace) })
    if (pace.isDue(before?.size)) await pace.yield()
  }
  return ahead
}

async function outcomeOf(
  write: PreparedWrite,
  before: SizedItem | undefined,
  work: Work,
  pace: Pace,
): Promise<PlannedAhead['outcome']> {
  try {
    const { condition } = write.request
    const isMet = !condition || (await new ItemFilter(condition, pace, work).passes(before?.item))
    return { plan: planOf(write, before, isMet) }
  } catch (error) {
    return { error }
  }
}

function entryOf({ table, keyAttributes }: PreparedWrite): Buffer {
  return tableEntry(table.id, table.schema, keyAttributes)
}
