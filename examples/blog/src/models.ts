/** The models of the blog, all in one table. */
import { f, many, model, one, through } from 'partita'

export const User = model('User', {
  fields: {
    userId: f.ulid().auto(),
    name: f.string().min(1),
    email: f.email(),
    role: f.enum('admin', 'member').default('member'),
    bio: f.string().optional(),
    createdAt: f.createdAt(),
    postCount: f.counter(),
  },
  key: { pk: 'USER#{userId}' },
  unique: { email: ['email'] },
  indexes: { byRole: { on: 'gsi1', pk: 'ROLE#{role}', sk: '{createdAt}' } },
  relations: { posts: many('Post', 'byAuthor') },
})

export const Post = model('Post', {
  fields: {
    postId: f.ulid().auto(),
    userId: f.ref('User'),
    title: f.string(),
    content: f.string(),
    createdAt: f.createdAt(),
    version: f.version(),
  },
  key: { pk: 'POST#{postId}' },
  indexes: { byAuthor: { on: 'gsi1', pk: 'USER#{userId}', sk: 'POST#{createdAt}' } },
  relations: { author: one('User', 'userId'), tags: through('Tag', 'PostTag', 'key') },
})

export const Tag = model('Tag', {
  fields: { tagId: f.ulid().auto(), name: f.string().min(1).max(40) },
  key: { pk: 'TAG#{tagId}' },
  unique: { name: { fields: ['name'], lower: true, trim: true } },
  relations: { posts: through('Post', 'PostTag', 'byTag') },
  iterable: false,
})

/** Connects a post and a tag: the key lists the tags of a post, the index lists the posts of a tag. */
export const PostTag = model('PostTag', {
  fields: { postId: f.ref('Post'), tagId: f.ref('Tag') },
  key: { pk: 'POST#{postId}', sk: 'TAG#{tagId}' },
  indexes: { byTag: { on: 'gsi1', pk: 'TAG#{tagId}', sk: 'POST#{postId}' } },
  relations: { post: one('Post', 'postId'), tag: one('Tag', 'tagId') },
  iterable: false,
})
