/**
 * Plans expensive writes ahead of their transaction, such as those whose conditions have many operators on large items.
 * Planning within the transaction would block all other writers and the event loop.
 */
import { ConflictError } from '../../errors/errors.js'
import { MAX_WRITE_STEPS, Work } from '../../expression/evaluate/index.js'
import type { SizedItem } from '../../store/update-result.js'
import { YieldPace } from '../event-loop.js'
import { ItemFilter } from '../read/filter.js'
import { decodeSizedRecord } from '../storage/codec.js'
import { tableEntry } from '../storage/key.js'
import type { Kv } from '../storage/kv.js'
import { type Plan, type PreparedWrite, planOf, planWrite, type Refusal } from './write.js'

/** Maximum evaluation steps within a transaction: about ten milliseconds. */
const STEPS_WITHIN = 300_000
/** Maximum number of attempts when other writers change the items. */
const ROUNDS = 10

/** Plans a write within its transaction. */
export type Planner = (write: PreparedWrite) => Plan | Refusal

/** How to apply planned writes. */
export interface PlannedWrites<T> {
  /** Prepares writes again whose tables have changed. Called within the transaction. */
  current(writes: readonly PreparedWrite[]): readonly PreparedWrite[]
  /** Plans all writes, then applies the plans. Called within the transaction. */
  apply(writes: readonly PreparedWrite[], plan: Planner): T
  transact(work: () => T): Promise<T>
}

/**
 * Plans writes within their transaction, or ahead of it if that takes too long. Plans made ahead are applied only if the
 * items are unchanged.
 * @throws ConflictError if other writers changed the items during 10 attempts; LimitExceededError for a write with too
 * many evaluation steps.
 */
export async function writePlanned<T>(
  kv: Kv,
  prepared: readonly PreparedWrite[],
  { current, apply, transact }: PlannedWrites<T>,
): Promise<T> {
  let writes = prepared
  const whole = prepared[0]?.extras.work
  let ahead: ReadonlyMap<PreparedWrite, PlannedAhead> | undefined
  for (let round = 0; round < ROUNDS; round++) {
    try {
      return await transact(() => {
        writes = current(writes)
        return apply(writes, plannerOf(kv, ahead, whole))
      })
    } catch (error) {
      if (!(error instanceof NotPlanned)) throw error
    }
    kv.refresh()
    ahead = await planAhead(kv, writes, whole)
  }
  throw new ConflictError(
    'Other writers kept changing the items while their conditions were evaluated; retry the write',
    {},
  )
}

/** A plan takes too long within the transaction, or its item has changed. Never reaches callers. */
class NotPlanned extends Error {}

interface PlannedAhead {
  /** The item for which the plan was made; undefined if it did not exist. */
  readonly record: Buffer | undefined
  readonly outcome: { readonly plan: Plan | Refusal } | { readonly error: unknown }
}

function plannerOf(
  kv: Kv,
  ahead: ReadonlyMap<PreparedWrite, PlannedAhead> | undefined,
  whole: Work | undefined,
): Planner {
  if (!ahead) {
    const work = new Work(STEPS_WITHIN, () => new NotPlanned(), whole)
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

async function planAhead(
  kv: Kv,
  writes: readonly PreparedWrite[],
  whole: Work | undefined,
): Promise<Map<PreparedWrite, PlannedAhead>> {
  const ahead = new Map<PreparedWrite, PlannedAhead>()
  const work = new Work(MAX_WRITE_STEPS, undefined, whole)
  const pace = new YieldPace()
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
  pace: YieldPace,
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
