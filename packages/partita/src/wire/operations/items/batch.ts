/** BatchGetItem and BatchWriteItem: many items of many tables, each alone. */
import type { KnownTable } from '../../../embedded/catalog.js'
import type { Projection } from '../../../expression/ast.js'
import type { BatchWrite, GetRequest } from '../../../store/store.js'
import { measureItem } from '../../../value/size.js'
import type { Item, Key } from '../../../value/value.js'
import { readItem, type TypedItem, writeItem } from '../../attributes.js'
import { consumedByAll, RETURN_CAPACITY, type ReturnCapacity } from '../../capacity.js'
import type { ExpressionInput } from '../../expression/index.js'
import { validation } from '../../fault.js'
import { ATTRIBUTES } from '../../shape.js'
import { faultOf } from '../../store-fault.js'
import { tableOf } from '../../table.js'
import type { Operation, Wire } from '../../wire.js'
import { collectionMetrics } from './collection-metrics.js'
import { readProjection } from './get.js'
import { checkItem, checkKey, identityOf } from './key.js'
import { ATTRIBUTES_TO_GET, EXPRESSION, KEY, NAMES, RETURN_METRICS } from './members.js'

const MOST_GETS = 100
const MOST_WRITES = 25
/** What one answer of BatchGetItem holds at most, in bytes of items. */
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

export const batchGetItem: Operation = {
  input: {
    type: 'structure',
    members: {
      RequestItems: {
        type: 'map',
        className: 'KeysAndAttributes',
        min: 1,
        max: MOST_GETS,
        required: true,
        of: {
          type: 'structure',
          members: {
            Keys: { type: 'list', of: ATTRIBUTES, min: 1, max: MOST_GETS, required: true },
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
    const read = Object.entries(RequestItems).map(([name, gets]) => {
      const projection = readProjection(gets)
      return { name, gets, projection, keys: gets.Keys.map(key => readItem(key)) }
    })
    if (read.reduce((sum, { keys }) => sum + keys.length, 0) > MOST_GETS) {
      throw validation('Too many items requested for the BatchGetItem call')
    }
    const asked = read.flatMap(({ name, gets, projection, keys }) => {
      const table = tableOf(wire, name)
      return keysOf(table, keys).map((key, i) => ({
        name,
        given: gets.Keys[i] as TypedItem,
        get: getOf(table, key, gets.ConsistentRead, projection),
      }))
    })
    const { items, capacity } = await wire.store.batchGet({ gets: asked.map(({ get }) => get) })
    const responses = new Map(Object.keys(RequestItems).map(name => [name, [] as TypedItem[]]))
    const left = new Map<string, TypedItem[]>()
    let bytes = 0
    asked.forEach(({ name, given }, i) => {
      const item = items[i]
      if (!item) return
      bytes += measureItem(item)
      if (bytes <= MOST_BYTES) responses.get(name)?.push(writeItem(item))
      else left.set(name, [...(left.get(name) ?? []), given])
    })
    const used = consumedByAll(wire, tableNames(asked), capacity, ReturnConsumedCapacity)
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

/** @throws Fault for one that is no key of the table, or the same twice. */
function keysOf(table: KnownTable, keys: readonly Item[]): Key[] {
  const checked = keys.map(key => checkKey(table, key))
  checkDistinct(table, checked)
  return checked
}

function checkDistinct(table: KnownTable, items: readonly Item[]): void {
  const identities = items.map(item => identityOf(table, item))
  if (new Set(identities).size < identities.length) throw validation(DUPLICATES)
}

function tableNames(asked: readonly { readonly get: { readonly table: string } }[]): string[] {
  return asked.map(({ get }) => get.table)
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

export const batchWriteItem: Operation = {
  input: {
    type: 'structure',
    members: {
      RequestItems: {
        type: 'map',
        className: 'List<com.amazonaws.dynamodb.v20120810.WriteRequest>',
        min: 1,
        max: MOST_WRITES,
        required: true,
        of: {
          type: 'list',
          min: 1,
          max: MOST_WRITES,
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
    const read = Object.entries(input.RequestItems).map(([name, requests]) => ({
      name,
      writes: requests.map(readWrite),
    }))
    if (read.reduce((sum, { writes }) => sum + writes.length, 0) > MOST_WRITES) {
      throw validation('Too many items requested for the BatchWriteItem call')
    }
    const tables = read.map(({ name, writes }) => ({ name, ...checkedWrites(tableOf(wire, name), writes) }))
    const writes = tables.flatMap(table => table.writes)
    const { capacity } = await wire.store.batchWrite({ writes })
    const used = consumedByAll(
      wire,
      writes.map(({ table }) => table),
      capacity,
      input.ReturnConsumedCapacity,
    )
    const metrics = input.ReturnItemCollectionMetrics === 'SIZE' ? metricsOf(wire, tables) : {}
    return {
      UnprocessedItems: {},
      ...(Object.keys(metrics).length > 0 && { ItemCollectionMetrics: metrics }),
      ...(used && { ConsumedCapacity: used }),
    }
  },
}

type ReadWrite = { readonly item: Item } | { readonly key: Item }

/** @throws Fault unless it is one put or one delete. */
function readWrite({ PutRequest: put, DeleteRequest: deletion }: WriteOfOne): ReadWrite {
  if ((put === undefined) === (deletion === undefined)) {
    throw validation(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    )
  }
  if (deletion) return { key: readItem(deletion.Key) }
  const item = readItem((put as { Item: TypedItem }).Item)
  checkSize(item)
  return { item }
}

/** @throws Fault for an item of over 400 KB. */
export function checkSize(item: Item): void {
  try {
    measureItem(item)
  } catch (error) {
    throw faultOf(error)
  }
}

function checkedWrites(table: KnownTable, writes: readonly ReadWrite[]): { writes: BatchWrite[] } {
  const { name } = table.definition
  const checked = writes.map((write): BatchWrite => {
    if ('key' in write) return { kind: 'delete', table: name, key: checkKey(table, write.key) }
    checkItem(table, write.item)
    return { kind: 'put', table: name, item: write.item }
  })
  checkDistinct(
    table,
    checked.map(write => (write.kind === 'put' ? write.item : write.key)),
  )
  return { writes: checked }
}

function metricsOf(
  wire: Wire,
  tables: readonly { readonly name: string; readonly writes: readonly BatchWrite[] }[],
): { [table: string]: object[] } {
  const entries = tables.map(({ name, writes }) => {
    const table = tableOf(wire, name)
    const told = writes.flatMap(write => collectionMetrics(table, write) ?? [])
    const distinct = new Map(told.map(metrics => [JSON.stringify(metrics), metrics]))
    return [name, [...distinct.values()]] as const
  })
  return Object.fromEntries(entries.filter(([, told]) => told.length > 0)) as { [table: string]: object[] }
}
