/** Batch reads and writes of any number of items. `store/batch` divides and retries them. */
import { type Batch, chunksOf, keyIdentity, MAX_BATCH_GETS, MAX_BATCH_WRITES, runBatch } from '../store/batch.js'
import { noCapacity } from '../store/capacity.js'
import { type KeySchema, pickKey } from '../store/definition.js'
import { checkItemKey, checkKey } from '../store/limits.js'
import type {
  BatchGetRequest,
  BatchGetResult,
  BatchWrite,
  BatchWriteRequest,
  BatchWriteResult,
  CallOptions,
  GetRequest,
} from '../store/store.js'
import { measureItem } from '../value/size.js'
import type { Item, Key, KeyValue } from '../value/value.js'
import { addConsumed } from './capacity.js'
import { expressionFields } from './expression.js'
import { checkedKey } from './input.js'
import type { KeySchemas } from './key-schemas.js'
import { prepare } from './protocol/print.js'
import type { Sender } from './sender.js'

/** Binary values grow by a third in JSON and small values by more, so 25 large items can exceed the 16 MB of a request. */
const MAX_CHUNK_BYTES = 4 * 1024 * 1024

/** Gets that can share requests: DynamoDB allows one projection and one consistency per table. */
interface Group {
  readonly table: string
  readonly consistent: boolean
  readonly projection: GetRequest['projection']
  /** Keys by their identity, without duplicates. */
  readonly entries: Map<string, GetEntry>
  readonly found: Map<string, Item>
}

interface GetEntry {
  readonly group: Group
  readonly identity: string
  readonly key: Key
}

/** Reads a batch. */
export async function batchGet(sender: Sender, call: BatchGetRequest): Promise<BatchGetResult> {
  const { gets } = call
  const groups = new Map<string, Group>()
  const targets = gets.map(({ table, key, consistent = false, projection }) => {
    checkedKey(key)
    const variant = JSON.stringify([table, consistent, projection])
    const identity = keyIdentity(key)
    let group = groups.get(variant)
    if (!group) groups.set(variant, (group = { table, consistent, projection, entries: new Map(), found: new Map() }))
    group.entries.set(identity, { group, identity, key })
    return { group, identity }
  })
  const capacity = noCapacity()
  const chunks = [...groups.values()].flatMap(group => chunksOf([...group.entries.values()], MAX_BATCH_GETS))
  const attempt = async (chunk: readonly GetEntry[]): Promise<GetEntry[]> => {
    const { group, key } = chunk[0] as GetEntry
    const { table, consistent, found } = group
    const names = Object.keys(key)
    const request = {
      Keys: chunk.map(entry => entry.key),
      ...(consistent && { ConsistentRead: true }),
      ...expressionFields({ projection: withKey(group.projection, names) }),
    }
    const input = { RequestItems: { [table]: request }, ReturnConsumedCapacity: 'INDEXES' }
    const output = await sender.send(
      prepare('BatchGetItem', input),
      { operation: 'batchGet', table },
      'read',
      sender.limit(call),
    )
    addConsumed(capacity, 'read', output.ConsumedCapacity)
    for (const item of output.Responses?.[table] ?? []) {
      found.set(identityOf(item, names), withoutKey(item, group.projection, names))
    }
    const refused = output.UnprocessedKeys?.[table]?.Keys ?? []
    const left = new Set(refused.map(refusedKey => identityOf(refusedKey, names)))
    return chunk.filter(({ identity }) => left.has(identity))
  }
  await run(sender, { verb: 'read', chunks, attempt, keyOf: ({ key }) => key }, call)
  return { items: targets.map(({ group, identity }) => group.found.get(identity)), capacity }
}

/** Adds the key attributes to a projection, since results are matched by key. */
function withKey(projection: GetRequest['projection'], names: readonly string[]): GetRequest['projection'] {
  if (!projection || projection.length === 0) return projection
  const missing = names.filter(name => !projection.some(([first]) => first === name))
  return [...projection, ...missing.map(name => [name] as const)]
}

function withoutKey(item: Item, projection: GetRequest['projection'], names: readonly string[]): Item {
  if (projection) for (const name of names) if (!projection.some(([first]) => first === name)) delete item[name]
  return item
}

interface WriteEntry {
  readonly table: string
  readonly key: Key
  readonly identity: string
  readonly bytes: number
  readonly request: { readonly PutRequest: { Item: Item } } | { readonly DeleteRequest: { Key: Key } }
}

/** Writes a batch. */
export async function batchWrite(
  sender: Sender,
  schemas: KeySchemas,
  call: BatchWriteRequest,
): Promise<BatchWriteResult> {
  const { writes } = call
  const schemaOf = await schemas.ofAll(
    writes.map(({ table }) => table),
    call,
  )
  // Chunks run concurrently, so only the last of several writes to one item is sent.
  const entries = new Map<string, WriteEntry>()
  try {
    for (const write of writes) {
      const entry = toEntry(write, schemaOf.get(write.table) as KeySchema)
      entries.set(entry.identity, entry)
    }
  } catch (error) {
    // The table may have been replaced by one with another key since its schema was cached.
    for (const table of schemaOf.keys()) schemas.forget(table)
    throw error
  }
  const capacity = noCapacity()
  const attempt = async (chunk: readonly WriteEntry[]): Promise<WriteEntry[]> => {
    const items: Record<string, WriteEntry['request'][]> = {}
    for (const { table, request } of chunk) (items[table] ??= []).push(request)
    const prepared = prepare('BatchWriteItem', { RequestItems: items, ReturnConsumedCapacity: 'INDEXES' })
    const attempted = { operation: 'batchWrite', ...onlyTable(Object.keys(items)) }
    const output = await sender.send(prepared, attempted, 'write', sender.limit(call))
    addConsumed(capacity, 'write', output.ConsumedCapacity)
    const left = new Set<string>()
    for (const [table, refused] of Object.entries(output.UnprocessedItems ?? {})) {
      for (const { PutRequest: put, DeleteRequest: remove } of refused) {
        const key = pickKey(schemaOf.get(table) as KeySchema, (put?.Item ?? remove?.Key) as Item)
        left.add(entryIdentity(table, key))
      }
    }
    return chunk.filter(({ identity }) => left.has(identity))
  }
  const chunks = chunksOf([...entries.values()], MAX_BATCH_WRITES, MAX_CHUNK_BYTES, ({ bytes }) => bytes)
  await run(sender, { verb: 'written', chunks, attempt, keyOf: ({ key }) => key }, call)
  return { capacity }
}

function run<Entry>(sender: Sender, batch: Batch<Entry>, { deadline, signal }: CallOptions): Promise<void> {
  return runBatch({
    ...batch,
    pace: sender.pace,
    ...(deadline !== undefined && { deadline }),
    ...(signal && { signal }),
  })
}

/** Checks a write. @throws ValidationError, LimitExceededError before the first request is sent. */
function toEntry(write: BatchWrite, schema: KeySchema): WriteEntry {
  const { table } = write
  if (write.kind === 'delete') {
    checkKey(schema, write.key)
    const request = { DeleteRequest: { Key: write.key } }
    return { table, key: write.key, identity: entryIdentity(table, write.key), bytes: 0, request }
  }
  const { item } = write
  checkItemKey(schema, item)
  const key = pickKey(schema, item)
  const request = { PutRequest: { Item: item } }
  return { table, key, identity: entryIdentity(table, key), bytes: measureItem(item), request }
}

function pick(item: Item, names: readonly string[]): Key {
  return Object.fromEntries(names.map(name => [name, item[name] as KeyValue]))
}

function identityOf(item: Item, names: readonly string[]): string {
  return keyIdentity(pick(item, names))
}

function entryIdentity(table: string, key: Key): string {
  return `${table} ${keyIdentity(key)}`
}

function onlyTable(tables: readonly string[]): { table?: string } {
  return tables.length === 1 ? { table: tables[0] as string } : {}
}
