/** MongoDB's driver called directly, as a program would that stores the same posts without a library. */
import type { Db, MongoClient } from 'mongodb'
import { authorKey, freshItems, POSTS_PER_AUTHOR, postKey, posts, VIEWS, visits } from '../sample.js'
import type { Subject } from './subject.js'

type Stored = { readonly _id: string; readonly pk: string; readonly sk: string; readonly views: number }

const idOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => `${pk}|${sk}`

/** Options that end a command. */
export interface CommandLimits {
  readonly maxTimeMS?: number
  readonly signal?: AbortSignal
}

/** As a program limits the time of a call, on the server and on its own side. The driver's `timeoutMS` has no effect. */
export const timeLimit = (): CommandLimits => ({ maxTimeMS: 30_000, signal: AbortSignal.timeout(30_000) })

/**
 * Creates the collection with an index on the key, and loads the posts.
 * @param limits the options of each command; without them, a call can wait for ever.
 */
export async function mongoSubject(
  name: string,
  client: MongoClient,
  database: Db,
  limits: () => CommandLimits = () => ({}),
): Promise<Subject> {
  // As the store does: no read sees what a new primary could lack, and no write is lost.
  const collection = database.collection<Stored>('bare', {
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority' },
  })
  await collection.createIndex({ pk: 1, sk: 1 })
  const documents = (views: number) => posts(views).map(document)
  await collection.insertMany(documents(VIEWS.loaded))
  const [puts, transacted] = [documents(VIEWS.put), documents(VIEWS.transacted)]
  const [toGet, toQuery, toPut, toUpdate, toTransact] = [visits(), visits(), visits(), visits(), visits()]
  const fresh = freshItems()
  return {
    name,
    operations: {
      get: () => collection.findOne({ _id: idOf(postKey(toGet())) }, limits()),
      'query of 25': () =>
        collection
          .find({ pk: authorKey(toQuery()), sk: { $gte: 'POST#', $lt: 'POST$' } }, limits())
          .sort({ sk: 1 })
          .limit(POSTS_PER_AUTHOR)
          .toArray(),
      put: () => {
        const post = puts[toPut()] as Stored
        return collection.replaceOne({ _id: post._id }, post, { ...limits(), upsert: true })
      },
      create: () => collection.insertOne(document(fresh()), limits()),
      'conditional update': () =>
        collection.findOneAndUpdate(
          { _id: idOf(postKey(toUpdate())), views: { $gte: 0 } },
          { $inc: { views: 1 } },
          { ...limits(), returnDocument: 'before' },
        ),
      'transaction of 4': () =>
        client.withSession(session =>
          session.withTransaction(
            async () => {
              for (let i = 0; i < 4; i++) {
                const post = transacted[toTransact()] as Stored
                await collection.replaceOne({ _id: post._id }, post, { ...limits(), session, upsert: i > 0 })
              }
            },
            { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
          ),
        ),
    },
    count: outcome => (Array.isArray(outcome) ? outcome.length : outcome ? 1 : 0),
    async views(key) {
      const found = await collection.findOne({ _id: idOf(key) })
      return found?.views
    },
    close: async () => undefined,
  }
}

function document(item: object): Stored {
  const fields = item as Omit<Stored, '_id'>
  return { _id: idOf(fields as Stored), ...fields } as Stored
}
