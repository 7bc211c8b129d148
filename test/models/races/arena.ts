/** Runs races of models on every store, and on stores with injected faults. */
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Faults, memory } from '../../../packages/partita/src/embedded/index.js'
import { connect, f, model } from '../../../packages/partita/src/model/index.js'
import type { Database, Transaction } from '../../../packages/partita/src/model/types/database.js'
import type { Store } from '../../../packages/partita/src/store/store.js'
import { seed } from '../../seeded.js'
import { describeEachStore, describeEachStoreAndMongo, type StoreUnderTest } from '../../stores.js'
import { faultsOf } from '../consistency.js'
import { ending } from '../ending.js'

const Account = model('Account', {
  fields: {
    accountId: f.string(),
    email: f.email(),
    handle: f.string().optional(),
    region: f.enum('north', 'south').default('north'),
    label: f.string().optional(),
    level: f.number().default(0),
    side: f.enum('left', 'right').default('left'),
    floor: f.number().optional(),
    balance: f.counter(),
    tags: f.set(f.string()).default([]),
    note: f.string().default(''),
    expires: f.ttl().optional(),
  },
  key: 'accountId',
  unique: { email: { fields: ['email'], lower: true }, handle: ['handle'], seat: ['region', 'label'] },
  indexes: {
    byPlace: { on: 'gsi1', pk: 'PLACE#{region}', sk: '{label}#{level}' },
    bySide: { on: 'gsi2', pk: 'SIDE#{side}', sk: '{floor}#{level}#{note}' },
  },
})

const Shift = model('Shift', {
  fields: {
    week: f.integer(),
    doctor: f.string(),
    onCall: f.boolean().default(true),
    hours: f.integer().default(0),
    version: f.version(),
  },
  key: { pk: 'WEEK#{week}', sk: 'DOCTOR#{doctor}' },
})

const Entry = model('Entry', {
  fields: { book: f.string(), line: f.integer(), text: f.string() },
  key: { pk: 'BOOK#{book}', sk: 'LINE#{line}' },
  indexes: { byText: { on: 'gsi1', pk: 'TEXT#{text}', sk: '{book}#{line}' } },
})

const models = { Account, Shift, Entry }
export type Db = Database<typeof models>
export type Tx = Transaction<typeof models>

/** A database for races, open while its tests run. */
export interface Arena {
  readonly db: Db
  /** Retries a call that fails with an injected fault. Faults are injected before anything is written. */
  insist<T>(call: () => Promise<T>): Promise<T>
  /** Checks that indexes, markers and iteration entries of the table agree with its rows. */
  consistent(): Promise<void>
  /** The time of the database's clock, in epoch milliseconds. */
  now(): number
  /** Advances the clock of the database. */
  pass(milliseconds: number): void
}

const injected: Record<string, Faults> = {
  'transaction conflicts': { conflict: 0.2 },
  throttling: { throttle: 0.1 },
  'every kind of fault': { conflict: 0.1, throttle: 0.05, unprocessed: 0.2, indexDelay: 30 },
}

/** Runs races on each selected store, and on the engine in memory under injected faults. */
export function describeEachArena(
  title: string,
  races: (arena: Arena) => void,
  describeStores: (title: string, body: (tested: StoreUnderTest) => void) => void = describeEachStore,
): void {
  const onEachStore = (tested: StoreUnderTest): void => {
    const open = () => ({ store: tested.store, table: tested.tableName() })
    races(arenaOn(open, call => call()))
  }
  describeStores(title, onEachStore)
  describe.each(Object.entries(injected))(`${title} under %s`, (_, faults) => {
    let store: Store
    beforeAll(() => {
      store = memory({ faults: { seed, ...faults } })
    })
    afterAll(() => store.close())
    races(
      arenaOn(
        () => ({ store, table: 'races' }),
        call => untilDone(call, ['Throttled', 'Conflict']),
      ),
    )
  })
}

/** Runs races that MongoDB's own conflicts decide, so that they run on it in every run. */
export function describeEachArenaAndMongoDB(title: string, races: (arena: Arena) => void): void {
  describeEachArena(title, races, describeEachStoreAndMongo)
}

function arenaOn(open: () => { store: Store; table: string }, insist: Arena['insist']): Arena {
  let db: Db | undefined
  let check: (() => Promise<string[]>) | undefined
  let ahead = 0
  const now = () => Date.now() + ahead
  beforeAll(async () => {
    const { store, table } = open()
    db = await insist(() => connect({ models, store, table, createTable: true, clock: now }))
    check = () => insist(() => faultsOf({ store, table, models, now: now() }))
  })
  return {
    get db() {
      if (!db) throw new Error('The database is open only while tests run')
      return db
    },
    insist,
    consistent: async () => expect(await check?.()).toEqual([]),
    now,
    pass: milliseconds => void (ahead += milliseconds),
  }
}

/** Retries after errors with these codes. */
export async function untilDone<T>(call: () => Promise<T>, passing: readonly string[]): Promise<T> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const ended = await ending(call())
    if ('value' in ended) return ended.value
    if (!passing.includes(ended.error.code)) throw ended.error
  }
  throw new Error('The call still fails after 100 attempts')
}

/** A barrier: the first `size` callers wait for each other, so that all have read before one writes. */
export function meeting(size: number): () => Promise<void> {
  let here = 0
  let open: () => void = () => undefined
  const all = new Promise<void>(resolve => {
    open = resolve
  })
  return () => {
    if (++here >= size) open()
    return all
  }
}

let names = 0

/** A number that no other test uses. */
export function freshNumber(): number {
  return ++names
}

/** A name that no other test uses. */
export function fresh(): string {
  return `n${freshNumber()}`
}
