/**
 * Batches of any size, for every engine: equal keys are merged, the rest is split into chunks, a few chunks run at a
 * time, and throttled entries are retried until the deadline.
 */
import { type BatchProgress, OutcomeUnknownError, ThrottledError, UnavailableError } from '../errors/errors.js'
import { canonicalNumber, numberText } from '../value/number.js'
import { isNumber, type Key, type KeyValue } from '../value/value.js'
import { backoff, type Pace, realPace, sleepUnlessAborted } from './retry.js'

/** Keys in one BatchGetItem request. */
export const MAX_BATCH_GETS = 100
/** Writes in one BatchWriteItem request. */
export const MAX_BATCH_WRITES = 25
/** Milliseconds for which throttled entries are retried by default. */
const DEFAULT_DEADLINE = 30_000
/** Requests in flight for one batch. */
const CONCURRENCY = 8

/** A batch split into chunks, and how to send one chunk. */
export interface Batch<Entry> {
  readonly verb: 'read' | 'written'
  readonly chunks: readonly (readonly Entry[])[]
  /**
   * Attempts one chunk and returns the throttled entries. `ThrottledError` means that all of them were throttled, and
   * `OutcomeUnknownError` that the outcome of each is unknown.
   */
  attempt(chunk: readonly Entry[]): Promise<readonly Entry[]>
  /** The key that identifies the entry in a `ThrottledError`. */
  keyOf(entry: Entry): Key
  /** Milliseconds from a chunk's first attempt until it is given up. */
  readonly deadline?: number
  /** Gives up throttled entries, as the deadline does. */
  readonly signal?: AbortSignal
  readonly pace?: Pace
}

/** The result of a chunk that was not completed. */
interface Left<Entry> {
  readonly entries: readonly Entry[]
  /** The error; undefined if the entries were throttled until the deadline. */
  readonly error?: unknown
}

/**
 * Runs all chunks, or until one fails; then chunks in flight are completed and no others start.
 * @throws ThrottledError if entries were still throttled at the deadline. Its details list them; all others were done.
 * @throws OutcomeUnknownError if the answer to a chunk was lost. Its details list what was done, not done, and unknown.
 */
export async function runBatch<Entry>(batch: Batch<Entry>): Promise<void> {
  const { chunks } = batch
  const failed: Left<Entry>[] = []
  let begun = 0
  const work = async (): Promise<void> => {
    // After a failed chunk, further ones would only add load or fail too.
    while (begun < chunks.length && failed.length === 0) {
      const left = await persist(batch, chunks[begun++] as readonly Entry[])
      if (left.entries.length > 0) failed.push(left)
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, chunks.length) }, work))
  if (failed.length > 0) throw failure(batch, failed, chunks.slice(begun).flat())
}

/** Attempts one chunk until it is done or its time is up. Returns what is left. */
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
    // A partly done chunk does not indicate load: DynamoDB also ends answers at 16 MB this way. So the back-off restarts.
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

/** The error for a batch that was given up, if the outcome of some entries is unknown. */
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
      `The answer to part of the batch was lost: ${unknown.length} of ${total} items may or may not be ${batch.verb}, ` +
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
    `The store throttled ${undoneKeys.length} of ${total} items for ${deadline / 1000} s of retries; ` +
      `the other ${done} were ${verb}. Retry with details.undoneKeys`,
    { done, undone: undoneKeys.length, undoneKeys },
  )
}

/** Splits a list into chunks of at most `count` entries and, if `bytesOf` is given, at most `maxBytes`. */
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

/** Text that is equal for equal keys only: `1`, `1n` and `1.0` are equal, `1` and `'1'` are not. */
export function keyIdentity(key: Key): string {
  const names = Object.keys(key).sort()
  return JSON.stringify(names.map(name => [name, ...identityOf(key[name] as KeyValue)]))
}

function identityOf(value: KeyValue): [string, string] {
  if (typeof value === 'string') return ['S', value]
  if (isNumber(value)) return ['N', numberText(canonicalNumber(value))]
  return ['B', value.join()]
}
