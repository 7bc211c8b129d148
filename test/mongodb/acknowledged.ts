/**
 * Random writes under random faults: what the store has acknowledged is there once, what it has reported as failed is not
 * there, and what is unknown is there at most once.
 */
import { ConflictError, OutcomeUnknownError, PartitaError } from '../../packages/partita/src/errors/errors.js'
import { ifNotExists, listAppend, notExists, update, value } from '../../packages/partita/src/store/index.js'
import type { WriteRequest } from '../../packages/partita/src/store/store.js'
import { seeded } from '../seeded.js'
import type { Fault } from '../servers/mongo/memory/faults.js'
import type { FaultStore } from './fault-store.js'

const WORKERS = 6
const COUNTERS = 4
const LISTS = 3
const ACCOUNTS = 4
const BALANCE = 100
const table = 'things'

type Outcome = 'done' | 'failed' | 'unknown'

/** The outcome of each operation, by its number. */
export interface Ledger {
  /** Additions of one to a counter, in one command. */
  readonly additions: { readonly counter: string; readonly outcome: Outcome }[]
  /** Numbers appended to a list, which reads it first. */
  readonly appends: { readonly list: string; readonly entry: number; readonly outcome: Outcome }[]
  /** Items that must not exist before. */
  readonly creations: { readonly pk: string; readonly outcome: Outcome }[]
  /** Transfers of one, in a transaction that also writes a receipt. */
  readonly transfers: {
    readonly receipt: string
    readonly from: string
    readonly to: string
    readonly outcome: Outcome
  }[]
}

const add = (pk: string, n: number): WriteRequest => ({
  kind: 'update',
  table,
  key: { pk },
  update: update({ add: [{ path: ['n'], value: n }] }),
})

const append = (pk: string, entry: number): WriteRequest => {
  const grown = listAppend(ifNotExists(['list'], value([])), value([entry]))
  return { kind: 'update', table, key: { pk }, update: update({ set: [{ path: ['list'], value: grown }] }) }
}

/** Runs the operations, and injects a fault before one of four. */
export async function writeUnderFaults(
  { store, server }: FaultStore,
  { operations, seed }: { readonly operations: number; readonly seed: number },
): Promise<Ledger> {
  const random = seeded(seed)
  const pick = (count: number): number => Math.floor(random() * count)
  const ledger: Ledger = { additions: [], appends: [], creations: [], transfers: [] }
  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => `account-${i}`)
  await store.batchWrite({ writes: accounts.map(pk => ({ kind: 'put', table, item: { pk, n: BALANCE } })) })
  let next = 0
  const operation = async (id: number): Promise<void> => {
    if (random() < 0.25) server.inject(randomFault(random))
    switch (pick(4)) {
      case 0: {
        const counter = `counter-${pick(COUNTERS)}`
        ledger.additions.push({ counter, outcome: await outcomeOf(store.write(add(counter, 1))) })
        return
      }
      case 1: {
        const list = `list-${pick(LISTS)}`
        ledger.appends.push({ list, entry: id, outcome: await outcomeOf(store.write(append(list, id))) })
        return
      }
      case 2: {
        const pk = `created-${id}`
        const creation = store.write({ kind: 'put', table, item: { pk }, condition: notExists(['pk']) })
        ledger.creations.push({ pk, outcome: await outcomeOf(creation) })
        return
      }
      default: {
        const from = pick(ACCOUNTS)
        const to = (from + 1 + pick(ACCOUNTS - 1)) % ACCOUNTS
        const [source, target] = [accounts[from] as string, accounts[to] as string]
        const receipt = `receipt-${id}`
        const writes: WriteRequest[] = [
          add(source, -1),
          { kind: 'put', table, item: { pk: receipt }, condition: notExists(['pk']) },
          add(target, 1),
        ]
        const outcome = await outcomeOf(store.transactWrite({ writes }))
        ledger.transfers.push({ receipt, from: source, to: target, outcome })
      }
    }
  }
  const worker = async (): Promise<void> => {
    while (next < operations) await operation(next++)
  }
  await Promise.all(Array.from({ length: WORKERS }, worker))
  server.clearFaults()
  return ledger
}

const WRITES = ['insert', 'update', 'delete', 'findAndModify']
const ERRORS = [112, 251, 10107, 91, 11600]
/** A server that has committed never says again that it knows no such transaction. */
const COMMIT_ERRORS = [10107, 91, 11600]

/** A lost connection before or after a command, or an error. */
function randomFault(random: () => number): Fault {
  const kind = random()
  const commands = kind < 0.7 ? WRITES : kind < 0.85 ? ['commitTransaction'] : ['find']
  const errors = kind >= 0.7 && kind < 0.85 ? COMMIT_ERRORS : ERRORS
  const times = random() < 0.3 ? 2 : 1
  if (random() < 0.5) return { commands, times, closeConnection: true, afterCommand: random() < 0.5 }
  return { commands, times, errorCode: errors[Math.floor(random() * errors.length)] as number }
}

/** Errors that are not the library's fail the run. */
async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call
    return 'done'
  } catch (error) {
    if (error instanceof OutcomeUnknownError) return 'unknown'
    if (error instanceof ConflictError || (error instanceof PartitaError && error.code === 'Unavailable'))
      return 'failed'
    throw error
  }
}

/** What the items contradict in the ledger; empty if all is well. */
export async function contradictions({ read }: FaultStore, ledger: Ledger): Promise<string[]> {
  const found: string[] = []
  const expect = (what: string, outcome: Outcome, isThere: boolean): void => {
    if ((outcome === 'done' && !isThere) || (outcome === 'failed' && isThere))
      found.push(`${what} is ${outcome}, and it is ${isThere ? '' : 'not '}there`)
  }
  for (const counter of new Set(ledger.additions.map(one => one.counter))) {
    const own = ledger.additions.filter(one => one.counter === counter)
    const done = own.filter(({ outcome }) => outcome === 'done').length
    const most = done + own.filter(({ outcome }) => outcome === 'unknown').length
    const n = Number((await read(counter))?.n ?? 0)
    if (n < done || n > most) found.push(`${counter} is ${n}, not ${done} to ${most}`)
  }
  for (const { list, entry, outcome } of ledger.appends) {
    const entries = ((await read(list))?.list ?? []) as number[]
    expect(`${entry} of ${list}`, outcome, entries.includes(entry))
    if (entries.indexOf(entry) !== entries.lastIndexOf(entry)) found.push(`${entry} is twice in ${list}`)
  }
  for (const { pk, outcome } of ledger.creations) expect(pk, outcome, (await read(pk)) !== undefined)
  const balances = new Map(Array.from({ length: ACCOUNTS }, (_, i) => [`account-${i}`, BALANCE]))
  const change = (account: string, by: number) => balances.set(account, (balances.get(account) as number) + by)
  for (const { receipt, from, to, outcome } of ledger.transfers) {
    const isThere = (await read(receipt)) !== undefined
    expect(receipt, outcome, isThere)
    if (!isThere) continue
    change(from, -1)
    change(to, 1)
  }
  for (const [account, balance] of balances) {
    const n = (await read(account))?.n
    if (n !== balance) found.push(`${account} is ${n}, and its receipts say ${balance}`)
  }
  return found
}
