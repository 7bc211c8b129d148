/**
 * Batches of any number, engine-neutral: equal keys merged, chunks of what one request takes, a few requests at a time,
 * and what the store refuses for load tried again until the deadline.
 */
import { type BatchProgress, OutcomeUnknownError, ThrottledError, UnavailableError } from '../errors/errors.js'
import { canonicalNumber, numberText } from '../value/number.js'
import { isNumber, type Key, type KeyValue } from '../value/value.js'
import { backoff, type Pace, realPace, sleepUnlessAborted } from './retry.js'

/** Keys in one BatchGetItem request. */
export const MAX_BATCH_GETS = 100
/** Writes in one BatchWriteItem request. */
export const MAX_BATCH_WRITES = 25
/** How long refused items are retried where the request does not say, in milliseconds. */
const DEFAULT_DEADLINE = 30_000
/** Requests under way at once for one batch. */
const CONCURRENCY = 8

/** A batch split into chunks, and how to send one chunk. */
export interface Batch<Entry> {
  readonly verb: 'read' | 'written'
  readonly chunks: readonly (readonly Entry[])[]
  /**
   * Tries one chunk; returns the entries that were refused for load. A `ThrottledError` it throws refuses them all, and
   * `OutcomeUnknownError` leaves open what became of each.
   */
  attempt(chunk: readonly Entry[]): Promise<readonly Entry[]>
  /** The key that a `ThrottledError` error names the entry by. */
  keyOf(entry: Entry): Key
  /** Milliseconds from a chunk's first try until it is given up, where it is refused. */
  readonly deadline?: number
  /** Gives up what is refused, as the deadline does. */
  readonly signal?: AbortSignal
  readonly pace?: Pace
}

/** What became of a chunk that was not done. */
interface Left<Entry> {
  readonly entries: readonly Entry[]
  /** Why; undefined where they were refused for load until the deadline. */
  readonly error?: unknown
}

/**
 * Runs every chunk to its end, or until one fails: then those under way are finished and no others begun.
 * @throws ThrottledError when entries were still refused at the deadline; its details say which, and every other was done.
 * @throws OutcomeUnknownError when a chunk's answer was lost; its details say what was done, what was not and what is open.
 */
export async function runBatch<Entry>(batch: Batch<Entry>): Promise<void> {
  const { chunks } = batch
  const failed: Left<Entry>[] = []
  let begun = 0
  const work = async (): Promise<void> => {
    // Once a chunk has failed, new ones would only add load, or fail as well.
    while (begun < chunks.length && failed.length === 0) {
      const left = await persist(batch, chunks[begun++] as readonly Entry[])
      if (left.entries.length > 0) failed.push(left)
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, chunks.length) }, work))
  if (failed.length > 0) throw failure(batch, failed, chunks.slice(begun).flat())
}

/** Tries one chunk until all of it is done or its time is up; returns what is left. */
async function persist<Entry>(batch: Batch<Entry>, chunk: readonly Entry[]): Promise<Left<Entry>> {
  const { pace = realPace, deadline = DEFAULT_DEADLINE, signal } = batch
  let entries = chunk
  let fruitless = 0
  const end = pace.now() + deadline
  for (;;) {
    const tried = await leftOf(batch, entries)
    if (tried.entries.length === 0 || tried.error !== undefined) return tried
    const now = pace.now()
    if (now >= end || signal?.aborted) return tried
    // Part of a chunk done means that the store keeps up: 16 MB answers of DynamoDB end like this without any load.
    fruitless = tried.entries.length < entries.length ? 0 : fruitless + 1
    await sleepUnlessAborted(pace, Math.min(backoff(fruitless, pace), end - now), signal)
    entries = tried.entries
  }
}

async function leftOf<Entry>(batch: Batch<Entry>, entries: readonly Entry[]): Promise<Left<Entry>> {
  try {
    return { entries: await batch.attempt(entries) }
  } catch (error) {
    return error instanceof ThrottledError ? { entries } : { entries, error }
  }
}

/** What to throw for a batch that was given up, where some of it may be open. */
function failure<Entry>(batch: Batch<Entry>, failed: readonly Left<Entry>[], unbegun: readonly Entry[]): unknown {
  const open = failed.filter(({ error }) => error instanceof OutcomeUnknownError)
  const unknown = open.flatMap(({ entries }) => entries)
  const left = [...failed.filter(it => !open.includes(it)).flatMap(({ entries }) => entries), ...unbegun]
  const total = batch.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const done = total - left.length - unknown.length
  const progress: BatchProgress = {
    done,
    undoneKeys: left.map(batch.keyOf),
    unknownKeys: unknown.map(batch.keyOf),
  }
  const [first] = open
  if (first) {
    const { details, cause } = first.error as OutcomeUnknownError
    return new OutcomeUnknownError(
      `The answer to a part of the batch was lost: ${unknown.length} of ${total} items may be ${batch.verb} or not, ` +
        `${done} were, ${left.length} were not; details.batch has their keys`,
      { ...details, batch: progress },
      cause,
    )
  }
  const error = failed.find(it => it.error !== undefined)?.error
  if (error instanceof UnavailableError && batch.verb === 'written') {
    return new UnavailableError(error.message, { ...error.details, batch: progress }, error.cause)
  }
  return error ?? throttled(batch, done, total, progress.undoneKeys)
}

function throttled(
  { verb, deadline = DEFAULT_DEADLINE }: Pick<Batch<never>, 'verb' | 'deadline'>,
  done: number,
  total: number,
  undoneKeys: BatchProgress['undoneKeys'],
): ThrottledError {
  return new ThrottledError(
    `The store refused ${undoneKeys.length} of ${total} items for load during ${deadline / 1000} s of retries; ` +
      `the other ${done} were ${verb}. Try again with details.undoneKeys`,
    { done, undone: undoneKeys.length, undoneKeys },
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
