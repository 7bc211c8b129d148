/** The SDK's low-level commands, in DynamoDB's typed form: the minimum cost of any layer above. */
import {
  type AttributeValue,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { marshallItem, unmarshallItem } from '../../internals.mjs'
import { keyOf, type Post, type PostIds } from '../sample.js'
import { type Mapper, sdkClient, TABLE } from './mapper.js'
import type { Attributes, Recording } from './recording.js'

export const LOW_LEVEL = 'low-level SDK'

export function lowLevelMapper(recording: Recording): Mapper {
  const client = sdkClient(recording)
  return {
    name: LOW_LEVEL,
    create: post =>
      client.send(
        new PutItemCommand({ TableName: TABLE, Item: itemOf(post), ConditionExpression: 'attribute_not_exists(pk)' }),
      ),
    get: async ids => (await client.send(new GetItemCommand({ TableName: TABLE, Key: keyAttributes(ids) }))).Item,
    async update(ids) {
      const { Attributes: item } = await client.send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: keyAttributes(ids),
          ...UPDATE,
          ExpressionAttributeValues: { ':one': { N: '1' }, ':zero': { N: '0' } },
        }),
      )
      return item
    },
    async query(authorId) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: TABLE,
          ...QUERY,
          ExpressionAttributeValues: { ':pk': { S: `AUTHOR#${authorId}` }, ':sk': { S: 'POST#' } },
        }),
      )
      return items
    },
    plain: item => unmarshallItem(item as Attributes),
  }
}

export const UPDATE = {
  UpdateExpression: 'ADD #v :one',
  ConditionExpression: '#v >= :zero',
  ExpressionAttributeNames: { '#v': 'views' },
  ReturnValues: 'ALL_NEW',
} as const

export const QUERY = { KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)' } as const

const made = new WeakMap<Post, Attributes>()

/** A program without a mapper has the typed form already, so it is made once for each post. */
function itemOf(post: Post): Attributes {
  let item = made.get(post)
  if (!item) made.set(post, (item = marshallItem({ ...keyOf(post), ...post })))
  return item
}

function keyAttributes(ids: PostIds): Record<string, AttributeValue> {
  const { pk, sk } = keyOf(ids)
  return { pk: { S: pk }, sk: { S: sk } }
}
