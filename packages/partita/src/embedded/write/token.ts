/**
 * Transaction tokens of the last ten minutes, so that a transaction that is sent twice is applied once.
 *
 *   token   TOKENS      text            fingerprint and times, as JSON
 *   age     TOKEN_AGES  time    text    nothing
 *
 * The ages are the same tokens in order of time, so that upkeep reads expired tokens only.
 *
 * Times come from the system clock, which may be set back or differ between two processes. Each reader therefore judges a
 * token by its own clock: a token of the past by its age, a token of the future by the time at which a reader first saw it
 * (`noticed`). Durations agree even if clocks do not, so a token lasts ten minutes from its writing or from that first
 * read, however wrong the writer's clock was.
 */
import { createHash } from 'node:crypto'
import { PartitaError } from '../../errors/errors.js'
import { type Item, isLarge, isMap, setAttribute, type Value } from '../../value/value.js'
import { yieldToEventLoop } from '../event-loop.js'
import { encodeRecord } from '../storage/codec.js'
import { afterKey, successor } from '../storage/key.js'
import { type Kv, type Range, readText } from '../storage/kv.js'
import type { PreparedWrite } from './write.js'

const TOKENS = 0x02
const TOKEN_AGES = 0x0a
/** DynamoDB remembers a token for ten minutes. */
const TOKEN_MILLISECONDS = 10 * 60 * 1000
/** Tokens processed in one transaction of the ordered store, which blocks other writers for a few milliseconds. */
const STEP = 500
const PRESENT = Uint8Array.of(1)
const ALL_TOKENS: Range = { low: Buffer.from([TOKENS]), high: Buffer.from([TOKENS + 1]) }

/** A token, its key in the store, and a digest of its writes. */
export interface IdempotencyToken {
  readonly text: string
  readonly entry: Uint8Array
  readonly fingerprint: string
}

interface TokenRecord {
  readonly fingerprint: string
  /** When it was written, in epoch milliseconds by the clock of the writer. */
  readonly at: number
  /** When a process whose clock was behind `at` first read it, by the clock of that process. */
  readonly noticed?: number
}

/** Returns the token of a transaction with its fingerprint; undefined for a transaction without a token. */
export function tokenOf(text: string | undefined, writes: readonly PreparedWrite[]): IdempotencyToken | undefined {
  if (text === undefined) return undefined
  return { text, entry: tokenEntry(Buffer.from(text)), fingerprint: fingerprintOf(writes) }
}

/**
 * Whether the token's writes are already done. Call it within a transaction of the ordered store.
 * @throws PartitaError `TokenReused` if the token was used for other writes.
 */
export function isDone(kv: Kv, token: IdempotencyToken, now: number): boolean {
  const known = kv.get(token.entry, readRecord)
  if (!known || isOver(known, now)) return false
  // This put is kept even if the next lines throw, as intended: the token is known to be of the future from now on.
  if (ageOf(known) > now) setNoticed(kv, token.entry, known, now)
  if (known.fingerprint === token.fingerprint) return true
  const message = 'The token was used for other writes in the last ten minutes; use a new token for each transaction'
  throw new PartitaError('TokenReused', message, { token: token.text })
}

/** Stores a token. Call it within the transaction of its writes. */
export function saveToken(kv: Kv, { entry, fingerprint }: IdempotencyToken, now: number): void {
  const over = kv.get(entry, readRecord)
  if (over) kv.remove(ageEntry(entry, ageOf(over)))
  put(kv, entry, { fingerprint, at: now })
}

/** Removes expired tokens in steps. Each process has one and calls {@link TokenUpkeep.run} at intervals. */
export class TokenUpkeep {
  readonly #kv: Kv
  readonly #clock: () => number
  #isOrdered = false

  constructor(kv: Kv, clock: () => number) {
    this.#kv = kv
    this.#clock = clock
  }

  /** Removes the tokens that have expired. */
  async run(): Promise<void> {
    if (!this.#isOrdered) await this.#orderAll()
    this.#isOrdered = true
    // Outside of a transaction, so that upkeep without work blocks no writer.
    while (this.#dueAges(1).length > 0) {
      await this.#kv.transact(() => this.#step())
      await yieldToEventLoop()
    }
  }

  /** Adds missing ages. Versions without ages may have left tokens here, and may run beside this process. */
  async #orderAll(): Promise<void> {
    let keys: Uint8Array[]
    for (let { low } = ALL_TOKENS; ; low = afterKey(keys.at(-1) as Uint8Array)) {
      keys = this.#kv.keys({ ...ALL_TOKENS, low }, STEP)
      const unordered = keys.filter(entry => !this.#hasAge(entry))
      if (unordered.length > 0) await this.#kv.transact(() => this.#order(unordered))
      if (keys.length < STEP) return
      await yieldToEventLoop()
    }
  }

  #hasAge(entry: Uint8Array): boolean {
    const record = this.#kv.get(entry, readRecord)
    return !record || this.#kv.get(ageEntry(entry, ageOf(record)), () => true) === true
  }

  #order(entries: readonly Uint8Array[]): void {
    for (const entry of entries) {
      const record = this.#kv.get(entry, readRecord)
      if (record) this.#kv.put(ageEntry(entry, ageOf(record)), PRESENT)
    }
  }

  /** Removes each due age, or moves it to a time at which it is not due, so that every step makes progress. */
  #step(): void {
    // Read within the transaction: otherwise a token written while this waits for the writers' lock seems to be of the future.
    const now = this.#clock()
    for (const age of this.#dueAges(STEP)) {
      const entry = tokenEntry(age.subarray(1 + MOMENT_BYTES))
      const record = this.#kv.get(entry, readRecord)
      if (!record || ageOf(record) !== readMoment(age)) this.#kv.remove(age)
      else if (isOver(record, now)) {
        this.#kv.remove(age)
        this.#kv.remove(entry)
      } else if (ageOf(record) > now) setNoticed(this.#kv, entry, record, now)
      else {
        // Noticed by a process whose clock is behind this one: by this clock it has not expired.
        this.#kv.remove(age)
        put(this.#kv, entry, { fingerprint: record.fingerprint, at: record.at })
      }
    }
  }

  /** Ages older than ten minutes, else those of the future. */
  #dueAges(limit: number): Uint8Array[] {
    const now = this.#clock()
    const over = this.#kv.keys({ low: Buffer.from([TOKEN_AGES]), high: endOf(now - TOKEN_MILLISECONDS) }, limit)
    if (over.length > 0) return over
    return this.#kv.keys({ low: endOf(now), high: Buffer.from([TOKEN_AGES + 1]) }, limit)
  }
}

function isOver({ at, noticed }: TokenRecord, now: number): boolean {
  if (at <= now) return now - at >= TOKEN_MILLISECONDS
  return noticed !== undefined && now - noticed >= TOKEN_MILLISECONDS
}

function ageOf({ at, noticed = at }: TokenRecord): number {
  return noticed
}

function setNoticed(kv: Kv, entry: Uint8Array, record: TokenRecord, now: number): void {
  kv.remove(ageEntry(entry, ageOf(record)))
  put(kv, entry, { ...record, noticed: now })
}

function put(kv: Kv, entry: Uint8Array, record: TokenRecord): void {
  kv.put(entry, Buffer.from(JSON.stringify(record)))
  kv.put(ageEntry(entry, ageOf(record)), PRESENT)
}

/**
 * Returns a digest that is equal for equal writes only. It hashes encoded records, which distinguish all types of values.
 * JSON does not: it has no sets and no bytes.
 */
function fingerprintOf(writes: readonly PreparedWrite[]): string {
  const hash = createHash('sha256')
  const digests = new Map<Value, Uint8Array>()
  for (const { request, record } of writes) {
    const parts = Object.entries(request).filter(([name, part]) => part !== undefined && !(record && name === 'item'))
    hash.update(encodeRecord(digested(Object.fromEntries(parts) as Item, digests) as Item, 0))
    if (record) hash.update(record)
  }
  return hash.digest('base64')
}

/** Replaces large values of a request with digests, since a short expression can use one of them many times. */
function digested(part: Value, digests: Map<Value, Uint8Array>): Value {
  if (Array.isArray(part)) return part.map(element => digested(element, digests))
  if (!isMap(part)) return part
  const result: Item = {}
  for (const [name, value] of Object.entries(part)) {
    setAttribute(result, name, name === 'value' && isLarge(value) ? digestOf(value, digests) : digested(value, digests))
  }
  return result
}

function digestOf(value: Value, digests: Map<Value, Uint8Array>): Uint8Array {
  let digest = digests.get(value)
  if (!digest) {
    digest = createHash('sha256').update(encodeRecord({ value }, 0)).digest()
    digests.set(value, digest)
  }
  return digest
}

const MOMENT_BYTES = 8

function tokenEntry(text: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([TOKENS]), text])
}

function ageEntry(entry: Uint8Array, moment: number): Uint8Array {
  return Buffer.concat([momentKey(moment), entry.subarray(1)])
}

/** The first key after all ages of a time. */
function endOf(moment: number): Uint8Array {
  return successor(momentKey(moment))
}

/** Encodes a time. The bytes of nonnegative doubles are in numeric order. */
function momentKey(moment: number): Buffer {
  const key = Buffer.alloc(1 + MOMENT_BYTES)
  key[0] = TOKEN_AGES
  key.writeDoubleBE(Math.max(0, moment), 1)
  return key
}

function readMoment(age: Uint8Array): number {
  return Buffer.from(age).readDoubleBE(1)
}

function readRecord(bytes: Uint8Array): TokenRecord {
  return JSON.parse(readText(bytes))
}
