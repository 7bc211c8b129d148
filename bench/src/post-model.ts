/** The posts of the sample as a model, and its measured operations on any store. */
import { add, connect, f, model } from 'partita'
import type { Store } from '../internals.mjs'
import { POSTS_PER_AUTHOR, type Post, type PostIds } from './sample.js'

const PostModel = model('Post', {
  fields: {
    authorId: f.string(),
    postId: f.string(),
    title: f.string(),
    content: f.string(),
    status: f.enum('draft', 'published'),
    views: f.counter(),
    rating: f.number(),
    createdAt: f.string(),
    featured: f.boolean(),
    tags: f.list(f.string()),
    author: f.map({ name: f.string(), email: f.string() }),
  },
  key: { pk: 'AUTHOR#{authorId}', sk: 'POST#{postId}' },
})

interface Posts {
  create(post: Post): Promise<Post>
  get(ids: PostIds, options?: { readonly consistent: boolean }): Promise<Post | undefined>
  /** Adds one to `views` on a condition. */
  update(ids: PostIds): Promise<Post>
  query(authorId: string): Promise<readonly Post[]>
  all(authorId: string): Promise<readonly Post[]>
  close(): Promise<void>
}

export async function connectPosts(store: Store, table?: string): Promise<Posts> {
  const db = await connect({ store, models: { Post: PostModel }, ...(table && { table }) })
  return {
    create: post => db.Post.create(post),
    get: (ids, options) => db.Post.get(ids, options),
    update: ids => db.Post.update(ids, { views: add(1) }, { if: { views: { $gte: 0 } } }),
    query: async authorId => (await db.Post.query.key({ authorId }, { limit: POSTS_PER_AUTHOR }).page()).items,
    all: authorId => db.Post.query.key({ authorId }).all(),
    close: () => db.close(),
  }
}
