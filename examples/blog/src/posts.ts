/** Posts. */
import { add, NotFoundError } from 'partita'
import type { Author, Blog, BlogPost } from './database.js'

export interface Draft {
  readonly title: string
  readonly content: string
}

/** Publishes a post and counts it in one transaction, so the author exists and the count is correct. */
export function publish(db: Blog, userId: string, { title, content }: Draft): Promise<BlogPost> {
  return db.transaction(async tx => {
    const author = await tx.User.get({ userId })
    if (!author) throw new NotFoundError(`There is no author ${userId}`, {})
    await tx.User.update({ userId }, { postCount: add(1) })
    return tx.Post.create({ userId, title, content })
  })
}

/** The posts of an author whose text contains a word, latest first. */
export function postsWith(author: Author, word: string): Promise<BlogPost[]> {
  return author.posts({ where: { content: { $contains: word } }, order: 'desc' }).all()
}

/** Deletes a post, and its connections to tags. */
export async function removePost(db: Blog, post: BlogPost): Promise<void> {
  for await (const pair of db.PostTag.query.key({ postId: post.postId })) await pair.delete()
  await post.delete()
}
