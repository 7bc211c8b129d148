/** Partita's models on its DynamoDB store, with the client that the store creates. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { dynamodb } from 'partita/dynamodb'
import { connectPosts } from '../post-model.js'
import { type Mapper, settings, TABLE } from './mapper.js'
import type { Attributes, Recording } from './recording.js'

export const PARTITA = 'partita'

export async function partitaMapper(recording: Recording): Promise<Mapper> {
  const posts = await connectPosts(dynamodb(settings(recording)), TABLE)
  return { name: PARTITA, ...posts, decode: await decoder() }
}

/** A whole query on a client that answers at once: all work between the SDK and the records. */
async function decoder(): Promise<NonNullable<Mapper['decode']>> {
  let page: readonly Attributes[] = []
  const client = { send: async () => ({ Items: page, Count: page.length }) } as unknown as DynamoDBClient
  const posts = await connectPosts(dynamodb({ client }), TABLE)
  return items => {
    page = items
    return posts.all('any')
  }
}
