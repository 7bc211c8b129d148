/** One interface for all libraries: the same operations on the same posts. */
import assert from 'node:assert/strict'
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb'
import type { Operation } from '../measure.js'
import { type Post, type PostIds, postRecord, VIEWS } from '../sample.js'
import { type Attributes, Recording } from './recording.js'

export const TABLE = 'posts'
export const OPERATIONS = ['get', 'create', 'conditional update', 'query of 25'] as const
export type OperationName = (typeof OPERATIONS)[number]
const PAGE = 25

export interface Mapper {
  readonly name: string
  /** Fails if the post exists. */
  create(post: Post): Promise<unknown>
  get(ids: PostIds): Promise<object | undefined>
  /** Adds one to `views` on a condition, and returns the new post. */
  update(ids: PostIds): Promise<object | undefined>
  query(authorId: string): Promise<readonly object[]>
  /** Decodes a page as the library does for its users. Missing if the library has no objects. */
  readonly decode?: (page: readonly Attributes[]) => readonly object[] | Promise<readonly object[]>
  /** Converts a record to plain fields, if the library names them differently. */
  readonly plain?: (record: object) => object
}

/** A library with the posts of one author that it wrote. */
export interface Subject {
  readonly mapper: Mapper
  readonly recording: Recording
  readonly page: readonly Attributes[]
}

export type MakeMapper = (recording: Recording) => Mapper | Promise<Mapper>

const FIRST = postRecord(0, VIEWS.loaded)
const IDS: PostIds = { authorId: FIRST.authorId, postId: FIRST.postId }

/** Lets a library write posts. Its later reads find its own items. */
export async function record(make: MakeMapper, posts: number): Promise<Subject> {
  const recording = new Recording()
  const mapper = await make(recording)
  for (let post = 0; post < posts; post++) {
    await mapper.create({ ...postRecord(post, VIEWS.loaded), authorId: IDS.authorId })
  }
  const page = [...recording.items]
  assert.equal(page.length, posts, `${mapper.name} wrote all posts`)
  recording.replay(PAGE)
  return { mapper, recording, page }
}

export function operation({ mapper }: Subject, name: OperationName): Operation {
  const post = postRecord(0, VIEWS.created)
  switch (name) {
    case 'get':
      return () => mapper.get(IDS)
    case 'create':
      return () => mapper.create(post)
    case 'conditional update':
      return () => mapper.update(IDS)
    case 'query of 25':
      return () => mapper.query(IDS.authorId)
  }
}

/**
 * Runs every operation once and checks its result: misreading a response would be cheaper than reading it.
 *
 * @throws AssertionError
 */
export async function prove({ mapper, recording }: Subject): Promise<void> {
  checkPost(mapper, await mapper.get(IDS))
  const posts = await mapper.query(IDS.authorId)
  assert.equal(posts.length, PAGE, `${mapper.name} finds a page`)
  checkPost(mapper, posts[0])
  checkPost(mapper, await mapper.update(IDS))
  const update = recording.requested('UpdateItem')
  assert.ok(update?.ConditionExpression, `${mapper.name} updates on a condition`)
  await mapper.create(FIRST)
  const create = recording.requested('PutItem') ?? update
  assert.ok(create.ConditionExpression, `${mapper.name} creates what is not there yet`)
}

export async function proveDecoding({ mapper, page }: Subject): Promise<void> {
  const posts = (await mapper.decode?.(page)) ?? []
  assert.equal(posts.length, page.length, `${mapper.name} decodes all`)
  checkPost(mapper, posts[0])
}

function checkPost(mapper: Mapper, found: object | undefined): void {
  assert.ok(found, `${mapper.name} finds a post`)
  const record = mapper.plain?.(found) ?? found
  for (const [name, expected] of Object.entries(FIRST)) {
    assert.deepEqual(Reflect.get(record, name), expected, `${name} of ${mapper.name}`)
  }
}

export function settings(recording: Recording) {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' }
  const { endpoint } = recording
  const server = endpoint === undefined ? { requestHandler: recording.handler() } : { endpoint }
  return { region: 'local', credentials, ...server } satisfies DynamoDBClientConfig
}

export function sdkClient(recording: Recording): DynamoDBClient {
  return new DynamoDBClient(settings(recording))
}
