/** The blog's database. */
import { type ConnectOptions, connect, type Database, type RecordOf } from 'partita'
import { Post, PostTag, Tag, User } from './models.js'

const models = { User, Post, Tag, PostTag }

export type Blog = Database<typeof models>
export type Author = RecordOf<typeof models, 'User'>
export type BlogPost = RecordOf<typeof models, 'Post'>
export type BlogTag = RecordOf<typeof models, 'Tag'>

type Options = Pick<ConnectOptions<typeof models, Record<never, never>>, 'store' | 'table' | 'clock'>

/** The default is the table `blog` in the store that `PARTITA_STORE` names, else in the folder `.partita`. */
export function openBlog(options: Options = {}): Promise<Blog> {
  return connect({ models, table: 'blog', createTable: true, ...options })
}
