/** The blog's database. */
import { type ConnectOptions, connect, type Database, type RecordOf } from 'partita'
import { Post, PostTag, Tag, User } from './models.js'

const models = { User, Post, Tag, PostTag }

export type Blog = Database<typeof models>
export type Author = RecordOf<typeof models, 'User'>
export type BlogPost = RecordOf<typeof models, 'Post'>
export type BlogTag = RecordOf<typeof models, 'Tag'>

type Place = Pick<ConnectOptions<typeof models, Record<never, never>>, 'store' | 'table' | 'clock'>

/** @param place default: the table `blog` of the store that `PARTITA_STORE` names, else of the folder `.partita` here. */
export function openBlog(place: Place = {}): Promise<Blog> {
  return connect({ models, table: 'blog', createTable: true, ...place })
}
