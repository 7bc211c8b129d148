/** dynamodb-toolbox, over the DocumentClient. */
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { unmarshall } from '@aws-sdk/util-dynamodb'
import {
  $add,
  boolean,
  Entity,
  EntityFormatter,
  GetItemCommand,
  item,
  list,
  map,
  number,
  PutItemCommand,
  QueryCommand,
  string,
  Table,
  UpdateItemCommand,
} from 'dynamodb-toolbox'
import { keyOf } from '../sample.js'
import { type Mapper, sdkClient, TABLE } from './mapper.js'
import type { Recording } from './recording.js'

export function toolboxMapper(recording: Recording): Mapper {
  const table = new Table({
    name: TABLE,
    documentClient: DynamoDBDocumentClient.from(sdkClient(recording)),
    partitionKey: { name: 'pk', type: 'string' },
    sortKey: { name: 'sk', type: 'string' },
  })
  const Post = new Entity({
    name: 'Post',
    table,
    schema: item({
      authorId: string().key(),
      postId: string().key(),
      title: string(),
      content: string(),
      status: string().enum('draft', 'published'),
      views: number(),
      rating: number(),
      createdAt: string(),
      featured: boolean(),
      tags: list(string()),
      author: map({ name: string(), email: string() }),
    }),
    computeKey: keyOf,
    timestamps: false,
  })
  const formatter = Post.build(EntityFormatter)
  return {
    name: 'dynamodb-toolbox',
    create: post =>
      Post.build(PutItemCommand)
        .item(post)
        .options({ condition: { attr: 'authorId', exists: false } })
        .send(),
    get: async ids => (await Post.build(GetItemCommand).key(ids).send()).Item,
    update: async ids =>
      (
        await Post.build(UpdateItemCommand)
          .item({ authorId: ids.authorId, postId: ids.postId, views: $add(1) })
          .options({ condition: { attr: 'views', gte: 0 }, returnValues: 'ALL_NEW' })
          .send()
      ).Attributes,
    query: async authorId =>
      (
        await table
          .build(QueryCommand)
          .query({ partition: `AUTHOR#${authorId}`, range: { beginsWith: 'POST#' } })
          .entities(Post)
          .send()
      ).Items ?? [],
    decode: page => page.map(attributes => formatter.format(unmarshall(attributes))),
  }
}
