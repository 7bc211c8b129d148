/** Tags: a post has many, and a tag has many posts. */
import type { Blog, BlogPost, BlogTag } from './database.js'

/**
 * Puts a post under a tag, which comes into being with its first post. When two posts make the same tag at the same
 * moment, one of the transactions runs again and finds the tag of the other.
 */
export function tagPost(db: Blog, { postId }: BlogPost, name: string): Promise<BlogTag> {
  return db.transaction(async tx => {
    const tag = (await tx.Tag.findBy({ name })) ?? (await tx.Tag.create({ name }))
    await tx.PostTag.put({ postId, tagId: tag.tagId })
    return tag
  })
}

/** The posts of a tag, so many at a time; each page is found by the cursor that the one before it gave. */
export async function* postsPaged(tag: BlogTag, limit: number): AsyncGenerator<BlogPost[]> {
  let after: string | undefined
  do {
    const { items, cursor } = await tag.posts({ limit, after }).page()
    yield items
    after = cursor
  } while (after)
}

/** The tags of a post, so many at a time. */
export async function* tagsPaged(post: BlogPost, limit: number): AsyncGenerator<BlogTag[]> {
  let after: string | undefined
  do {
    const { items, cursor } = await post.tags({ limit, after }).page()
    yield items
    after = cursor
  } while (after)
}
