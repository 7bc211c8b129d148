/**
 * dynamo-bao, with its own client over aws4fetch, so here the process's `fetch` answers from memory, unless a server does.
 * It reads an item before each update, which is part of the measurement.
 */
import bao from 'dynamo-bao'
import client from 'dynamo-bao/src/dynamodb-client.js'
import { operationOf } from '../canned.js'
import { type Mapper, TABLE } from './mapper.js'
import type { Attributes, Recording } from './recording.js'

const { BaoModel, fields, initModels, PrimaryKeyConfig } = bao
const required = { required: true } as const

class Post extends BaoModel {
  static override modelPrefix = 'POST'
  static override fields = {
    authorId: fields.StringField(required),
    postId: fields.StringField(required),
    title: fields.StringField(required),
    content: fields.StringField(required),
    status: fields.StringField(required),
    views: fields.CounterField(required),
    rating: fields.FloatField(required),
    createdAt: fields.StringField(required),
    featured: fields.BooleanField(required),
    // It has no fields for lists and maps; a string field accepts them.
    tags: fields.StringField(required),
    author: fields.StringField(required),
  }
  static override primaryKey = PrimaryKeyConfig('authorId', 'postId')
}

export function baoMapper(recording: Recording): Mapper {
  const { endpoint } = recording
  if (endpoint === undefined) answerFetch(recording)
  else globalThis.fetch = ownFetch
  process.env.AWS_ACCESS_KEY_ID ??= 'bench'
  process.env.AWS_SECRET_ACCESS_KEY ??= 'bench'
  initModels({ aws: { region: 'local' }, db: { tableName: TABLE }, models: { Post } })
  // It has no option for another server.
  if (endpoint !== undefined) Post.documentClient.client.endpoint = endpoint
  return {
    name: 'dynamo-bao',
    create: post => Post.create({ ...post }),
    get: ids => Post.find(ids),
    update: ids => Post.update(ids, { views: '+1' }, { condition: { views: { $gte: 0 } } }),
    query: async authorId => (await Post.queryByPrimaryKey(authorId)).items,
    decode: page => page.map(item => Post._createFromDyItem(plainItem(item))),
  }
}

const ownFetch = globalThis.fetch

/** Replaces `fetch`, which only dynamo-bao uses: the SDK uses Node's `http`. */
function answerFetch(recording: Recording): void {
  globalThis.fetch = async input => {
    const request = input as Request
    const operation = operationOf(request.headers.get('x-amz-target'))
    const bytes = recording.known(operation) ?? recording.answer(operation, await request.text())
    // The minimum that it needs of a response; a real one would cost more.
    return { ok: true, status: 200, json: async () => JSON.parse(Buffer.from(bytes).toString()) } as Response
  }
}

/** Unmarshalls an item as its client does. */
function plainItem(item: Attributes): object {
  const plain: Record<string, unknown> = {}
  for (const name of Object.keys(item)) plain[name] = client.unmarshall(item[name] as object)
  return plain
}
