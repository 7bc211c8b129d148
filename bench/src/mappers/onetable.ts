/** OneTable, over its own wrapper of the low-level commands. */
import { Table } from 'dynamodb-onetable'
import { Dynamo } from 'dynamodb-onetable/Dynamo'
import { type Mapper, sdkClient, TABLE } from './mapper.js'
import type { Attributes, Recording } from './recording.js'

/** A placeholder of its templates, which look like JavaScript's. */
function placeholder(attribute: string): string {
  return `\${${attribute}}`
}

const SCHEMA = {
  format: 'onetable:1.1.0',
  version: '1.0.0',
  indexes: { primary: { hash: 'pk', sort: 'sk' } },
  models: {
    Post: {
      pk: { type: String, value: `AUTHOR#${placeholder('authorId')}` },
      sk: { type: String, value: `POST#${placeholder('postId')}` },
      authorId: { type: String, required: true },
      postId: { type: String, required: true },
      title: { type: String, required: true },
      content: { type: String, required: true },
      status: { type: String, enum: ['draft', 'published'], required: true },
      views: { type: Number, required: true },
      rating: { type: Number, required: true },
      createdAt: { type: String, required: true },
      featured: { type: Boolean, required: true },
      tags: { type: Array, items: { type: String }, required: true },
      author: {
        type: Object,
        schema: { name: { type: String, required: true }, email: { type: String, required: true } },
        required: true,
      },
    },
  },
  params: { timestamps: false },
} as const

/** The internal function that `find` runs on a page. Its declarations do not include it. */
interface Internals {
  unmarshall(items: Attributes[], params: object): object[]
  transformReadItem(operation: string, raw: object, properties: object, params: object): object
}

export function onetableMapper(recording: Recording): Mapper {
  const table = new Table({
    client: new Dynamo({ client: sdkClient(recording) }),
    name: TABLE,
    partial: true,
    schema: SCHEMA,
  })
  const Post = table.getModel('Post')
  const internals = table as unknown as Internals
  const { transformReadItem } = Post as unknown as Internals
  const params = { parse: true, hidden: false }
  return {
    name: 'onetable',
    create: post => Post.create(post),
    get: ids => Post.get(ids),
    update: ids => Post.update(ids, { add: { views: 1 }, where: `${placeholder('views')} >= {0}` }),
    query: authorId => Post.find({ authorId }),
    decode: page =>
      internals.unmarshall([...page], params).map(raw => transformReadItem.call(Post, 'find', raw, {}, params)),
  }
}
