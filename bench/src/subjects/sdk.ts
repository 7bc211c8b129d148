/** A DynamoDB server called through the AWS SDK's low-level commands, the fastest interface of the SDK. */
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb'
import { marshallItem } from '../../internals.mjs'
import { authorKey, freshItems, POSTS_PER_AUTHOR, postKey, posts, VIEWS, visits } from '../sample.js'
import { TABLE } from './store.js'
import { BATCH, BATCH_WRITE, type Subject } from './subject.js'

type Attributes = Record<string, AttributeValue>

/** @param transactions false for a server without transactions. */
export async function sdkSubject(name: string, endpoint: string, transactions: boolean): Promise<Subject> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const client = new DynamoDBClient({ endpoint, region: 'local', credentials })
  await load(client)
  const puts = posts(VIEWS.put).map(marshallItem)
  const transacted = posts(VIEWS.transacted).map(marshallItem)
  const batched = posts(VIEWS.batched).map(marshallItem)
  const [toGet, toQuery, toPut, toUpdate, toTransact] = [visits(), visits(), visits(), visits(), visits()]
  const toBatch = visits()
  const fresh = freshItems()
  const putNext = () => ({ Put: { TableName: TABLE, Item: transacted[toTransact()]! } })
  const putOfBatch = () => ({ PutRequest: { Item: batched[toBatch()]! } })
  const putIfThere = () => ({ Put: { ...putNext().Put, ConditionExpression: 'attribute_exists(pk)' } })
  return {
    name,
    operations: {
      get: () => client.send(new GetItemCommand({ TableName: TABLE, Key: keyAttributes(postKey(toGet())) })),
      'query of 25': () =>
        client.send(
          new QueryCommand({
            TableName: TABLE,
            KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
            ExpressionAttributeValues: { ':pk': { S: authorKey(toQuery()) }, ':sk': { S: 'POST#' } },
            Limit: POSTS_PER_AUTHOR,
          }),
        ),
      put: () => client.send(new PutItemCommand({ TableName: TABLE, Item: puts[toPut()]! })),
      create: () =>
        client.send(
          new PutItemCommand({
            TableName: TABLE,
            Item: marshallItem(fresh()),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      'conditional update': () =>
        client.send(
          new UpdateItemCommand({
            TableName: TABLE,
            Key: keyAttributes(postKey(toUpdate())),
            UpdateExpression: 'SET #v = #v + :one',
            ConditionExpression: '#v >= :zero',
            ExpressionAttributeNames: { '#v': 'views' },
            ExpressionAttributeValues: { ':one': { N: '1' }, ':zero': { N: '0' } },
          }),
        ),
      [BATCH_WRITE]: () =>
        client.send(
          new BatchWriteItemCommand({ RequestItems: { [TABLE]: Array.from({ length: BATCH }, putOfBatch) } }),
        ),
      ...(transactions && {
        'transaction of 4': () =>
          client.send(
            new TransactWriteItemsCommand({ TransactItems: [putIfThere(), putNext(), putNext(), putNext()] }),
          ),
      }),
    },
    count(outcome) {
      const { Item: item, Items: items } = outcome as { Item?: Attributes; Items?: Attributes[] }
      return items ? items.length : item ? 1 : 0
    },
    async views(key) {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: TABLE, Key: keyAttributes(key), ConsistentRead: true }),
      )
      return item?.views && Number(item.views.N)
    },
    close: async () => client.destroy(),
  }
}

/** Creates the table and loads the posts, unless they exist. */
async function load(client: DynamoDBClient): Promise<void> {
  const { TableNames: tables = [] } = await client.send(new ListTablesCommand({}))
  if (tables.includes(TABLE)) return
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
    }),
  )
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { TableName: TABLE })
  const requests = posts(VIEWS.loaded).map(item => ({ PutRequest: { Item: marshallItem(item) } }))
  const work = async (): Promise<void> => {
    while (requests.length > 0) {
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: requests.splice(-BATCH) } }))
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
}

function keyAttributes({ pk, sk }: { readonly pk: string; readonly sk: string }): Attributes {
  return { pk: { S: pk }, sk: { S: sk } }
}
