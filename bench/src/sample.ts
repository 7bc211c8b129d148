/** The data of all contenders: posts, 25 of each author. */
import type { Item } from 'partita'

const POSTS = 10_000
export const POSTS_PER_AUTHOR = 25
const AUTHORS = POSTS / POSTS_PER_AUTHOR

/** Distance between two visited posts. The order jumps, and visits every post before it starts again. */
const STRIDE = 7919

/** The value of `views` in each kind of write, so that a read shows which write was the last. */
export const VIEWS = { loaded: 1000, put: 2000, created: 3000, transacted: 4000, batched: 5000 } as const

/** Returns a function that returns the next post to visit at each call: 0, 7919, and so on. */
export function visits(): () => number {
  let visited = 0
  return () => (visited++ * STRIDE) % POSTS
}

/** The key fields of a post. The templates `AUTHOR#{authorId}` and `POST#{postId}` make the table's key from them. */
export interface PostIds {
  readonly authorId: string
  readonly postId: string
}

export function authorId(post: number): string {
  return String(post % AUTHORS).padStart(6, '0')
}

export function authorKey(post: number): string {
  return `AUTHOR#${authorId(post)}`
}

export function postIds(post: number): PostIds {
  return { authorId: authorId(post), postId: `2025-06-01T12:00:00.000Z.${String(post).padStart(8, '0')}` }
}

export function postKey(post: number): { pk: string; sk: string } {
  return keyOf(postIds(post))
}

/** The key of the post of a visit, counted from 0. */
export function visitedKey(visit: number): { pk: string; sk: string } {
  return postKey((visit * STRIDE) % POSTS)
}

export function keyOf(ids: PostIds): { pk: string; sk: string } {
  return { pk: `AUTHOR#${ids.authorId}`, sk: `POST#${ids.postId}` }
}

/** The ids in a key. */
export function idsOf({ pk, sk }: { readonly pk: string; readonly sk: string }): PostIds {
  return { authorId: pk.slice('AUTHOR#'.length), postId: sk.slice('POST#'.length) }
}

/** About 350 bytes in a dozen attributes, nested ones among them. */
export function postItem(post: number, views: number): Item {
  const { pk, sk } = postKey(post)
  return { pk, sk, ...postFields(post, views) }
}

export type Post = PostIds & ReturnType<typeof postFields>

/** The same post as a record of a model. */
export function postRecord(post: number, views: number): Post {
  return recordOf(postIds(post), post, views)
}

/** Without a spread: an object that begins with one takes V8 many times as long, which would be measured too. */
function recordOf({ authorId, postId }: PostIds, post: number, views: number): Post {
  return { authorId, postId, ...postFields(post, views) }
}

function postFields(post: number, views: number) {
  return {
    title: `Notes on the analytical engine, part ${post}`,
    content: 'It weaves algebraical patterns just as the loom weaves flowers and leaves. '.repeat(2),
    status: 'published' as 'draft' | 'published',
    views,
    rating: 4.25,
    createdAt: '2025-06-01T12:00:00.000Z',
    featured: false,
    tags: ['engine', 'algebra', 'loom'],
    author: { name: 'Ada Lovelace', email: 'ada@example.com' },
  }
}

/** Each call returns a new post. Its author is new too, so that queries still find 25 posts. */
export function freshPosts(): () => Post {
  let made = 0
  return () => recordOf(freshIds(made), made++, VIEWS.created)
}

export function freshItems(): () => Item {
  let made = 0
  return () => {
    const { pk, sk } = keyOf(freshIds(made))
    return { pk, sk, ...postFields(made++, VIEWS.created) }
  }
}

export function firstFreshKey(): { pk: string; sk: string } {
  return keyOf(freshIds(0))
}

function freshIds(made: number): PostIds {
  return { authorId: `new-${String(made).padStart(8, '0')}`, postId: postIds(made).postId }
}

export function posts(views: number): Item[] {
  return Array.from({ length: POSTS }, (_, post) => postItem(post, views))
}

export function postRecords(views: number): Post[] {
  return Array.from({ length: POSTS }, (_, post) => postRecord(post, views))
}
