/**
 * The store under test: its tables, which are recreated from time to time, and what must be true of them after any
 * request.
 */
import { type EngineStore, engineStore } from '../../../packages/partita/src/embedded/engine-store.js'
import { memory } from '../../../packages/partita/src/embedded/index.js'
import { type Answer, answer, type Wire } from '../../../packages/partita/src/wire/dispatch.js'
import type { Tokens } from './seeds.js'

interface Json {
  readonly [name: string]: unknown
}

const DAY = 86_400_000
const KEPT_ITEMS = 30
/** Short, so that tables have several pages. */
const PAGE = 7
/** The items of a table that are also read by their keys. */
const READ_AGAIN = 5

export class Fixture {
  now = Date.UTC(2026, 0, 1)
  readonly store: EngineStore
  readonly wire: Wire

  constructor() {
    this.store = engineStore(memory({ clock: () => this.now, sweepInterval: 0 }))
    this.wire = { store: this.store, region: 'us-east-1', now: () => this.now }
  }

  async ask(operation: string, body: object | string): Promise<Json> {
    const target = operation.includes('.') ? operation : `DynamoDB_20120810.${operation}`
    const { status, body: text } = await this.answer(target, typeof body === 'string' ? body : JSON.stringify(body))
    if (status !== 200) throw new Error(`${operation}: ${text.slice(0, 500)}`)
    return JSON.parse(text)
  }

  async answer(target: string | undefined, body: string): Promise<Answer> {
    return answer(this.wire, target, body)
  }

  /** A table that no request names. */
  async keep(): Promise<void> {
    await this.ask('CreateTable', {
      TableName: 'kept',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    })
    for (let i = 0; i < KEPT_ITEMS; i++) await this.ask('PutItem', { TableName: 'kept', Item: keptItem(i) })
  }

  /** Removes what requests left and creates the tables that they name. A day later, streams are removed. */
  async renew(): Promise<Tokens> {
    for (const name of await this.#tables()) {
      if (name === 'kept') continue
      const { Table } = await this.ask('DescribeTable', { TableName: name })
      if ((Table as Json).DeletionProtectionEnabled) {
        await this.ask('UpdateTable', { TableName: name, DeletionProtectionEnabled: false })
      }
      await this.ask('DeleteTable', { TableName: name })
    }
    this.now += 2 * DAY
    await this.store.sweep()
    for (const table of TABLES) await this.ask('CreateTable', table)
    for (let i = 0; i < 40; i++) {
      const item = {
        id: { S: i < 20 ? 'item' : `other${i}` },
        sk: { N: `${i}` },
        ...(i % 2 === 0 && { kind: { S: 'k' }, rank: { N: `${i % 5}` } }),
        n: { N: `${i}` },
        m: { M: { a: { L: [{ N: '1' }, { S: 'x' }] } } },
        l: { L: [{ N: `${i}` }] },
        expires: { N: `${Math.floor(this.now / 1000) + 1000 - i}` },
      }
      await this.ask('PutItem', { TableName: 'fuzz-items', Item: item })
    }
    for (const id of ['p1', 'p2', 'p3']) {
      await this.ask('PutItem', { TableName: 'fuzz-plain', Item: { id: { S: id }, n: { N: '1' } } })
      await this.ask('PutItem', `{"TableName":"__proto__","Item":{"__proto__":{"S":"${id}"},"constructor":{"N":"1"}}}`)
    }
    return this.#tokens()
  }

  async #tokens(): Promise<Tokens> {
    const streams = ((await this.ask('DynamoDBStreams_20120810.ListStreams', {})).Streams as Json[]).map(
      it => it.StreamArn as string,
    )
    const shards: string[] = []
    const iterators: string[] = []
    let sequence = ''
    for (const StreamArn of streams) {
      const { StreamDescription } = await this.ask('DynamoDBStreams_20120810.DescribeStream', { StreamArn })
      for (const { ShardId, SequenceNumberRange } of (StreamDescription as Json).Shards as Json[]) {
        shards.push(ShardId as string)
        sequence = (SequenceNumberRange as Json).StartingSequenceNumber as string
        for (const ShardIteratorType of ['TRIM_HORIZON', 'LATEST']) {
          const given = await this.ask('DynamoDBStreams_20120810.GetShardIterator', {
            StreamArn,
            ShardId,
            ShardIteratorType,
          })
          iterators.push(given.ShardIterator as string)
        }
      }
    }
    const { NextToken } = await this.ask('ExecuteStatement', { Statement: 'SELECT * FROM "fuzz-items"', Limit: 1 })
    return { streams, shards, iterators, sequence, nextTokens: [NextToken as string] }
  }

  async #tables(): Promise<string[]> {
    const names: string[] = []
    let from: object = {}
    for (;;) {
      const { TableNames, LastEvaluatedTableName: last } = await this.ask('ListTables', from)
      names.push(...(TableNames as string[]))
      if (last === undefined) return names
      from = { ExclusiveStartTableName: last }
    }
  }

  /** @throws Error if a written item is not read back unchanged. */
  async checkKept(index: number): Promise<void> {
    const item = keptItem(index % KEPT_ITEMS)
    const read = await this.ask('GetItem', { TableName: 'kept', Key: { id: item.id }, ConsistentRead: true })
    if (JSON.stringify(read.Item) !== JSON.stringify(item))
      throw new Error(`An item was put and is read as ${JSON.stringify(read)}`)
  }

  /** @throws Error if a table, its indexes and their counts do not agree. */
  async check(): Promise<void> {
    for (const name of await this.#tables()) {
      const items = await this.#scan({ TableName: name })
      const { Table } = await this.ask('DescribeTable', { TableName: name })
      const described = Table as Json
      agree(`${name}: items`, described.ItemCount, items.length)
      const own = list(described.KeySchema).map(it => it.AttributeName as string)
      for (const item of items.slice(0, READ_AGAIN)) {
        const Key = Object.fromEntries(own.map(key => [key, item[key]]))
        const { Item } = await this.ask('GetItem', { TableName: name, Key })
        agree(`${name}: an item by its key`, JSON.stringify(Item), JSON.stringify(item))
      }
      for (const index of [...list(described.GlobalSecondaryIndexes), ...list(described.LocalSecondaryIndexes)]) {
        const entries = await this.#scan({ TableName: name, IndexName: index.IndexName })
        agree(`${name}.${index.IndexName}: entries`, index.ItemCount, entries.length)
        const keys = [...list(described.KeySchema), ...list(index.KeySchema)].map(it => it.AttributeName as string)
        const keysOf = (from: Json[]) => from.map(it => JSON.stringify(keys.map(key => it[key]))).sort()
        // Items from before the index with key attributes of another type have no entries in it.
        const types = list(described.AttributeDefinitions)
        const isFit = (it: Json, key: string) => {
          const type = types.find(({ AttributeName }) => AttributeName === key)?.AttributeType as string
          const { [type]: value } = (Object.hasOwn(it, key) ? it[key] : {}) as Json
          return value !== undefined && value !== ''
        }
        const placed = items.filter(it => keys.every(key => isFit(it, key)))
        agree(`${name}.${index.IndexName}: keys`, JSON.stringify(keysOf(entries)), JSON.stringify(keysOf(placed)))
      }
    }
    for (let i = 0; i < KEPT_ITEMS; i++) await this.checkKept(i)
  }

  async #scan(of: object): Promise<Json[]> {
    const items: Json[] = []
    let from: object = {}
    for (;;) {
      const { Items, LastEvaluatedKey: last } = await this.ask('Scan', { ...of, ...from, Limit: PAGE })
      items.push(...(Items as Json[]))
      if (last === undefined) return items
      from = { ExclusiveStartKey: last }
    }
  }
}

function list(given: unknown): Json[] {
  return (given ?? []) as Json[]
}

function agree(what: string, reported: unknown, found: unknown): void {
  if (reported !== found) throw new Error(`${what}: reported ${reported}, found ${found}`)
}

function keptItem(index: number) {
  return {
    id: { S: `kept${index}` },
    n: { N: `${index}` },
    b: { B: Buffer.from([index]).toString('base64') },
    l: { L: [{ BOOL: true }, { NULL: true }] },
  }
}

const attribute = (AttributeName: string, AttributeType: string) => ({ AttributeName, AttributeType })
const hash = (AttributeName: string) => ({ AttributeName, KeyType: 'HASH' })
const range = (AttributeName: string) => ({ AttributeName, KeyType: 'RANGE' })

const TABLES = [
  {
    TableName: 'fuzz-items',
    AttributeDefinitions: [attribute('id', 'S'), attribute('sk', 'N'), attribute('kind', 'S'), attribute('rank', 'N')],
    KeySchema: [hash('id'), range('sk')],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byKind',
        KeySchema: [hash('kind'), range('rank')],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['n'] },
      },
    ],
    LocalSecondaryIndexes: [
      { IndexName: 'byRank', KeySchema: [hash('id'), range('rank')], Projection: { ProjectionType: 'KEYS_ONLY' } },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
  {
    TableName: 'fuzz-plain',
    AttributeDefinitions: [attribute('id', 'S')],
    KeySchema: [hash('id')],
    BillingMode: 'PAY_PER_REQUEST',
  },
  {
    TableName: 'fuzz-bytes',
    AttributeDefinitions: [attribute('bytes', 'B')],
    KeySchema: [hash('bytes')],
    BillingMode: 'PAY_PER_REQUEST',
  },
  {
    TableName: '__proto__',
    AttributeDefinitions: [attribute('__proto__', 'S'), attribute('constructor', 'N')],
    KeySchema: [hash('__proto__')],
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      {
        IndexName: 'constructor',
        KeySchema: [hash('constructor'), range('__proto__')],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  },
]
