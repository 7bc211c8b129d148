/** Tags: a post has many tags, and a tag has many posts. */
import type { Blog, BlogPost, BlogTag } from './database.js'

/**
 * Tags a post. The first post with a tag creates the tag. If two posts create the same tag at the same time, one of the
 * transactions is retried and finds the tag of the other.
 */
export function tagPost(db: Blog, { postId }: BlogPost, name: string): Promise<BlogTag> {
  return db.transaction(async tx => {
    const tag = (await tx.Tag.findBy({ name })) ?? (await tx.Tag.create({ name }))
    await tx.PostTag.put({ postId, tagId: tag.tagId })
    return tag
  })
}

/** The posts of a tag, page by page. The cursor of a page continues after it. */
export async function* postsPaged(tag: BlogTag, limit: number): AsyncGenerator<BlogPost[]> {
  let after: string | undefined
  do {
    const { items, cursor } = await tag.posts({ limit, after }).page()
    yield items
    after = cursor
  } while (after)
}

/** The tags of a post, page by page. */
export async function* tagsPaged(post: BlogPost, limit: number): AsyncGenerator<BlogTag[]> {
  let after: string | undefined
  do {
    const { items, cursor } = await post.tags({ limit, after }).page()
    yield items
    after = cursor
  } while (after)
}
