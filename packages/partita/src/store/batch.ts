/**
 * Batches of any number, engine-neutral: equal keys merged, chunks of what one request takes, a few requests at a time,
 * and what the store refuses for load tried again until the deadline.
 */
import { Throttled } from '../errors.js'
import { canonicalNumber, numberText } from '../value/number.js'
import { isNumber, type Key, type KeyValue } from '../value/value.js'
import { backoff, type Pace, realPace } from './retry.js'

export const MAX_BATCH_GETS = 100
export const MAX_BATCH_WRITES = 25
/** How long refused items are retried where the request does not say, in milliseconds. */
const DEFAULT_DEADLINE = 30_000
/** Requests under way at once for one batch. */
const CONCURRENCY = 8

export interface Batch<Entry> {
  readonly verb: 'read' | 'written'
  readonly chunks: readonly (readonly Entry[])[]
  /** Tries one chunk; returns the entries that were refused for load. A `Throttled` it throws refuses them all. */
  attempt(chunk: readonly Entry[]): Promise<readonly Entry[]>
  /** The key that a `Throttled` error names the entry by. */
  keyOf(entry: Entry): Key
  /** Milliseconds from a chunk's first refusal until it is given up. */
  readonly deadline?: number
  readonly pace?: Pace
}

/**
 * Runs every chunk to its end.
 * @throws Throttled when entries were still refused at the deadline; its details say which, and every other was done.
 */
export async function runBatch<Entry>(batch: Batch<Entry>): Promise<void> {
  const { chunks } = batch
  const undone: Entry[] = []
  let failure: { error: unknown } | undefined
  let begun = 0
  const work = async (): Promise<void> => {
    // Once a chunk has failed, new ones would only add load, or fail as well.
    while (begun < chunks.length && undone.length === 0 && !failure) {
      const chunk = chunks[begun++] as readonly Entry[]
      try {
        for (const entry of await persist(batch, chunk)) undone.push(entry)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, chunks.length) }, work))
  if (failure) throw failure.error
  if (undone.length > 0) throw throttled(batch, [...undone, ...chunks.slice(begun).flat()])
}

/** Tries one chunk until all of it is done or its time is up; returns what is left. */
async function persist<Entry>(batch: Batch<Entry>, chunk: readonly Entry[]): Promise<readonly Entry[]> {
  const { pace = realPace, deadline = DEFAULT_DEADLINE } = batch
  let left = chunk
  let fruitless = 0
  let end: number | undefined
  for (;;) {
    const refused = await refusedOf(batch, left)
    if (refused.length === 0) return refused
    const now = pace.now()
    end ??= now + deadline
    if (now >= end) return refused
    // Part of a chunk done means that the store keeps up: 16 MB answers of DynamoDB end like this without any load.
    fruitless = refused.length < left.length ? 0 : fruitless + 1
    await pace.sleep(Math.min(backoff(fruitless, pace), end - now))
    left = refused
  }
}

async function refusedOf<Entry>(batch: Batch<Entry>, chunk: readonly Entry[]): Promise<readonly Entry[]> {
  try {
    return await batch.attempt(chunk)
  } catch (error) {
    if (error instanceof Throttled) return chunk
    throw error
  }
}

function throttled<Entry>(batch: Batch<Entry>, left: readonly Entry[]): Throttled {
  const total = batch.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const done = total - left.length
  const seconds = (batch.deadline ?? DEFAULT_DEADLINE) / 1000
  return new Throttled(
    `The store refused ${left.length} of ${total} items for load during ${seconds} s of retries; ` +
      `the other ${done} were ${batch.verb}. Try again with details.undoneKeys`,
    { done, undone: left.length, undoneKeys: left.map(batch.keyOf) },
  )
}

/** Cuts a list into chunks of at most `count` entries and, where `bytesOf` is given, `maxBytes` in all. */
export function chunksOf<Entry>(
  entries: readonly Entry[],
  count: number,
  maxBytes = Number.POSITIVE_INFINITY,
  bytesOf: (entry: Entry) => number = () => 0,
): Entry[][] {
  const chunks: Entry[][] = []
  let bytes = 0
  for (const entry of entries) {
    const size = bytesOf(entry)
    const last = chunks.at(-1)
    if (!last || last.length === count || bytes + size > maxBytes) {
      chunks.push([entry])
      bytes = size
    } else {
      last.push(entry)
      bytes += size
    }
  }
  return chunks
}

/** A text that two keys share exactly when they are the same key: `1`, `1n` and `1.0` are, `1` and `'1'` are not. */
export function keyIdentity(key: Key): string {
  const names = Object.keys(key).sort()
  return JSON.stringify(names.map(name => [name, ...identityOf(key[name] as KeyValue)]))
}

function identityOf(value: KeyValue): [string, string] {
  if (typeof value === 'string') return ['S', value]
  if (isNumber(value)) return ['N', numberText(canonicalNumber(value))]
  return ['B', value.join()]
}
