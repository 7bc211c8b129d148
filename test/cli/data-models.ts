/** The models of the tests of the data commands. */
import { f, many, model, one } from 'partita'

export const User = model('User', {
  fields: {
    userId: f.string(),
    name: f.string().min(1),
    email: f.email(),
    role: f.enum('admin', 'member').default('member'),
    balance: f.decimal().optional(),
    big: f.bigint().optional(),
    photo: f.bytes().optional(),
    isActive: f.boolean().optional(),
    tags: f.set(f.string()).optional(),
    scores: f.list(f.number()).optional(),
    address: f.map({ city: f.string(), since: f.date().optional() }).optional(),
    extra: f.json().optional(),
    logins: f.counter(),
    createdAt: f.createdAt(),
  },
  key: { pk: 'USER#{userId}' },
  unique: { email: { fields: ['email'], lower: true } },
  relations: { posts: many('Post', 'byAuthor') },
})

export const Post = model('Post', {
  fields: {
    postId: f.string(),
    authorId: f.ref('User'),
    title: f.string(),
    views: f.integer().default(0),
    createdAt: f.date(),
  },
  key: 'postId',
  indexes: { byAuthor: { on: 'gsi1', pk: 'AUTHOR#{authorId}', sk: 'POST#{createdAt}' } },
  relations: { author: one('User', 'authorId') },
})

export const Reply = model('Reply', {
  fields: { replyId: f.string(), postId: f.ref('Post', { onDelete: 'cascade' }) },
  key: 'replyId',
  indexes: { byPost: { on: 'gsi1', pk: 'POST#{postId}', sk: '{replyId}' } },
})

export const Draft = model('Draft', {
  fields: { draftId: f.string(), text: f.string(), deletedAt: f.deletedAt() },
  key: 'draftId',
  softDelete: true,
})
