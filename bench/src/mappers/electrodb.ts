/** ElectroDB, over the DocumentClient that it creates. */
import { unmarshall } from '@aws-sdk/util-dynamodb'
import { Entity } from 'electrodb'
import { type Mapper, sdkClient, TABLE } from './mapper.js'
import type { Recording } from './recording.js'

export function electrodbMapper(recording: Recording): Mapper {
  const Post = new Entity(
    {
      model: { entity: 'Post', version: '1', service: 'bench' },
      attributes: {
        authorId: { type: 'string', required: true },
        postId: { type: 'string', required: true },
        title: { type: 'string', required: true },
        content: { type: 'string', required: true },
        status: { type: ['draft', 'published'] as const, required: true },
        views: { type: 'number', required: true },
        rating: { type: 'number', required: true },
        createdAt: { type: 'string', required: true },
        featured: { type: 'boolean', required: true },
        tags: { type: 'list', items: { type: 'string' }, required: true },
        author: {
          type: 'map',
          properties: { name: { type: 'string', required: true }, email: { type: 'string', required: true } },
          required: true,
        },
      },
      indexes: {
        primary: {
          pk: { field: 'pk', composite: ['authorId'] },
          sk: { field: 'sk', composite: ['postId'] },
        },
      },
    },
    { table: TABLE, client: sdkClient(recording) },
  )
  return {
    name: 'electrodb',
    create: post => Post.create(post).go(),
    get: async ids => (await Post.get(ids).go()).data ?? undefined,
    update: async ids =>
      (
        await Post.update(ids)
          .add({ views: 1 })
          .where(({ views }, { gte }) => gte(views, 0))
          .go({ response: 'all_new' })
      ).data,
    query: async authorId => (await Post.query.primary({ authorId }).go()).data,
    decode: page => Post.parse({ Items: page.map(item => unmarshall(item)) }).data,
  }
}
