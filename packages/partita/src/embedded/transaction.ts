/** Transactions of up to a hundred writes, all or nothing, and the tokens that let one be sent twice. */
import { createHash } from 'node:crypto'
import {
  invalid,
  keyText,
  LimitExceeded,
  PartitaError,
  TransactionFailed,
  type TransactionReason,
  ValidationFailed,
} from '../errors.js'
import { addUnits, type Capacity, noCapacity } from '../store/capacity.js'
import type { TransactWriteRequest } from '../store/store.js'
import { Decimal } from '../value/number.js'
import { readUnits } from '../value/size.js'
import type { Item } from '../value/value.js'
import { pickKey, type Table } from './catalog.js'
import type { ChangeSource } from './change.js'
import { recordSize } from './codec.js'
import { tableEntry } from './key.js'
import { type Kv, readText } from './kv.js'
import { applyPlan, isRefusal, type Plan, type PreparedWrite, planWrite } from './write.js'

const TOKENS = 0x02
/** DynamoDB knows a token for ten minutes. */
const TOKEN_MILLISECONDS = 10 * 60 * 1000

/** A token's place in the store, and a digest of the writes it stands for. */
export interface Token {
  readonly text: string
  readonly entry: Uint8Array
  readonly fingerprint: string
}

interface TokenRecord {
  readonly fingerprint: string
  readonly at: number
}

/**
 * To be run within a transaction of the ordered store: nothing changes between the plans and their puts, which closes
 * the race between conditions and writes for all processes.
 * @throws TransactionFailed, and `TokenReused`; nothing has been put then.
 */
export function transactWrite(
  kv: Kv,
  writes: readonly PreparedWrite[],
  token: Token | undefined,
  source: ChangeSource,
): Capacity {
  const now = source.clock()
  if (token) {
    const known = kv.get(token.entry, readToken)
    if (known && now - known.at < TOKEN_MILLISECONDS) {
      if (known.fingerprint === token.fingerprint) return readAgain(kv, writes)
      throw new PartitaError(
        'TokenReused',
        'The token was used within ten minutes for other writes; give each transaction its own',
        {
          token: token.text,
        },
      )
    }
  }
  const plans = planAll(kv, writes)
  const capacity = noCapacity()
  for (const plan of plans) applyPlan(kv, plan, capacity, 2, source)
  if (token) kv.put(token.entry, Buffer.from(JSON.stringify({ fingerprint: token.fingerprint, at: now })))
  return capacity
}

/** What a transaction costs that was written before: its items are read, at twice the units as in any transaction. */
function readAgain(kv: Kv, writes: readonly PreparedWrite[]): Capacity {
  const capacity = noCapacity()
  for (const { table, place } of writes) {
    const size = kv.get(tableEntry(table.id, table.schema, place), recordSize) ?? 0
    addUnits(capacity, table.name, undefined, readUnits(size, true) * 2, 0)
  }
  return capacity
}

/** DynamoDB refuses two operations on one item, as their order would have no meaning. */
export function checkDistinct(items: readonly { readonly table: Table; readonly key: Item }[]): void {
  const seen = new Set<string>()
  items.forEach(({ table, key }, index) => {
    const entry = tableEntry(table.id, table.schema, key).toString('latin1')
    if (!seen.has(entry)) seen.add(entry)
    else {
      const text = keyText(pickKey(table.schema, key))
      throw invalid([index], `is a second operation on ${text}; a transaction takes one for each item`)
    }
  })
}

export function tokenOf({ token, writes }: TransactWriteRequest): Token | undefined {
  if (token === undefined) return undefined
  const fingerprint = createHash('sha256').update(JSON.stringify(writes, plainly)).digest('base64')
  return { text: token, entry: Buffer.concat([Buffer.from([TOKENS]), Buffer.from(token)]), fingerprint }
}

/** Forgets the tokens that are too old to count. */
export function sweepTokens(kv: Kv, now: number): Promise<void> {
  return kv.transact(() => {
    const all = { low: Buffer.from([TOKENS]), high: Buffer.from([TOKENS + 1]) }
    for (const entry of kv.keys(all, Number.MAX_SAFE_INTEGER)) {
      const record = kv.get(entry, readToken)
      if (record && now - record.at >= TOKEN_MILLISECONDS) kv.remove(entry)
    }
  })
}

function planAll(kv: Kv, writes: readonly PreparedWrite[]): Plan[] {
  const plans: Plan[] = []
  const faults: unknown[] = []
  const reasons = writes.map((write, index): TransactionReason => {
    try {
      const plan = planWrite(kv, write)
      if (isRefusal(plan)) {
        return {
          index,
          code: 'ConditionFailed',
          message: 'its condition is false',
          ...(plan.item && { item: plan.item }),
        }
      }
      plans.push(plan)
      return { index, code: 'None' }
    } catch (error) {
      if (!(error instanceof ValidationFailed || error instanceof LimitExceeded)) throw error
      faults[index] = error
      return { index, code: error.code, message: error.message }
    }
  })
  if (plans.length < writes.length) throw new TransactionFailed({ reasons }, faults)
  return plans
}

function readToken(bytes: Uint8Array): TokenRecord {
  return JSON.parse(readText(bytes))
}

/** For a digest: every kind of value told apart, which JSON alone does not. */
function plainly(this: unknown, name: string, json: unknown): unknown {
  const value = (this as Record<string, unknown>)[name]
  if (typeof value === 'bigint') return { bigint: value.toString() }
  if (value instanceof Decimal) return { decimal: value.text }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') }
  if (value instanceof Set) return { set: [...value] }
  return json
}
