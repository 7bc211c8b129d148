/** The content of an ordered store: whether its parts are consistent, and all of it as text, to compare two stores. */
import { Catalog, type Table } from '../../packages/partita/src/embedded/catalog.js'
import { decodeRecord } from '../../packages/partita/src/embedded/storage/codec.js'
import { indexEntry, indexRange } from '../../packages/partita/src/embedded/storage/key.js'
import type { Kv, Range } from '../../packages/partita/src/embedded/storage/kv.js'
import { expiryEntryOf } from '../../packages/partita/src/embedded/upkeep/expiry.js'
import { listJobs } from '../../packages/partita/src/embedded/upkeep/jobs.js'
import { projectedItem } from '../../packages/partita/src/embedded/write/write.js'
import { isIndexed } from '../../packages/partita/src/store/index-key.js'
import type { Item } from '../../packages/partita/src/value/value.js'

/** The entries of an index or expiry order by their keys in hex. */
type Entries = Map<string, string>

/** First bytes of keys. The version of the catalog is excluded, because it counts every attempt of a change. */
const META = 0x00
const DATA = 0x10
const PREFIX_BYTES = 7

/**
 * @returns the inconsistencies of a store, which must not exist even in the middle of a job: indexes that are reported as
 * ready and differ from a rebuild, entries without an item, entries that no job clears, and fillings without a job.
 */
export function storeProblems(kv: Kv): string[] {
  kv.refresh()
  const catalog = new Catalog(kv)
  const jobs = listJobs(kv)
  const problems: string[] = []
  const known = new Set<string>()
  for (const table of catalog.names().map(name => catalog.table(name))) {
    const items = valuesOf(kv, indexRange(table.id, 0)).map(decodeRecord)
    known.add(prefixOf(table.id, 0))
    const isPending = (target: number) =>
      jobs.some(job => job.kind === 'filling' && job.table === table.id && job.targets.includes(target))
    const orders = [
      ...table.indexes.map(index => ({ ...index, expected: indexEntries(table, index, items) })),
      ...(table.expiry ? [{ ...table.expiry, name: 'expiry', expected: expiryEntries(table, items) }] : []),
    ]
    for (const { id, name, building, expected } of orders) {
      known.add(prefixOf(table.id, id))
      const actual = entriesOf(kv, indexRange(table.id, id))
      const path = `${table.name}.${name}`
      for (const [key, value] of actual) {
        if (expected.get(key) !== value) problems.push(`${path} has an entry that a rebuild does not have: ${value}`)
      }
      if (building && !isPending(id)) problems.push(`${path} is being filled, but there is no job for it`)
      if (building) continue
      for (const [key, value] of expected) {
        if (!actual.has(key)) problems.push(`${path} is ready and lacks an entry: ${value}`)
      }
    }
  }
  for (const job of jobs) {
    if (job.kind === 'clearing') known.add(prefixOf(job.table, job.index))
  }
  const isKnown = (key: string) =>
    known.has(key.slice(0, 2 * PREFIX_BYTES)) ||
    jobs.some(job => job.kind === 'clearing' && job.index === 0 && key.startsWith(prefixOf(job.table, 0).slice(0, 10)))
  for (const key of entriesOf(kv, rangeOf(DATA), () => '').keys()) {
    if (!isKnown(key)) problems.push(`an entry of a deleted table or index that no job clears: ${key}`)
  }
  return problems
}

/** @returns everything in a store. Two stores of equal text answer all requests alike. */
export function storeText(kv: Kv): string[] {
  kv.refresh()
  const all: Range = { low: Buffer.from([META + 1]), high: Buffer.from([0xff]) }
  const read = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, bytes.length)).toString('latin1')
  // The secret of a stream is random.
  return [...entriesOf(kv, all, read)].map(([key, value]) => `${key} ${value.replace(/"secret":"[^"]*"/, '')}`)
}

function indexEntries(table: Table, index: Table['indexes'][number], items: readonly Item[]): Entries {
  const entries: Entries = new Map()
  for (const item of items) {
    if (!isIndexed(index, item)) continue
    const held = projectedItem(index, item)
    const key = indexEntry(table.id, index.id, index.schema, table.schema, held)
    entries.set(Buffer.from(key).toString('hex'), textOf(held))
  }
  return entries
}

function expiryEntries(table: Table, items: readonly Item[]): Entries {
  const entries: Entries = new Map()
  for (const item of items) {
    const key = expiryEntryOf(table, item)
    const names = [table.schema.partition.name, ...(table.schema.sort ? [table.schema.sort.name] : [])]
    if (key) entries.set(Buffer.from(key).toString('hex'), textOf(pick(item, names)))
  }
  return entries
}

function entriesOf(kv: Kv, range: Range, read = (bytes: Uint8Array) => textOf(decodeRecord(bytes))): Entries {
  const keys = kv.keys(range, Number.MAX_SAFE_INTEGER).map(key => Buffer.from(key).toString('hex'))
  const values: string[] = []
  kv.each(range, bytes => values.push(read(bytes)) > 0)
  return new Map(keys.map((key, i) => [key, values[i] as string]))
}

function valuesOf(kv: Kv, range: Range): Uint8Array[] {
  const values: Uint8Array[] = []
  kv.each(range, bytes => values.push(Buffer.from(bytes.subarray(0, bytes.length))) > 0)
  return values
}

function pick(item: Item, names: readonly string[]): Item {
  return Object.fromEntries(names.flatMap(name => (name in item ? [[name, item[name]]] : []))) as Item
}

function textOf(item: Item): string {
  return JSON.stringify(
    Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)),
    (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
  )
}

function prefixOf(table: number, index: number): string {
  return Buffer.from(indexRange(table, index).low).toString('hex')
}

function rangeOf(kind: number): Range {
  return { low: Buffer.from([kind]), high: Buffer.from([kind + 1]) }
}
