/** Authors. */
import type { Author, Blog } from './database.js'
import { removePost } from './posts.js'

const WEEK = 7 * 86_400_000

/** Deletes an author with all posts. The e-mail address can be used again at once. */
export async function removeAuthor(db: Blog, author: Author): Promise<void> {
  for await (const post of author.posts()) await removePost(db, post)
  await author.delete()
}

/** The first page of users with a role who signed up in the last week. */
export function newcomers(db: Blog, role: Author['role'], now: Date) {
  const lastWeek = new Date(now.getTime() - WEEK)
  return db.User.query.byRole({ role, createdAt: { $gte: lastWeek } }, { limit: 20 }).page()
}

/** Makes a member an admin. Throws `ConditionFailedError` for an admin. */
export async function promote(author: Author): Promise<void> {
  await author.update({ role: 'admin' }, { if: { role: 'member' } })
}
