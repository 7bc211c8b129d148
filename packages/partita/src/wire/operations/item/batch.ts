/** BatchGetItem and BatchWriteItem: items of one or more tables, each independent of the others. */

import type { KnownTable } from '../../../embedded/catalog.js'
import { YieldPace } from '../../../embedded/event-loop.js'
import type { Projection } from '../../../expression/ast.js'
import { pickKey } from '../../../store/definition.js'
import type { BatchWrite, GetRequest } from '../../../store/store.js'
import { measureItem } from '../../../value/size.js'
import { getAttribute, type Item, type Key, typeOf } from '../../../value/value.js'
import type { Operation, Wire } from '../../dispatch.js'
import type { ExpressionInput } from '../../expression-rules/index.js'
import { refuseMixture } from '../../legacy/index.js'
import { readItem, readSizedItem, type TypedItem, writeItem } from '../../protocol/attribute-value.js'
import { validation } from '../../protocol/aws-error.js'
import { consumedByAll, RETURN_CAPACITY, type ReturnCapacity } from '../../protocol/consumed-capacity.js'
import { inOlderWords } from '../../protocol/legacy-messages.js'
import { ATTRIBUTES } from '../../protocol/shape.js'
import { TABLE_NAME, tableOf } from '../../protocol/table-name.js'
import { collectionMetrics } from './collection-metrics.js'
import { readProjection } from './get.js'
import { checkSize } from './item-size.js'
import { checkItem, checkKey, identityOf, KEY_MISMATCH } from './key.js'
import { ATTRIBUTES_TO_GET, EXPRESSION, KEY, NAMES, RETURN_METRICS } from './members.js'
import { checkScalarKeys } from './scalar-keys.js'
import { type IsLeft, keyText, readPart, writePart } from './unprocessed.js'

/** Minimum length of a table's name. Other operations accept shorter names, which no table has. */
const SHORTEST_NAME = 3
const MOST_GETS = 100
const MOST_WRITES = 25
/** Maximum bytes of items in one answer of BatchGetItem. */
const MOST_BYTES = 16 * 1024 * 1024
const DUPLICATES = 'Provided list of item keys contains duplicates'

interface TableGets extends Pick<ExpressionInput, 'ProjectionExpression' | 'ExpressionAttributeNames'> {
  readonly Keys: readonly TypedItem[]
  readonly AttributesToGet?: readonly string[]
  readonly ConsistentRead?: boolean
}

interface BatchGetInput {
  readonly RequestItems: { readonly [table: string]: TableGets }
  readonly ReturnConsumedCapacity?: ReturnCapacity
}

/** `BatchGetItem`: reads up to 100 items of one or more tables. */
export const batchGetItem: Operation = {
  input: {
    type: 'structure',
    members: {
      RequestItems: {
        type: 'map',
        className: 'KeysAndAttributes',
        required: true,
        checkNames: requests => namesProblem(Object.keys(requests), () => shownGets(requests)),
        of: {
          type: 'structure',
          members: {
            Keys: { type: 'list', of: ATTRIBUTES, required: true },
            AttributesToGet: ATTRIBUTES_TO_GET,
            ConsistentRead: { type: 'boolean' },
            ProjectionExpression: EXPRESSION,
            ExpressionAttributeNames: NAMES,
          },
        },
      },
      ReturnConsumedCapacity: RETURN_CAPACITY,
    },
  },
  async run(wire, { RequestItems, ReturnConsumedCapacity }: BatchGetInput) {
    checkGets(RequestItems)
    checkOneGeneration(Object.values(RequestItems))
    const read = Object.entries(RequestItems).map(([name, gets]) => {
      const keys = gets.Keys.map(key => readItem(key))
      if (new Set(keys.map(keyText)).size < keys.length) throw validation(DUPLICATES)
      return { name, gets, projection: readProjection(gets), keys }
    })
    const requested = read.flatMap(({ name, gets, projection, keys }) => {
      const table = tableOf(wire, name)
      checkScalarKeys(table.definition, projection)
      return keys.map((key, i) => ({
        name,
        given: gets.Keys[i] as TypedItem,
        get: getOf(table, checkKey(table, key), gets.ConsistentRead, projection),
      }))
    })
    const { items, capacity, isLeft } = await readPart(
      wire.store,
      requested.map(({ get }) => get),
    )
    const responses = new Map(Object.keys(RequestItems).map(name => [name, [] as TypedItem[]]))
    const left = new Map<string, TypedItem[]>()
    let bytes = 0
    const pace = new YieldPace()
    const leave = (name: string, given: TypedItem) => left.set(name, [...(left.get(name) ?? []), given])
    for (const [i, { name, given, get }] of requested.entries()) {
      const item = items[i]
      if (isLeft?.(get.key)) leave(name, given)
      if (!item) continue
      const size = measureItem(item)
      bytes += size
      if (bytes <= MOST_BYTES) responses.get(name)?.push(writeItem(item))
      else leave(name, given)
      if (pace.isDue(size)) await pace.yield()
    }
    const used = consumedByAll(wire, tableNames(requested), capacity, ReturnConsumedCapacity)
    return {
      Responses: Object.fromEntries(responses),
      UnprocessedKeys: Object.fromEntries([...left].map(([name, Keys]) => [name, { ...RequestItems[name], Keys }])),
      ...(used && { ConsumedCapacity: used }),
    }
  },
}

function getOf(table: KnownTable, key: Key, consistent = false, projection: Projection | undefined): GetRequest {
  return { table: table.definition.name, key, consistent, ...(projection && { projection }) }
}

/** @throws AwsError for too few or too many keys. As in AWS's newer front end, the message omits the value. */
function checkGets(requests: BatchGetInput['RequestItems']): void {
  const refuse = (at: string, constraint: string) =>
    validation(
      `1 validation error detected: Value at '${at}' failed to satisfy constraint: Member must have length ${constraint}`,
    )
  const names = Object.keys(requests)
  if (names.length === 0) throw refuse('RequestItems', 'greater than or equal to 1')
  for (const name of names) {
    const { length } = (requests[name] as TableGets).Keys
    if (length === 0) throw refuse(`RequestItems.${name}.member.Keys`, 'greater than or equal to 1')
    if (length > MOST_GETS) throw refuse(`RequestItems.${name}.member.Keys`, `less than or equal to ${MOST_GETS}`)
  }
  if (names.reduce((sum, name) => sum + (requests[name] as TableGets).Keys.length, 0) > MOST_GETS) {
    throw validation('Too many items requested for the BatchGetItem call')
  }
}

/** Either all tables use projection expressions, or all use `AttributesToGet`. @throws AwsError */
function checkOneGeneration(gets: readonly TableGets[]): void {
  const isLegacy = gets.some(({ AttributesToGet: names }) => names !== undefined)
  if (!isLegacy || gets.every(({ ProjectionExpression: text }) => text === undefined)) return
  refuseMixture({ AttributesToGet: [], ProjectionExpression: '' }, ['ProjectionExpression'], ['AttributesToGet'])
}

/** Reports names that are neither a table's name nor an ARN. */
function namesProblem(names: readonly string[], shown: () => string): string | undefined {
  const { max, pattern, unless } = TABLE_NAME
  const isFit = (name: string) =>
    unless.test(name) || (pattern.test(name) && name.length >= SHORTEST_NAME && name.length <= max)
  if (names.every(isFit)) return undefined
  return `Value '${shown()}' at 'requestItems' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to ${max}, Member must have length greater than or equal to ${SHORTEST_NAME}, Member must satisfy regular expression pattern: ${pattern.source.slice(1, -1)}]`
}

/** As received. */
function shownGets(requests: object): string {
  return JSON.stringify(requests, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
}

function checkDistinct(table: KnownTable, items: readonly Item[]): void {
  const identities = items.map(item => identityOf(table, item))
  if (new Set(identities).size < identities.length) throw validation(DUPLICATES)
}

function tableNames(requested: readonly { readonly get: { readonly table: string } }[]): string[] {
  return requested.map(({ get }) => get.table)
}

interface WriteOfOne {
  readonly PutRequest?: { readonly Item: TypedItem }
  readonly DeleteRequest?: { readonly Key: TypedItem }
}

interface BatchWriteInput {
  readonly RequestItems: { readonly [table: string]: readonly WriteOfOne[] }
  readonly ReturnConsumedCapacity?: ReturnCapacity
  readonly ReturnItemCollectionMetrics?: 'SIZE' | 'NONE'
}

/** `BatchWriteItem`: puts or deletes up to 25 items of one or more tables, each independently. */
export const batchWriteItem: Operation = {
  input: {
    type: 'structure',
    members: {
      RequestItems: {
        type: 'map',
        className: 'java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>',
        required: true,
        of: {
          type: 'list',
          of: {
            type: 'structure',
            members: {
              PutRequest: { type: 'structure', members: { Item: { ...ATTRIBUTES, required: true } } },
              DeleteRequest: { type: 'structure', members: { Key: KEY } },
            },
          },
        },
      },
      ReturnConsumedCapacity: RETURN_CAPACITY,
      ReturnItemCollectionMetrics: RETURN_METRICS,
    },
  },
  async run(wire, input: BatchWriteInput) {
    checkWrites(input.RequestItems)
    const read = Object.entries(input.RequestItems).map(([name, requests]) => ({
      name,
      writes: inOlderWords(() => requests.map(readWrite)),
    }))
    const tables = read.map(({ name, writes }) => ({ name, ...checkedWrites(tableOf(wire, name), writes) }))
    const writes = tables.flatMap(table => table.writes)
    const { capacity, isLeft } = await writePart(wire.store, writes)
    const used = consumedByAll(
      wire,
      writes.map(({ table }) => table),
      capacity,
      input.ReturnConsumedCapacity,
    )
    const metrics = input.ReturnItemCollectionMetrics === 'SIZE' ? metricsOf(wire, tables) : {}
    return {
      UnprocessedItems: isLeft ? unprocessed(wire, tables, input.RequestItems, isLeft) : {},
      ...(Object.keys(metrics).length > 0 && { ItemCollectionMetrics: metrics }),
      ...(used && { ConsumedCapacity: used }),
    }
  },
}

/** @throws AwsError for too few or too many requests. */
function checkWrites(requests: BatchWriteInput['RequestItems']): void {
  const names = Object.keys(requests)
  if (names.length === 0) throw validation('The requestItems parameter is required for BatchWriteItem')
  const lists = names.map(name => requests[name] as readonly WriteOfOne[])
  if (lists.some(({ length }) => length === 0 || length > MOST_WRITES)) {
    throw validation(
      `1 validation error detected: Value '${shownRequests(requests)}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to ${MOST_WRITES}, Member must have length greater than or equal to 1]`,
    )
  }
  const wrong = namesProblem(names, () => shownRequests(requests))
  if (wrong !== undefined) throw validation(`1 validation error detected: ${wrong}`)
  if (lists.reduce((sum, { length }) => sum + length, 0) > MOST_WRITES) {
    throw validation('Too many items requested for the BatchWriteItem call')
  }
}

/** As AWS shows them, except for attribute values, for which AWS prints Java object ids. */
function shownRequests(requests: BatchWriteInput['RequestItems']): string {
  const attributes = (item: TypedItem) => {
    const shown = Object.keys(item).map(name => `${name}=com.amazonaws.dynamodb.v20120810.AttributeValue`)
    return `{${shown.join(', ')}}`
  }
  const tables = Object.entries(requests).map(([name, list]) => {
    const writes = list.map(({ PutRequest: put, DeleteRequest: deletion }) => {
      const shownPut = put ? `PutRequest(item=${attributes(put.Item)}, workloadProfileName=null)` : 'null'
      const shownDelete = deletion ? `DeleteRequest(key=${attributes(deletion.Key)}, workloadProfileName=null)` : 'null'
      return `WriteRequest(putRequest=${shownPut}, deleteRequest=${shownDelete})`
    })
    return `${name}=[${writes.join(', ')}]`
  })
  return `{${tables.join(', ')}}`
}

type ReadWrite = { readonly item: Item } | { readonly key: Item }

/** @throws AwsError unless the request is exactly one put or one delete. */
function readWrite({ PutRequest: put, DeleteRequest: deletion }: WriteOfOne): ReadWrite {
  if ((put === undefined) === (deletion === undefined)) {
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    )
  }
  if (deletion) return { key: readItem(deletion.Key) }
  const read = readSizedItem((put as { Item: TypedItem }).Item)
  checkSize(read)
  return { item: read.item }
}

function checkedWrites(table: KnownTable, writes: readonly ReadWrite[]): { writes: BatchWrite[] } {
  const { name } = table.definition
  const checked = writes.map((write): BatchWrite => {
    if ('key' in write) return { kind: 'delete', table: name, key: checkKey(table, write.key) }
    checkItemOfBatch(table, write.item)
    return { kind: 'put', table: name, item: write.item }
  })
  checkDistinct(
    table,
    checked.map(write => (write.kind === 'put' ? write.item : write.key)),
  )
  return { writes: checked }
}

/** @throws AwsError; for a missing key or one of another type, the same error as for a delete. */
function checkItemOfBatch(table: KnownTable, item: Item): void {
  const { partition, sort } = table.definition.key
  for (const attribute of sort ? [partition, sort] : [partition]) {
    const value = getAttribute(item, attribute.name)
    if (value === undefined || typeOf(value) !== attribute.type) throw validation(KEY_MISMATCH)
  }
  checkItem(table, item)
}

/** The unprocessed requests of a batch, by table. */
function unprocessed(
  wire: Wire,
  tables: readonly { readonly name: string; readonly writes: readonly BatchWrite[] }[],
  requests: BatchWriteInput['RequestItems'],
  isLeft: IsLeft,
): BatchWriteInput['RequestItems'] {
  const entries = tables.map(({ name, writes }) => {
    const { definition } = tableOf(wire, name)
    const left = (requests[name] as readonly WriteOfOne[]).filter((_, i) => {
      const write = writes[i] as BatchWrite
      return isLeft(write.kind === 'put' ? pickKey(definition.key, write.item) : write.key)
    })
    return [name, left] as const
  })
  return Object.fromEntries(entries.filter(([, left]) => left.length > 0))
}

function metricsOf(
  wire: Wire,
  tables: readonly { readonly name: string; readonly writes: readonly BatchWrite[] }[],
): { [table: string]: object[] } {
  const entries = tables.map(({ name, writes }) => {
    const table = tableOf(wire, name)
    const reported = writes.flatMap(write => collectionMetrics(table, write) ?? [])
    const distinct = new Map(reported.map(metrics => [JSON.stringify(metrics), metrics]))
    return [name, [...distinct.values()]] as const
  })
  return Object.fromEntries(entries.filter(([, reported]) => reported.length > 0)) as { [table: string]: object[] }
}
