/** Writes items into a table. */
import { ConditionFailedError, type Item, type Key, OutcomeUnknownError, type Value } from 'partita'
import {
  type BatchWrite,
  type Condition,
  checkItemKey,
  checkKey,
  measureItem,
  notExists,
  type Store,
  type TableDescription,
} from 'partita/store'
import { BadInput } from '../../failure.js'
import { printJson } from '../../json/exact-json.js'
import type { Change } from '../format/entry.js'
import type { CapacityPace } from './capacity-pace.js'
import { eachConcurrently } from './concurrently.js'
import { isAboutItem, type OnConflict, type Outcome, type Prepared, type Target } from './target.js'

/** Milliseconds for which throttled writes are retried. An import is patient: nobody waits for an answer. */
const DEADLINE = 300_000
/** Writes in flight on DynamoDB. The embedded engine takes all at once, because they share one flush to disk. */
const CONCURRENCY = 32
/** How often a write is repeated whose answer was lost. Writing an item twice is safe. */
const ATTEMPTS = 5
const WRITE_UNIT_BYTES = 1024

/** A table, and how to write into it. */
export interface TableWriting {
  readonly store: Store
  readonly table: TableDescription
  readonly onConflict: OnConflict
  readonly pace: CapacityPace
}

/** A target that writes items, as they are, into a table. */
export function tableTarget({ store, table, onConflict, pace }: TableWriting): Target {
  const { name, key: schema } = table
  const names = schema.sort ? [schema.partition.name, schema.sort.name] : [schema.partition.name]
  const isAbsent = notExists([schema.partition.name])

  const writeOne = async ({ change }: Prepared): Promise<Outcome> => {
    const condition = onConflict === 'replace' ? undefined : isAbsent
    try {
      const { capacity } = await repeated(() =>
        store.write({ ...requestOf(change, name, condition), deadline: DEADLINE }),
      )
      pace.spend(capacity.write)
      return change.kind === 'put' ? 'written' : 'deleted'
    } catch (error) {
      if (!isAboutItem(error)) throw error
      if (!(error instanceof ConditionFailedError) || change.kind !== 'put') return { problem: error }
      pace.spend(1)
      const existing = error.details.item as Item | undefined
      if (existing && isEqual(existing, change.item)) return 'unchanged'
      return onConflict === 'skip' ? 'skipped' : { problem: conflict(change.item, names) }
    }
  }

  const writeEach = (changes: readonly Prepared[]) =>
    eachConcurrently(changes, store.provisioning === 'automatic' ? changes.length : CONCURRENCY, writeOne)

  const writeBatch = async (changes: readonly Prepared[]): Promise<readonly Outcome[]> => {
    const writes = changes.map(({ change }) => requestOf(change, name) as BatchWrite)
    try {
      const { capacity } = await repeated(() => store.batchWrite({ writes, deadline: DEADLINE }))
      pace.spend(capacity.write)
      return changes.map(({ change }) => (change.kind === 'put' ? 'written' : 'deleted'))
    } catch (error) {
      // The batch does not say which item was refused.
      if (isAboutItem(error)) return writeEach(changes)
      throw error
    }
  }

  return {
    prepare(change) {
      if (change.kind === 'delete') {
        checkKey(schema, change.key)
        if (onConflict !== 'replace') throw new BadInput('deletes an item, which needs --on-conflict replace')
        return { id: idOf(change.key, names), change, units: 1 }
      }
      checkItemKey(schema, change.item)
      const bytes = measureItem(change.item)
      return { id: idOf(change.item, names), change, units: Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES)) }
    },
    async write(changes, signal) {
      await pace.ready(signal)
      return onConflict === 'replace' ? writeBatch(changes) : writeEach(changes)
    },
    async preview(changes) {
      if (onConflict === 'replace') return changes.map(({ change }) => (change.kind === 'put' ? 'written' : 'deleted'))
      await pace.ready()
      const gets = changes.map(({ change }) => ({ table: name, key: keyOf(change, names), consistent: true }))
      const { items, capacity } = await store.batchGet({ gets, deadline: DEADLINE })
      pace.spend(capacity.read)
      return changes.map(({ change }, i) => {
        const existing = items[i]
        if (!existing || change.kind !== 'put') return 'written'
        if (isEqual(existing, change.item)) return 'unchanged'
        return onConflict === 'skip' ? 'skipped' : { problem: conflict(change.item, names) }
      })
    },
  }
}

function keyOf(change: Change, names: readonly string[]): Key {
  const from = change.kind === 'put' ? change.item : change.key
  return Object.fromEntries(names.map(name => [name, from[name]])) as Key
}

/** A text that identifies the item of a key. */
function idOf(item: Item, names: readonly string[]): string {
  return printJson(names.map(name => item[name] as Value))
}

/** Whether two items have the same attributes with equal values. */
function isEqual(a: Item, b: Item): boolean {
  return printJson(a, { sorted: true }) === printJson(b, { sorted: true })
}

/** The problem of an item whose key exists with another content. */
function conflict(item: Item, names: readonly string[]): BadInput {
  const key = printJson(Object.fromEntries(names.map(name => [name, item[name] as Value])))
  return new BadInput(`conflicts with the item of the table that has the key ${key}; use --on-conflict skip or replace`)
}

function requestOf(change: Change, table: string, condition?: Condition) {
  if (change.kind === 'delete') return { kind: 'delete', table, key: change.key as Key } as const
  if (!condition) return { kind: 'put', table, item: change.item } as const
  return { kind: 'put', table, item: change.item, condition, returnOldOnFailure: true } as const
}

async function repeated<T>(write: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof OutcomeUnknownError) || attempt === ATTEMPTS) throw error
    }
  }
}
