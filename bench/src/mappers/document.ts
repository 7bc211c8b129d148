/** The SDK's DocumentClient: plain objects, keys and expressions by hand. */
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { keyOf } from '../sample.js'
import { QUERY, UPDATE } from './low-level.js'
import { type Mapper, sdkClient, TABLE } from './mapper.js'
import type { Recording } from './recording.js'

const DOCUMENT = 'DocumentClient'

export function documentMapper(recording: Recording): Mapper {
  const client = DynamoDBDocumentClient.from(sdkClient(recording))
  return {
    name: DOCUMENT,
    create(post) {
      const { pk, sk } = keyOf(post)
      const item = { pk, sk, ...post }
      return client.send(
        new PutCommand({ TableName: TABLE, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
      )
    },
    get: async ids => (await client.send(new GetCommand({ TableName: TABLE, Key: keyOf(ids) }))).Item,
    async update(ids) {
      const { Attributes: item } = await client.send(
        new UpdateCommand({
          TableName: TABLE,
          Key: keyOf(ids),
          ...UPDATE,
          ExpressionAttributeValues: { ':one': 1, ':zero': 0 },
        }),
      )
      return item
    },
    async query(authorId) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: TABLE,
          ...QUERY,
          ExpressionAttributeValues: { ':pk': `AUTHOR#${authorId}`, ':sk': 'POST#' },
        }),
      )
      return items
    },
    decode: page => page.map(item => unmarshall(item)),
  }
}
