/**
 * A DynamoDB server called with prebuilt requests: the client costs almost nothing, so the server is measured. The
 * table must exist and contain the posts.
 */
import { marshallItem } from '../../internals.mjs'
import type { Operation } from '../measure.js'
import { Connection, type RawAnswer, readAnswer } from '../raw/connection.js'
import { requestBytes } from '../raw/requests.js'
import { authorKey, POSTS_PER_AUTHOR, posts, VIEWS, visitedKey } from '../sample.js'
import { TABLE } from './store.js'
import { BATCH, BATCH_WRITE, type OperationName, type Subject } from './subject.js'

/** Prebuilt requests of each kind. Each round continues where the previous one ended. */
const PREPARED = 2000

type Prepared = readonly Buffer[]
export type Requests = Readonly<Partial<Record<OperationName, Prepared>>>

/** Prepares requests, which are the same for all servers. */
export function prepareRequests(): Requests {
  const put = itemsOf(VIEWS.put)
  const transacted = itemsOf(VIEWS.transacted)
  const batched = itemsOf(VIEWS.batched)
  const many = Array.from({ length: PREPARED }, (_, i) => i)
  const keyOf = (visit: number) => marshallItem(visitedKey(visit))
  return {
    get: many.map(i => requestBytes('GetItem', { TableName: TABLE, Key: keyOf(i) })),
    'query of 25': many.map(i =>
      requestBytes('Query', {
        TableName: TABLE,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
        ExpressionAttributeValues: { ':pk': { S: authorKey(i) }, ':sk': { S: 'POST#' } },
        Limit: POSTS_PER_AUTHOR,
      }),
    ),
    put: many.map(i => requestBytes('PutItem', { TableName: TABLE, Item: put(i) })),
    'conditional update': many.map(i =>
      requestBytes('UpdateItem', {
        TableName: TABLE,
        Key: keyOf(i),
        UpdateExpression: 'SET #v = #v + :one',
        ConditionExpression: '#v >= :zero',
        ExpressionAttributeNames: { '#v': 'views' },
        ExpressionAttributeValues: { ':one': { N: '1' }, ':zero': { N: '0' } },
      }),
    ),
    'transaction of 4': many.map(i => {
      const writes = [0, 1, 2, 3].map(j => ({ Put: { TableName: TABLE, Item: transacted(4 * i + j) } }))
      const isThere = { Put: { ...writes[0]?.Put, ConditionExpression: 'attribute_exists(pk)' } }
      return requestBytes('TransactWriteItems', { TransactItems: [isThere, ...writes.slice(1)] })
    }),
    [BATCH_WRITE]: many.slice(0, PREPARED / 5).map(i => {
      const puts = Array.from({ length: BATCH }, (_, j) => ({ PutRequest: { Item: batched(BATCH * i + j) } }))
      return requestBytes('BatchWriteItem', { RequestItems: { [TABLE]: puts } })
    }),
  }
}

/** Posts in the order of visits. */
function itemsOf(views: number) {
  const items = new Map(posts(views).map(item => [`${item.pk} ${item.sk}`, marshallItem(item)]))
  return (visit: number) => {
    const { pk, sk } = visitedKey(visit)
    return items.get(`${pk} ${sk}`)
  }
}

/** @param atOnce the number of connections. */
export function rawSubject(
  name: string,
  url: string,
  requests: Requests,
  transactions: boolean,
  atOnce: number,
): Subject {
  const port = Number(new URL(url).port)
  const connections = Array.from({ length: atOnce }, () => new Connection(port))
  const free = [...connections]
  const send = async (request: Buffer): Promise<RawAnswer> => {
    const connection = free.pop() as Connection
    const answer = await connection.send(request)
    free.push(connection)
    return answer
  }
  const cycle = (prepared: Prepared): Operation => {
    let sent = 0
    return () => send(prepared[sent++ % prepared.length] as Buffer)
  }
  const known = Object.entries(requests).filter(([name]) => transactions || name !== 'transaction of 4')
  return {
    name,
    operations: Object.fromEntries(known.map(([name, prepared]) => [name, cycle(prepared)])),
    count(outcome) {
      const { Item: item, Items: items } = readAnswer(outcome as RawAnswer) as { Item?: object; Items?: object[] }
      return items ? items.length : item ? 1 : 0
    },
    async views({ pk, sk }) {
      const request = { TableName: TABLE, Key: marshallItem({ pk, sk }), ConsistentRead: true }
      const answer = readAnswer(await send(requestBytes('GetItem', request)))
      const { Item: item } = answer as { Item?: { views: { N: string } } }
      return item && Number(item.views.N)
    },
    close: async () => {
      for (const connection of connections) connection.close()
    },
  }
}
