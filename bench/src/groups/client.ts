/** The DynamoDB store against the SDK itself: the overhead of the Store contract above the SDK's commands. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import {
  type AttributeValue,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand as QueryItems,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb'
import { dynamodb } from 'partita/dynamodb'
import { ast, marshallItem, unmarshallItem } from '../../internals.mjs'
import { CANNED_KEY, cannedHandler } from '../canned.js'
import { compare, cpuCost, type Operation, type Pace } from '../measure.js'
import { Report } from '../report.js'
import { POSTS_PER_AUTHOR, postItem, VIEWS } from '../sample.js'

const STORE = 'partita'
const LOW_LEVEL = 'low-level SDK'
/** With an empty logger: by default the SDK formats every response for a logger that discards it. */
const UNLOGGED = 'low-level, unlogged'
const DOCUMENT = 'DocumentClient'
type Logger = NonNullable<DynamoDBClientConfig['logger']>

const NAMES = ['get', 'put', 'conditional update', 'query of 25'] as const
/** Many short rounds: differences of 10% are small compared with the noise of the machine. */
const PACE: Pace = { rounds: 41, milliseconds: 40, warmUp: 800 }
const TABLE = 'posts'
const PAGE_ITEMS = 1000

interface Client {
  readonly name: string
  readonly operations: Readonly<Record<(typeof NAMES)[number], () => Promise<object>>>
}

export async function measureClient(): Promise<void> {
  const clients = [
    storeClient(),
    lowLevel(LOW_LEVEL, new DynamoDBClient(settings(false))),
    lowLevel(UNLOGGED, new DynamoDBClient({ ...settings(false), logger: {} as Logger })),
    document(),
  ]
  const report = new Report('DynamoDB with canned answers', 'microseconds of CPU', [
    STORE,
    LOW_LEVEL,
    UNLOGGED,
    DOCUMENT,
  ])
  for (const name of NAMES) {
    for (const { operations } of clients) await prove(name, operations[name])
    const contenders = clients.map(client => ({ name: client.name, operation: client.operations[name] }))
    report.add(name, 1, await compare(contenders, 1, cpuCost, PACE), [
      { of: STORE, against: LOW_LEVEL, bar: { atMost: 1.1 } },
      { of: STORE, against: UNLOGGED },
      { of: STORE, against: DOCUMENT, bar: { atMost: 1 } },
    ])
  }
  report.print()
  await measureDecoding()
}

async function measureDecoding(): Promise<void> {
  const page = Array.from({ length: PAGE_ITEMS }, (_, post) => marshallItem(postItem(post, VIEWS.loaded)))
  const unmarshall = sdkUnmarshall()
  assert.deepEqual(
    page.map(unmarshallItem),
    page.map(attributes => unmarshall(attributes)),
  )
  const contenders = [
    { name: STORE, operation: () => page.map(unmarshallItem) },
    { name: 'SDK unmarshall', operation: () => page.map(attributes => unmarshall(attributes)) },
  ]
  const names = contenders.map(({ name }) => name)
  const report = new Report(`Decoding a page of ${PAGE_ITEMS} items`, 'microseconds of CPU', names)
  report.add('decode', 1, await compare(contenders, 1, cpuCost, PACE), [
    { of: STORE, against: 'SDK unmarshall', bar: { atMost: 1 } },
  ])
  report.print()
}

/** @param metered as in {@link cannedHandler} */
function settings(metered: boolean) {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  return { region: 'local', credentials, requestHandler: cannedHandler(TABLE, metered) }
}

/** Checks the result: misreading a response would be cheaper than reading it. */
async function prove(name: (typeof NAMES)[number], operation: Operation): Promise<void> {
  const outcome = (await operation()) as Record<string, { length?: number } | undefined>
  if (name === 'get') assert.ok(outcome.item ?? outcome.Item)
  if (name === 'query of 25') assert.equal((outcome.items ?? outcome.Items)?.length, POSTS_PER_AUTHOR)
}

/** The store, with the client that it creates itself. */
function storeClient(): Client {
  const store = dynamodb(settings(true))
  const wasSeen = ast.compare(ast.path('views'), '>=', ast.value(0))
  const oneMore = ast.update({ set: [{ path: ['views'], value: ast.plus(ast.path('views'), ast.value(1)) }] })
  const item = postItem(0, VIEWS.put)
  return {
    name: STORE,
    operations: {
      get: () => store.get({ table: TABLE, key: { ...CANNED_KEY } }),
      put: () => store.write({ kind: 'put', table: TABLE, item }),
      'conditional update': () =>
        store.write({ kind: 'update', table: TABLE, key: { ...CANNED_KEY }, update: oneMore, condition: wasSeen }),
      'query of 25': () =>
        store.query({
          table: TABLE,
          key: {
            partition: { name: 'pk', value: CANNED_KEY.pk },
            sort: { kind: 'beginsWith', name: 'sk', prefix: 'POST#' },
          },
        }),
    },
  }
}

/** Commands in DynamoDB's typed form: the minimum cost of any layer above. */
function lowLevel(name: string, client: DynamoDBClient): Client {
  const item = marshallItem(postItem(0, VIEWS.put))
  const key = () => ({ pk: { S: CANNED_KEY.pk }, sk: { S: CANNED_KEY.sk } })
  return {
    name,
    operations: {
      get: () => client.send(new GetItemCommand({ TableName: TABLE, Key: key() })),
      put: () => client.send(new PutItemCommand({ TableName: TABLE, Item: item })),
      'conditional update': () =>
        client.send(
          new UpdateItemCommand({
            TableName: TABLE,
            Key: key(),
            ...UPDATE,
            ExpressionAttributeValues: { ':one': { N: '1' }, ':zero': { N: '0' } },
          }),
        ),
      'query of 25': () =>
        client.send(
          new QueryCommand({
            TableName: TABLE,
            ...QUERY,
            ExpressionAttributeValues: { ':pk': { S: CANNED_KEY.pk }, ':sk': { S: 'POST#' } },
          }),
        ),
    },
  }
}

function document(): Client {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(settings(false)))
  const item = postItem(0, VIEWS.put)
  return {
    name: DOCUMENT,
    operations: {
      get: () => client.send(new GetCommand({ TableName: TABLE, Key: { ...CANNED_KEY } })),
      put: () => client.send(new PutCommand({ TableName: TABLE, Item: item })),
      'conditional update': () =>
        client.send(
          new UpdateCommand({
            TableName: TABLE,
            Key: { ...CANNED_KEY },
            ...UPDATE,
            ExpressionAttributeValues: { ':one': 1, ':zero': 0 },
          }),
        ),
      'query of 25': () =>
        client.send(
          new QueryItems({
            TableName: TABLE,
            ...QUERY,
            ExpressionAttributeValues: { ':pk': CANNED_KEY.pk, ':sk': 'POST#' },
          }),
        ),
    },
  }
}

const UPDATE = {
  UpdateExpression: 'SET #v = #v + :one',
  ConditionExpression: '#v >= :zero',
  ExpressionAttributeNames: { '#v': 'views' },
} as const

const QUERY = { KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)' } as const

/** The copy that the DocumentClient uses, without another dependency. */
function sdkUnmarshall(): (attributes: Record<string, AttributeValue>) => unknown {
  const ours = createRequire(import.meta.url)
  return createRequire(ours.resolve('@aws-sdk/lib-dynamodb'))('@aws-sdk/util-dynamodb').unmarshall
}
