/**
 * Transaction tokens: what was written in the last ten minutes, so that a transaction sent twice is done once.
 *
 *   token   TOKENS      text            fingerprint and moments, as JSON
 *   age     TOKEN_AGES  moment  text    nothing
 *
 * The ages are the same tokens in order of time, so that upkeep visits only those that are over.
 *
 * A moment is a reading of the system clock, which may be set back, or may differ between two processes. Each reader
 * therefore judges a token within its own clock: one of its past by its age, one of its future by the moment at which a
 * reader first saw it there (`noticed`). Durations agree even where clocks do not, so a token lasts ten minutes from its
 * writing or from that first sight, however wrong the clock was that wrote it.
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
/** DynamoDB knows a token for ten minutes. */
const TOKEN_MILLISECONDS = 10 * 60 * 1000
/** Tokens handled in one transaction of the ordered store: a few milliseconds of the writers' time. */
const STEP = 500
const PRESENT = Uint8Array.of(1)
const ALL_TOKENS: Range = { low: Buffer.from([TOKENS]), high: Buffer.from([TOKENS + 1]) }

/** A token, its key in the store, and a digest of the writes that it names. */
export interface Token {
  readonly text: string
  readonly entry: Uint8Array
  readonly fingerprint: string
}

interface TokenRecord {
  readonly fingerprint: string
  /** Epoch milliseconds on the clock of the process that wrote it. */
  readonly at: number
  /** When a process whose clock was behind `at` first saw it, on that process's clock. */
  readonly noticed?: number
}

export function tokenOf(text: string | undefined, writes: readonly PreparedWrite[]): Token | undefined {
  if (text === undefined) return undefined
  return { text, entry: tokenEntry(Buffer.from(text)), fingerprint: fingerprintOf(writes) }
}

/**
 * Whether the token's writes were done before. Within a transaction of the ordered store.
 * @throws PartitaError `TokenReused` where it was used for other writes.
 */
export function isDone(kv: Kv, token: Token, now: number): boolean {
  const known = kv.get(token.entry, readRecord)
  if (!known || isOver(known, now)) return false
  // Kept even where this throws, as it should be: from now on the token is known to be of the future.
  if (ageOf(known) > now) setNoticed(kv, token.entry, known, now)
  if (known.fingerprint === token.fingerprint) return true
  const message = 'The token was used within ten minutes for other writes; give each transaction its own'
  throw new PartitaError('TokenReused', message, { token: token.text })
}

/** Within the transaction that does the token's writes. */
export function saveToken(kv: Kv, { entry, fingerprint }: Token, now: number): void {
  const over = kv.get(entry, readRecord)
  if (over) kv.remove(ageEntry(entry, ageOf(over)))
  put(kv, entry, { fingerprint, at: now })
}

/** Removes tokens that are over, a step at a time. One for each process, for {@link TokenUpkeep.run} at intervals. */
export class TokenUpkeep {
  readonly #kv: Kv
  readonly #clock: () => number
  #isOrdered = false

  constructor(kv: Kv, clock: () => number) {
    this.#kv = kv
    this.#clock = clock
  }

  async run(): Promise<void> {
    if (!this.#isOrdered) await this.#orderAll()
    this.#isOrdered = true
    // Asked outside of a transaction, so that upkeep with nothing to do keeps no writer waiting.
    while (this.#dueAges(1).length > 0) {
      await this.#kv.transact(() => this.#step())
      await yieldToEventLoop()
    }
  }

  /** Versions of Partita without ages may have left tokens here, and may do so beside this process. */
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

  /** Each age visited is removed, or moved to where this clock does not find it due: a step always gets further. */
  #step(): void {
    // Read within the transaction: no token written before it is of the future only because writers wait their turn.
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
        // Noticed by a process whose clock is behind this one: for this clock it is young yet.
        this.#kv.remove(age)
        put(this.#kv, entry, { fingerprint: record.fingerprint, at: record.at })
      }
    }
  }

  /** Ages that are ten minutes past, and those of the future. */
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
 * A digest that is equal for equal writes only. The records of the store tell every kind of value apart, which JSON does
 * not: a number from its text, a set from a list, bytes from text.
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

/** The parts of a request with digests for its large values: a short expression can name one of them many times. */
function digested(part: Value, digests: Map<Value, Uint8Array>): Value {
  if (Array.isArray(part)) return part.map(it => digested(it, digests))
  if (!isMap(part)) return part
  const result: Item = {}
  for (const [name, it] of Object.entries(part)) {
    setAttribute(result, name, name === 'value' && isLarge(it) ? digestOf(it, digests) : digested(it, digests))
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

/** The first key behind all ages of this moment. */
function endOf(moment: number): Uint8Array {
  return successor(momentKey(moment))
}

/** Doubles that are not negative are in order as bytes. */
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
