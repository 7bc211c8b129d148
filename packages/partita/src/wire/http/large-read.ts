/**
 * Limits how many large answers are built at the same time. A page of 1 MB may need twenty times that while it becomes
 * JSON, and operations that yield to the event loop are all in flight at once.
 */
import { Waiting } from './turns.js'

/** The maximum that an operation reads for one answer, in MB. Operations that are not listed read at most one item. */
const MEGABYTES: ReadonlyMap<string, number> = new Map([
  ['DynamoDB_20120810.Query', 1],
  ['DynamoDB_20120810.Scan', 1],
  ['DynamoDB_20120810.ExecuteStatement', 1],
  ['DynamoDBStreams_20120810.GetRecords', 1],
  ['DynamoDB_20120810.TransactGetItems', 4],
  ['DynamoDB_20120810.ExecuteTransaction', 4],
  ['DynamoDB_20120810.BatchExecuteStatement', 10],
  ['DynamoDB_20120810.BatchGetItem', 16],
])
/** A canceled transaction may return each of its 100 items, of up to 400 KB each. */
const TRANSACT_WRITE = 'DynamoDB_20120810.TransactWriteItems'
/** Maximum that is read for answers at the same time, in MB. An answer that needs more is built alone. */
const AT_ONCE = 16

/** How much a request may read for its answer, in MB. @param body as received, possibly compressed. */
export function largestRead(target: string | undefined, body: Buffer, encoding: string | undefined): number {
  if (target === undefined) return 0
  // Escapes and compression can hide the words.
  if (target === TRANSACT_WRITE && (encoding !== undefined || body.includes('ALL_OLD') || body.includes('\\u'))) {
    return AT_ONCE
  }
  return MEGABYTES.get(target) ?? 0
}

interface Read {
  readonly megabytes: number
  readonly begin: () => void
}

/** Limits how many megabytes requests read for their answers at the same time. */
export class LargeReads {
  readonly #waiting = new Waiting<Read>()
  #megabytes = 0
  #isRunning = false

  /** Calls `begin` now or once there is capacity. The caller must call {@link end} when the answer is ready. */
  add(megabytes: number, isPipelined: boolean, begin: () => void): void {
    if (megabytes === 0) {
      begin()
      return
    }
    this.#waiting.add({ megabytes, begin }, isPipelined)
    this.#run()
  }

  end(megabytes: number): void {
    if (megabytes === 0) return
    this.#megabytes -= megabytes
    this.#run()
  }

  #run(): void {
    // A request that ends synchronously re-enters this method.
    if (this.#isRunning) return
    this.#isRunning = true
    for (let next = this.#waiting.next(); next; next = this.#waiting.next()) {
      if (this.#megabytes > 0 && this.#megabytes + next.megabytes > AT_ONCE) break
      this.#waiting.take()
      this.#megabytes += next.megabytes
      next.begin()
    }
    this.#isRunning = false
  }
}
