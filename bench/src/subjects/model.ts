/** A model on one of Partita's stores. */
import type { Store } from '../../internals.mjs'
import { connectPosts } from '../post-model.js'
import { authorId, freshPosts, idsOf, postIds, postRecords, VIEWS, visits } from '../sample.js'
import type { Subject } from './subject.js'

/** Number of posts loaded concurrently, so that they share a flush. */
const AT_ONCE = 64

/** Creates the table and loads the posts. */
export async function modelSubject(name: string, store: Store): Promise<Subject> {
  const posts = await connectPosts(store)
  const toLoad = postRecords(VIEWS.loaded)
  const load = async (): Promise<void> => {
    for (let post = toLoad.pop(); post; post = toLoad.pop()) await posts.create(post)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, load))
  const [toGet, toQuery, toUpdate] = [visits(), visits(), visits()]
  const fresh = freshPosts()
  return {
    name,
    operations: {
      get: () => posts.get(postIds(toGet())),
      'query of 25': () => posts.query(authorId(toQuery())),
      create: () => posts.create(fresh()),
      'conditional update': () => posts.update(postIds(toUpdate())),
    },
    count: outcome => (Array.isArray(outcome) ? outcome.length : outcome ? 1 : 0),
    views: async key => (await posts.get(idsOf(key), { consistent: true }))?.views,
    async close() {
      await posts.close()
      await store.close()
    },
  }
}
